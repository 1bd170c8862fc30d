"""Both surfaces are down for an hour while alerts wait: all are told once, in order, and paced.

The program's clock runs faster than the world's, so that an hour goes by in seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from time import monotonic
from typing import Any

import discord
import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery import Delivery, deliver_while
from bot.surfaces.discord_notifier import DiscordNotifier
from bot.surfaces.discord_pacing import Pacing
from storage.database import Database
from storage.schema import outbox, receiver
from tests.fanout import buttons, opened, plain_card, url_of
from tests.faults.waiting import eventually
from tests.servers.discord import DiscordServer, pointed_at, running
from tests.servers.slack import SlackServer
from tests.servers.slack import running as slack_running
from tests.slack_fanout import delivering as to_slack
from tests.slack_fanout import nonce_of

BEGUN = datetime(2025, 1, 27, 21, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Fast:
    """A clock that goes so many times as fast as time does."""

    def __init__(self, times: float) -> None:
        self._times, self._begun = times, monotonic()

    def now(self) -> datetime:
        """As `Clock.now`."""
        return BEGUN + timedelta(seconds=(monotonic() - self._begun) * self._times)


@dataclass
class Scene:
    """Two surfaces with channels, rows for each of them, and one worker that sends."""

    discord: DiscordServer
    slack: SlackServer
    delivery: Delivery
    clock: Fast
    rows: int

    async def counts(self) -> dict[str, int]:
        """How many rows are in each state."""
        async with self.delivery.services.database.read() as connection:
            found = await connection.execute(
                select(outbox.c.state, func.count()).group_by(outbox.c.state)
            )
            return {row[0]: row[1] for row in found}

    async def told_all(self) -> bool:
        """Whether every row has been sent."""
        return await self.counts() == {"sent": self.rows}

    async def disabled(self) -> int:
        """How many channels were given up."""
        async with self.delivery.services.database.read() as connection:
            statement = select(func.count()).where(receiver.c.disabled_at.is_not(None))
            return int((await connection.execute(statement)).scalar_one())

    def said(self) -> list[list[int]]:
        """Which of its rows each channel was told, in the order in which it came."""
        discord_said = [
            [_place(str(one.nonce)) for one in channel.sent]
            for guild in self.discord.guilds.values()
            for channel in guild.channels.values()
            if channel.sent
        ]
        slack_said = [
            [_place(nonce_of(one)) for one in channel.messages]
            for channel in self.slack.workspace.channels.values()
            if channel.messages
        ]
        return discord_said + slack_said


def _place(nonce: str) -> int:
    """Which of its channel's rows has this nonce."""
    return int(nonce[:6])


@asynccontextmanager
async def _scene(
    folder: Path, blank: Path, channels: int, each: int, times: float, limit: int
) -> AsyncIterator[Scene]:
    copyfile(blank, folder / "a.db")
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(slack_running(SlackServer()))
        server = DiscordServer()
        server.limits.requests = limit
        server.limits.buckets["post message"] = (each * 4, 5.0)
        guild = server.add_guild("Chips")
        addresses = [str(guild.add_channel(f"d{n}").id) for n in range(channels)]
        rooms = [slack.workspace.add_channel(f"s{n}") for n in range(channels)]
        await stack.enter_async_context(running(server))
        stack.enter_context(pointed_at(server))
        await _fill(folder, addresses, [f"{one.team}/{one.id}" for one in rooms], each)
        clock, pacing = Fast(times), Pacing(limit)
        services = await stack.enter_async_context(opened(folder, clock, "start"))
        client = discord.Client(intents=discord.Intents.none(), http_trace=pacing.trace)
        await stack.enter_async_context(client)
        await client.login(server.token)
        other = await stack.enter_async_context(
            to_slack(folder, clock, slack.api_url, slack.workspace.bot_token, "start")
        )
        notifiers = {"discord": DiscordNotifier(client, buttons, pacing), **other.notifiers}
        delivery = Delivery(services, notifiers, plain_card, "start")
        stopping = asyncio.Event()

        async def wait() -> bool:
            await stopping.wait()
            return False

        worker = asyncio.create_task(deliver_while(delivery, wait))
        try:
            yield Scene(server, slack, delivery, clock, 2 * channels * each)
        finally:
            stopping.set()
            await asyncio.wait_for(worker, 30)


async def _fill(
    folder: Path, on_discord: Sequence[str], on_slack: Sequence[str], each: int
) -> None:
    """Rows for these channels, which are due once the outage has begun."""
    database = await Database.open(url_of(folder))
    places = [("discord", one) for one in on_discord] + [("slack", one) for one in on_slack]
    told = [
        {
            "id": number, "surface": surface, "address": address, "title": f"#{number}",
            "community": address.partition("/")[0] if surface == "slack" else "",
            "time_zone": "UTC", "created_at": BEGUN,
        }
        for number, (surface, address) in enumerate(places, 1)
    ]  # fmt: skip
    rows = [
        {
            "receiver_id": number, "surface": surface, "nonce": f"{place:06d}{number:018d}",
            "action": "post", "facts": {}, "fallback": f"message {place}", "created_at": BEGUN,
            "state": "pending", "next_attempt_at": BEGUN, "attempts": 0,
        }
        for place in range(each)
        for number, (surface, _address) in enumerate(places, 1)
    ]  # fmt: skip

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(insert(receiver), told)
        await connection.execute(insert(outbox), rows)

    await database.write(work)
    await database.close()


async def _down_for_an_hour(
    folder: Path, blank: Path, channels: int, each: int, times: float, limit: int
) -> dict[str, Any]:
    """Half an hour of 503 and half an hour of refused connections; what became of it."""
    async with _scene(folder, blank, channels, each, times, limit) as scene:
        fault = scene.discord.fail("*", 503, times=None)
        scene.slack.down()
        await eventually(lambda: scene.clock.now() - BEGUN >= HOUR / 2, "half an hour", 300)
        asked = len(scene.discord.requests) + len(scene.slack.requests)
        fault.kind = "reset before"
        await scene.slack.unreachable()
        await eventually(lambda: scene.clock.now() - BEGUN >= HOUR, "the other half", 300)
        assert "sent" not in await scene.counts()
        assert set(await scene.counts()) <= {"pending", "claimed"}
        assert await scene.disabled() == 0
        scene.discord.faults.set.clear()
        scene.slack.up()
        await scene.slack.reachable()
        took = await eventually(scene.told_all, "all told", 900)
        assert scene.said() == [list(range(each))] * (2 * channels)
        assert await scene.disabled() == 0
        return {
            "alerts": scene.rows, "requests_in_the_outage": asked, "lost": 0, "double": 0,
            "disabled": 0, "busiest_second": scene.discord.busiest(), "drained_in": f"{took:.0f} s",
        }  # fmt: skip


async def test_an_hour_without_discord_and_slack(tmp_path: Path, blank: Path) -> None:
    found = await _down_for_an_hour(tmp_path, blank, 5, 3, times=3600, limit=200)
    assert found["busiest_second"] <= 200


@pytest.mark.faults
async def test_an_hour_without_discord_and_slack_and_ten_thousand_alerts(
    tmp_path: Path, blank: Path, figures: Any
) -> None:
    found = await _down_for_an_hour(tmp_path, blank, 1_000, 5, times=60, limit=500)
    assert found["busiest_second"] <= 500
    figures("both surfaces down for an hour", **found)
