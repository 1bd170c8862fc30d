"""Pacing: never fifty-one arrivals in a second, and hardly slower than that."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from random import Random
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from discord.http import Route
from yarl import URL

from bot.errors import SurfaceStopped
from bot.surfaces import discord_buckets, discord_pacing
from bot.surfaces.discord_pacing import LIMIT, Pacing, Refusals, Slots, is_paced

SECONDS = 60.0


@dataclass
class Simulated:
    """A client that always has something to send, a network, and a Discord that counts arrivals.

    `one_way` draws the seconds of a way there or back. The client sees and does nothing while its
    event loop stalls: for `stall` seconds at every second second.
    """

    random: Random
    least: float
    jitter: float
    stall: float = 0.0
    arrivals: list[float] = field(default_factory=list)

    def one_way(self) -> float:
        return self.least + self.random.random() * self.jitter

    def seen(self, at: float) -> float:
        """When the client notices what happens at `at`."""
        begun = at // 2.0 * 2.0
        return max(at, begun + self.stall)

    def run(self, slots: Slots) -> None:
        """Send for a minute as fast as the slots allow."""
        answers: list[tuple[float, float]] = []
        now = self.seen(0.0)
        while now < SECONDS:
            while answers and answers[0][0] <= now:
                slots.answered(heappop(answers)[1], now)
            while slots.take(now) is not None:
                arrived = now + self.one_way()
                self.arrivals.append(arrived)
                heappush(answers, (arrived + self.one_way(), now))
            following = min(slots.due(), answers[0][0] if answers else float("inf"))
            now = self.seen(max(following, now))

    def most_in_a_second(self) -> int:
        ordered, most, first = sorted(self.arrivals), 0, 0
        for position, at in enumerate(ordered):
            while ordered[first] <= at - 1.0:
                first += 1
            most = max(most, position - first + 1)
        return most


@pytest.mark.parametrize(
    ("least", "jitter", "stall", "rate"),
    [
        (0.0, 0.0, 0.0, 0.99),
        (0.0002, 0.001, 0.0, 0.99),
        (0.020, 0.010, 0.0, 0.95),
        (0.025, 0.025, 0.0, 0.95),
        (0.100, 0.040, 0.0, 0.90),
        (0.020, 0.010, 0.150, 0.88),
        (0.025, 0.025, 0.150, 0.88),
        (0.0002, 0.001, 0.150, 0.88),
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_second_has_more_arrivals_than_the_limit(
    least: float, jitter: float, stall: float, rate: float, seed: int
) -> None:
    simulated = Simulated(Random(seed), least, jitter, stall)
    simulated.run(Slots())
    assert simulated.most_in_a_second() <= LIMIT
    assert len(simulated.arrivals) >= rate * LIMIT * SECONDS


def test_a_slot_is_busy_until_its_answer_comes() -> None:
    slots = Slots(limit=2)
    assert slots.take(0.0) is not None
    assert slots.take(0.6) is not None
    assert slots.take(100.0) is None
    slots.answered(0.6, 1.0)
    assert slots.take(1.6) is None
    assert slots.take(1.7) is not None  # 1.0 + 1 − most of a round trip


def test_a_start_does_not_add_to_what_ran_here_a_moment_ago() -> None:
    slots = Slots()
    taken = [ms for ms in range(1_000) if slots.take(ms / 1000) is not None]
    assert len(taken) == LIMIT
    assert max(taken[n] - n * 20 for n in range(LIMIT)) <= 2
    assert min(taken[n] - n * 20 for n in range(LIMIT)) >= 0


def test_a_request_that_failed_may_still_arrive() -> None:
    slots = Slots(limit=1)
    assert slots.take(0.0) is not None
    slots.failed(0.5)
    assert slots.take(2.4) is None
    assert slots.take(2.6) is not None


def test_too_many_refusals_are_noticed_in_time_and_old_ones_forgotten() -> None:
    refusals = Refusals(most=3, per=600)
    assert [refusals.add(at) for at in (0, 1, 601, 602, 603, 604)] == [
        False, False, False, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "paced"),
    [
        ("/api/v10/channels/1/messages", True),
        ("/api/v10/users/@me", True),
        ("/api/v10/interactions/1/token/callback", False),
        ("/api/v10/webhooks/1/token/messages/@original", False),
        ("/", False),
        ("/?v=10&encoding=json", False),
        ("/attachments/1/2/chart.png", False),
    ],
)
def test_what_the_global_limit_counts(path: str, paced: bool) -> None:
    assert is_paced(URL(f"https://discord.com{path}"), URL("https://discord.com/api/v10")) == paced


@pytest.mark.parametrize("api", ["http://proxy", "http://proxy/discord/api/v10", "http://proxy/x/"])
def test_the_limit_is_kept_through_a_proxy_of_any_path(api: str) -> None:
    root = api.rstrip("/")
    assert is_paced(URL(f"{root}/channels/1/messages"), URL(api))
    assert not is_paced(URL(f"{root}/webhooks/1/token/messages/@original"), URL(api))
    assert not is_paced(URL(f"{root}/interactions/1/token/callback"), URL(api))
    assert not is_paced(URL("ws://proxy/?v=10&encoding=json"), URL(api))
    assert not is_paced(URL("http://elsewhere/channels/1/messages"), URL(api))


@dataclass
class Discord:
    """A server that answers as it is told to, and says when requests came."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    breaks: int = 0
    came: list[str] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        """Any request; one for /slow waits until released, and some break their connection."""
        self.came.append(request.path.rsplit("/", 1)[1])
        self.at.append(asyncio.get_running_loop().time())
        if self.breaks:
            self.breaks -= 1
            assert request.transport is not None
            request.transport.abort()
        if request.path.endswith("/slow"):
            await self.released.wait()
        headers = {"Content-Type": "application/json"} | self.headers
        return web.Response(body=b"{}", status=self.status, headers=headers)


