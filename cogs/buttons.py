"""The buttons under what the bot posts: Explain, Snooze, Silence. They work after a restart.

Each carries the nonce of its message's row in the outbox, so a press finds the facts that were
told, and a message can be found by its nonce.
"""

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import discord
from discord import ui

from bot.answers.silence import TARGET
from bot.answers.why import why
from bot.commands import COMMANDS
from bot.errors import UserError
from bot.model.card import Card
from bot.model.receiver import Notification
from bot.services import Request, Services
from cogs.marks import mark, with_mark
from cogs.permissions import NOT_ALLOWED, may_manage
from cogs.speaking import ask, changed_at, fail, line, say, services_of, show
from cogs.steps import OpenViews, Questions
from storage import market, outbox, receivers

log = logging.getLogger(__name__)
GONE = "What this message told is no longer on record; /alert explain tells of what is followed."
ELSEWHERE = "This message is a copy of another channel's; its buttons work only there."
_LABELS = {
    "explain": "Explain",
    "snooze-1h": "Snooze 1 h",
    "snooze-1d": "Snooze 1 d",
    "silence": "Silence",
}
_TEMPLATE = re.compile(
    r"aftershock:(?P<action>explain|snooze-1h|snooze-1d|silence):(?P<nonce>[0-9a-f]{24})"
)
_SNOOZES = {"snooze-1h": ("1h", "Snoozed"), "snooze-1d": ("1d", "Snoozed")}
# A silence ends within a year, whatever is asked for.
LENGTHS = {
    "1d": "1 day",
    "1w": "1 week",
    "30d": "1 month",
    "365d": "Until I end it, a year at most",
}


def custom_id(action: str, nonce: str) -> str:
    """What names a button: "aftershock:ACTION:NONCE"."""
    return f"aftershock:{action}:{nonce}"


def actions(notification: Notification) -> tuple[str, ...]:
    """The buttons that make sense under a message.

    What fired can be silenced; what has recovered, a digest and a summary only explained.
    """
    told = notification.facts.get("kind")
    if notification.action != "edit" and told in ("drawdown", "condition", "release"):
        return tuple(_LABELS)
    return ("explain",)


def view_for(notification: Notification) -> ui.View | None:
    """The buttons of a message that is about to be sent; None for none."""
    if re.fullmatch("[0-9a-f]{24}", notification.nonce) is None:
        return None
    view = ui.View(timeout=None)
    for action in actions(notification):
        view.add_item(Press(action, notification.nonce))
    return view


