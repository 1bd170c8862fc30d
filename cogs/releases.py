"""/releases and /model: new models, and what is known of each."""

import discord
from discord.app_commands import Range

from cogs.asking import Asking
from cogs.table import from_table, group


class Releases(Asking):
    """Models, and how often labs release them."""

    releases = group("releases", "New AI models: the newest, by name, and how often labs release")

    @from_table("model")
    async def model(self, interaction: discord.Interaction, names: str) -> None:
        """All that is known of a model."""
        await self.ask(interaction, "model", names=names)

    @from_table("releases", "latest", parent=releases)
    async def latest(
        self,
        interaction: discord.Interaction,
        lab: str | None = None,
        open_only: bool | None = None,
        count: Range[int, 1, 50] | None = None,
    ) -> None:
        """The newest models."""
        await self.ask(interaction, "releases", "latest", lab=lab, open_only=open_only, count=count)

    @from_table("releases", "search", parent=releases)
    async def search(self, interaction: discord.Interaction, words: str) -> None:
        """Models by name."""
        await self.ask(interaction, "releases", "search", words=words)

    @from_table("releases", "timeline", parent=releases)
    async def timeline(
        self,
        interaction: discord.Interaction,
        lab: str | None = None,
        open_only: bool | None = None,
        months: Range[int, 1, 120] | None = None,
    ) -> None:
        """How often labs release."""
        await self.ask(
            interaction, "releases", "timeline", lab=lab, open_only=open_only, months=months
        )
