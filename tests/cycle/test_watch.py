"""What closed before a channel subscribed is never news to it; what closes from then on is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import open_services
from bot.config import Settings
from bot.cycle import seed
from bot.cycle.board import Board
from bot.cycle.tick import tick
from bot.cycle.watch import caught_up, subscribe
from bot.market.calendar import NEW_YORK, sessions
from bot.market.shipped import load_baskets
from bot.model.bar import Bar, Basis
from bot.model.basket import Basket
from bot.model.rule import Condition, Rule
from bot.services import Services, SetClock
from storage import market, receivers
from storage.schema import outbox, rule
from tests.cycle.session import TIMING
from tests.living import with_history
from tests.servers.yahoo import Listed, YahooServer, running

# The shipped closes end in March 2025; everything falls by a quarter a year later.
START = datetime(2026, 10, 1, 12, tzinfo=UTC)
FELL = date(2026, 3, 2)
DAYS = sessions(NEW_YORK, date(2024, 6, 3), date(2026, 9, 30))
TODAY, BELL = date(2026, 10, 1), datetime(2026, 10, 1, 20, tzinfo=UTC)
NVDA = Rule("NVDA", "1y", (100_000, 200_000, 300_000), 20_000)


@dataclass
class Start:
    """A program at its first start, long after the shipped history ends."""

    services: Services
    server: YahooServer

    def now(self, moment: datetime) -> None:
        """Set the clock."""
        assert isinstance(self.services.clock, SetClock)
        self.services.clock.moment = moment

    async def at(self, moment: datetime) -> None:
        """A poll at that moment."""
        self.now(moment)
        for listed in self.server.listed.values():
            listed.at = moment
        await tick(self.services, TIMING)

    def limited(self, yes: bool) -> None:
        """Whether Yahoo limits our requests of the history."""
        self.server.chart_faults = dict.fromkeys(self.server.listed, 429) if yes else {}

    def close(self, day: date, move: float) -> None:
        """What everything closes at on `day`: so much of what it was the day before."""
        for listed in self.server.listed.values():
            listed.closes[day] = (listed.closes[max(listed.closes)] or 0) * move

    async def follow(self, wanted: Rule, channel: str) -> None:
        """Another channel subscribes."""
        now = self.services.clock.now()

        async def work(connection: Any) -> None:
            one = await receivers.receiver_of(connection, "console", channel, channel, now)
            await subscribe(connection, one.id, wanted, now, 5)

        await self.services.database.write(work)

    async def told(self) -> list[str]:
        """Which channel was told what."""
        async with self.services.database.read() as connection:
            known = {one.id: one.address for one in await receivers.receivers(connection)}
            rows = await connection.execute(
                select(outbox.c.receiver_id, outbox.c.fallback).order_by(outbox.c.id)
            )
            return [f"{known[row[0]]}: {row[1]}" for row in rows]


@pytest.fixture
async def start(
    settings: Settings, tmp_path: Path, history_file: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Start]:
    with_history(tmp_path, history_file)
    ai = replace(
        load_baskets()["ai"], members=("NVDA", "AMD", "TSM")
    )  # each symbol takes a while to be fetched
    monkeypatch.setattr(seed, "load_baskets", lambda: {ai.target: ai})
    names = [*ai.members, "^GSPC"]
    async with running(YahooServer()) as server:
        changed = {
            "market": settings.market.model_copy(update={"source": "yahoo"}),
            "yahoo": settings.yahoo.model_copy(update={"base_url": server.base_url}),
        }
        own = settings.model_copy(update=changed)
        async with open_services(own, SetClock(START)) as services:
            async with services.database.read() as connection:
                last = await market.last_bars(connection, await market.last_days(connection))
            for name in names:
                server.listed[name] = _listed(last[name])
            yield Start(services, server)


def _listed(last: Bar) -> Listed:
    """Closes as they were last, give or take, until everything falls by a quarter."""
    closes: dict[date, float | None] = {
        day: last.close / 10**6 * (0.75 if day >= FELL else 1) * (1 + day.toordinal() % 2 / 1000)
        for day in DAYS
    }
    return Listed({**closes, last.day: last.close / 10**6})


@pytest.mark.parametrize("answers", [START, BELL], ids=["before the bell", "after it"])
async def test_a_first_start_tells_nothing_of_the_past_and_everything_from_then_on(
    start: Start, answers: datetime
) -> None:
    start.limited(True)
    await start.at(START)
    await start.follow(NVDA, "set up")  # while Yahoo limits our requests
    for moment in (START + timedelta(hours=1), BELL):
        start.limited(moment < answers)
        if moment == BELL:
            start.close(TODAY, 0.85)
        else:
            await start.at(moment)
            assert await start.told() == []
    for hours in (1, 2, 3):
        await start.at(BELL + timedelta(hours=hours))
    assert sorted(text.split(", on")[0] for text in await start.told()) == [
        "local: AI stocks are 36.2% below the peak (crossed −30%, −15.0% on the day, 2026-10-01)",
        "set up: NVDA is 36.2% below the peak (crossed −30%, −15.0% on the day, 2026-10-01)",
    ]


async def test_who_joins_after_an_outage_is_not_told_what_the_others_are(start: Start) -> None:
    start.now(datetime(2025, 1, 27, 22, tzinfo=UTC))
    await start.follow(NVDA, "before")
    start.now(START)
    await start.follow(NVDA, "after")
    await start.at(START)
    await start.at(START + timedelta(hours=1))
    assert [text.partition(":")[0] for text in await start.told()] == ["before"]
    start.close(TODAY, 0.85)
    for hours in (1, 2):
        await start.at(BELL + timedelta(hours=hours))
    told = [text.partition(":")[0] for text in await start.told()]
    assert sorted(told) == ["after", "before", "before", "local"]


@pytest.mark.parametrize("others", [False, True])
async def test_a_price_is_of_the_shares_of_the_day_that_it_was_asked_for(
    start: Start, others: bool
) -> None:
    start.server.listed["NVDA"].splits = {date(2026, 6, 1): (2, 1)}
    if others:
        start.now(datetime(2025, 1, 27, 22, tzinfo=UTC))
        await start.follow(Rule("NVDA", "below", (-90_000_000,), 1_000_000, Condition.BELOW), "old")
    start.now(START)
    await start.follow(Rule("NVDA", "below", (-60_000_000,), 1_000_000, Condition.BELOW), "new")
    await start.at(START)
    async with start.services.database.read() as connection:
        rows = await connection.execute(select(rule.c.levels).where(rule.c.kind == "below"))
        kept = {level for row in rows for level in row[0]}
    assert kept == ({-60_000_000, -45_000_000} if others else {-60_000_000})


def bars(symbol: str, last: date) -> list[Bar]:
    at = datetime.combine(last, time(21), UTC)
    return [Bar(symbol, last, 10**8, at, at, "Yahoo, daily close", Basis.SPLIT)]


@pytest.mark.parametrize(
    ("last", "current"),
    [
        ([date(2026, 9, 30)], True),
        ([date(2026, 9, 29)], True),
        ([date(2026, 9, 28)], False),
        ([date(2025, 3, 31)], False),
        ([], False),
        ([date(2026, 9, 30), date(2025, 3, 31)], True),
        ([date(2026, 9, 30), date(2025, 3, 31), date(2025, 3, 31)], False),
    ],
)
def test_closes_are_current_but_for_the_last_session(last: list[date], current: bool) -> None:
    names = [f"S{number}" for number in range(len(last))] or ["S0"]
    basket = Basket("few", "Few", tuple(names), "")
    every = [bar for name, day in zip(names, last, strict=False) for bar in bars(name, day)]
    assert caught_up(Board.of(every, {"few": basket}), "few", START) is current
