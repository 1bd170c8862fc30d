"""What Slack refuses in texts, buttons, menus and inputs, by its documentation."""

from collections.abc import Iterator
from typing import Any

from tests.servers.slack.world import Json

_MENUS = {
    "static_select", "external_select", "users_select", "conversations_select", "channels_select",
    "multi_static_select", "multi_users_select", "multi_conversations_select",
    "multi_channels_select",
}  # fmt: skip
_CHOICES = {"checkboxes", "radio_buttons"}
_PICKERS = {"datepicker", "timepicker", "datetimepicker"}
_TYPED = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
# What may stand in a block of actions or beside a section, in an input, and in a context.
BUTTONS = {"button", "overflow"} | _MENUS | _CHOICES | _PICKERS
INPUTS = _TYPED | _MENUS | _CHOICES | _PICKERS
IN_CONTEXT = {"image", "mrkdwn", "plain_text"}
OPTIONS = 100


def text(node: Any, at: str, most: int, *, plain: bool = False, least: int = 1) -> Iterator[str]:
    """What is wrong with a text object."""
    if not isinstance(node, dict):
        yield f"missing required field [json-pointer:{at}]"
        return
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if node.get("type") not in kinds:
        yield f"unsupported type: {node.get('type')} [json-pointer:{at}/type]"
    own = node.get("text")
    if not isinstance(own, str):
        yield f"must be a string [json-pointer:{at}/text]"
    elif len(own) > most:
        yield f"must be less than {most + 1} characters [json-pointer:{at}/text]"
    elif len(own) < least:
        yield f"must be more than {least - 1} characters [json-pointer:{at}/text]"
    extra = {"emoji"} if node.get("type") == "plain_text" else {"verbatim"}
    for name in sorted(set(node) - {"type", "text"} - extra):
        yield f"invalid additional property: {name} [json-pointer:{at}]"


def element(node: Any, at: str, kinds: set[str]) -> Iterator[str]:
    """What is wrong with a button, menu or input."""
    kind = node.get("type") if isinstance(node, dict) else None
    if kind not in kinds:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    id_ = node.get("action_id")
    if id_ is not None and not (isinstance(id_, str) and 0 < len(id_) <= 255):
        yield f"must be between 1 and 255 characters [json-pointer:{at}/action_id]"
    if node.get("placeholder") is not None:
        yield from text(node["placeholder"], f"{at}/placeholder", 150, plain=True)
    if node.get("confirm") is not None:
        yield from _confirm(node["confirm"], f"{at}/confirm")
    if kind == "button":
        yield from _button(node, at)
    elif kind in _TYPED:
        yield from _typed(node, at)
    elif "options" in node or "option_groups" in node or kind in _CHOICES | {"overflow"}:
        yield from _options(node, at)
    elif kind in ("static_select", "multi_static_select"):
        yield f"missing required field: options [json-pointer:{at}]"


def _button(node: Json, at: str) -> Iterator[str]:
    yield from text(node.get("text"), f"{at}/text", 75, plain=True)
    value, url, style = node.get("value"), node.get("url"), node.get("style")
    if value is not None and not (isinstance(value, str) and len(value) <= 2_000):
        yield f"must be less than 2001 characters [json-pointer:{at}/value]"
    if url is not None and not (isinstance(url, str) and 0 < len(url) <= 3_000):
        yield f"must be between 1 and 3000 characters [json-pointer:{at}/url]"
    if style not in (None, "primary", "danger"):
        yield f"must be one of primary, danger [json-pointer:{at}/style]"
    label = node.get("accessibility_label")
    if label is not None and not (isinstance(label, str) and len(label) <= 75):
        yield f"must be less than 76 characters [json-pointer:{at}/accessibility_label]"


def _typed(node: Json, at: str) -> Iterator[str]:
    least, most = node.get("min_length"), node.get("max_length")
    if least is not None and not 0 <= least <= 3_000:
        yield f"must be between 0 and 3000 [json-pointer:{at}/min_length]"
    if most is not None and not 1 <= most <= 3_000:
        yield f"must be between 1 and 3000 [json-pointer:{at}/max_length]"
    if node["type"] == "number_input" and "is_decimal_allowed" not in node:
        yield f"missing required field: is_decimal_allowed [json-pointer:{at}]"
    initial = node.get("initial_value")
    if initial is not None and not isinstance(initial, str):
        yield f"must be a string [json-pointer:{at}/initial_value]"


def _options(node: Json, at: str) -> Iterator[str]:
    groups = node.get("option_groups")
    lists = (
        [(f"{at}/options", node.get("options"))]
        if groups is None
        else [(f"{at}/option_groups/{n}/options", g.get("options")) for n, g in enumerate(groups)]
    )
    most = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}.get(node["type"], OPTIONS)
    offered: list[Json] = []
    for where, options in lists:
        if not isinstance(options, list) or not 0 < len(options) <= most:
            yield f"must have between 1 and {most} items [json-pointer:{where}]"
            continue
        for number, option in enumerate(options):
            yield from _option(option, f"{where}/{number}")
        offered += options
    initial = node.get("initial_option")
    if initial is not None and initial not in offered:
        yield f"must be one of the provided options [json-pointer:{at}/initial_option]"
    for number, each in enumerate(node.get("initial_options") or ()):
        if each not in offered:
            where = f"{at}/initial_options/{number}"
            yield f"must be one of the provided options [json-pointer:{where}]"


def _option(option: Any, at: str) -> Iterator[str]:
    if not isinstance(option, dict):
        yield f"must be an object [json-pointer:{at}]"
        return
    yield from text(option.get("text"), f"{at}/text", 75)
    value = option.get("value")
    if not isinstance(value, str) or not 0 < len(value) <= 150:
        yield f"must be between 1 and 150 characters [json-pointer:{at}/value]"
    if option.get("description") is not None:
        yield from text(option["description"], f"{at}/description", 75)


def _confirm(node: Any, at: str) -> Iterator[str]:
    if not isinstance(node, dict):
        yield f"must be an object [json-pointer:{at}]"
        return
    yield from text(node.get("title"), f"{at}/title", 100, plain=True)
    yield from text(node.get("text"), f"{at}/text", 300)
    yield from text(node.get("confirm"), f"{at}/confirm", 30, plain=True)
    yield from text(node.get("deny"), f"{at}/deny", 30, plain=True)
