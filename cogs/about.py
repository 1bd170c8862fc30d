"""/status and /help."""

import discord

from cogs.asking import Asking
from cogs.table import from_table


class About(Asking):
    """The bot itself."""

    @from_table("status")
    async def status(self, interaction: discord.Interaction) -> None:
        """Is the bot well."""
        await self.ask(interaction, "status")

    @from_table("help")
    async def help(self, interaction: discord.Interaction, command: str | None = None) -> None:
        """All commands, or one in full."""
        await self.ask(interaction, "help", command=command)
