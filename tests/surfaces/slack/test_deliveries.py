"""Whole deliveries to a loopback Slack: from the outbox to the channel, and what may go wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.services import SetClock, SystemClock
from storage import attempts, outbox, reach, receivers
from storage.schema import attempt
from tests.delivering import working
from tests.servers.slack import Channel, SlackServer, running
from tests.slack_fanout import (
    Arrived,
    delivering,
    enqueue,
    later,
    nonce_of,
    real_now,
    with_channels,
)

POST = "chat.postMessage"
LEASE = 61.0


@dataclass
class Street:
    """Channels of a Slack, rows for them, and starts of the program that deliver these."""

    folder: Path
    server: SlackServer
    channels: list[Channel]
    nonces: list[str]
    clock: SetClock
    starts: int = 0

    def start(self, **more: Any) -> Any:
        """A start of the program."""
        self.starts += 1
        return delivering(
            self.folder, more.pop("clock", self.clock), self.server.api_url,
            self.server.workspace.bot_token, f"start-{self.starts}", **more,
        )  # fmt: skip

    def arrived(self) -> Arrived:
        """What became of the rows."""
        return Arrived.at(self.server, self.channels, self.nonces)


@asynccontextmanager
async def street(folder: Path, channels: int = 1, each: int = 1) -> AsyncIterator[Street]:
    """So many channels with so many rows for each."""
    server, told = with_channels(channels)
    now = real_now()
    async with running(server):
        nonces = await enqueue(folder, told, now, each)
        yield Street(folder, server, told, nonces, SetClock(now))


@pytest.mark.parametrize("burst", [20, pytest.param(60, marks=pytest.mark.faults)])
async def test_a_burst_to_one_channel_arrives_whole_and_in_order(
    tmp_path: Path, burst: int
) -> None:
    async with street(tmp_path, each=burst) as town:
        town.server.limits.per_channel_seconds = 0.02
        said = town.channels[0].messages
        start = town.start(clock=SystemClock(), per_channel=0.02)
        async with start as delivery, working(delivery):
            await town.server.until(lambda: len(said) >= burst / 2, "half of it", 20)
            town.server.next(POST, status=429, retry_after=1)
            await town.server.until(lambda: len(said) == burst, "all of it", 20)
        assert [nonce_of(one) for one in said] == town.nonces
        assert town.arrived() == Arrived(lost=0, double=0, limited=1)
        assert not town.server.calls("conversations.history")  # that was no try


async def test_a_reply_that_was_lost_is_found_by_the_next_start(tmp_path: Path) -> None:
    async with street(tmp_path, each=2) as town:
        town.server.lose_reply(POST)
        async with town.start() as delivery:
            assert await delivery.drain() == 0
        later(town.clock, LEASE)
        async with town.start() as delivery:
            assert await delivery.drain() == 2
        assert town.arrived() == Arrived(lost=0, double=0, limited=0)


async def test_a_start_that_died_with_a_row_in_hand_has_told_it_once(tmp_path: Path) -> None:
    async with street(tmp_path) as town:
        async with town.start() as delivery:
            (claimed,) = await delivery.claim()
            await delivery.deliver(claimed)  # it arrives, and nobody writes that down
        async with town.start() as delivery:
            assert await delivery.drain() == 0  # its lease has not run out
            later(town.clock, LEASE)
            assert await delivery.drain() == 1
        assert town.arrived() == Arrived(lost=0, double=0, limited=0)


@pytest.mark.parametrize("channels", [100, pytest.param(500, marks=pytest.mark.faults)])
async def test_many_channels_are_told_at_once(tmp_path: Path, channels: int) -> None:
    async with street(tmp_path, channels=channels) as town:
        town.server.limits.per_channel_seconds = 1.0
        async with town.start(per_channel=1.0) as delivery:
            assert await delivery.drain() == channels
        assert town.arrived() == Arrived(lost=0, double=0, limited=0)


async def test_a_channel_that_asks_to_wait_delays_only_itself(tmp_path: Path) -> None:
    async with street(tmp_path, channels=5, each=3) as town:
        town.server.next(POST, status=429, retry_after=30)
        async with town.start() as delivery:
            assert await delivery.drain() == 12
            assert sorted(len(one.messages) for one in town.channels) == [0, 3, 3, 3, 3]
            assert await delivery.drain() == 0
        assert town.arrived().limited == 1


async def test_a_pace_slower_than_a_deadline_uses_up_nobodys_deadline(tmp_path: Path) -> None:
    async with street(tmp_path, channels=6) as town:
        async with town.start(per_minute=1) as delivery:
            assert await delivery.drain() == 1
            async with delivery.services.database.read() as connection:
                ends = (await connection.execute(select(attempt.c.outcome))).scalars()
                assert sorted(ends) == [attempts.PUT_OFF] * 5 + [attempts.SENT]
        assert town.arrived() == Arrived(lost=5, double=0, limited=0)


async def test_a_channel_without_the_bot_is_given_up_after_three_refusals_over_ten_minutes(
    tmp_path: Path,
) -> None:
    async with street(tmp_path, each=4) as town:
        town.server.workspace.remove(town.channels[0])
        async with town.start() as delivery:
            for _refusal in range(3):
                (claimed,) = await delivery.claim()
                await delivery.record([await delivery.deliver(claimed)])
                later(town.clock, 360)
            assert await delivery.drain() == 0
            async with delivery.services.database.read() as connection:
                (given_up,) = await receivers.receivers(connection)
                assert (await outbox.counts(connection))["pending"] == 1
        assert given_up.disabled_reason == (
            "the bot is not in the channel; type /invite @Aftershock there"
        )
        assert len(town.server.calls(POST)) == 3


async def test_a_refused_token_stops_slack_with_a_sentence_and_blames_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with street(tmp_path, channels=3) as town:
        async with town.start() as delivery:
            town.server.workspace.refusal = "token_revoked"
            assert await delivery.drain() == 0
            stopped = delivery.services.live.stopped["slack"]
            assert "AFTERSHOCK_SLACK_BOT_TOKEN" in stopped.why
            async with delivery.services.database.read() as connection:
                ids = [one.id for one in await receivers.receivers(connection)]
                assert set((await reach.refusals(connection, ids)).values()) == {(0, None)}
            town.server.workspace.refusal = None
            delivery.resume("slack")
            assert await delivery.drain() == 3
        assert caplog.text.count("slack is told nothing more") == 1
        assert town.server.workspace.bot_token not in caplog.text
        assert town.arrived() == Arrived(lost=0, double=0, limited=0)


async def test_a_slack_that_is_away_for_a_while_loses_nothing(tmp_path: Path) -> None:
    async with street(tmp_path, channels=4, each=2) as town:
        async with town.start() as delivery:
            town.server.down()
            assert await delivery.drain() == 0
            town.server.up()
            for _moment in range(3):
                later(town.clock, 10)
                await delivery.drain()
        assert town.arrived() == Arrived(lost=0, double=0, limited=0)
