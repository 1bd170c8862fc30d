"""A past that changes its share basis is changed as a whole, however far back it is stored."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from bot.cycle.begin import begin
from bot.cycle.rebase import carried
from bot.cycle.tick import tick
from bot.market.calendar import NEW_YORK, sessions
from bot.model.bar import Bar, Basis, Split
from bot.model.rule import Rule
from tests.asking import ask
from tests.cycle.session import DAYS, TIMING, Session
from tests.servers.yahoo import Listed

SPLIT_DAY = date(2025, 2, 6)
AFTER = datetime(2025, 2, 6, 15, tzinfo=UTC)


def bar(day: int, close: int, basis: Basis = Basis.SPLIT) -> Bar:
    at = datetime(2025, 1, day, 21, tzinfo=UTC)
    return Bar("NVDA", at.date(), close, at, at, "Yahoo, daily close", basis)


R, S, T = Basis.RAW, Basis.SPLIT, Basis.TOTAL
TEN = [Split("NVDA", date(2025, 1, 20), 10, 1, "Yahoo")]


@pytest.mark.parametrize(
    ("stored", "anew", "splits", "moved", "lost"),
    [
        ([(1, 300, S), (2, 310, S), (3, 320, S)], {2: 31, 3: 32}, TEN, {1: 30}, []),
        ([(1, 300, S), (2, 310, S), (3, 320, S)], {1: 30, 3: 32}, TEN, {2: 31}, []),
        ([(1, 300, S), (2, 310, S), (3, 320, S)], {2: 310, 3: 320}, TEN, {}, []),
        ([(1, 300, R), (2, 310, R), (3, 320, S)], {2: 31, 3: 32}, TEN, {}, []),
        ([(1, 300, R), (2, 310, R), (3, 320, S)], {3: 32}, TEN, {}, []),
        ([(1, 30_000, R), (2, 31_000, R)], {2: 310}, [], {1: 300}, []),
        ([(1, 290, T), (2, 300, T), (3, 320, S)], {2: 31, 3: 32}, TEN, {1: 29.966667}, []),
        ([(1, 290, T), (2, 310, S), (3, 320, S)], {2: 31, 3: 32}, TEN, {}, [1]),
        ([(1, 300, S), (2, 310, S)], {3: 32}, TEN, {}, [1, 2]),
    ],
    ids=[
        "beyond its reach",
        "a gap in it",
        "nothing changed at the seam",
        "raw closes follow the split by themselves",
        "raw closes without a seam",
        "raw closes in another unit",
        "adjusted for dividends, with a seam",
        "adjusted for dividends, without one",
        "no day in common",
    ],
)
def test_what_a_new_past_does_not_reach_is_carried_along(
    stored: list[tuple[int, int, Basis]],
    anew: dict[int, int],
    splits: list[Split],
    moved: dict[int, float],
    lost: list[int],
) -> None:
    found, gone = carried(
        [bar(day, close * 10**6, basis) for day, close, basis in stored],
        [bar(day, close * 10**6) for day, close in anew.items()],
        splits,
    )
    assert {one.day.day: one.close for one in found} == {
        day: round(Fraction(str(close)) * 10**6) for day, close in moved.items()
    }
    assert [day.day for day in gone] == lost


async def test_a_split_leaves_no_close_of_long_ago_on_the_old_share_basis(
    session: Session,
) -> None:
    days = sessions(NEW_YORK, date(2018, 6, 1), DAYS[-1])
    # Six years are fetched at the start, and six years of days that are ten days later anew.
    closes: dict[date, float | None] = {
        day: 300 + number % 7 if day.year < 2022 else 1100 + number % 7
        for number, day in enumerate(days)
    }
    listed = Listed(closes, closes[DAYS[-1]])
    session.server.listed["NFLX"] = listed
    assert await begin(session.services, "NFLX", session.services.clock.now())
    await session.follow(Rule("NFLX", "max", (100_000, 500_000), 20_000))
    before = await session.closes("NFLX")
    for symbol, one in session.server.listed.items():
        for day in sessions(NEW_YORK, date(2025, 1, 27), date(2025, 2, 5)):
            one.closes[day] = (one.closes[DAYS[-1]] or 0) * (1 + day.day / 1e5)
        if symbol == "NFLX":
            one.closes = {day: (price or 0) / 10 for day, price in one.closes.items()}
            one.splits = {SPLIT_DAY: (10, 1)}
    session.quote("NFLX", 110.0)
    session.at(AFTER)
    await tick(session.services, TIMING)
    await session.poll()
    stored = await session.closes("NFLX")
    assert min(stored) == min(before) < date(2019, 2, 1)
    assert stored == {
        day: pytest.approx((listed.closes[day] or 0) * 10**6, abs=1) for day in stored
    }
    assert await session.told() == []
    card = await ask("/drawdown NFLX max", session.services)
    assert card.title == "NFLX Corp (NFLX) is 0.1% below its peak"
