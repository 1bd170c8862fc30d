"""Bars, splits, symbols and baskets."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, delete, func, select, tuple_, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.bar import Bar, Basis, MarketEvent, Quote, Split
from bot.model.basket import Basket
from storage.database import decoded, put
from storage.schema import (
    Big,
    bar,
    basket,
    basket_member,
    instant,
    market_event,
    quote,
    split,
    symbol,
)
from storage.slices import sliced


async def put_bars(
    connection: AsyncConnection, bars: Iterable[Bar], *, replace: bool = False
) -> None:
    """Store final bars; one already stored is kept as first observed, unless `replace`."""
    rows = (
        {
            "symbol": b.symbol,
            "day": b.day,
            "close": b.close,
            "as_of": b.as_of,
            "observed_at": b.observed_at,
            "source": b.source,
            "basis": b.basis.value,
        }
        for b in bars
    )
    update = ("close", "as_of", "observed_at", "source", "basis") if replace else ()
    await put(connection, bar, rows, update=update)


async def remove_bars(connection: AsyncConnection, name: str, days: Sequence[date]) -> None:
    """Forget a symbol's bars of these days."""
    for some in sliced(days):
        await connection.execute(delete(bar).where(bar.c.symbol == name, bar.c.day.in_(some)))


async def put_quotes(connection: AsyncConnection, quotes: Iterable[Quote]) -> None:
    """Store prices that were let through."""
    rows = [
        {
            "symbol": q.symbol,
            "as_of": q.as_of,
            "price": q.price,
            "observed_at": q.observed_at,
            "source": q.source,
        }
        for q in quotes
    ]
    await put(connection, quote, rows)


async def put_events(
    connection: AsyncConnection, events: Iterable[MarketEvent], now: datetime
) -> None:
    """Store dividends and days of earnings; what is known of a day is renewed."""
    rows = [
        {
            "symbol": e.symbol,
            "day": e.day,
            "kind": e.kind,
            "value": e.value,
            "estimated": e.estimated,
            "source": e.source,
            "observed_at": now,
        }
        for e in events
    ]
    update = ("value", "estimated", "source", "observed_at")
    await put(connection, market_event, rows, update=update)


async def last_days(connection: AsyncConnection) -> dict[str, date]:
    """The last stored day of each symbol."""
    result = await connection.execute(select(bar.c.symbol, func.max(bar.c.day)).group_by("symbol"))
    return {row[0]: row[1] for row in result}


async def last_bars(connection: AsyncConnection, last: Mapping[str, date]) -> dict[str, Bar]:
    """The bar of each symbol on the day that `last` names."""
    if not last:
        return {}
    statement = select(bar).where(tuple_(bar.c.symbol, bar.c.day).in_(sorted(last.items())))
    return {
        row.symbol: Bar(
            row.symbol,
            row.day,
            row.close,
            row.as_of,
            row.observed_at,
            row.source,
            Basis(row.basis),
        )
        for row in await connection.execute(statement)
    }


async def daily_from(connection: AsyncConnection, symbols: Sequence[str]) -> dict[str, date]:
    """By symbol the first day that every close is kept of, where older ones were thinned."""
    statement = select(symbol.c.symbol, symbol.c.daily_from).where(
        symbol.c.symbol.in_(sorted(symbols)), symbol.c.daily_from.is_not(None)
    )
    return {row[0]: row[1] for row in await connection.execute(statement)}


async def first_day(connection: AsyncConnection, symbols: Sequence[str]) -> date | None:
    """The first day that any of `symbols` has a bar of."""
    statement = select(func.min(bar.c.day)).where(bar.c.symbol.in_(sorted(symbols)))
    found: date | None = (await connection.execute(statement)).scalar()
    return found


async def last_day(
    connection: AsyncConnection, symbols: Sequence[str], until: datetime
) -> date | None:
    """The last day that any of `symbols` has a bar of, as known at `until`."""
    latest = [
        select(bar.c.day)
        .where(bar.c.symbol == symbol, bar.c.as_of <= until)
        .order_by(bar.c.day.desc())
        .limit(1)
        .scalar_subquery()
        .label(f"day_{number}")
        for number, symbol in enumerate(sorted(symbols))
    ]
    if not latest:
        return None
    row = (await connection.execute(select(*latest))).one()
    return max((day for day in row if day is not None), default=None)


