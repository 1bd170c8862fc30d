"""Days of earnings, as they were known at a moment."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.bar import MarketEvent
from storage.schema import market_event

_KIND = "earnings"


async def earnings(
    connection: AsyncConnection, symbols: Sequence[str], first: date, last: date, until: datetime
) -> list[MarketEvent]:
    """The earnings of `symbols` from `first` to `last`, observed by `until`, by day and symbol."""
    statement = (
        select(market_event)
        .where(
            market_event.c.kind == _KIND,
            market_event.c.symbol.in_(sorted(symbols)),
            market_event.c.day.between(first, last),
            market_event.c.observed_at <= until,
        )
        .order_by(market_event.c.day, market_event.c.symbol)
    )
    return [
        MarketEvent(row.symbol, row.day, row.kind, row.value, row.estimated, row.source)
        for row in await connection.execute(statement)
    ]
