"""Valuation figures as they were last known."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.bar import Measure
from storage.schema import valuation


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
