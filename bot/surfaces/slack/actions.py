"""The buttons under what the bot posts, and under its answers. They work after a restart.

Each carries the nonce of its message's row in the outbox, or the line that it asks.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.answers.pressed import SNOOZES
from bot.answers.pressed import actions as sensible
from bot.cards.marks import SILENCED, SNOOZED
from bot.model.receiver import Notification
from bot.surfaces.slack import names
from bot.surfaces.slack.commands import Asked
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.explaining import explain
from bot.surfaces.slack.pressing import Press, press_of
from bot.surfaces.slack.replying import Reply, answering
from bot.surfaces.slack.sharing import share
from bot.surfaces.slack.silencing import Question, ask_how_long, chosen_in, silence

log = logging.getLogger(__name__)
# What a button does; its errors are said to whoever pressed it.
Does = Callable[[Slack, Press, Reply], Awaitable[None]]


def actions(notification: Notification) -> tuple[str, ...]:
    """The action ids of the buttons that make sense under a message."""
    return tuple(f"aftershock:{action}" for action in sensible(notification))


def register(app: AsyncApp, slack: Slack) -> None:
    """Answer the buttons, and the dialog that one of them opens."""
    for action, does in _BUTTONS.items():
        app.action(action)(_listener(slack, action, does))

    async def answered(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        await _answered(slack, body, context.team_id or "")

    app.view(names.SILENCE_DIALOG)(answered)


def _listener(slack: Slack, action: str, does: Does) -> Callable[..., Awaitable[None]]:
    async def pressed(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        press = press_of(body, context.team_id or "")
        asked = press.asked
        reply = Reply(slack, asked.team, asked.channel, asked.user, press.url, press.thread)
        async with answering(reply, f"the button {action}"):
            await does(slack, press, reply)

    return pressed


async def _explain(slack: Slack, press: Press, reply: Reply) -> None:
    await explain(slack, press.asked, press.value, reply)


async def _share(slack: Slack, press: Press, reply: Reply) -> None:
    await share(slack, press.asked, press.value, reply)


def _snooze(action: str) -> Does:
    async def snooze(slack: Slack, press: Press, reply: Reply) -> None:
        await silence(slack, press.asked, press.value, SNOOZES[action], SNOOZED, reply)

    return snooze


async def _ask_how_long(slack: Slack, press: Press, _reply: Reply) -> None:
    await ask_how_long(slack, press.asked, press.value, press.trigger, press.thread)


async def _answered(slack: Slack, body: Mapping[str, Any], team: str) -> None:
    """The dialog was sent off: silence it, unless whoever did so may not any more."""
    view, user = body["view"], body["user"]
    question = Question.read(str(view.get("private_metadata") or ""))
    if question is None:  # nobody knows which channel to answer in
        log.warning("a dialog for a silence came back without what it is about")
        return
    asked = Asked(team, question.channel, "", str(user["id"]), str(user.get("team_id") or ""))
    reply = Reply(slack, team, question.channel, asked.user, "", question.thread)
    async with answering(reply, "the dialog for a silence"):
        await silence(slack, asked, question.nonce, chosen_in(view), SILENCED, reply)


_BUTTONS: Mapping[str, Does] = {
    names.EXPLAIN: _explain,
    names.SNOOZE_1H: _snooze("snooze-1h"),
    names.SNOOZE_1D: _snooze("snooze-1d"),
    names.SILENCE: _ask_how_long,
    names.SHARE: _share,
}
