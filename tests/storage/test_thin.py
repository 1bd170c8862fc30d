"""Thinning: what is measured of closes stays what it was, and nothing weekly passes for daily."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.load import load_board
from bot.market.drawdown import measure
from bot.market.splits import adjust
from bot.model.bar import Bar, Basis, Measure, Split
from bot.model.basket import Basket
from storage import market, valuations
from storage.database import Database
from storage.prune import Keep, prune
from storage.schema import valuation
from storage.thin import telling

NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
FIRST = date(2013, 1, 1)
# The Monday of the week that the oldest day of 3,660 is in.
MONDAY = date(2016, 11, 14)
WALKS = st.lists(st.tuples(st.integers(1, 4), st.integers(-30, 30)), min_size=1, max_size=300)


def _closes(walk: list[tuple[int, int]]) -> list[tuple[date, int]]:
    """Sessions some days apart, each so far from the one before; sometimes as high again."""
    day, close, found = FIRST, 1_000, []
    for days, step in walk:
        day, close = day + timedelta(days=days), max(1, close + step // 3 * 3)
        found.append((day, close))
    return found


@given(WALKS, WALKS)
def test_drawdowns_are_those_of_all_closes(
    old: list[tuple[int, int]], later: list[tuple[int, int]]
) -> None:
    every = _closes(old + later)
    cut = every[len(old) - 1][0]
    past = [one for one in every if one[0] <= cut]
    kept = telling(past)
    thinned = [one for one in past if one[0] in kept] + every[len(past) :]
    whole, few = (
        measure([day for day, _close in closes], [float(close) for _day, close in closes], None)
        for closes in (every, thinned)
    )
    assert whole is not None
    assert few is not None
    # How many sessions there were is all that is not known any more.
    few = replace(few, sessions=whole.sessions, sessions_under_water=whole.sessions_under_water)
    assert few == whole
    # Thinned again it is as it was, and so is what is thinned week by week.
    assert telling([one for one in past if one[0] in kept]) == kept


def test_of_a_quiet_week_three_closes_stay() -> None:
    week = [
        (date(2015, 6, 1) + timedelta(days=n), close) for n, close in enumerate((9, 7, 5, 8, 6))
    ]
    assert {day.day for day in telling([(date(2015, 5, 29), 20), *week])} == {29, 1, 3, 5}


def _bars(symbol: str, days: int, basis: Basis = Basis.SPLIT) -> list[Bar]:
    found = []
    for number in range(days):
        day = FIRST + timedelta(days=number)
        if day.weekday() < 5:
            at = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
            close = (1_000 + 10 * (number % 7) - 20 * (number % 11)) * 1_000_000
            found.append(Bar(symbol, day, close, at, at, "test", basis))
    return found


async def _known(connection: AsyncConnection, *symbols: str) -> None:
    rows = [
        {
            "symbol": one, "name": one, "kind": "stock", "unit": "USD", "source": "test",
            "first_seen_at": NOW,
        }
        for one in symbols
    ]  # fmt: skip
    await market.put_symbols(connection, rows)


async def test_closes_of_over_ten_years_ago_are_thinned_and_known_to_be(
    database: Database,
) -> None:
    bars = _bars("OLD", 5_000)
    split = Split("RAW", date(2015, 6, 3), 10, 1, "test")
    # In one week on both sides of a split: the highest before it is not the highest.
    raw = [one._replace(symbol="RAW", basis=Basis.RAW) for one in bars]
    raw = [one._replace(close=one.close * 10) if one.day < split.day else one for one in raw]

    async def work(connection: AsyncConnection) -> None:
        await _known(connection, "OLD", "RAW", "IN")
        await market.put_bars(connection, [*bars, *raw, *_bars("IN", 5_000)])
        await market.put_splits(connection, [split], NOW)
        await market.put_basket(connection, Basket("b", "B", ("IN",), "", ""))

    await database.write(work)
    found = await prune(database, NOW, Keep(), adjust)
    async with database.read() as connection:
        kept = {
            name: [one.day for one in await market.bars(connection, [name], date.min, NOW)]
            for name in ("OLD", "RAW", "IN")
        }
        assert await market.daily_from(connection, ["OLD", "RAW", "IN"]) == {
            "OLD": MONDAY, "RAW": MONDAY,
        }  # fmt: skip
        weekly = await load_board(connection, ["OLD"], ["max"], NOW)
        daily = await load_board(connection, ["OLD"], ["max"], NOW, daily=True)
    assert kept["IN"] == [one.day for one in bars]
    # A split changes neither what stays nor what is measured.
    assert kept["RAW"] == kept["OLD"]
    assert [d for d in kept["OLD"] if d >= MONDAY] == [b.day for b in bars if b.day >= MONDAY]
    assert found == {"closes": 2 * (len(bars) - len(kept["OLD"]))}
    assert 2 * 200 < len([d for d in kept["OLD"] if d < MONDAY]) < 3.2 * 203
    assert list(weekly.final("OLD").days) == kept["OLD"]
    assert daily.final("OLD").days[0] == MONDAY
    assert await prune(database, NOW, Keep(), adjust) == {}


async def test_an_index_is_never_made_of_thinned_closes(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        await _known(connection, "A", "B")
        await market.put_bars(connection, [*_bars("A", 5_000), *_bars("B", 5_000)])

    await database.write(work)
    await prune(database, NOW, Keep(), adjust)
    baskets = {"mine": Basket("mine", "Mine", ("A", "B"), "", "")}
    async with database.read() as connection:
        board = await load_board(connection, ["mine", "A"], ["max"], NOW, baskets=baskets)
    assert board.final("mine").days[0] == MONDAY
    assert board.final("A").days[0] == FIRST


async def test_what_a_source_sends_again_is_thinned_again(database: Database) -> None:
    """A source that corrects its past sends it all, and it takes the place of what is stored."""
    bars = _bars("OLD", 5_000)

    async def work(connection: AsyncConnection) -> None:
        await _known(connection, "OLD")
        await market.put_bars(connection, bars, replace=True)

    await database.write(work)
    first = await prune(database, NOW, Keep(), adjust)
    await database.write(work)
    async with database.read() as connection:  # until then it is not taken for daily
        daily = await load_board(connection, ["OLD"], ["max"], NOW, daily=True)
    assert daily.final("OLD").days[0] == MONDAY
    assert await prune(database, NOW, Keep(), adjust) == first


@pytest.mark.parametrize("snapshots", [30, 400])
async def test_of_old_weeks_the_last_estimates_stay(database: Database, snapshots: int) -> None:
    today = NOW.date()
    days = [today - timedelta(days=n) for n in range(600)]
    figures = [
        Measure(symbol, day, name, "", day.toordinal(), NOW, "test")
        for day in days
        for symbol, name in (("A", "forward_eps"), ("A", "market_cap"), ("B", "forward_eps"))
    ]
    await database.write(lambda c: valuations.put_measures(c, figures))
    await prune(database, NOW, replace(Keep(), snapshots=timedelta(days=snapshots)), adjust)
    cut = today - timedelta(days=snapshots)
    expected = {day for day in days if day >= cut or day.weekday() == 6}
    async with database.read() as connection:
        rows = (await connection.execute(select(valuation.c.day, valuation.c.symbol))).all()
    assert {row.day for row in rows} == expected
    assert len(rows) == 3 * len(expected)
