"""/crowding: whether the stocks of a basket move as one."""

import asyncio

from bot.answers.targets import age_text, find_target, known
from bot.cards.crowding import crowding_card
from bot.cycle.board import Board
from bot.cycle.load import load_board
from bot.errors import UserError
from bot.market.crowd import BETA_SPAN, FEWEST_MEMBERS, Crowd, measure
from bot.market.shipped import REFERENCE
from bot.market.trend import PAST, SPAN
from bot.model.bar import Basis
from bot.model.card import Card
from bot.model.wording import count, day
from bot.services import Request

BENCHMARK = "^GSPC"
# More than is ranked, so that the slowest measure has its whole past too.
_LOADED = "3y"
_SESSIONS = PAST + BETA_SPAN + SPAN


async def crowding(request: Request) -> Card:
    """Correlation, dispersion, beta and volatility of a basket, each ranked among two years."""
    text = request.options["basket"]
    async with request.services.database.read() as connection:
        names = await known(connection, request)
        target = find_target(text, names, request.receiver.owner)
        if target == REFERENCE or target not in names.baskets:
            name = target.partition("@")[0]
            what = "a list to compare with, not a basket" if target == REFERENCE else "one stock"
            raise UserError(f"{name} is {what}; name a basket whose stocks may move as one: ai.")
        basket = names.baskets[target]
        if len(basket.members) < FEWEST_MEMBERS:
            raise UserError(
                f"{basket.name} has {count(len(basket.members), 'stock')}; whether stocks move as "
                f"one takes a basket of at least three, such as ai."
            )
        board = await load_board(
            connection, [target], [_LOADED], request.now, baskets=names.baskets
        )
    found = await asyncio.to_thread(measured, board, target)
    if found is None:
        raise UserError(_nothing(board, target, basket.name))
    symbols = [*(m.symbol for m in found.members), BENCHMARK]
    return crowding_card(
        found,
        basket,
        latest=board.final(target).days[-1],
        as_of=board.as_of[found.day],
        sources=sorted({board.sources[s] for s in symbols if s in board.sources}),
        adjusted=[s for s in symbols if board.bases.get(s) is Basis.TOTAL],
        benchmark=BENCHMARK,
        age=age_text(request.now, found.day),
    )


def measured(board: Board, target: str) -> Crowd | None:
    """The crowd of a basket at its last close; None where too few of its stocks have prices."""
    final = board.final(target)
    return measure(
        board.closes,
        board.symbols(target),
        final.days[-_SESSIONS:],
        final.values[-_SESSIONS:],
        board.closes.get(BENCHMARK, {}),
    )


def _nothing(board: Board, target: str, name: str) -> str:
    """Which stocks have how many closes, where too few have enough."""
    have = {s: len(board.closes.get(s, {})) for s in board.symbols(target)}
    need = f"it takes at least {FEWEST_MEMBERS} stocks with {SPAN + 1} closes in a row that moved"
    days = board.final(target).days
    if not days:
        return f"There are no prices for {name} up to the day asked about; {need}."
    fewest = ", ".join(
        f"{symbol} has {closes}" for symbol, closes in sorted(have.items(), key=lambda x: x[1])[:5]
    )
    return f"Too little history of {name} up to {day(days[-1])}: {need}. Closes: {fewest}."
