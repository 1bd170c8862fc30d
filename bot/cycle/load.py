"""Reads a board from the database."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.board import Board, needed, since
from bot.cycle.measures import sessions_of
from bot.market.splits import adjust, adjust_eps
from bot.model.basket import Basket
from bot.model.rule import Condition
from storage import market, valuations

# Named beside a basket's fall, to tell the market's move from the basket's own.
CONTEXT = ("^GSPC", "^VIX")
_PE = (Condition.PE_ABOVE, Condition.PE_BELOW)


async def load_board(
    connection: AsyncConnection,
    targets: Iterable[str],
    measures: Iterable[str],
    now: datetime,
    *,
    baskets: Mapping[str, Basket] | None = None,
    daily: bool = False,
) -> Board:
    """The board of `targets` as known at `now`, long enough for `measures`, split-adjusted.

    Closes of long ago were thinned to what drawdowns are measured by; with `daily`, for what takes
    each session's, they are left out.
    """
    if baskets is None:
        baskets = await market.baskets(connection)
    wanted = set(measures)
    symbols = needed(targets, baskets, CONTEXT)
    # Windows count back from the last close there is, which may be long before `now`.
    last = await market.last_day(connection, symbols, now)
    if last is None:
        return Board.of([], baskets)
    first = since([sessions_of(measure) for measure in wanted], last)
    bars = await market.bars(connection, symbols, first, now)
    thinned = await market.daily_from(connection, symbols)
    if daily and thinned:
        bars = [one for one in bars if one.day >= thinned.get(one.symbol, date.min)]
    splits = await market.splits(connection, symbols, now.date())
    eps = await valuations.forward_eps(connection, symbols, now) if wanted & set(_PE) else {}
    # Many years of many symbols take a while, in which nothing else would run.
    return await asyncio.to_thread(
        lambda: Board.of(adjust(bars, splits), baskets, adjust_eps(eps, splits), thinned)
    )
