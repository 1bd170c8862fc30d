"""Reading valuations from the database, for /valuation and /stress."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.targets import Known
from bot.cycle.load import load_board
from bot.errors import UserError
from bot.market.shipped import REFERENCE
from bot.market.shipped_measures import remarks
from bot.market.splits import adjust_eps
from bot.market.valuation import (
    FORWARD_PERIOD,
    Figure,
    MarketMultiple,
    Valuation,
    current,
    figures_of,
    valuation_of,
)
from bot.model.bar import MICRO, Basis, Measure, Split
from bot.model.wording import day
from bot.services import Request
from storage import market
from storage.valuations import forward_eps, newest_measures

_PER_SHARE = frozenset({"trailing_eps", "forward_eps", "eps_estimate"})
_WHY_NOT = {"index": "is an index", "etf": "is a fund"}


def market_multiple(request: Request) -> MarketMultiple | None:
    """The S&P 500's multiple as the settings have it; None before the day that it is of."""
    said = request.services.settings.market
    if said.multiple_on > request.now.date():
        return None
    return MarketMultiple(
        said.multiple,
        said.multiple_on,
        said.multiple_source,
        said.growth_percent / 100,
        said.growth_source,
    )


def must_earn(target: str, names: Known) -> None:
    """Raises UserError where there are no earnings to speak of: of an index, a fund, a list."""
    kind = names.symbols[target]["kind"] if target in names.symbols else ""
    why = "is a list to compare with" if target == REFERENCE else _WHY_NOT.get(kind)
    if why:
        raise UserError(
            f"{names.label(target)} {why} and has no earnings of its own here; name a stock or a "
            "basket of stocks, such as NVDA or compute."
        )


async def valuations(
    connection: AsyncConnection, request: Request, names: Known, symbols: Sequence[str]
) -> dict[str, Valuation]:
    """The valuation of each symbol with a price, as known then. Raises UserError for no price."""
    window = "max" if len(symbols) == 1 else "2y"
    board = await load_board(
        connection, symbols, [window], request.now, baskets=names.baskets, daily=True
    )
    splits = await market.splits(connection, symbols, request.now.date())
    newest = await newest_measures(connection, symbols, request.now)
    estimates = await forward_eps(connection, symbols, request.now, "eps_estimate", FORWARD_PERIOD)
    given = await forward_eps(connection, symbols, request.now)
    kept = timedelta(days=request.services.settings.retention.snapshots)
    thinned = (request.now - kept).date()
    found = {}
    for symbol in symbols:
        closes = {d: close / MICRO for d, close in board.closes.get(symbol, {}).items() if close}
        if not closes:
            continue
        own = figures_of(_on_todays_shares(one, splits) for one in newest if one.symbol == symbol)
        figures, old = current(own, max(closes))
        eps = {**estimates.get(symbol, {}), **given.get(symbol, {})}
        past = adjust_eps({symbol: eps}, splits)[symbol]
        found[symbol] = valuation_of(
            symbol,
            closes,
            board.sources[symbol],
            names.unit(symbol),
            {key: _remarked(symbol, figure) for key, figure in figures.items()},
            {d: value / MICRO for d, value in past.items()},
            old,
            adjusted=board.bases[symbol] is Basis.TOTAL,
            weekly=bool(past) and min(past) < thinned,
        )
    if not found:
        what = symbols[0] if len(symbols) == 1 else "any of these stocks"
        raise UserError(
            f"There are no prices for {what} up to {day(request.now.date())}; without a price "
            "there is no multiple."
        )
    return found


def _on_todays_shares(measure: Measure, splits: Sequence[Split]) -> Measure:
    """A figure per share, on the share basis of after the splits since."""
    if measure.name not in _PER_SHARE:
        return measure
    by_day: dict[date, int] = {measure.day: measure.value}
    return replace(
        measure, value=adjust_eps({measure.symbol: by_day}, splits)[measure.symbol][measure.day]
    )


def _remarked(symbol: str, figure: Figure) -> Figure:
    said = remarks().get((symbol, figure.name, figure.period, figure.day))
    return figure if said is None else replace(figure, fiscal=said.fiscal, note=said.note)
