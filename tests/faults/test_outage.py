"""Every source is down for a day, then all are back: nothing wrong is told, nobody is rushed."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.alerts.stories import Timing
from bot.hearing import Hearing, hearing
from bot.model.feed import Feed, FeedKind, Voice
from bot.model.rule import Rule
from bot.pricing import Pricing, pricing
from bot.services import Services, SetClock
from bot.watching import Watching
from storage import receivers, trust
from storage.schema import outbox
from tests.asking import ask
from tests.cycle.newsroom import Newsroom
from tests.servers.feeds import Asked, FeedServer, Served, _serve, reset, serving
from tests.servers.yahoo import YahooServer
from tests.test_hearing import PAST, rss
from tests.watched_yahoo import DAYS, on_yahoo

TIMING = Timing(timedelta(0), timedelta(minutes=15))
BEGUN = datetime(2025, 1, 27, 14, 0, tzinfo=UTC)  # before the opening
STEP = timedelta(minutes=1)
FEEDS = 12
DOWN: tuple[int | str, ...] = (503, 429, "html", "broken")


@dataclass
class World:
    """A Yahoo, feeds and price lists, and what of the program asks them, minute by minute."""

    services: Services
    yahoo: YahooServer
    server: FeedServer
    watching: Watching
    hearer: Hearing
    lists: Pricing
    planned: dict[str, datetime] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The clock."""
        return self.services.clock.now()

    @property
    def requests(self) -> int:
        """How often anything was asked for."""
        return len(self.yahoo.asked) + len(self.server.asked)

    async def pass_by(self, span: timedelta) -> None:
        """So much time goes by: what is due runs, each at its own pace."""
        assert isinstance(self.services.clock, SetClock)
        end = self.now + span
        while self.now < end:
            self.services.clock.moment += STEP
            await self.hearer.look()
            if self.planned.get("poll", self.now) <= self.now:
                await self.watching.poll()
                self.planned["poll"] = self.watching.next_poll(self.now, self.now)
            if self.planned.get("prices", self.now) <= self.now:
                await self.lists.look()
                self.planned["prices"] = self.now + timedelta(minutes=10)
            await self.watching.tell()

    def fail(self, down: bool) -> None:
        """Let everything fail, each in another way, or answer again."""
        self.yahoo.faults[:] = list(DOWN) * 5_000 if down else []
        for number in range(FEEDS):
            path = f"/{number}.xml"
            if not down:
                self.server.put(path, rss("Introducing GPT-5.9", *PAST))
            elif number % 3 == 0:
                self.server.do(path, reset)
            elif number % 3 == 1:
                self.server.do(path, _busy)
            else:
                self.server.put(path, b"<html>We are down", status=200)
        for path in ("/api.json", "/models"):
            if down:
                self.server.put(path, b"down", status=503)
            else:
                self._lists()

    def _lists(self) -> None:
        cost, pricing = {"input": 2.5, "output": 10}, {"prompt": "2.5e-6", "completion": "1e-5"}
        models = {"gpt-4o": {"cost": cost}}
        lists = {
            "/api.json": {"openai": {"models": models}},
            "/models": {"data": [{"id": "openai/gpt-4o", "pricing": pricing}]},
        }
        for path, said in lists.items():
            self.server.put(path, json.dumps(said).encode())

    async def told(self) -> list[str]:
        """Every row that was enqueued, but for releases that ship with the program."""
        async with self.services.database.read() as connection:
            rows = await connection.execute(select(outbox.c.fallback).order_by(outbox.c.id))
            texts = [str(row[0]) for row in rows]
        known = [release.model for release in self.services.releases.releases]
        return [text for text in texts if not any(f" {model} (" in text for model in known)]


async def _busy(asked: Asked, writer: Any) -> None:
    await _serve(Served(b"", 429, headers={"Retry-After": "600"}), asked, writer)


@asynccontextmanager
async def _world(services: Services, folder: Path) -> AsyncIterator[World]:
    async with serving() as server, on_yahoo(services, folder, BEGUN) as (given, yahoo):
        urls = {"models_dev_url": server.url("/api.json"), "openrouter_url": server.url("/models")}
        chosen = given.settings.prices.model_copy(update=urls)
        found = replace(given, settings=given.settings.model_copy(update={"prices": chosen}))
        room = Newsroom(found)
        await room.subscribe()
        now = found.clock.now()

        async def follow(connection: Any) -> None:
            from bot.cycle.watch import subscribe

            console = await receivers.receiver_of(connection, "console", "local", "console", now)
            rule = Rule("NVDA", "1y", (50_000, 100_000), 20_000)
            await subscribe(connection, console.id, rule, now, 5)

        await found.database.write(follow)
        shipped = {
            f"f{n}": Feed(
                f"f{n}", FeedKind.FEED, Voice.LAB, server.url(f"/{n}.xml"), f"Feed {n}", "openai"
            )
            for n in range(FEEDS)
        }
        for number in range(FEEDS):
            server.put(f"/{number}.xml", rss(*PAST))
        async with (
            hearing(found, lambda: None, shipped) as hearer,
            pricing(found) as lists,
        ):
            watching = Watching(found, TIMING, lambda: None)
            await watching.begin()
            world = World(found, yahoo, server, watching, hearer, lists)
            world._lists()
            yield world


async def _day_down(
    services: Services, folder: Path, hours: float, back: timedelta, quiet: timedelta
) -> dict[str, Any]:
    async with _world(services, folder) as world:
        await world.pass_by(timedelta(minutes=5))
        before = await world.told()
        world.fail(down=True)
        asked = world.requests
        await world.pass_by(timedelta(hours=hours))
        outage = world.requests - asked
        assert await world.told() == before  # nothing is told of what nobody knows
        said = str(await ask("/status", world.services))
        assert "503" in said or "limits" in said or "no answer" in said or "fail" in said
        async with world.services.database.read() as connection:
            health = await trust.sources(connection)
        for one in health.values():
            if one.failures:
                assert one.retry_at is None or one.retry_at - world.now <= timedelta(minutes=38)
        world.fail(down=False)
        # The session that nobody saw: NVDA closed 17% lower.
        listed = world.yahoo.listed["NVDA"]
        listed.closes[BEGUN.date()] = listed.closes[DAYS[-1]] * 0.83  # type: ignore[operator]
        listed.price, listed.at = listed.closes[BEGUN.date()], BEGUN + timedelta(hours=7)
        asked = world.requests
        await world.pass_by(STEP)
        first = world.requests - asked
        await world.pass_by(back)
        told = (await world.told())[len(before) :]
        assert sum("GPT-5.9" in one for one in told) == 1, told
        falls = [one for one in told if "NVDA" in one]
        if world.now > BEGUN + timedelta(hours=8):
            assert len(falls) == 1, told
            assert "2025-01-27" in falls[0]
        after = await world.told()
        await world.pass_by(quiet)
        assert await world.told() == after
        return {
            "hours": hours, "requests_while_down": outage, "in_the_first_minute_back": first,
            "told_wrong": 0, "told_twice": 0,
        }  # fmt: skip


@pytest.mark.faults
async def test_a_day_without_any_source(services: Services, tmp_path: Path, figures: Any) -> None:
    found = await _day_down(services, tmp_path, 24, timedelta(hours=7), timedelta(hours=1))
    figures("every source down for a day", **found)
    assert found["requests_while_down"] < 24 * 60 * 2
    assert found["in_the_first_minute_back"] < 40


async def test_half_an_hour_without_any_source(services: Services, tmp_path: Path) -> None:
    await _day_down(services, tmp_path, 0.5, timedelta(minutes=40), timedelta(minutes=10))
