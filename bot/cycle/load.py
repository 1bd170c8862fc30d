"""Reads a board from the database."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.board import Board, needed, since
from bot.market.splits import adjust
from bot.model.basket import Basket
from storage import market

# Named beside a basket's fall, to tell the market's move from the basket's own.
CONTEXT = ("^GSPC", "^VIX")


async def load_board(
    connection: AsyncConnection,
    targets: Iterable[str],
    windows: Iterable[str],
    now: datetime,
    *,
    baskets: Mapping[str, Basket] | None = None,
) -> Board:
    """The board of `targets` as known at `now`, long enough for `windows`, split-adjusted."""
    if baskets is None:
        baskets = await market.baskets(connection)
    symbols = needed(targets, baskets, CONTEXT)
    # Windows count back from the last close there is, which may be long before `now`.
    last = await market.last_day(connection, symbols, now)
    if last is None:
        return Board.of([], baskets)
    bars = await market.bars(connection, symbols, since(windows, last), now)
    splits = await market.splits(connection, symbols, now.date())
    return Board.of(adjust(bars, splits), baskets)
