"""What Slack refuses in blocks, by its documentation; each fault in words with a JSON pointer."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.servers.slack.element_checks import BUTTONS, IN_CONTEXT, INPUTS, element, text
from tests.servers.slack.rich_checks import rich_text, table
from tests.servers.slack.world import Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
# Not documented, but found by those who measured it: so much text for one block, and each block
# more takes its share. It holds for chat.*, not for response_urls.
MESSAGE_CHARACTERS = 13_297
BLOCK_CHARACTERS = 125
SECTION_TEXT = 3_000
FIELD_TEXT = 2_000
MARKDOWN = 12_000

# Says whether a file may stand in a message of the bot's: its id.
Files = Callable[[str], bool]
Faults = Iterator[str]


def faults_in_message(blocks: Any, files: Files) -> list[str]:
    """Everything that is wrong with a message's blocks."""
    if not isinstance(blocks, list):
        return ["must be an array [json-pointer:/blocks]"]
    found = list(_each(blocks, MESSAGE_BLOCKS, files, _IN_MESSAGES))
    tables = sum(block.get("type") == "table" for block in blocks if isinstance(block, dict))
    if tables > 1:
        found.append("only_one_table_allowed [json-pointer:/blocks]")
    return found


def too_long(blocks: list[Json]) -> bool:
    """Whether chat.* would find all blocks together too long."""
    return characters(blocks) + BLOCK_CHARACTERS * (len(blocks) - 1) > MESSAGE_CHARACTERS


def faults_in_view(blocks: Any, files: Files, *, modal: bool) -> list[str]:
    """Everything that is wrong with a view's blocks; only a modal has inputs."""
    if not isinstance(blocks, list):
        return ["must be an array [json-pointer:/view/blocks]"]
    kinds = _IN_VIEWS | ({"input"} if modal else set())
    return list(_each(blocks, VIEW_BLOCKS, files, kinds, "/view/blocks"))


def characters(node: Any) -> int:
    """How many characters people are shown, in all that has a text."""
    if isinstance(node, list):
        return sum(characters(each) for each in node)
    if not isinstance(node, dict):
        return 0
    own = node.get("text")
    count = len(own) if isinstance(own, str) else 0
    return count + sum(characters(each) for key, each in node.items() if key != "metadata")


def _each(blocks: list[Any], most: int, files: Files, kinds: set[str], root: str = "/blocks"
          ) -> Faults:  # fmt: skip
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:{root}]"
    ids: set[str] = set()
    for number, block in enumerate(blocks):
        at = f"{root}/{number}"
        if not isinstance(block, dict) or block.get("type") not in kinds:
            kind = block.get("type") if isinstance(block, dict) else block
            yield f"unsupported type: {kind} [json-pointer:{at}/type]"
            continue
        id_ = block.get("block_id")
        if id_ is not None:
            if not isinstance(id_, str) or not 0 < len(id_) <= 255:
                yield f"must be between 1 and 255 characters [json-pointer:{at}/block_id]"
            elif id_ in ids:
                yield f"block_id already exists: {id_} [json-pointer:{at}/block_id]"
            ids.add(str(id_))
        allowed = _FIELDS[block["type"]] | {"type", "block_id"}
        for name in sorted(set(block) - allowed):
            yield f"invalid additional property: {name} [json-pointer:{at}]"
        yield from _KINDS[block["type"]](block, at, files)


def _header(block: Json, at: str, _files: Files) -> Faults:
    yield from text(block.get("text"), f"{at}/text", 150, plain=True)


def _section(block: Json, at: str, files: Files) -> Faults:
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        yield f"missing required field: text or fields [json-pointer:{at}]"
    if block.get("text") is not None:
        yield from text(block["text"], f"{at}/text", SECTION_TEXT)
    if fields is not None:
        if not isinstance(fields, list) or not 0 < len(fields) <= 10:
            yield f"must have between 1 and 10 items [json-pointer:{at}/fields]"
        else:
            for number, each in enumerate(fields):
                yield from text(each, f"{at}/fields/{number}", FIELD_TEXT)
    if block.get("accessory") is not None:
        accessory = block["accessory"]
        kind = accessory.get("type") if isinstance(accessory, dict) else None
        if kind == "image":
            yield from _picture(accessory, f"{at}/accessory", files)
        else:
            yield from element(accessory, f"{at}/accessory", BUTTONS)


