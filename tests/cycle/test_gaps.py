"""A close that the source lacks for a day or two: nothing is told over it, and it is filled in."""

from datetime import UTC, date, datetime

import pytest

from bot.cycle.board import Board
from bot.cycle.measures import readings, skips_session
from bot.model.bar import Bar
from bot.model.basket import Basket
from bot.model.rule import Condition, Rule
from tests.cycle.session import DAYS, TODAY, Session

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = DAYS[-1], TODAY, date(2025, 1, 28), date(2025, 1, 29)
MOVE = Rule("NVDA", "move", (50_000,), 50_000, Condition.MOVE)


async def _close(session: Session, day: date, nvda: float | None) -> None:
    """The closes of a day, and a poll at its bell."""
    for symbol, listed in session.server.listed.items():
        other = (listed.closes[FRIDAY] or 0) * (1 + day.day / 10_000)
        listed.closes[day] = nvda if symbol == "NVDA" else other
    session.at(datetime(day.year, day.month, day.day, 21, 15, tzinfo=UTC))
    await session.poll(0)


async def test_a_close_that_comes_two_days_late_is_filled_in_and_told_over_by_nobody(
    session: Session,
) -> None:
    await session.follow(MOVE)
    await _close(session, MONDAY, None)
    assert (await session.held())["NVDA"] == "NO_PRICE"
    await _close(session, TUESDAY, 94.0)  # 6.1% below Friday's
    assert MONDAY not in await session.closes("NVDA")
    assert await session.told() == ["NVDA is 6.1% below the peak (crossed −5%, 2025-01-28)"]
    session.server.listed["NVDA"].closes[MONDAY] = 96.0
    await _close(session, WEDNESDAY, 88.0)
    assert (await session.closes("NVDA"))[MONDAY] == 96_000_000
    assert (await session.told())[1:] == [
        "NVDA is 12.1% below the peak (crossed −10%, −6.4% on the day, 2025-01-29)",
        "NVDA is down 6.4% on the day (alert at 5% or more)",
    ]
    board: Board = session.services.live.board
    moves = {one.day: one.value for one in readings(board, "NVDA", "move", after=FRIDAY)}
    expected = {MONDAY: 96 / 100.1 - 1, TUESDAY: 94 / 96 - 1, WEDNESDAY: 88 / 94 - 1}
    assert moves == pytest.approx({day: 1e6 * move for day, move in expected.items()}, abs=1)


@pytest.mark.parametrize("late", [9_600.0, 9.6, 0.0])
async def test_a_late_close_that_cannot_be_stays_a_gap(session: Session, late: float) -> None:
    await _close(session, MONDAY, None)
    await _close(session, TUESDAY, 99.0)
    session.server.listed["NVDA"].closes[MONDAY] = late
    await _close(session, WEDNESDAY, 98.0)
    closes = await session.closes("NVDA")
    assert MONDAY not in closes
    assert closes[WEDNESDAY] == 98_000_000
    assert "NVDA" not in await session.held()


@pytest.mark.parametrize(
    ("symbols", "before", "last", "skips"),
    [
        (["NVDA"], FRIDAY, MONDAY, False),
        (["NVDA"], FRIDAY, TUESDAY, True),
        (["NVDA"], date(2025, 1, 17), date(2025, 1, 21), False),  # a holiday in New York
        (["NVDA", "X.L"], date(2025, 1, 17), date(2025, 1, 21), True),  # none in London
        (["BTC-USD"], FRIDAY, MONDAY, True),
        (["^GSPC"], date(1987, 10, 16), date(1987, 10, 20), False),  # no calendar goes so far back
        (["X.SS"], date(2031, 1, 6), date(2031, 1, 8), False),  # nor Shanghai's so far on
        (["NVDA"], date(2031, 1, 6), date(2031, 1, 8), True),
    ],
)
def test_which_days_skip_a_session(
    symbols: list[str], before: date, last: date, skips: bool
) -> None:
    assert skips_session(symbols, before, last) is skips


def test_a_move_over_a_missing_close_is_unknown() -> None:
    at = datetime(2025, 1, 29, 22, tzinfo=UTC)
    bars = [
        Bar("NVDA", day, close, at, at, "test")
        for day, close in ((FRIDAY, 100_000_000), (TUESDAY, 80_000_000), (WEDNESDAY, 80_000_000))
    ]
    board = Board.of(bars, {"one": Basket("one", "One", ("NVDA",))})
    for target in ("NVDA", "one"):
        assert [one.day for one in readings(board, target, "move")] == [WEDNESDAY]
