"""What Slack refuses in a message or a view, found before it is sent. Pure.

The SDK's models know some of these limits; they miss the number of blocks in a message, the length
of fields, and all limits of a table.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.cards.markdown import units
from bot.cards.mrkdwn import size

Block = Mapping[str, Any]

BLOCKS, VIEW_BLOCKS = 50, 100
HEADER, SECTION, FIELDS, FIELD, CONTEXT = 150, 3000, 10, 2000, 10
BUTTONS, LABEL, VALUE, ID, URL = 25, 75, 2000, 255, 3000
ALT = 2000
ROWS, CELLS, CELL_TEXT = 100, 20, 10_000
OPTIONS, OPTION_VALUE = 100, 150
VIEW_TITLE, PRIVATE = 24, 3000
# Observed, not documented: beyond about this, Slack says msg_blocks_too_long; a divider alone
# takes some 125 of it.
MESSAGE, OVERHEAD = 13_200, 130
TEXT = 40_000
_COUNTED = ("text", "alt_text", "url", "fallback", "value")


def faults(blocks: Sequence[Block], text: str) -> list[str]:
    """All that Slack would refuse in a message of these blocks, in words; empty where it is fine.

    `text` is what stands in for the blocks in notifications.
    """
    found = list(_number("blocks", blocks, BLOCKS))
    if not text.strip():
        found.append("there is no text for notifications")
    if units(text) > TEXT:
        found.append(f"the text has {units(text):,} characters of {TEXT:,}")
    tables = sum(block.get("type") == "table" for block in blocks)
    if tables > 1:
        found.append(f"there are {tables} tables of one")
    if weight(blocks) > MESSAGE:
        found.append(f"the blocks have {weight(blocks):,} characters of {MESSAGE:,}")
    return [*found, *_of_blocks(blocks)]


def view_faults(view: Block) -> list[str]:
    """All that Slack would refuse in a dialog or a Home tab, in words; empty where it is fine."""
    blocks: Sequence[Block] = view.get("blocks") or ()
    found = [] if blocks else ["a view has no blocks"]
    found += _number("blocks", blocks, VIEW_BLOCKS)
    if view.get("type") == "modal":
        found += _text("title", view.get("title"), VIEW_TITLE, plain=True)
        if view.get("submit") is None and any(block.get("type") == "input" for block in blocks):
            found.append("a dialog with inputs has no submit")
    elif view.get("type") != "home":
        found.append(f"a view cannot be a {view.get('type')}")
    for name in ("submit", "close"):
        if view.get(name) is not None:
            found += _text(name, view[name], VIEW_TITLE, plain=True)
    found += _length("private_metadata", view, PRIVATE)
    found += _length("callback_id", view, ID)
    if any(block.get("type") == "table" for block in blocks):
        found.append("a table can stand in a message only")
    return [*found, *_of_blocks(blocks)]


def weight(blocks: Iterable[Block]) -> int:
    """How much of a message's limit blocks take: all their text, and something for each block."""
    return sum(OVERHEAD + _said(block) for block in blocks)


def _said(part: Any) -> int:
    if isinstance(part, Mapping):
        measure = units if part.get("type") == "mrkdwn" else size
        texts = sum(measure(part[key]) for key in _COUNTED if isinstance(part.get(key), str))
        return texts + sum(_said(inner) for inner in part.values())
    if isinstance(part, list | tuple):
        return sum(_said(inner) for inner in part)
    return 0


def _of_blocks(blocks: Sequence[Block]) -> Iterator[str]:
    for number, block in enumerate(blocks, 1):
        kind = block.get("type")
        check = _CHECKS.get(str(kind))
        found = [f"{kind} is no kind of block known here"] if check is None else check(block)
        yield from (f"block {number}, {kind}: {fault}" for fault in found)
        yield from (f"block {number}, {kind}: {fault}" for fault in _length("block_id", block, ID))
    yield from _repeated("block_id", blocks)


def _header(block: Block) -> Iterator[str]:
    yield from _text("text", block.get("text"), HEADER, plain=True)


def _section(block: Block) -> Iterator[str]:
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        yield "there is neither text nor a field"
    if block.get("text") is not None:
        yield from _text("text", block["text"], SECTION)
    if fields is not None:
        yield from _number("fields", fields, FIELDS, least=1)
        for field in fields:
            yield from _text("a field", field, FIELD)
    if block.get("accessory") is not None:
        yield from _element(block["accessory"])


def _context(block: Block) -> Iterator[str]:
    yield from _number("elements", block.get("elements"), CONTEXT, least=1)
    for element in block.get("elements") or ():
        if element.get("type") == "image":
            yield from _image(element)
        else:
            yield from _text("an element", element, SECTION)


def _actions(block: Block) -> Iterator[str]:
    elements = block.get("elements") or ()
    yield from _number("elements", elements, BUTTONS, least=1)
    for element in elements:
        yield from _element(element)
    yield from _repeated("action_id", elements)