def _context(block: Json, at: str, files: Files) -> Faults:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 0 < len(elements) <= 10:
        yield f"must have between 1 and 10 items [json-pointer:{at}/elements]"
        return
    for number, each in enumerate(elements):
        where = f"{at}/elements/{number}"
        kind = each.get("type") if isinstance(each, dict) else None
        if kind not in IN_CONTEXT:
            yield f"unsupported type: {kind} [json-pointer:{where}/type]"
        elif kind == "image":
            yield from _picture(each, where, files)
        else:
            yield from text(each, where, SECTION_TEXT)


def _actions(block: Json, at: str, _files: Files) -> Faults:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 0 < len(elements) <= 25:
        yield f"must have between 1 and 25 items [json-pointer:{at}/elements]"
        return
    ids: set[str] = set()
    for number, each in enumerate(elements):
        where = f"{at}/elements/{number}"
        yield from element(each, where, BUTTONS)
        id_ = each.get("action_id") if isinstance(each, dict) else None
        if id_ is not None and id_ in ids:
            yield f"action_id already exists: {id_} [json-pointer:{where}/action_id]"
        ids.add(str(id_))


def _image(block: Json, at: str, files: Files) -> Faults:
    yield from _picture(block, at, files)
    if block.get("title") is not None:
        yield from text(block["title"], f"{at}/title", 2_000, plain=True)


def _picture(block: Json, at: str, files: Files) -> Faults:
    alt = block.get("alt_text")
    if not isinstance(alt, str) or not 0 < len(alt) <= 2_000:
        yield f"must be between 1 and 2000 characters [json-pointer:{at}/alt_text]"
    url, file = block.get("image_url"), block.get("slack_file")
    if (url is None) == (file is None):
        yield f"must have either image_url or slack_file [json-pointer:{at}]"
    if url is not None and not (isinstance(url, str) and 0 < len(url) <= 3_000):
        yield f"must be between 1 and 3000 characters [json-pointer:{at}/image_url]"
    if file is not None and not (isinstance(file, dict) and files(str(file.get("id")))):
        yield f"invalid slack file [json-pointer:{at}/slack_file]"


def _input(block: Json, at: str, _files: Files) -> Faults:
    yield from text(block.get("label"), f"{at}/label", 2_000, plain=True)
    if block.get("hint") is not None:
        yield from text(block["hint"], f"{at}/hint", 2_000, plain=True)
    yield from element(block.get("element"), f"{at}/element", INPUTS)


def _markdown(block: Json, at: str, _files: Files) -> Faults:
    own = block.get("text")
    if not isinstance(own, str) or not 0 < len(own) <= MARKDOWN:
        yield f"must be between 1 and {MARKDOWN} characters [json-pointer:{at}/text]"


def _table(block: Json, at: str, _files: Files) -> Faults:
    yield from table(block, at)


def _rich(block: Json, at: str, _files: Files) -> Faults:
    yield from rich_text(block, at)


def _divider(_block: Json, _at: str, _files: Files) -> Faults:
    yield from ()


_KINDS: dict[str, Callable[[Json, str, Files], Faults]] = {
    "actions": _actions, "context": _context, "divider": _divider, "header": _header,
    "image": _image, "input": _input, "markdown": _markdown, "rich_text": _rich,
    "section": _section, "table": _table,
}  # fmt: skip
_FIELDS: dict[str, set[str]] = {
    "actions": {"elements"}, "context": {"elements"}, "divider": set(), "header": {"text"},
    "image": {"image_url", "slack_file", "alt_text", "title"},
    "input": {"label", "element", "hint", "optional", "dispatch_action"},
    "markdown": {"text"}, "rich_text": {"elements"},
    "section": {"text", "fields", "accessory", "expand"}, "table": {"rows", "column_settings"},
}  # fmt: skip
_IN_MESSAGES = set(_KINDS)
_IN_VIEWS = {"actions", "context", "divider", "header", "image", "rich_text", "section"}
