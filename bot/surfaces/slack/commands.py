"""The slash commands: acknowledged at once, then read, allowed, asked and answered."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.commands import parse
from bot.errors import StorageError, UserError
from bot.model.card import Card
from bot.parsing import Parsed
from bot.surfaces.answering import ADDING, answer, reopen
from bot.surfaces.slack import names
from bot.surfaces.slack.channels import asked_place, channel_place, refuse_mute, with_bot_alone
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.names import COMMAND
from bot.surfaces.slack.people import (
    asker_name,
    claim,
    may_manage,
    may_manage_all,
    person_key,
    refusal,
    refusal_of_all,
    set_up_of,
)
from bot.surfaces.slack.replying import Reply, answering
from bot.surfaces.slack.typed import (
    SLASHES,
    line_of,
    refuse_mention,
    usage_of,
    with_short_forms,
)

# Bolt looks every hundredth of a second whether it may acknowledge: that leaves before the work.
ACKNOWLEDGED_SECONDS = 0.015
_SETUP = ("setup",)
AGAIN = "What this channel gets is sent here again, and what waited for it within the last day."
# What shows what a channel gets as long as nothing is given that is to change.
_LOOKING = (_SETUP, ("channel",))
_SETTING_UP = (names.ADD_ALERT, names.ADD_SUBSCRIPTION)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked, and where. `hint` is how the request calls the channel."""

    team: str
    channel: str
    hint: str
    user: str
    user_team: str

    @property
    def person(self) -> str:
        """The key of whoever asked."""
        return person_key(self.user_team or self.team, self.user)


def register(app: AsyncApp, slack: Slack) -> None:
    """Answer "/aftershock" and its short commands."""

    async def typed(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        await asyncio.sleep(ACKNOWLEDGED_SECONDS)
        asked = asked_by(body, context.team_id or "")
        reply = Reply(slack, asked.team, asked.channel, asked.user, body.get("response_url", ""))
        line = line_of(str(body.get("command", "")), str(body.get("text") or ""))
        async with answering(reply, line.split()[0]):
            await respond(slack, asked, line, reply)

    for slash in SLASHES:
        app.command(slash)(typed)


def asked_by(body: Mapping[str, Any], team: str) -> Asked:
    """Who typed a slash command, and where; `team` is the workspace that the bot acts in. Pure."""
    return Asked(
        team=team,
        channel=str(body["channel_id"]),
        hint=str(body.get("channel_name") or ""),
        user=str(body["user_id"]),
        user_team=str(body.get("team_id") or ""),
    )


async def respond(slack: Slack, asked: Asked, line: str, reply: Reply) -> None:
    """Answer a line that somebody typed; raises UserError.

    Only whoever asked sees it, and can share it; all of it is seen in their own conversation with
    the bot.
    """
    parsed = read(line)
    private = not await with_bot_alone(slack, asked.team, asked.channel)
    if only_looks(parsed):
        card, actions = await looked(slack, asked, parsed)
        await reply.show(card, private=private, actions=actions)
        return
    if parsed.command.changes:
        await reply.show(await changed(slack, asked, parsed), private=private)
        return
    share = line if private else None
    if parsed.command.guarded(parsed.options):
        await refuse_stranger(slack, asked)
        share = None
    card = await told(slack, asked, parsed, alone=True)
    await reply.show(card, private=private, share=share)


def read(line: str) -> Parsed:
    """The command and options of a line. A mistake is said with how the command is written."""
    try:
        return parse(line)
    except UserError as error:
        said, usage = _as_typed(str(error)), usage_of(line)
        parts = [said, usage] if usage and usage not in said else [said]
        raise UserError("\n".join(parts)) from None


def _as_typed(said: str) -> str:
    """A mistake about what is no command, which cannot be told from a path later."""
    return f"{COMMAND} {said[1:]}" if said.startswith("/") else said


async def told(slack: Slack, asked: Asked, parsed: Parsed, *, alone: bool = False) -> Card:
    """The card that answers a command that changes nothing; raises UserError.

    `alone`: only whoever asked sees it.
    """
    place = asked_place(asked.team, asked.channel, asked.hint)
    own: frozenset[int] = frozenset()
    try:
        if alone and parsed.command.path == ("status",):
            own = await set_up_of(slack, asked.team, asked.user)
        card = await answer(
            parsed,
            slack.services,
            place,
            slack.services.clock.now(),
            asker="",
            person=asked.person,
            sees=lambda other: other.id in own,
        )
    except StorageError:  # it is no mistake in what was typed
        raise
    except UserError as error:
        raise UserError(_as_typed(str(error))) from None
    if parsed.command.path != ("help",):
        return card
    return with_short_forms(card, str(parsed.options.get("command") or ""))


def only_looks(parsed: Parsed) -> bool:
    """Whether a command that may change what a channel gets only shows it, as it was asked."""
    return parsed.command.path in _LOOKING and not _given(parsed)


async def looked(slack: Slack, asked: Asked, parsed: Parsed) -> tuple[Card, tuple[str, ...]]:
    """What the channel gets, or how far it is set up, for anybody; and the card's buttons.

    Asked how far it is set up by somebody who may manage it, a channel that was given up is told
    again. Raises UserError where a channel is to be set up that the bot is not in.
    """
    place = await channel_place(slack, asked.team, asked.channel, asked.hint)
    may = again = False
    if parsed.command.path == _SETUP:
        await refuse_mute(slack, place)
        may = await _may(slack, asked)
        again = may and await reopen(slack.services, place)
    now = slack.services.clock.now()
    card = await answer(parsed, slack.services, place, now, asker="", person=asked.person)
    if again:
        card = replace(card, text=f"{AGAIN}\n{card.text}")
    return card, _SETTING_UP if may else ()


async def _may(slack: Slack, asked: Asked) -> bool:
    try:
        return await may_manage(slack, asked.team, asked.channel, asked.user, asked.user_team)
    except UserError:  # what was asked for is shown all the same
        return False


def _given(parsed: Parsed) -> bool:
    return any(value is not None for value in parsed.options.values())


async def changed(slack: Slack, asked: Asked, parsed: Parsed) -> Card:
    """The card of a command that changes what the channel gets, or what the whole workspace has;
    raises UserError.
    """
    if parsed.command.community:
        await _refuse_of_all(slack, asked)
    else:
        await refuse_stranger(slack, asked)
    place = await channel_place(slack, asked.team, asked.channel, asked.hint)
    if parsed.command.path in ADDING:
        refuse_mention(parsed.options)
        await refuse_mute(slack, place)
        await reopen(slack.services, place)
    asker = await asker_name(slack, asked.team, asked.user)
    now = slack.services.clock.now()
    card = await answer(parsed, slack.services, place, now, asker=asker, person=asked.person)
    if parsed.command.path in ADDING or _given(parsed):
        await claim(slack, place, asked.user)
    return card


async def refuse_stranger(slack: Slack, asked: Asked) -> None:
    """Raise UserError where whoever asked may not change what the channel gets."""
    if not await may_manage(slack, asked.team, asked.channel, asked.user, asked.user_team):
        raise UserError(refusal(slack))


async def _refuse_of_all(slack: Slack, asked: Asked) -> None:
    if not await may_manage_all(slack, asked.team, asked.user, asked.user_team):
        raise UserError(refusal_of_all(slack))
