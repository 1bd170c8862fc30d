"""/feeds: what is read for new models, and feeds of one's own."""

import discord

from cogs.asking import Asking
from cogs.table import from_table, group


class Feeds(Asking):
    """Feeds: which, how they do, and those that a server chose."""

    feeds = group("feeds", "The feeds that are read for new models, and those of your own")

    @from_table("feeds", "list", parent=feeds)
    async def list_feeds(self, interaction: discord.Interaction, lab: str | None = None) -> None:
        """The feeds that are read."""
        await self.ask(interaction, "feeds", "list", lab=lab)

    @from_table("feeds", "health", parent=feeds)
    async def health(self, interaction: discord.Interaction, lab: str | None = None) -> None:
        """How each feed does."""
        await self.ask(interaction, "feeds", "health", lab=lab)

    @from_table("feeds", "add", parent=feeds)
    async def add_feed(
        self, interaction: discord.Interaction, url: str, lab: str | None = None
    ) -> None:
        """Read a feed of one's own."""
        await self.ask(interaction, "feeds", "add", url=url, lab=lab)

    @from_table("feeds", "remove", parent=feeds)
    async def remove_feed(self, interaction: discord.Interaction, name: str) -> None:
        """Stop reading a feed of one's own."""
        await self.ask(interaction, "feeds", "remove", name=name)

    @from_table("feeds", "test", parent=feeds)
    async def test_feed(self, interaction: discord.Interaction, feed: str) -> None:
        """What a feed's newest entries would be judged as."""
        await self.ask(interaction, "feeds", "test", feed=feed)
