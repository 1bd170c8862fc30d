"""/setup: one private message that leads through setting up a channel. Nothing is stored before
the last step.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.errors import UserError
from bot.model.receiver import Receiver
from bot.services import Services
from cogs.draft import Draft, draft_of, plan
from cogs.finishing import finish, lacks, summary
from cogs.permissions import (
    NOT_ALLOWED,
    SURFACE,
    may_manage,
    may_manage_with,
    permissions_in,
    title_of,
)
from cogs.place import NOT_HERE
from cogs.replying import acknowledge
from cogs.setup_steps import STEPS, Step, navigation
from cogs.steps import OpenViews, Steps
from cogs.wizard_state import Offer, Present, offer_of, present_of

AGAIN = "type /setup again"


async def begin(interaction: discord.Interaction[Any], services: Services) -> None:
    """Answer /setup: show the first step, for the channel in which it was typed.

    Raises UserError where whoever typed it may not manage that channel, or the bot is not there.
    """
    await acknowledge(interaction, private=True)
    if not may_manage(interaction):
        raise UserError(NOT_ALLOWED)
    if interaction.guild_id is not None and not interaction.is_guild_integration():
        raise UserError(NOT_HERE)
    wizard = Wizard(interaction, services)
    try:
        await wizard.choose(
            interaction.channel_id or 0,
            title_of(interaction.channel, interaction.guild_id),
            interaction.permissions,
        )
        await wizard.redraw(interaction)
    except BaseException:
        wizard.close()
        raise


class Wizard(Steps):
    """One person setting up one channel. `draft` is what finishing will store."""

    def __init__(self, interaction: discord.Interaction[Any], services: Services) -> None:
        super().__init__(OpenViews.of(interaction), AGAIN)
        self.services, self.guild_id = services, interaction.guild_id
        self.steps: Sequence[Step] = STEPS if self.guild_id is not None else STEPS[1:]
        self.at = 0
        self.receiver = Receiver(0, SURFACE, "", "")
        self.permissions = interaction.permissions
        self.draft = self.before = Draft()
        self.present = Present()
        self.offer = Offer()
        self.missing: list[str] = []
        self.finishing = False

    async def choose(self, channel_id: int, title: str, permissions: discord.Permissions) -> None:
        """Take a channel, and begin from what it has. Nothing is stored for it."""
        community = "" if self.guild_id is None else str(self.guild_id)
        self.receiver = Receiver(0, SURFACE, str(channel_id), title, community=community)
        self.permissions = permissions
        self.offer = await offer_of(self.services, self.receiver)
        self.present = await present_of(self.services, self.receiver)
        settings = self.services.settings.alerts
        self.draft = self.before = draft_of(
            self.present.found,
            self.present.wishes,
            self.offer.baskets,
            settings.window,
            settings.levels_percent,
        )

    async def draw(self) -> tuple[str, discord.Embed | None]:
        """The present step: what it asks, its parts, and the way on and back."""
        step = self.steps[self.at]
        self.clear_items()
        step.place(self)
        navigation(self)
        head = f"**{self.at + 1} of {len(self.steps)}: {step.title}**"
        return f"{head}\n{step.text(self)}", None

    @property
    def last_step(self) -> bool:
        """Whether this is the step that finishes."""
        return self.at == len(self.steps) - 1

    async def set(self, interaction: discord.Interaction[Any], **chosen: Any) -> None:
        """Take a choice into the draft and show the step anew."""
        self.draft = replace(self.draft, **chosen)
        await self.redraw(interaction)

    async def go(self, interaction: discord.Interaction[Any], steps: int) -> None:
        """Go on, or back."""
        await interaction.response.defer()
        self.at = min(max(0, self.at + steps), len(self.steps) - 1)
        await self.look(interaction)
        await self.redraw(interaction)

    async def look(self, interaction: discord.Interaction[Any]) -> None:
        """Before the last step, look at what is there and what the bot lacks."""
        if self.last_step:
            self.present = await present_of(self.services, self.receiver)
            self.missing = await lacks(interaction, int(self.receiver.address))

    def changes(self) -> list[Any]:
        """What finishing would change now."""
        return plan(
            self.draft,
            self.before,
            self.present.found,
            self.present.wishes,
            self.offer.baskets,
            self.services.settings.alerts.window,
        )

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """While it is being stored no other press counts, nor a second one of Finish."""
        if self.finishing:
            await interaction.response.defer()
        return not self.finishing

    async def finish(self, interaction: discord.Interaction[Any]) -> None:
        """Store it all, post a sample, and say what was set."""
        self.finishing = True
        try:
            await interaction.response.defer()
            if not await self._may_finish(interaction):
                raise UserError(NOT_ALLOWED)
            await self.look(interaction)
            done = await finish(self, interaction)
        except BaseException:
            self.finishing = False
            raise
        await self.end(interaction, summary(self, done))

    async def _may_finish(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether whoever pressed may manage the chosen channel, now and when it was chosen."""
        address = int(self.receiver.address)
        if interaction.channel_id == address:
            return may_manage(interaction)
        now = permissions_in(interaction, address)
        permissions = self.permissions if now is None else self.permissions & now
        return may_manage_with(interaction, permissions)

    async def cancel(self, interaction: discord.Interaction[Any]) -> None:
        """Leave it all as it was."""
        await interaction.response.defer()
        await self.end(interaction, "Nothing was set.")
