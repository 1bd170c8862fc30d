"""Facts of a notification → its card, with the chart drawn from the bars they came from."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.cards.notices import card_of
from bot.cards.underwater import underwater_chart
from bot.cycle.board import Board
from bot.cycle.coincident import linked
from bot.cycle.load import load_board
from bot.market.drawdown import WINDOWS, underwater
from bot.model.bar import MICRO
from bot.model.card import Card, UnderwaterChart
from bot.model.receiver import Notification
from bot.model.rule import PPM, Condition
from bot.services import Services
from storage import receivers

INDEX_UNIT = "index, 100 at the start"


# A fan-out tells many channels of the same few figures. What the figures do not fix (a basket's
# members, a split told of later) is read again after this long.
BOARDS_KEPT = 16
BOARD_SECONDS = 60.0


async def compose(services: Services, notification: Notification) -> Card:
    """The card of a notification, as of the moment its facts are of."""
    return await Composer(services).card(notification)


class Composer:
    """Composes cards. The closes behind equal figures are read once, however many channels are
    told of them, and kept for a minute.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._boards: OrderedDict[Hashable, tuple[float, asyncio.Task[Board]]] = OrderedDict()

    async def card(self, notification: Notification) -> Card:
        """The card of a notification, as of the moment its facts are of."""
        facts = notification.facts
        if "target" not in facts:
            return card_of(facts)
        board = await self._board(facts)
        async with self._services.database.read() as connection:
            found = await receivers.subscriptions(connection, notification.receiver.id)
            facts = await linked(connection, notification.receiver, facts)
        levels = sorted(
            {
                level
                for r in (one.rule for one in found)
                if r and r.target == facts["target"] and r.condition is Condition.DRAWDOWN
                for level in r.levels
            }
        )
        fractions = [level / PPM for level in levels] or _levels(facts)
        return card_of(facts, chart_of(board, facts["target"], facts["window"], fractions))

    async def _board(self, facts: Mapping[str, Any]) -> Board:
        prices = tuple(sorted((facts.get("prices") or {}).items()))
        missing = sorted(facts.get("missing") or ())
        key = (facts["target"], facts["window"], facts["as_of"], facts.get("day"), prices, *missing)
        now = asyncio.get_running_loop().time()
        read_at, task = self._boards.get(key, (now, None))
        if task is None or now - read_at >= BOARD_SECONDS or _has_failed(task):
            task = asyncio.create_task(read_board(self._services, facts))
            self._boards[key] = (now, task)
        self._boards.move_to_end(key)
        while len(self._boards) > BOARDS_KEPT:
            self._boards.popitem(last=False)
        # One that gives up waiting must not take the closes from the others.
        return await asyncio.shield(task)


def _has_failed(task: "asyncio.Task[Board]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def read_board(services: Services, facts: Mapping[str, Any]) -> Board:
    """The closes behind the facts of a target, and the session's prices where they hold some."""
    as_of = datetime.fromisoformat(str(facts["as_of"]))
    async with services.database.read() as connection:
        board = await load_board(connection, [facts["target"]], [facts["window"]], as_of)
    if not facts.get("day"):
        return board
    day = date.fromisoformat(facts["day"])
    # A close that came late must not make the picture say other than the words.
    board = board.without(facts.get("missing") or (), day)
    if not facts.get("prices"):
        return board
    return board.priced({s: (day, p, as_of) for s, p in facts["prices"].items()}, as_of)


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
