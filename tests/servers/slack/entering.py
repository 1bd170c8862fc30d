"""What somebody enters in a dialog, in the form in which Slack sends it."""

from typing import Any

from tests.servers.slack.refusals import NotOfferedError
from tests.servers.slack.world import Json, View

_ONE = {"users_select": "selected_user", "channels_select": "selected_channel",
        "conversations_select": "selected_conversation", "datepicker": "selected_date",
        "timepicker": "selected_time", "datetimepicker": "selected_date_time"}  # fmt: skip
_INITIAL = {"users_select": "initial_user", "channels_select": "initial_channel",
            "conversations_select": "initial_conversation", "datepicker": "initial_date",
            "timepicker": "initial_time", "datetimepicker": "initial_date_time"}  # fmt: skip
_MANY = {"multi_users_select": "users", "multi_channels_select": "channels",
         "multi_conversations_select": "conversations"}  # fmt: skip
_TEXTS = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}


def entered(view: View, values: dict[str, Any], *, sent_off: bool = False) -> Json:
    """The view's state: for each input what was entered, or what stood there.

    `values` are by action id or block id: a text, the value of an option, or a list of values.
    A dialog with an empty input that is not optional cannot be `sent_off`.
    """
    left = dict(values)
    state: dict[str, Json] = {}
    for block in view.blocks:
        for element in _inputs(block):
            block_id, action_id = block["block_id"], element.get("action_id", "")
            name = action_id if action_id in left else block_id
            said = _said(element, left.pop(name)) if name in left else _stood(element)
            empty = all(each in (None, [], "") for key, each in said.items() if key != "type")
            if sent_off and empty and block["type"] == "input" and not block.get("optional"):
                raise NotOfferedError(f"{block['label']['text']!r} must not be empty")
            state.setdefault(block_id, {})[action_id] = said
    if left:
        raise NotOfferedError(f"there is no input {', '.join(left)}")
    return state


def _inputs(block: Json) -> list[Json]:
    found = [block.get("element"), block.get("accessory"), *block.get("elements", ())]
    return [each for each in found if each and each.get("type") not in (
        "button", "image", "mrkdwn", "plain_text", "overflow")]  # fmt: skip


def _offered(element: Json) -> list[Json]:
    groups = element.get("option_groups")
    if groups is None:
        options: list[Json] = element.get("options", [])
        return options
    return [option for group in groups for option in group["options"]]


def _option(element: Json, value: Any) -> Json | None:
    if value is None:
        return None
    for option in _offered(element):
        if option["value"] == value:
            return option
    offered = [each["value"] for each in _offered(element)]
    raise NotOfferedError(f"{value!r} cannot be chosen; there are {offered}")


def _said(element: Json, value: Any) -> Json:
    kind = element["type"]
    if kind in _TEXTS:
        if value is not None and len(value) > element.get("max_length", 3_000):
            raise NotOfferedError(f"longer than {element.get('max_length', 3_000)} characters")
        return {"type": kind, "value": value or None}
    if kind in _ONE:
        return {"type": kind, _ONE[kind]: value}
    if kind in _MANY:
        return {"type": kind, f"selected_{_MANY[kind]}": list(value)}
    if kind in ("checkboxes", "multi_static_select"):
        return {"type": kind, "selected_options": [_option(element, each) for each in value]}
    return {"type": kind, "selected_option": _option(element, value)}


def _stood(element: Json) -> Json:
    kind = element["type"]
    if kind in _TEXTS:
        return {"type": kind, "value": element.get("initial_value")}
    if kind in _ONE:
        return {"type": kind, _ONE[kind]: element.get(_INITIAL[kind])}
    if kind in _MANY:
        initial = element.get(f"initial_{_MANY[kind]}", [])
        return {"type": kind, f"selected_{_MANY[kind]}": initial}
    if kind in ("checkboxes", "multi_static_select"):
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    return {"type": kind, "selected_option": element.get("initial_option")}
