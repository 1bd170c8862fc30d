"""The buttons under what the bot posts: Explain, Snooze, Silence. They work after a restart.

Each carries the nonce of its message's row in the outbox, so a press finds the facts that were
told, and a message can be found by its nonce.
"""

import re
from datetime import timedelta
from typing import Any, Self

import discord
from discord import ui

from bot.answers import pressed
from bot.answers.pressed import LABELS, LENGTHS, SNOOZES, SPANS, USUAL_LENGTH, actions
from bot.cards.marks import SILENCED, SNOOZED
from bot.commands import COMMANDS
from bot.model.card import Card
from bot.model.receiver import Notification
from bot.services import Request, Services
from bot.surfaces.answering import refuse_too_many
from cogs.permissions import NOT_ALLOWED, SURFACE, may_manage, person_of
from cogs.speaking import changed_at, fail, say, services_of, show
from cogs.steps import OpenViews, Questions

_TEMPLATE = re.compile(
    r"aftershock:(?P<action>explain|snooze-1h|snooze-1d|silence):(?P<nonce>[0-9a-f]{24})"
)


def custom_id(action: str, nonce: str) -> str:
    """What names a button: "aftershock:ACTION:NONCE"."""
    return f"aftershock:{action}:{nonce}"


def view_for(notification: Notification) -> ui.View | None:
    """The buttons of a message that is about to be sent; None for none."""
    if not pressed.is_nonce(notification.nonce):
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
                label=LABELS[action],
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
        refuse_too_many(services, person_of(interaction), services.clock.now())
        told = await _told(interaction, services, nonce)
        await show(interaction, await _explained(interaction, services, told))
        return
    if action in SNOOZES:
        await interaction.response.defer()
    if not may_manage(interaction):
        await say(interaction, NOT_ALLOWED)
        return
    told = await _told(interaction, services, nonce)
    await pressed.refuse_unfollowed(services, told)
    if action in SNOOZES:
        await _silence(interaction, services, told, SNOOZES[action], SNOOZED)
    else:
        await interaction.response.send_modal(HowLong(OpenViews.of(interaction), told))


async def _told(interaction: discord.Interaction, services: Services, nonce: str) -> Notification:
    """The row of a message. Raises UserError where it is gone, or is another channel's."""
    return await pressed.told(services, nonce, SURFACE, str(interaction.channel_id))


async def _explained(
    interaction: discord.Interaction, services: Services, told: Notification
) -> Card:
    from bot.answers.why import why  # not before it is asked: it is slow

    return await why(_request(interaction, services, told), told)


def _request(interaction: discord.Interaction, services: Services, told: Notification) -> Request:
    """Something asked of the message's channel by whoever pressed."""
    asker = interaction.user.display_name
    return Request({}, services, told.receiver, services.clock.now(), COMMANDS, asker)


async def _silence(
    interaction: discord.Interaction,
    services: Services,
    told: Notification,
    span: timedelta,
    verb: str,
) -> None:
    """Silence what the message is about, as /silence add does. It says so itself, by an edit."""
    request = _request(interaction, services, told)
    card = await pressed.silence_message(request, told, span, verb)
    await changed_at(interaction, told.receiver)
    await say(interaction, f"{card.title}.")


class HowLong(Questions):
    """Asks for how long to silence what a message is about."""

    def __init__(self, views: OpenViews, told: Notification) -> None:
        super().__init__(views, "Silence", "press the button again")
        self.told = told
        self.choice: ui.Select[Any] = ui.Select(
            custom_id="for",
            options=[
                discord.SelectOption(label=label, value=span, default=span == USUAL_LENGTH)
                for span, label in LENGTHS.items()
            ],
        )
        self.add_item(
            ui.Label(
                text=f"How long to say nothing of {pressed.name_of(told.facts)}"[:45],
                description=pressed.WHEN_IT_ENDS,
                component=self.choice,
            )
        )

    async def answered(self, interaction: discord.Interaction) -> None:
        """Silence it, unless whoever asked may not any more."""
        services = services_of(interaction)
        await interaction.response.defer()
        if not may_manage(interaction):
            await say(interaction, NOT_ALLOWED)
            return
        await _silence(interaction, services, self.told, SPANS[self.choice.values[0]], SILENCED)
