"""/drawdown: how far a symbol or basket is below its peak."""

from dataclasses import replace
from datetime import date

from bot.answers.targets import find_target, known
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

# Longer than any holiday week-end.
STALE_DAYS = 5


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
        board = await load_board(connection, targets, [window], request.now, baskets=names.baskets)
    if text is None:
        rows = [(t, _measure(board, t, window)) for t in targets if board.series(t).days]
        if not rows:
            raise UserError(_nothing("any basket", request))
        return overview_answer(
            [(board.baskets[t].name, len(board.baskets[t].members), found) for t, found in rows],
            window,
            measured(board, rows[0][0], window)["source"],
            _age(request, max(found.as_of for _t, found in rows)),
        )
    target = targets[0]
    if not board.series(target).days:
        raise UserError(_nothing(target, request))
    facts = measured(board, target, window)
    found = _measure(board, target, window)
    name = names.symbols[target]["name"] if target in names.symbols else ""
    chart = chart_of(board, target, window, levels, names.unit(target))
    card = drawdown_answer(facts, found, name, names.unit(target), chart)
    return replace(card, footer=card.footer + _age(request, found.as_of))


def _age(request: Request, last: date) -> str:
    """How old the figures are, where they are not of the last few days."""
    days = (request.now.date() - last).days
    return f"; {days} days old" if days > STALE_DAYS else ""


def _measure(board: Board, target: str, window: str) -> Drawdown:
    series = board.series(target)
    found = measure(series.days, [v / MICRO for v in series.values], WINDOWS[window])
    assert found is not None
    return found


def _nothing(what: str, request: Request) -> str:
    return (
        f"There are no prices for {what} up to {day(request.now.date())}; "
        f"the shipped history begins on {day(date(2022, 1, 3))}."
    )
