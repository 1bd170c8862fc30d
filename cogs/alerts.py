"""/alert, /subscribe and /silence: what a channel is told, and what not for a while."""

from typing import Literal

import discord
from discord.app_commands import Range

from cogs.asking import Asking
from cogs.market import Window
from cogs.table import from_table, group

Condition = Literal[
    "drawdown", "move", "above", "below", "high", "low", "pe-above", "pe-below", "crowding",
    "volatility",
]  # fmt: skip
Study = Literal["always", "unusual", "never"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Number = Range[int, 1, 10**9]


class Alerts(Asking):
    """Rules on the market, news, and silences of either."""

    alert = group("alert", "What this channel is told when stocks fall, move or cross a figure")
    subscribe = group(
        "subscribe", "News that this channel gets: digests, new models and token prices"
    )
    silence = group("silence", "Say nothing of something for a while; it is told afterwards")

    @from_table("alert", "add", parent=alert)
    async def add_alert(
        self,
        interaction: discord.Interaction,
        target: str,
        condition: Condition | None = None,
        levels: str | None = None,
        window: Window | None = None,
        members: bool | None = None,
        once: bool | None = None,
        repeat: str | None = None,
        expires: str | None = None,
        mention: discord.Role | None = None,
    ) -> None:
        """Tell this channel when a condition is met."""
        await self.ask(
            interaction, "alert", "add", target=target, condition=condition, levels=levels,
            window=window, members=members, once=once, repeat=repeat, expires=expires,
            mention=mention,
        )  # fmt: skip

    @from_table("alert", "list", parent=alert)
    async def list_alerts(self, interaction: discord.Interaction) -> None:
        """What this channel is told about."""
        await self.ask(interaction, "alert", "list")

    @from_table("alert", "remove", parent=alert)
    async def remove_alert(self, interaction: discord.Interaction, number: Number) -> None:
        """Stop telling this channel."""
        await self.ask(interaction, "alert", "remove", number=number)

    @from_table("alert", "test", parent=alert)
    async def test_alert(
        self,
        interaction: discord.Interaction,
        target: str,
        condition: Condition | None = None,
        levels: str | None = None,
        window: Window | None = None,
    ) -> None:
        """How often a rule would have fired."""
        await self.ask(
            interaction, "alert", "test", target=target, condition=condition, levels=levels,
            window=window,
        )  # fmt: skip

    @from_table("alert", "explain", parent=alert)
    async def explain_alert(
        self, interaction: discord.Interaction, target: str | None = None
    ) -> None:
        """Why an alert was told, or was not."""
        await self.ask(interaction, "alert", "explain", target=target)

    @from_table("subscribe", "digest", parent=subscribe)
    async def subscribe_digest(
        self,
        interaction: discord.Interaction,
        every: Literal["day", "week"] | None = None,
        at: str | None = None,
        basket: str | None = None,
        weekday: Weekday | None = None,
    ) -> None:
        """A digest at a time of this channel's."""
        await self.ask(
            interaction, "subscribe", "digest", every=every, at=at, basket=basket, weekday=weekday
        )

    @from_table("subscribe", "releases", parent=subscribe)
    async def subscribe_releases(
        self,
        interaction: discord.Interaction,
        labs: str | None = None,
        kinds: str | None = None,
        open_only: bool | None = None,
        keywords: str | None = None,
        without: str | None = None,
        rumours: bool | None = None,
        study: Study | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """New models as they come."""
        await self.ask(
            interaction, "subscribe", "releases", labs=labs, kinds=kinds, open_only=open_only,
            keywords=keywords, without=without, rumours=rumours, study=study, role=role,
        )  # fmt: skip

    @from_table("subscribe", "prices", parent=subscribe)
    async def subscribe_prices(
        self,
        interaction: discord.Interaction,
        models: str | None = None,
        labs: str | None = None,
        percent: Range[int, 1, 100] | None = None,
        newcomer: Range[int, 1, 100] | None = None,
        parting: Range[int, 1, 1000] | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """News about what models cost."""
        await self.ask(
            interaction, "subscribe", "prices", models=models, labs=labs, percent=percent,
            newcomer=newcomer, parting=parting, role=role,
        )  # fmt: skip

    @from_table("subscribe", "remove", parent=subscribe)
    async def end_subscription(self, interaction: discord.Interaction, number: Number) -> None:
        """End a subscription."""
        await self.ask(interaction, "subscribe", "remove", number=number)

    @from_table("silence", "add", parent=silence)
    async def add_silence(
        self,
        interaction: discord.Interaction,
        what: str,
        for_: str | None = None,
        until: str | None = None,
    ) -> None:
        """Say nothing of something for a while."""
        await self.ask(interaction, "silence", "add", what=what, for_=for_, until=until)

    @from_table("silence", "list", parent=silence)
    async def list_silences(self, interaction: discord.Interaction) -> None:
        """What is silenced here."""
        await self.ask(interaction, "silence", "list")

    @from_table("silence", "remove", parent=silence)
    async def remove_silence(self, interaction: discord.Interaction, number: Number) -> None:
        """End a silence before its time."""
        await self.ask(interaction, "silence", "remove", number=number)
