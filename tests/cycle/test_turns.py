"""Long work lets others have their turn, and is not done twice."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.cycle.board import Board
from bot.cycle.fetched import Fetched
from bot.cycle.gate import judge_past
from bot.market.calendar import is_session
from bot.model.bar import Bar
from bot.services import Services

NOW = datetime(2025, 1, 27, 22, tzinfo=UTC)
SYMBOLS = [f"S{number}" for number in range(30)]
DAYS = [
    day
    for day in (date(2024, 12, 2) + timedelta(days=number) for number in range(40))
    if is_session("XNYS", day)
]


def bar(symbol: str, day: date, close: int = 100_000_000) -> Bar:
    at = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
    return Bar(symbol, day, close, at, at, "test")


@contextmanager
def others() -> Iterator[list[int]]:
    """How often somebody else had a turn."""
    turns = [0]

    async def another() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    task = asyncio.get_running_loop().create_task(another())
    try:
        yield turns
    finally:
        task.cancel()


async def test_others_have_their_turn_between_two_symbols(services: Services) -> None:
    fetched = Fetched(last={})
    with others() as turns:
        bars = [bar(symbol, day) for symbol in SYMBOLS for day in DAYS]
        await judge_past(services, bars, [], fetched, NOW)
    assert len(fetched.bars) == len(bars)
    assert turns[0] >= len(SYMBOLS)


def test_what_many_ask_of_a_board_is_found_once_and_anew_on_another() -> None:
    asked: list[tuple[str, int]] = []

    def last(board: Board, symbol: str) -> int:
        found = board.series(symbol).values[-1]
        asked.append((symbol, found))
        return found

    first = Board.of([bar("A", day) for day in DAYS], {})
    assert [first.once(last, "A") for _ in range(3)] == [100_000_000] * 3
    later = DAYS[-1] + timedelta(days=1)
    noon = datetime(later.year, later.month, later.day, 17, tzinfo=UTC)
    priced = first.priced({"A": (later, 90_000_000, noon)}, noon)
    assert priced.once(last, "A") == 90_000_000
    assert replace(priced, partial={}).once(last, "A") == 100_000_000
    assert [value for _symbol, value in asked] == [100_000_000, 90_000_000, 100_000_000]
