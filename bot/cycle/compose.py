"""Facts of a notification → its card, with the chart drawn from the bars they came from."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.cards.notices import card_of
from bot.cards.underwater import underwater_chart
from bot.cycle.board import Board
from bot.cycle.load import load_board
from bot.market.drawdown import WINDOWS, underwater
from bot.model.bar import MICRO
from bot.model.card import Card, UnderwaterChart
from bot.model.receiver import Notification
from bot.model.rule import PPM, Condition
from bot.services import Services
from storage import receivers

INDEX_UNIT = "index, 100 at the start"


async def compose(services: Services, notification: Notification) -> Card:
    """The card of a notification, as of the moment its facts are of."""
    facts = notification.facts
    if "target" not in facts:
        return card_of(facts)
    as_of = datetime.fromisoformat(str(facts["as_of"]))
    async with services.database.read() as connection:
        board = await load_board(connection, [facts["target"]], [facts["window"]], as_of)
        if facts.get("prices"):
            day = date.fromisoformat(facts["day"])
            board = board.priced({s: (day, p) for s, p in facts["prices"].items()}, as_of)
        rules = [
            s.rule for s in await receivers.subscriptions(connection, notification.receiver.id)
        ]
    levels = sorted(
        {
            level
            for r in rules
            if r and r.target == facts["target"] and r.condition is Condition.DRAWDOWN
            for level in r.levels
        }
    )
    fractions = [level / PPM for level in levels] or _levels(facts)
    return card_of(facts, chart_of(board, facts["target"], facts["window"], fractions))


def _levels(facts: Mapping[str, Any]) -> list[float]:
    return [facts["level"]] if facts["kind"] == "drawdown" else []


def chart_of(
    board: Board, target: str, window: str, levels: Sequence[float], unit: str = "USD"
) -> UnderwaterChart | None:
    """The underwater chart of a target over the window; None with fewer than two sessions."""
    series = board.series(target)
    values = [value / MICRO for value in series.values]
    days, prices, peaks = underwater(series.days, values, WINDOWS[window])
    if len(days) < 2:
        return None
    title, sources = (
        target,
        sorted({board.sources[s] for s in board.symbols(target) if s in board.sources}),
    )
    if target in board.baskets:
        basket = board.baskets[target]
        title, unit = f"{basket.title} (equal weight)", INDEX_UNIT
        scale = 100 / prices[0]
        prices = [price * scale for price in prices]
        peaks = [peak * scale for peak in peaks]
    return underwater_chart(title, days, prices, peaks, levels, unit, " and ".join(sources))
