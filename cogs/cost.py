"""/cost: what models cost to run, to train and to leave."""

from typing import Literal

import discord
from discord.app_commands import Range

from cogs.asking import Asking
from cogs.table import from_table, group


class Cost(Asking):
    """Prices of models, and what is reckoned from them."""

    cost = group("cost", "What AI models cost: to run, to train, to move away from")

    @from_table("cost", "price", parent=cost)
    async def price(
        self,
        interaction: discord.Interaction,
        model: str,
        on: str | None = None,
        provider: str | None = None,
    ) -> None:
        """What a model costs."""
        await self.ask(interaction, "cost", "price", model=model, on=on, provider=provider)

    @from_table("cost", "compare", parent=cost)
    async def compare(
        self,
        interaction: discord.Interaction,
        models: str,
        mix: str | None = None,
        on: str | None = None,
    ) -> None:
        """Prices side by side."""
        await self.ask(interaction, "cost", "compare", models=models, mix=mix, on=on)

    @from_table("cost", "workload", parent=cost)
    async def workload(
        self,
        interaction: discord.Interaction,
        model: str,
        requests: Range[int, 1, 10**10],
        input: Range[int, 0, 10**9],  # noqa: A002 - as the table calls it
        output: Range[int, 0, 10**9],
        cached: Range[int, 0, 100] | None = None,
        batch: bool | None = None,
        peak: Range[int, 0, 100] | None = None,
    ) -> None:
        """What a number of requests costs."""
        await self.ask(
            interaction, "cost", "workload", model=model, requests=requests, input=input,
            output=output, cached=cached, batch=batch, peak=peak,
        )  # fmt: skip

    @from_table("cost", "migrate", parent=cost)
    async def migrate(
        self,
        interaction: discord.Interaction,
        from_: str,
        to: str,
        requests: Range[int, 1, 10**10],
        input: Range[int, 0, 10**9],  # noqa: A002 - as the table calls it
        output: Range[int, 0, 10**9],
        cached: Range[int, 0, 100] | None = None,
        batch: bool | None = None,
        peak: Range[int, 0, 100] | None = None,
        switching: Range[int, 0, 10**9] | None = None,
    ) -> None:
        """What a move saves or costs."""
        await self.ask(
            interaction, "cost", "migrate", from_=from_, to=to, requests=requests, input=input,
            output=output, cached=cached, batch=batch, peak=peak, switching=switching,
        )  # fmt: skip

    @from_table("cost", "training", parent=cost)
    async def training(
        self,
        interaction: discord.Interaction,
        models: str | None = None,
        rate: str | None = None,
    ) -> None:
        """What training took."""
        await self.ask(interaction, "cost", "training", models=models, rate=rate)

    @from_table("cost", "index", parent=cost)
    async def index(
        self,
        interaction: discord.Interaction,
        class_: Literal["frontier", "reasoning", "all"] | None = None,
        months: Range[int, 3, 120] | None = None,
    ) -> None:
        """How fast tokens get cheaper."""
        await self.ask(interaction, "cost", "index", class_=class_, months=months)
