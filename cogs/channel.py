"""/channel and /setup: how this channel wants to be told."""

import discord
from discord.app_commands import Range

from bot.commands import command_of
from cogs import panel, setup
from cogs.asking import Asking
from cogs.place import refuse_elsewhere
from cogs.replying import answering
from cogs.table import from_table


class Channels(Asking):
    """All that a channel gets; the interactive parts are the panel's and the wizard's."""

    @from_table("channel")
    async def channel(
        self,
        interaction: discord.Interaction,
        quiet: str | None = None,
        timezone: str | None = None,
        cap: Range[int, 1, 1000] | None = None,
    ) -> None:
        """Show all that this channel gets, or change how it is told."""
        if quiet is None and timezone is None and cap is None:
            async with answering(interaction, "/channel"):
                refuse_elsewhere(interaction, command_of("channel"))
                await panel.show_channel(interaction, self.services)
            return
        await self.ask(interaction, "channel", quiet=quiet, timezone=timezone, cap=cap)

    @from_table("setup")
    async def setup(self, interaction: discord.Interaction) -> None:
        """Set up this channel, step by step."""
        async with answering(interaction, "/setup"):
            refuse_elsewhere(interaction, command_of("setup"))
            await setup.begin(interaction, self.services)
