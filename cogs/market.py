"""/drawdown, /valuation, /stress, /impact and /crowding."""

from typing import Literal

import discord
from discord.app_commands import Range

from cogs.asking import Asking
from cogs.table import from_table

Window = Literal["1m", "3m", "6m", "1y", "2y", "3y", "5y", "max"]


class Market(Asking):
    """How far stocks are below their peak, what is paid for them, and what a release did."""

    @from_table("drawdown")
    async def drawdown(
        self,
        interaction: discord.Interaction,
        target: str | None = None,
        window: Window | None = None,
    ) -> None:
        """The drawdown of one target, or of every basket."""
        await self.ask(interaction, "drawdown", target=target, window=window)

    @from_table("valuation")
    async def valuation(self, interaction: discord.Interaction, target: str | None = None) -> None:
        """What the market pays for earnings."""
        await self.ask(interaction, "valuation", target=target)

    @from_table("stress")
    async def stress(
        self,
        interaction: discord.Interaction,
        target: str,
        multiple: str | None = None,
        haircut: Range[int, 0, 99] | None = None,
        years: Range[int, 1, 30] | None = None,
        discount: Range[int, 1, 50] | None = None,
    ) -> None:
        """A price at a lower multiple or lower earnings."""
        await self.ask(
            interaction, "stress", target=target, multiple=multiple, haircut=haircut, years=years,
            discount=discount,
        )  # fmt: skip

    @from_table("impact")
    async def impact(
        self,
        interaction: discord.Interaction,
        release: str | None = None,
        target: str | None = None,
        window: str | None = None,
        history: bool | None = None,
    ) -> None:
        """What prices did after a release."""
        await self.ask(
            interaction, "impact", release=release, target=target, window=window, history=history
        )

    @from_table("crowding")
    async def crowding(self, interaction: discord.Interaction, basket: str | None = None) -> None:
        """Whether the stocks of a basket move as one."""
        await self.ask(interaction, "crowding", basket=basket)
