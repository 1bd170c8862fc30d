"""A Discord channel and a Slack channel linked, through both real clients."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.app import release_facts
from bot.config import load
from bot.cycle.compose import Composer
from bot.cycle.recheck import silenced
from bot.delivery import Delivery
from bot.market.shipped import ShippedHistory
from bot.on_discord import open_discord
from bot.on_slack import open_slack
from bot.services import Services, SetClock
from bot.surfaces.slack import names
from storage.database import Database
from tests.conftest import START
from tests.cycle.channel import Channel as Market
from tests.servers import discord, slack
from tests.servers.slack import Channel as SlackChannel

# A fall of 12% on the second session, of 25% on the third.
NVDA = (100.0, 88.0, 75.0)


@dataclass
class Both:
    """The program's two surfaces on their servers, with people and a market."""

    discord: discord.DiscordServer
    slack: slack.SlackServer
    market: Market
    delivery: Delivery

    def __post_init__(self) -> None:
        guild = self.discord.add_guild("Chips")
        self.olga, self.alerts = guild.members[self.discord.owner.id], guild.add_channel("alerts")
        self.ann = self.slack.workspace.add_user("ann", admin=True)
        self.stocks = self.slack.workspace.add_channel("stocks", self.ann)
        # Tenants of their own, who follow the same.
        other = self.discord.add_guild("Spies")
        self.spy, self.secret = other.members[self.discord.owner.id], other.add_channel("secret")
        self.hidden = self.slack.workspace.add_channel("hidden", self.ann)

    async def on_discord(
        self, line: str, where: Any = None, by: Any = None, **given: object
    ) -> str:
        """All that the answer to a command says."""
        asked = self.discord.interact(line, given, by=by or self.olga, where=where or self.alerts)
        answer = await asked.response(20)
        return f"{answer.content} {answer.embeds}"

    async def on_slack(self, line: str, where: SlackChannel | None = None) -> str:
        """All that the answer to a command says."""
        asked = await self.slack.command(line, user=self.ann, channel=where or self.stocks)
        return str(await asked.response(seconds=20))

    async def session(self, number: int) -> None:
        """A session closes, and what it says is sent."""
        await self.market.close(number)
        await self.market.later(seconds=60)
        await self.delivery.drain()

    async def sent_until(self, fact: Callable[[], bool]) -> None:
        """Send whatever is due until that is so."""
        async with asyncio.timeout(20):
            while not fact():
                await self.delivery.drain()

    def seen_on_discord(self, where: Any = None) -> list[str]:
        """What each message of the channel says."""
        return [f"{m.content} {m.embeds}" for m in (where or self.alerts).sent]

    def seen_on_slack(self, where: SlackChannel | None = None) -> list[str]:
        """What each message of the channel says."""
        return [f"{m.text} {m.blocks}" for m in self.slack.messages(where or self.stocks)]


@pytest.fixture
async def both(tmp_path: Path, database: Database) -> AsyncIterator[Both]:
    async with AsyncExitStack() as stack:
        yield await _both(tmp_path, database, stack)


async def _both(folder: Path, database: Database, stack: AsyncExitStack) -> Both:
    there = await stack.enter_async_context(discord.running(discord.DiscordServer()))
    here = await stack.enter_async_context(slack.running(slack.SlackServer()))
    stack.enter_context(discord.pointed_at(there))
    settings = load(
        None,
        {
            "AFTERSHOCK_DATA": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "AFTERSHOCK_DISCORD_TOKEN": there.token,
            "AFTERSHOCK_DISCORD__API_URL": there.api_url,
            "AFTERSHOCK_SLACK_BOT_TOKEN": here.workspace.bot_token,
            "AFTERSHOCK_SLACK_APP_TOKEN": here.app_token,
            "AFTERSHOCK_SLACK__API_URL": here.api_url,
        },
    )
    plain = Services(
        settings, database, ShippedHistory(), release_facts(), SetClock(START), Random(1)
    )
    market = Market(plain, NVDA)
    services = market.services
    await market.follow()
    opened = [
        await stack.enter_async_context(open_discord(services, there.token, folder)),
        await stack.enter_async_context(open_slack(services)),
    ]
    delivery = Delivery(
        services,
        {one.surface: one.notifier for one in opened},
        Composer(services).card,
        "start",
        silenced,
    )
    made = Both(there, here, market, delivery)
    await there.ready()
    await here.connected()
    return made


async def test_a_snooze_in_slack_silences_and_marks_the_discord_copy(both: Both) -> None:
    invited = await both.on_discord("room invite")
    code = re.search(r"\b[A-Z0-9]{4}-?[A-Z0-9]{4}\b", invited)
    assert code is not None
    # What to type over there, as it is typed there.
    assert f"/aftershock room join {code[0]}" in invited
    asked = await both.on_slack(f"room join {code[0]}")
    assert "types /room confirm there" in asked
    assert "back with /aftershock room leave" in asked
    await both.delivery.drain()  # the note that somebody asks to be linked
    assert "#stocks" in both.seen_on_discord()[-1]
    linked = await both.on_discord("room confirm")
    assert "#stocks" in linked
    await both.on_discord("alert add", target="NVDA")
    assert "NVDA" in await both.on_slack("alert list")
    for line in (
        both.on_discord("alert add", both.secret, both.spy, target="NVDA"),
        both.on_slack("alert add NVDA", both.hidden),
    ):
        assert "NVDA" in await line

    await both.session(1)
    for seen in (
        both.seen_on_discord(), both.seen_on_slack(), both.seen_on_discord(both.secret),
        both.seen_on_slack(both.hidden),
    ):  # fmt: skip
        assert "12.0% below" in seen[-1]
    message = both.slack.messages(both.stocks)[-1]
    both.market.set(both.market.now + timedelta(hours=1))
    await both.slack.press(message, names.SNOOZE_1D, user=both.ann)
    await both.sent_until(lambda: "Snoozed" in both.seen_on_discord()[-1])
    await both.sent_until(lambda: "Snoozed" in both.seen_on_slack()[-1])
    assert "Snoozed by Ann on Slack until" in both.seen_on_discord()[-1]
    assert "Snoozed by Ann until" in both.seen_on_slack()[-1]
    assert "NVDA" in await both.on_discord("silence list")
    strangers = (both.seen_on_discord(both.secret), both.seen_on_slack(both.hidden))
    assert "Snoozed" not in str(strangers)

    counted = [len(both.seen_on_discord()), len(both.seen_on_slack())]
    await both.session(2)
    assert [len(both.seen_on_discord()), len(both.seen_on_slack())] == counted
    assert "25.0% below" in both.seen_on_discord(both.secret)[-1]
    assert "25.0% below" in both.seen_on_slack(both.hidden)[-1]
    for stranger in (both.seen_on_discord(both.secret), both.seen_on_slack(both.hidden)):
        assert not re.search("stocks|alerts|Chips", str(stranger).replace("AI stocks", ""))
    assert "#stocks" not in await both.on_discord("channel", both.secret, both.spy)
    assert "#alerts" not in await both.on_slack("channel", both.hidden)
