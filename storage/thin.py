"""Thinning: of what is long past, some days of each week stay, so that no figure changes."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, Integer, delete, exists, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.bar import Bar, Split
from storage import market
from storage.database import Database
from storage.schema import Big, bar, basket_member, quote, symbol, valuation
from storage.slices import sliced

# Closes with those before a split divided, so that they can be compared.
Adjust = Callable[[Sequence[Bar], Sequence[Split]], list[Bar]]
_DAY_MICROS = 86_400_000_000


def surplus_quotes(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Quotes before an instant that have a later one of their symbol on their UTC day."""
    later = quote.alias("later")
    own, other = type_coerce(quote.c.as_of, Big), type_coerce(later.c.as_of, Big)
    return (
        quote.c.as_of < before,
        exists().where(
            later.c.symbol == quote.c.symbol,
            other > own,
            # A range, so that the key finds it.
            other < (own // _DAY_MICROS + 1) * _DAY_MICROS,
        ),
    )


def surplus_snapshots(before: date) -> tuple[ColumnElement[bool], ...]:
    """Snapshots of days before this one that have a later one of their figure in their ISO week."""
    later = valuation.alias("later")
    own, other = type_coerce(valuation.c.day, Integer), type_coerce(later.c.day, Integer)
    return (
        valuation.c.day < before,
        exists().where(
            *(later.c[name] == valuation.c[name] for name in ("symbol", "name", "period")),
            other > own,
            other <= ((own - 1) // 7 + 1) * 7,
        ),
    )


def telling(closes: Sequence[tuple[date, int]]) -> set[date]:
    """Of closes by ascending day those that tell all that is measured of the whole: each record
    (no close before it was higher), the last, the highest and the lowest of each ISO week, and
    the lowest after each record of it.

    So peaks, troughs, depths and recoveries are those of all closes, and so is what is told of
    what is told here.
    """
    found: set[date] = set()
    highest = 0
    for _week, days in groupby(closes, key=lambda one: (one[0].toordinal() - 1) // 7):
        week = list(days)
        lowest = None
        for day, close in week:
            if close >= highest:  # a record ends what was below the one before it
                highest = close
                found.add(day)
                if lowest is not None:
                    found.add(lowest[0])
                lowest = None
            elif lowest is None or close < lowest[1]:
                lowest = day, close
        if lowest is not None:
            found.add(lowest[0])
        found |= {
            week[-1][0],
            max(week, key=lambda one: one[1])[0],
            min(week, key=lambda one: one[1])[0],
        }
    return found


async def thin_bars(database: Database, first: date, adjust: Adjust) -> int:
    """Thin the closes of weeks before the one of `first`: how many are gone.

    Of what baskets are made of all closes stay, since a basket's index is made from each day's.
    """
    monday = first - timedelta(days=first.weekday())
    members = select(basket_member.c.symbol)
    async with database.read() as connection:
        found = await connection.execute(
            select(symbol.c.symbol)
            .where(symbol.c.symbol.not_in(members))
            .where(exists().where(bar.c.symbol == symbol.c.symbol, bar.c.day < monday))
            .order_by(symbol.c.symbol)
        )
        symbols = list(found.scalars())
    return sum([await _thin(database, one, monday, adjust) for one in symbols])


async def _thin(database: Database, name: str, monday: date, adjust: Adjust) -> int:
    async with database.read() as connection:
        until = datetime.combine(monday, time(), tzinfo=UTC)
        bars = await market.bars(connection, [name], date.min, until + timedelta(days=1))
        splits = await market.splits(connection, [name], date.max)
    old = [one for one in adjust(bars, splits) if one.day < monday]
    kept = telling([(one.day, one.close) for one in old])
    gone = [one.day for one in old if one.day not in kept]
    if not gone:
        return 0

    for some in sliced(gone):

        async def work(connection: AsyncConnection, some: Sequence[date] = some) -> None:
            # With its first closes: from then on those that stay are not taken for all there were.
            await connection.execute(
                update(symbol)
                .where(symbol.c.symbol == name)
                .where(symbol.c.daily_from.is_(None) | (symbol.c.daily_from < monday))
                .values(daily_from=monday)
            )
            await connection.execute(delete(bar).where(bar.c.symbol == name, bar.c.day.in_(some)))

        await database.write(work)
    return len(gone)
