"""/drawdown."""

from typing import Literal

import discord

from cogs.asking import Asking
from cogs.table import from_table

Window = Literal["1m", "3m", "6m", "1y", "2y", "3y", "5y", "max"]


class Market(Asking):
    """How far stocks are below their peak."""

    @from_table("drawdown")
    async def drawdown(
        self,
        interaction: discord.Interaction,
        target: str | None = None,
        window: Window | None = None,
    ) -> None:
        """The drawdown of one target, or of every basket."""
        await self.ask(interaction, "drawdown", target=target, window=window)