class Press(ui.DynamicItem[ui.Button[ui.View]], template=_TEMPLATE):
    """One of the buttons, as it is found again by its name."""

    def __init__(self, action: str, nonce: str) -> None:
        self.action, self.nonce = action, nonce
        super().__init__(
            ui.Button(
                style=discord.ButtonStyle.secondary,
                label=_LABELS[action],
                custom_id=custom_id(action, nonce),
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that somebody pressed."""
        return cls(match["action"], match["nonce"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Answer the press; whatever goes wrong is said privately."""
        try:
            await _pressed(interaction, self.action, self.nonce)
        except Exception as error:  # noqa: BLE001 - whoever pressed is told
            await fail(interaction, error, f"the button {self.action}")


# For `Client.add_dynamic_items`.
ITEMS: tuple[type[ui.DynamicItem[Any]], ...] = (Press,)


async def _pressed(interaction: discord.Interaction, action: str, nonce: str) -> None:
    services = services_of(interaction)
    if action == "explain":
        await interaction.response.defer(ephemeral=True, thinking=True)
        told = await _told(interaction, services, nonce)
        await show(interaction, await _explained(interaction, services, told))
        return
    if action in _SNOOZES:
        await interaction.response.defer()
    if not await may_manage(interaction, services):
        await say(interaction, NOT_ALLOWED)
        return
    told = await _told(interaction, services, nonce)
    await _refuse_unfollowed(services, told)
    if action in _SNOOZES:
        span, verb = _SNOOZES[action]
        await _silence(interaction, services, told, span, verb)
    else:
        await interaction.response.send_modal(HowLong(OpenViews.of(interaction), told))


async def _told(interaction: discord.Interaction, services: Services, nonce: str) -> Notification:
    """The row of a message. Raises UserError where it is gone, or is another channel's."""
    async with services.database.read() as connection:
        found = await outbox.by_nonce(connection, nonce)
    if found is None:
        raise UserError(GONE)
    if found.receiver.address != str(interaction.channel_id):
        raise UserError(ELSEWHERE)
    return found


async def _explained(
    interaction: discord.Interaction, services: Services, told: Notification
) -> Card:
    request = Request(
        {}, services, told.receiver, services.clock.now(), COMMANDS, interaction.user.display_name
    )
    return await why(request, told)


def target_of(facts: Mapping[str, Any]) -> str:
    """What a silence of this message is of: its target, or its lab."""
    return f"lab:{facts['lab']}" if "lab" in facts else str(facts["target"])


async def _refuse_unfollowed(services: Services, told: Notification) -> None:
    """Raise UserError where this channel would not be told of it any more anyway."""
    target = target_of(told.facts)
    async with services.database.read() as connection:
        found = await receivers.subscriptions(connection, told.receiver.id)
        baskets = await market.baskets(connection, told.receiver.owner)
    if "lab" in told.facts:
        followed = any(item.kind == "releases" for item in found)
    else:
        followed = any(
            item.rule is not None
            and (
                item.rule.target == target
                or (
                    item.members
                    and item.rule.target in baskets
                    and target in baskets[item.rule.target].members
                )
            )
            for item in found
        )
    if not followed:
        name = told.facts.get("lab_name") or target.partition("@")[0]
        raise UserError(
            f"This channel no longer follows {name}, so there is nothing to silence; "
            "/channel shows what it follows."
        )


async def _silence(
    interaction: discord.Interaction,
    services: Services,
    told: Notification,
    span: str,
    verb: str,
) -> None:
    """Silence what the message is about, as /silence add does, and say so under it."""
    exact = "" if "lab" in told.facts else TARGET
    text = line("/silence add", what=f"{exact}{target_of(told.facts)}", for_=span)
    card = await ask(text, services, told.receiver, interaction.user)
    await changed_at(interaction, told.receiver)
    until = datetime.fromisoformat(card.facts["until"])
    by = mark(verb, interaction.user.id, until)
    try:
        # As it is now: since the press it may have been told there that the target recovered.
        message = await interaction.original_response()
        # Embeds, attachments and buttons stay as they are: only the content is named.
        await message.edit(
            content=with_mark(message.content, by),
            allowed_mentions=discord.AllowedMentions.none(),
        )
    except discord.DiscordException as error:
        log.info("a message could not say who silenced it: %s", error)
        await say(interaction, f"{card.title}.")


class HowLong(Questions):
    """Asks for how long to silence what a message is about."""

    def __init__(self, views: OpenViews, told: Notification) -> None:
        super().__init__(views, "Silence", "press the button again")
        self.told = told
        self.choice: ui.Select[Any] = ui.Select(
            custom_id="for",
            options=[
                discord.SelectOption(label=label, value=span, default=span == "1d")
                for span, label in LENGTHS.items()
            ],
        )
        name = told.facts.get("lab_name") or target_of(told.facts).partition("@")[0]
        self.add_item(
            ui.Label(
                text=f"How long to say nothing of {name}"[:45],
                description="What is deeper by then than was told is told when it ends.",
                component=self.choice,
            )
        )

    async def answered(self, interaction: discord.Interaction) -> None:
        """Silence it, unless whoever asked may not any more."""
        services = services_of(interaction)
        await interaction.response.defer()
        if not await may_manage(interaction, services):
            await say(interaction, NOT_ALLOWED)
            return
        await _silence(interaction, services, self.told, self.choice.values[0], "Silenced")
