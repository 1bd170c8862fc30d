"""Every source hangs or trickles for hours: nothing waits for it, nothing asks it too often."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.answers.status import FAILING
from bot.costs.listed import MODELS_DEV, OPENROUTER
from bot.model.trust import Health
from bot.model.wording import moment
from bot.releases import fetch
from bot.services import Services, SetClock
from storage import feeds, trust
from tests.asking import ask
from tests.faults.test_outage import FEEDS, STEP, World, _world
from tests.servers.feeds import drip, drip_head, silent

LISTS = ("/api.json", "/models")
WAYS = (silent, drip, drip_head)
# Each path is asked once for what changed and once for what it is; Yahoo for two symbols.
MOST_BACK = FEEDS + len(LISTS) + 8


@dataclass
class Watched:
    """A world whose requests are looked at minute by minute."""

    world: World
    times: dict[str, list[datetime]] = field(default_factory=dict)
    early: list[str] = field(default_factory=list)

    async def minutes(self, number: int) -> None:
        """So many minutes go by. `early` are the requests that came before they were due."""
        world, clock = self.world, self.world.services.clock
        assert isinstance(clock, SetClock)
        for _minute in range(number):
            due, health = await self._due(), await _health(world.services)
            asked, of_yahoo = len(world.server.asked), len(world.yahoo.asked)
            await world.pass_by(STEP)
            for path in {one.path for one in world.server.asked[asked:]}:
                self.times.setdefault(path, []).append(world.now)
                if path in due and due[path] > world.now:
                    self.early.append(f"{path} at {world.now:%H:%M}, due {due[path]:%H:%M}")
            for path in world.yahoo.asked[of_yahoo:]:
                name = "Yahoo quotes" if "quote" in path else "Yahoo"
                self.times.setdefault(path, []).append(world.now)
                if not health.get(name, Health(name)).may_ask(world.now):
                    self.early.append(f"{path} at {world.now:%H:%M}")

    async def until_well(self) -> None:
        """Time goes by until every source has answered, and nothing is said to fail."""
        for _time in range(300):  # Yahoo's quotes are asked for once the exchange opens again
            if not any("fail" in one for one in (await _said(self.world.services)).values()):
                return
            await self.minutes(5)
        raise AssertionError(await _said(self.world.services))

    async def _due(self) -> dict[str, datetime]:
        async with self.world.services.database.read() as connection:
            states = await feeds.feeds(connection, owner="")
        base = self.world.server.url("")
        return {one.feed.url.removeprefix(base): one.next_at for one in states}


async def _health(services: Services) -> dict[str, Health]:
    async with services.database.read() as connection:
        return await trust.sources(connection)


def _hang(world: World) -> None:
    """Let everything accept connections and answer none, or only a byte now and then."""
    world.yahoo.faults[:] = ["hang", "trickle"] * 5_000
    for number in range(FEEDS):
        world.server.do(f"/{number}.xml", WAYS[number % len(WAYS)])
    for path, way in zip(LISTS, WAYS, strict=False):
        world.server.do(path, way)


def _pauses(times: list[datetime], since: datetime) -> list[float]:
    """Minutes between the requests of an outage, once several of one look are one."""
    found = sorted({one for one in times if one > since})
    return [(b - a) / STEP for a, b in pairwise(found)]


async def _said(services: Services) -> dict[str, str]:
    return {one.name: one.value for one in (await ask("/status", services)).fields}


def _asked_within(world: World, name: str) -> timedelta:
    """How long it takes at most until a source is asked that was well."""
    if name in (MODELS_DEV, OPENROUTER):
        return timedelta(hours=world.services.settings.prices.hours, minutes=1)
    # Yahoo's closes are asked for after the bell, 21:00 UTC.
    return timedelta(hours=7) if name == "Yahoo" else timedelta(minutes=31)


async def _hanging_for(services: Services, folder: Path, minutes: int) -> dict[str, Any]:
    async with _world(services, folder) as world:
        world.services.history._timeout = 0.1  # type: ignore[attr-defined]
        watched = Watched(world)
        clock = world.services.clock
        assert isinstance(clock, SetClock)
        clock.moment += timedelta(minutes=28)
        await watched.minutes(4)  # the opening
        await watched.until_well()
        before, well = await world.told(), await _health(world.services)
        _hang(world)
        since, asked = world.now, world.requests
        await watched.minutes(minutes)
        outage = world.requests - asked
        assert await world.told() == before
        assert watched.early == []
        # What fails, since when, and how old the last good values are.
        said, health = await _said(world.services), await _health(world.services)
        failing = {name: one for name, one in health.items() if one.failures}
        assert "Yahoo quotes" in failing
        for name, one in failing.items():
            assert one.failing_since is not None
            assert since < one.failing_since <= since + _asked_within(world, name)
            assert said[name].startswith(f"failing since {moment(one.failing_since)}: ")
            assert one.ok_at == (well[name].ok_at if name in well else None)
            known = f"last good answer {moment(one.ok_at)}" if one.ok_at else one.detail
            assert said[name].endswith(known)
        assert "to 24 Jan 2025 (" in said["Prices"]
        async with world.services.database.read() as connection:
            states = await feeds.feeds(connection, owner="")
        lost = [(one, one.failing_since) for one in states if one.failing_since]
        assert len(lost) == FEEDS or minutes < 60
        assert all(since < begun <= since + timedelta(hours=1) for _one, begun in lost)
        for state, begun in [pair for pair in lost if pair[0].failures >= FAILING][:8]:
            assert f"{state.feed.title} (since {moment(begun)}: {state.detail})" in said["Feeds"]
        # Each waits longer and longer.
        for path, times in watched.times.items():
            for number, pause in enumerate(_pauses(times, since)):
                least = min(0.75 * 2**number, 22)
                assert pause + 1 >= least, (path, number, pause)
        world.fail(down=False)
        asked = world.requests
        await watched.minutes(1)
        first = world.requests - asked
        assert watched.early == []
        await watched.until_well()
        await watched.minutes(15)  # each feed is read again
        told = (await world.told())[len(before) :]
        assert sum("GPT-5.9" in one for one in told) == 1, told
        return {
            "minutes": minutes, "requests_while_hanging": outage, "in_the_first_minute_back": first,
            "too_early": 0, "told_wrong": 0,
        }  # fmt: skip


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """So short a wait for an answer that hours of them go by in minutes."""
    limits = partial(fetch.Limits, connect=0.3, whole=0.3)
    monkeypatch.setattr("bot.releases.fetch.Limits", limits)
    monkeypatch.setattr("bot.pricing.LIMITS", limits(size=30_000_000))
    caplog.set_level(logging.ERROR, "bot")


@pytest.mark.faults
@pytest.mark.timeout(3000)
async def test_half_a_day_of_sources_that_hang(
    services: Services, tmp_path: Path, brisk: None, figures: Any
) -> None:
    found = await _hanging_for(services, tmp_path, 12 * 60)
    figures("every source hangs for half a day", **found)
    assert found["requests_while_hanging"] < 12 * 60 * 2
    assert found["in_the_first_minute_back"] <= MOST_BACK


async def test_some_time_of_sources_that_hang(
    services: Services, tmp_path: Path, brisk: None
) -> None:
    found = await _hanging_for(services, tmp_path, 8)
    assert found["in_the_first_minute_back"] <= MOST_BACK
