"""Silencing what a message is about, by its buttons; and the dialog that asks for how long."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.answers import pressed
from bot.answers.pressed import LENGTHS, SPANS, USUAL_LENGTH
from bot.commands import COMMANDS
from bot.errors import UserError
from bot.model.receiver import Notification
from bot.services import Request
from bot.surfaces.slack import names
from bot.surfaces.slack.commands import Asked
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.people import asker_name, may_manage, refusal
from bot.surfaces.slack.places import SURFACE, address_of
from bot.surfaces.slack.replying import Reply
from bot.surfaces.slack.workspaces import code_of

TOO_LATE = "That took too long to open; press Silence again."
CLOSED = "This question is no longer open; press the button again."
_CHOICE = "for"
_LONGEST_NAME = 60
_LATE = ("expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged")


@dataclass(frozen=True, slots=True)
class Question:
    """What a dialog asks about: the message of that nonce, where it is."""

    nonce: str
    channel: str
    thread: str = ""

    def kept(self) -> str:
        """As it travels with the dialog."""
        return json.dumps([self.nonce, self.channel, self.thread])

    @classmethod
    def read(cls, kept: str) -> "Question | None":
        """As it came back with the dialog; None where it did not."""
        try:
            return cls(*map(str, json.loads(kept)))
        except (ValueError, TypeError):
            return None


async def silenceable(slack: Slack, asked: Asked, nonce: str) -> Notification:
    """What the message of that nonce told. Raises UserError to whoever may not silence it."""
    if not await may_manage(slack, asked.team, asked.channel, asked.user, asked.user_team):
        raise UserError(refusal(slack))
    address = address_of(asked.team, asked.channel)
    return await pressed.told(slack.services, nonce, SURFACE, address)


async def silence(
    slack: Slack, asked: Asked, nonce: str, span: timedelta, verb: str, reply: Reply
) -> None:
    """Silence what the message of that nonce is about; raises UserError.

    The message says who did so until when, by an edit on its way.
    """
    told = await silenceable(slack, asked, nonce)
    asker = await asker_name(slack, asked.team, asked.user)
    services = slack.services
    request = Request({}, services, told.receiver, services.clock.now(), COMMANDS, asker)
    card = await pressed.silence_message(request, told, span, verb)
    await reply.say(f"{card.title}.")


async def ask_how_long(
    slack: Slack, asked: Asked, nonce: str, trigger: str, thread: str = ""
) -> None:
    """Open the dialog that asks for how long; raises UserError."""
    told = await silenceable(slack, asked, nonce)
    await pressed.refuse_unfollowed(slack.services, told)
    view = dialog(pressed.name_of(told.facts), Question(nonce, asked.channel, thread))
    client = (await slack.workspaces.of(asked.team)).client
    try:
        await client.views_open(trigger_id=trigger, view=view)
    except SlackApiError as error:
        if code_of(error) in _LATE:
            raise UserError(TOO_LATE) from None
        raise


def dialog(name: str, question: Question) -> dict[str, Any]:
    """The dialog that asks how long to say nothing of `name`. Pure."""
    short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
    options = {span: {"text": _plain(label), "value": span} for span, label in LENGTHS.items()}
    return {
        "type": "modal",
        "callback_id": names.SILENCE_DIALOG,
        "private_metadata": question.kept(),
        "title": _plain("Silence"),
        "submit": _plain("Silence"),
        "close": _plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": _CHOICE,
                "label": _plain(f"How long to say nothing of {short}"),
                "hint": _plain(pressed.WHEN_IT_ENDS),
                "element": {
                    "type": "radio_buttons",
                    "action_id": _CHOICE,
                    "options": list(options.values()),
                    "initial_option": options[USUAL_LENGTH],
                },
            }
        ],
    }


def chosen_in(view: Mapping[str, Any]) -> timedelta:
    """The length that was chosen in the dialog; raises UserError where none was. Pure."""
    entered = ((view.get("state") or {}).get("values") or {}).get(_CHOICE) or {}
    chosen = ((entered.get(_CHOICE) or {}).get("selected_option") or {}).get("value")
    if chosen not in SPANS:
        raise UserError(CLOSED)
    return SPANS[chosen]


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