@asynccontextmanager
async def _served(
    pacing: Pacing,
) -> AsyncIterator[tuple[Discord, Callable[[str], Coroutine[Any, Any, int]]]]:
    discord = Discord()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", discord.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    before, Route.BASE = Route.BASE, api
    try:
        async with aiohttp.ClientSession(f"{api}/", trace_configs=[pacing.trace]) as session:

            async def ask(path: str) -> int:
                read = path.startswith("users/")
                async with session.request("GET" if read else "POST", path) as response:
                    return response.status

            yield discord, ask
    finally:
        Route.BASE = before
        discord.released.set()
        await runner.cleanup()


async def test_requests_wait_their_turn_and_answers_to_commands_do_not() -> None:
    async with asyncio.timeout(10), _served(Pacing(limit=1, per=0.1)) as (discord, ask):
        slow = asyncio.create_task(ask("channels/slow"))
        while not discord.came:
            await asyncio.sleep(0)
        waiting = [asyncio.create_task(ask(f"channels/{number}")) for number in range(2)]
        assert await ask("webhooks/1/answer") == 200
        assert discord.came == ["slow", "answer"]
        discord.released.set()
        await asyncio.gather(slow, *waiting)
        assert discord.came == ["slow", "answer", "0", "1"]


async def test_a_read_that_is_sent_again_by_itself_waits_its_turn_too() -> None:
    """aiohttp writes it again at once where a connection that it kept breaks."""
    pacing = Pacing(limit=1, per=0.1)
    async with asyncio.timeout(10), _served(pacing) as (discord, ask):
        assert await ask("users/me") == 200
        round_trip = pacing._slots.round_trip
        discord.breaks = 1
        assert await ask("users/me") == 200
        _first, broken, again = discord.at
        # It may have arrived a while after it failed here; both ways are counted on.
        assert again - broken >= 0.2 - round_trip
        discord.breaks = 2
        with pytest.raises(aiohttp.ClientError):
            await ask("users/me")
        assert await ask("users/me") == 200  # and no slot is lost or made
        assert all(after - before >= 0.1 - round_trip for before, after in pairwise(discord.at))
        assert discord.came == ["me"] * 6


@pytest.mark.parametrize("given", [False, True])
async def test_whoever_is_cancelled_leaves_his_slot_to_the_next(given: bool) -> None:
    pacing = Pacing(limit=1, per=0.1)
    async with asyncio.timeout(10), _served(pacing) as (discord, ask):
        slow = asyncio.create_task(ask("channels/slow"))
        while not discord.came:
            await asyncio.sleep(0)
        first, second = (asyncio.create_task(ask(f"channels/{n}")) for n in range(2))
        await asyncio.sleep(0)
        if given:  # a slot in the very moment in which he gives up
            discord.released.set()
            await slow
            while pacing._slots.due() > asyncio.get_running_loop().time():
                pass
            pacing._wake()
        first.cancel()
        discord.released.set()
        await asyncio.gather(slow, second)
        assert discord.came == ["slow", "1"]


@pytest.mark.parametrize(
    ("status", "headers", "why", "lasts"),
    [
        (401, {}, discord_pacing.TOKEN_REFUSED, False),
        (429, {"Retry-After": "120"}, discord_pacing.BLOCKED, True),
    ],
)
async def test_a_refused_token_and_a_block_stop_everything(
    status: int, headers: dict[str, str], why: str, lasts: bool
) -> None:
    pacing = Pacing(limit=1, per=0.1)
    async with asyncio.timeout(10), _served(pacing) as (discord, ask):
        discord.status, discord.headers = status, headers
        asked = [asyncio.create_task(ask("channels/1")) for _n in range(3)]
        done = await asyncio.gather(*asked, return_exceptions=True)
        assert done[0] == status
        for error in done[1:]:
            assert isinstance(error, SurfaceStopped)
            assert str(error) == why
            assert (error.seconds is not None) == lasts
        with pytest.raises(SurfaceStopped):
            pacing.check()
        assert len(discord.came) == 1
        pacing.resume()
        discord.status = 200
        assert await ask("channels/1") == 200


async def test_a_limit_that_discord_states_itself_stops_nothing() -> None:
    limited: list[str] = []
    pacing = Pacing(limited=lambda: limited.append("asked to wait"))
    async with asyncio.timeout(10), _served(pacing) as (discord, ask):
        discord.status, discord.headers = (
            429,
            {"Via": "1.1 google", "Content-Type": "application/json"},
        )
        assert await ask("channels/1") == 429
        assert await ask("webhooks/1/answer") == 429
        pacing.check()
        assert len(limited) == 2


class _Http:
    """As much of discord.py's client as keeps buckets."""

    def __init__(self) -> None:
        self.scans = 0

    def _try_clear_expired_ratelimits(self) -> None:
        self.scans += 1


async def test_buckets_are_scanned_once_a_minute_not_for_each_channel() -> None:
    http = _Http()
    discord_buckets.scan_seldom(http)  # type: ignore[arg-type]
    for _channel in range(1_000):
        http._try_clear_expired_ratelimits()
    assert http.scans == 1
