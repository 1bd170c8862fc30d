"""What Slack refuses in rich text and tables, by its documentation."""

from collections.abc import Iterator
from typing import Any

from tests.servers.slack.world import Json

ROWS = 100
CELLS = 20
TABLE_CHARACTERS = 10_000
_PARTS = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
# What each element of a section must have.
_ELEMENTS = {
    "text": "text", "link": "url", "emoji": "name", "user": "user_id", "usergroup": "usergroup_id",
    "channel": "channel_id", "broadcast": "range", "color": "value", "date": "timestamp",
    "team": "team_id",
}  # fmt: skip
_STYLES = {"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight",
           "unlink"}  # fmt: skip


def rich_text(node: Json, at: str) -> Iterator[str]:
    """What is wrong with rich text."""
    parts = node.get("elements")
    if not isinstance(parts, list) or not parts:
        yield f"must have at least 1 item [json-pointer:{at}/elements]"
        return
    for number, part in enumerate(parts):
        yield from _part(part, f"{at}/elements/{number}")


def _part(part: Any, at: str) -> Iterator[str]:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in _PARTS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    elements = part.get("elements")
    if not isinstance(elements, list) or not elements:
        yield f"must have at least 1 item [json-pointer:{at}/elements]"
        return
    if kind == "rich_text_list" and part.get("style") not in ("bullet", "ordered"):
        yield f"must be one of bullet, ordered [json-pointer:{at}/style]"
    for number, each in enumerate(elements):
        where = f"{at}/elements/{number}"
        if kind == "rich_text_list":
            inner = each.get("type") if isinstance(each, dict) else None
            if inner != "rich_text_section":
                yield f"unsupported type: {inner} [json-pointer:{where}/type]"
            else:
                yield from _part(each, where)
        else:
            yield from _element(each, where)


def _element(each: Any, at: str) -> Iterator[str]:
    kind = each.get("type") if isinstance(each, dict) else None
    if kind not in _ELEMENTS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    needed = _ELEMENTS[kind]
    if each.get(needed) in (None, ""):
        yield f"must be more than 0 characters [json-pointer:{at}/{needed}]"
    for name, on in (each.get("style") or {}).items():
        if name not in _STYLES or not isinstance(on, bool):
            yield f"invalid additional property: {name} [json-pointer:{at}/style]"


def table(block: Json, at: str) -> Iterator[str]:
    """What is wrong with a table."""
    rows = block.get("rows")
    if not isinstance(rows, list) or not 0 < len(rows) <= ROWS:
        yield f"must have between 1 and {ROWS} items [json-pointer:{at}/rows]"
        return
    length = 0
    for number, row in enumerate(rows):
        where = f"{at}/rows/{number}"
        if not isinstance(row, list) or not 0 < len(row) <= CELLS:
            yield f"must have between 1 and {CELLS} items [json-pointer:{where}]"
            continue
        for column, cell in enumerate(row):
            yield from _cell(cell, f"{where}/{column}")
            length += _length(cell)
    if length > TABLE_CHARACTERS:
        yield f"must be less than {TABLE_CHARACTERS + 1} characters [json-pointer:{at}/rows]"
    yield from _columns(block.get("column_settings"), f"{at}/column_settings")


def _columns(settings: Any, at: str) -> Iterator[str]:
    if settings is None:
        return
    if not isinstance(settings, list) or len(settings) > CELLS:
        yield f"no more than {CELLS} items allowed [json-pointer:{at}]"
        return
    for number, each in enumerate(settings):
        if each is None:
            continue
        for name in sorted(set(each) - {"align", "is_wrapped"}):
            yield f"invalid additional property: {name} [json-pointer:{at}/{number}]"
        if each.get("align") not in (None, "left", "center", "right"):
            yield f"must be one of left, center, right [json-pointer:{at}/{number}/align]"


def _cell(cell: Any, at: str) -> Iterator[str]:
    kind = cell.get("type") if isinstance(cell, dict) else None
    if kind == "rich_text":
        yield from rich_text(cell, at)
    elif kind != "raw_text":
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
    elif not isinstance(cell.get("text"), str) or not cell["text"]:
        yield f"must be more than 0 characters [json-pointer:{at}/text]"


def _length(node: Any) -> int:
    if isinstance(node, list):
        return sum(_length(each) for each in node)
    if not isinstance(node, dict):
        return 0
    own = node.get("text")
    count = len(own) if isinstance(own, str) else 0
    return count + sum(_length(each) for each in node.values())