def _image(block: Block) -> Iterator[str]:
    alt = block.get("alt_text") or ""
    if not alt.strip():
        yield "alt_text is empty"
    yield from _length("alt_text", block, ALT)
    if block.get("title") is not None:
        yield from _text("title", block["title"], ALT, plain=True)
    file = block.get("slack_file")
    if (block.get("image_url") is None) == (file is None):
        yield "it needs either image_url or slack_file"
    if file is not None and not (file.get("id") or file.get("url")):
        yield "slack_file names no file"
    yield from _length("image_url", block, URL)


def _input(block: Block) -> Iterator[str]:
    yield from _text("label", block.get("label"), ALT, plain=True)
    if block.get("hint") is not None:
        yield from _text("hint", block["hint"], ALT, plain=True)
    if block.get("element") is None:
        yield "there is no element"
    else:
        yield from _element(block["element"])


def _rich(block: Block) -> Iterator[str]:
    """Rich text: whatever is inside must say something."""
    elements = block.get("elements")
    yield from _number("elements", elements, TEXT, least=1)
    for element in elements or ():
        if "elements" in element:
            yield from _rich(element)
        elif element.get("type") == "text" and not element.get("text"):
            yield "a text is empty"


def _table(block: Block) -> Iterator[str]:
    rows = block.get("rows") or ()
    yield from _number("rows", rows, ROWS, least=1)
    yield from _number("column_settings", block.get("column_settings") or (), CELLS)
    if len({len(row) for row in rows}) > 1:
        yield "the rows are not equally long"
    for row in rows:
        yield from _number("cells in a row", row, CELLS, least=1)
        for cell in row:
            if not cell_text(cell).strip():
                yield "a cell is empty"
    text = sum(size(cell_text(cell)) for row in rows for cell in row)
    if text > CELL_TEXT:
        yield f"the cells have {text:,} characters of {CELL_TEXT:,}"


def cell_text(part: Block) -> str:
    """The text of a table's cell, or of any part of rich text."""
    if "elements" in part:
        return "".join(cell_text(element) for element in part["elements"])
    return str(part.get("text") or part.get("url") or part.get("fallback") or "")


def _element(element: Block) -> Iterator[str]:
    """A button, a select, or whatever else can be pressed or filled in."""
    yield from _length("action_id", element, ID)
    if element.get("type") == "button":
        yield from _text("a button's text", element.get("text"), LABEL, plain=True)
        yield from _length("value", element, VALUE)
        yield from _length("url", element, URL)
    if element.get("placeholder") is not None:
        yield from _text("placeholder", element["placeholder"], OPTION_VALUE, plain=True)
    yield from _length("initial_value", element, PRIVATE)
    groups = element.get("option_groups")
    yield from _number("option_groups", groups or (), OPTIONS)
    few = element.get("type") in ("radio_buttons", "checkboxes")
    sets = [element] if "options" in element else groups or ()
    for options in (one.get("options") for one in sets):
        yield from _number("options", options, 10 if few else OPTIONS, least=1)
        for option in options or ():
            yield from _text("an option", option.get("text"), LABEL)
            yield from _length("value", option, OPTION_VALUE)
            if option.get("description") is not None:
                yield from _text("a description", option["description"], LABEL)
    for group in groups or ():
        yield from _text("label", group.get("label"), LABEL, plain=True)
    if element.get("confirm") is not None:
        for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            yield from _text(name, element["confirm"].get(name), most)


def _text(what: str, said: Block | None, most: int, *, plain: bool = False) -> Iterator[str]:
    """What is wrong with a text object."""
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if said is None or not str(said.get("text") or "").strip():
        yield f"{what} is empty"
        return
    if said.get("type") not in kinds:
        yield f"{what} cannot be {said.get('type')}"
    length = (units if said.get("type") == "mrkdwn" else size)(said["text"])
    if length > most:
        yield f"{what} has {length:,} characters of {most:,}"


def _length(name: str, of: Block, most: int) -> Iterator[str]:
    length = size(str(of.get(name) or ""))
    if length > most:
        yield f"{name} has {length:,} characters of {most:,}"


def _number(what: str, of: Sequence[Any] | None, most: int, *, least: int = 0) -> Iterator[str]:
    number = len(of or ())
    if number > most:
        yield f"there are {number:,} {what} of {most:,}"
    if number < least:
        yield f"there are no {what}"


def _repeated(name: str, of: Iterable[Block]) -> Iterator[str]:
    for value, times in Counter(one.get(name) for one in of if one.get(name)).items():
        if times > 1:
            yield f"{name} {value} comes {times} times"


def _nothing(_block: Block) -> Iterator[str]:
    yield from ()


_CHECKS: Mapping[str, Callable[[Block], Iterator[str]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
    "rich_text": _rich,
    "table": _table,
    "divider": _nothing,
}