async def bars(
    connection: AsyncConnection, symbols: Sequence[str], since: date, until: datetime
) -> list[Bar]:
    """Bars of `symbols` from `since` on with as-of at or before `until`, by symbol and day."""
    # Thousands of rows share a few hundred days and instants: each is decoded once, not per row.
    raw = (
        bar.c.symbol,
        type_coerce(bar.c.day, Integer),
        bar.c.close,
        type_coerce(bar.c.as_of, Big),
        type_coerce(bar.c.observed_at, Big),
        bar.c.source,
        bar.c.basis,
    )
    statement = (
        select(*raw)
        .where(bar.c.symbol.in_(sorted(symbols)), bar.c.day >= since, bar.c.as_of <= until)
        .order_by(bar.c.symbol, bar.c.day)
    )
    days = cache(date.fromordinal)
    instants = cache(instant)
    bases = {basis.value: basis for basis in Basis}

    def decode(rows: Sequence[Any]) -> list[Bar]:
        return [
            Bar(symbol, days(day), close, instants(at), instants(seen), source, bases[basis])
            for symbol, day, close, at, seen, source, basis in rows
        ]

    return await decoded(await connection.execute(statement), decode)


async def put_splits(connection: AsyncConnection, splits: Iterable[Split], now: datetime) -> None:
    """Store splits already in effect."""
    rows = [
        {
            "symbol": s.symbol,
            "day": s.day,
            "numerator": s.numerator,
            "denominator": s.denominator,
            "source": s.source,
            "observed_at": now,
        }
        for s in splits
    ]
    await put(connection, split, rows)


async def splits(connection: AsyncConnection, symbols: Sequence[str], until: date) -> list[Split]:
    """Splits of `symbols` in effect on `until`, by symbol and day."""
    statement = (
        select(split)
        .where(split.c.symbol.in_(sorted(symbols)), split.c.day <= until)
        .order_by(split.c.symbol, split.c.day)
    )
    return [
        Split(row.symbol, row.day, row.numerator, row.denominator, row.source)
        for row in await connection.execute(statement)
    ]


async def put_symbols(connection: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """Store what a source says of its symbols (symbol, name, kind, unit, source, first_seen_at)."""
    await put(connection, symbol, rows, update=("name", "kind", "unit", "source"))


async def symbol_rows(connection: AsyncConnection) -> dict[str, Mapping[str, str]]:
    """Name, kind, unit and source of every known symbol."""
    result = await connection.execute(select(symbol).order_by(symbol.c.symbol))
    return {
        row.symbol: {
            "name": row.name,
            "kind": row.kind,
            "unit": row.unit,
            "source": row.source,
        }
        for row in result
    }


async def put_basket(connection: AsyncConnection, item: Basket) -> None:
    """Store a basket with its members, replacing one of the same owner and name."""
    await put(
        connection,
        basket,
        [
            {
                "name": item.name,
                "owner": item.owner,
                "title": item.title,
                "why": item.why,
            }
        ],
        update=("title", "why"),
        on=("owner", "name"),
    )
    found = select(basket.c.id).where(basket.c.owner == item.owner, basket.c.name == item.name)
    key = (await connection.execute(found)).scalar_one()
    await connection.execute(delete(basket_member).where(basket_member.c.basket_id == key))
    rows = [
        {"basket_id": key, "symbol": member, "position": position}
        for position, member in enumerate(item.members)
    ]
    await put(connection, basket_member, rows)


async def remove_basket(connection: AsyncConnection, owner: str, name: str) -> None:
    """Remove a basket and its members."""
    await connection.execute(delete(basket).where(basket.c.owner == owner, basket.c.name == name))


async def baskets(connection: AsyncConnection, owner: str | None = None) -> dict[str, Basket]:
    """Baskets by target: the shipped ones and those of `owner` (None: of every owner)."""
    statement = (
        select(basket, basket_member.c.symbol)
        .outerjoin(basket_member, basket_member.c.basket_id == basket.c.id)
        .order_by(basket.c.id, basket_member.c.position)
    )
    if owner is not None:
        statement = statement.where(basket.c.owner.in_(["", owner]))
    members: dict[tuple[str, str], list[str]] = {}
    rows = {}
    for row in await connection.execute(statement):
        rows[(row.owner, row.name)] = row
        bucket = members.setdefault((row.owner, row.name), [])
        if row.symbol is not None:
            bucket.append(row.symbol)
    found = [
        Basket(row.name, row.title, tuple(members[key]), row.why, row.owner)
        for key, row in rows.items()
    ]
    return {item.target: item for item in found}
