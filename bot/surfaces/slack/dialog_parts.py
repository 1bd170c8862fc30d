"""What dialogs are made of: inputs, and reading back what was entered. Pure.

An input's block id is the name of the command's option that it is for, so that a mistake can be
shown beside it; `filled` is what was entered before, by option, where a dialog is shown again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Block = dict[str, Any]
# The action id of every input; the block tells them apart.
ENTRY = "entry"
CHANNEL = "channel"
# A text in an option of a list, in a label's hint, and in a field that people type into.
MOST_OPTION, MOST_TYPED = 75, 500
CONVERSATIONS = ["public", "private", "im"]


def plain(text: str) -> dict[str, Any]:
    """A text that Slack shows as it is."""
    return {"type": "plain_text", "text": text, "emoji": False}


def modal(
    title: str, blocks: Sequence[Block], *, callback: str = "", metadata: str = "", submit: str = ""
) -> dict[str, Any]:
    """A dialog; one without `submit` only says something."""
    view: dict[str, Any] = {
        "type": "modal",
        "title": plain(title),
        "close": plain("Cancel" if submit else "Close"),
        "blocks": list(blocks),
    }
    if submit:
        view["submit"] = plain(submit)
    if callback:
        view["callback_id"] = callback
    if metadata:
        view["private_metadata"] = metadata
    return view


def entry(
    name: str, label: str, element: Mapping[str, Any], *, hint: str = "", optional: bool = False
) -> Block:
    """An input for the option `name`."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": {"action_id": ENTRY, **element},
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint)
    return block


def typed(placeholder: str, text: str | None, *, most: int = MOST_TYPED) -> Block:
    """A field of one line."""
    element: Block = {
        "type": "plain_text_input",
        "placeholder": plain(placeholder),
        "max_length": most,
    }
    if text:
        element["initial_value"] = text[:most]
    return element


def chosen(options: Mapping[str, str], value: str | None, *, kind: str = "static_select") -> Block:
    """A list of options, text by value, one of which is chosen; the first one at the beginning."""
    first = value if value in options else next(iter(options))
    return {
        "type": kind,
        "options": [option(key, text) for key, text in options.items()],
        "initial_option": option(str(first), options[str(first)]),
    }


def ticked(options: Mapping[str, str], filled: Mapping[str, str]) -> Block:
    """Boxes to tick, each an option that is "yes" then."""
    element: Block = {
        "type": "checkboxes",
        "options": [option(key, text) for key, text in options.items()],
    }
    before = [option(key, text) for key, text in options.items() if filled.get(key) == "yes"]
    if before:
        element["initial_options"] = before
    return element


def option(value: str, text: str) -> dict[str, Any]:
    """One of a list."""
    short = text if len(text) <= MOST_OPTION else text[: MOST_OPTION - 1] + "…"
    return {"text": plain(short), "value": value}


def channel_entry(channel: str) -> Block:
    """Asks for a channel; `channel` is the one to begin with, "" for the one being looked at."""
    element: Block = {
        "type": "conversations_select",
        "placeholder": plain("Choose a channel"),
        # The bot's own conversation with whoever asks is among these; others are refused.
        "filter": {"include": CONVERSATIONS},
    }
    if channel:
        element["initial_conversation"] = channel
    else:
        element["default_to_current_conversation"] = True
    hint = "One that Aftershock was invited to: type /invite there and choose Aftershock."
    return entry(CHANNEL, "Channel", element, hint=hint)


def texts_of(values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """What was entered, by option; what was left empty is not in it."""
    texts: dict[str, str] = {}
    for name, entered in values.items():
        for element in entered.values():
            if element["type"] == "checkboxes":
                boxes = element.get("selected_options") or []
                texts.update({box["value"]: "yes" for box in boxes})
            elif text := _text(element):
                texts[name] = text
    return texts


def _text(element: Mapping[str, Any]) -> str:
    one = element.get("selected_option")
    found = (
        one["value"]
        if one
        else element.get("value")
        or element.get("selected_time")
        or element.get("selected_conversation")
    )
    return str(found or "").strip()
