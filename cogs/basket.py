"""/basket: shipped baskets, and those of a server's own."""

import discord

from cogs.asking import Asking
from cogs.table import from_table, group


class Baskets(Asking):
    """Named sets of stocks."""

    basket = group("basket", "Baskets of stocks: those that ship, and your own")

    @from_table("basket", "list", parent=basket)
    async def list_baskets(self, interaction: discord.Interaction) -> None:
        """The baskets there are."""
        await self.ask(interaction, "basket", "list")

    @from_table("basket", "show", parent=basket)
    async def show_basket(self, interaction: discord.Interaction, name: str) -> None:
        """What is in a basket."""
        await self.ask(interaction, "basket", "show", name=name)

    @from_table("basket", "add", parent=basket)
    async def add_basket(
        self, interaction: discord.Interaction, name: str, symbols: str, title: str | None = None
    ) -> None:
        """Make a basket."""
        await self.ask(interaction, "basket", "add", name=name, symbols=symbols, title=title)

    @from_table("basket", "remove", parent=basket)
    async def remove_basket(self, interaction: discord.Interaction, name: str) -> None:
        """Remove a basket."""
        await self.ask(interaction, "basket", "remove", name=name)
