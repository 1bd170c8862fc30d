"""Valuation figures: stored by day, and as they were last known."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.bar import Measure
from storage.database import put
from storage.schema import valuation


async def put_measures(connection: AsyncConnection, measures: Iterable[Measure]) -> None:
    """Store valuation figures, one snapshot a day each; the day's last one stands."""
    rows = [
        {
            "symbol": m.symbol,
            "name": m.name,
            "period": m.period,
            "day": m.day,
            "value": m.value,
            "as_of": m.as_of,
            "source": m.source,
        }
        for m in measures
    ]
    await put(connection, valuation, rows, update=("value", "as_of", "source"))


async def forward_eps(
    connection: AsyncConnection,
    symbols: Sequence[str],
    until: datetime,
    name: str = "forward_eps",
    period: str = "",
) -> dict[str, dict[date, int]]:
    """Forward earnings per share (millionths) by symbol and day of observation.

    `name` and `period` choose another figure per share instead.
    """
    statement = select(valuation.c.symbol, valuation.c.day, valuation.c.value).where(
        valuation.c.symbol.in_(sorted(symbols)),
        valuation.c.name == name,
        valuation.c.period == period,
        valuation.c.as_of <= until,
    )
    found: dict[str, dict[date, int]] = {}
    for name, day, value in await connection.execute(statement):
        found.setdefault(name, {})[day] = value
    return found


async def measured_at(connection: AsyncConnection, names: Sequence[str]) -> dict[str, datetime]:
    """When each symbol's newest figure of these names is from."""
    statement = (
        select(valuation.c.symbol, func.max(valuation.c.as_of))
        .where(valuation.c.name.in_(names))
        .group_by(valuation.c.symbol)
    )
    return {row[0]: row[1] for row in await connection.execute(statement)}


async def newest_measures(
    connection: AsyncConnection, symbols: Sequence[str], until: datetime
) -> list[Measure]:
    """The newest figure of each name and period of `symbols`, as known at `until`."""
    keys = (valuation.c.symbol, valuation.c.name, valuation.c.period)
    newest = (
        select(*keys, func.max(valuation.c.day).label("day"))
        .where(valuation.c.symbol.in_(sorted(symbols)), valuation.c.as_of <= until)
        .group_by(*keys)
        .subquery()
    )
    same = [valuation.c[key] == newest.c[key] for key in ("symbol", "name", "period", "day")]
    statement = select(valuation).join(newest, and_(*same)).order_by(*keys)
    return [
        Measure(row.symbol, row.day, row.name, row.period, row.value, row.as_of, row.source)
        for row in await connection.execute(statement)
    ]
