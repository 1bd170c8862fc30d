"""/drawdown: how far a symbol or basket is below its peak."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.targets import age_text, find_target, known
from bot.cards.drawdown import drawdown_answer, overview_answer
from bot.cycle.board import Board
from bot.cycle.compose import chart_of
from bot.cycle.facts import measured
from bot.cycle.load import load_board
from bot.errors import UserError
from bot.market.drawdown import WINDOWS, Drawdown, measure
from bot.market.shipped import REFERENCE
from bot.model.bar import MICRO
from bot.model.card import Card
from bot.model.wording import day
from bot.services import Request
from storage import market


async def drawdown(request: Request) -> Card:
    """The drawdown of one target, or a table of every basket."""
    text, window = request.options.get("target"), request.options["window"]
    levels = [percent / 100 for percent in request.services.settings.alerts.levels_percent]
    async with request.services.database.read() as connection:
        names = await known(connection, request)
        if text is None:
            targets = [t for t in names.baskets if t != REFERENCE]
        else:
            targets = [find_target(text, names, request.receiver.owner)]
            if targets[0] == REFERENCE:
                raise UserError(
                    f"{REFERENCE} is a list to compare with, not a basket; choose one of its "
                    f"symbols, or see them all with /basket show {REFERENCE}."
                )
        board = await load_board(connection, targets, [window], request.now, baskets=names.baskets)
        if not any(board.series(target).days for target in targets):
            raise UserError(await _nothing(connection, text, board, targets, request))
    if text is None:
        rows = [(t, _measure(board, t, window)) for t in targets if board.series(t).days]
        return overview_answer(
            [(board.baskets[t].name, len(board.baskets[t].members), found) for t, found in rows],
            window,
            measured(board, rows[0][0], window)["source"],
            age_text(request.now, max(found.as_of for _t, found in rows)),
        )
    target = targets[0]
    facts = measured(board, target, window)
    found = _measure(board, target, window)
    name = names.symbols[target]["name"] if target in names.symbols else ""
    chart = chart_of(board, target, window, levels, names.unit(target))
    thinned = board.daily_from.get(target)
    card = drawdown_answer(facts, found, name, names.unit(target), chart, thinned)
    return replace(card, footer=card.footer + age_text(request.now, found.as_of))


def _measure(board: Board, target: str, window: str) -> Drawdown:
    series = board.series(target)
    found = measure(series.days, [v / MICRO for v in series.values], WINDOWS[window])
    assert found is not None
    return found


async def _nothing(
    connection: AsyncConnection,
    text: str | None,
    board: Board,
    targets: Sequence[str],
    request: Request,
) -> str:
    symbols = sorted({symbol for target in targets for symbol in board.symbols(target)})
    first = await market.first_day(connection, symbols)
    what = "any basket" if text is None else targets[0].partition("@")[0]
    begin = "there are none yet." if first is None else f"they begin on {day(first)}."
    return f"There are no prices for {what} up to {day(request.now.date())}; {begin}"
