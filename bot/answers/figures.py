"""What rules measured, with the prices that the board has of it, for /alert test and explain."""

from datetime import date

from bot.cards.rules import Figure, figure_text
from bot.cycle.board import Board, Series
from bot.market.trend import YEAR
from bot.model.bar import MICRO
from bot.model.rule import Condition, condition_of
from storage.levels import WatchedKey


def figure_on(board: Board, target: str, condition: Condition, on: date, value: int) -> Figure:
    """What was measured on a session, with the prices that the board has of it.

    `on` is the session, or later than the last one on the board.
    """
    series = board.series(target)
    if on not in series.days:
        return Figure(value, day=on)
    at = series.days.index(on)
    move = None if at == 0 else series.values[at] / series.values[at - 1] - 1
    if target in board.baskets:  # the index of a basket is no price
        return Figure(value, day=on, move=move)
    close, extreme = series.values[at] / MICRO, _extreme(series, at, condition)
    return Figure(value, day=on, close=close, extreme=extreme, move=move)


def _extreme(series: Series, at: int, condition: Condition) -> float | None:
    """The highest or lowest close of the 52 weeks before the session at that position."""
    prior = series.values[max(0, at - YEAR + 1) : at]
    if not prior or condition not in (Condition.HIGH, Condition.LOW):
        return None
    return (max(prior) if condition is Condition.HIGH else min(prior)) / MICRO


def measured_text(board: Board, reading: WatchedKey | None) -> str | None:
    """What was measured last, in words; None where nothing was."""
    if reading is None or reading.value is None or reading.day is None:
        return None
    condition, on = condition_of(reading.measure), reading.day
    if not reading.live:
        return figure_text(
            condition, figure_on(board, reading.target, condition, on, reading.value)
        )
    series = board.series(reading.target)
    if not series.partial:  # the price of the session is known to another process only
        return figure_text(condition, Figure(reading.value))
    figure = figure_on(board, reading.target, condition, series.days[-1], reading.value)
    return figure_text(condition, figure)
