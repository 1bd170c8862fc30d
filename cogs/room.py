"""/room: this channel linked with one on Slack."""

import discord

from cogs.asking import Asking
from cogs.table import from_table, group


class Rooms(Asking):
    """Two channels that are told the same."""

    room = group("room", "This channel linked with one on Slack: both are told the same")

    @from_table("room", "invite", parent=room)
    async def invite(self, interaction: discord.Interaction) -> None:
        """Make a code."""
        await self.ask(interaction, "room", "invite")

    @from_table("room", "join", parent=room)
    async def join(self, interaction: discord.Interaction, code: str) -> None:
        """Give a code."""
        await self.ask(interaction, "room", "join", code=code)

    @from_table("room", "confirm", parent=room)
    async def confirm(self, interaction: discord.Interaction) -> None:
        """Agree to what is asked."""
        await self.ask(interaction, "room", "confirm")

    @from_table("room", "show", parent=room)
    async def show(self, interaction: discord.Interaction) -> None:
        """Which channel this one is linked with."""
        await self.ask(interaction, "room", "show")

    @from_table("room", "leave", parent=room)
    async def leave(self, interaction: discord.Interaction) -> None:
        """End the link."""
        await self.ask(interaction, "room", "leave")
