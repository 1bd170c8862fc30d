"""What rules measure, from the board: one reading per session. Pure."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from bot.cycle.board import Board, Series
from bot.market.calendar import exchange_of, missed
from bot.market.drawdown import WINDOWS, depth_ppm
from bot.market.trend import (
    PAST,
    SPAN,
    YEAR,
    above_high_ppm,
    below_low_ppm,
    crowding,
    move_ppm,
    percentiles,
    volatility,
)
from bot.model.bar import MICRO
from bot.model.level import Reading
from bot.model.rule import Condition

_DAY = timedelta(days=1)


def sessions_of(measure: str) -> int | None:
    """How many sessions a measure looks back over; None: all there are."""
    if measure in WINDOWS:
        return WINDOWS[measure]
    if measure in (Condition.CROWDING, Condition.VOLATILITY):
        return PAST + SPAN + 1
    return YEAR + 1 if measure in (Condition.HIGH, Condition.LOW) else 2


def readings(board: Board, target: str, measure: str, after: date | None = None) -> list[Reading]:
    """One reading per session later than `after` (all sessions if None) that can be measured."""
    if measure in WINDOWS:
        return drawdowns(board.series(target), measure, after)
    return _MEASURES[Condition(measure)](board, target, after)


def drawdowns(series: Series, window: str, after: date | None = None) -> list[Reading]:
    """The drawdown from the highest value of the window, per session."""
    sessions = WINDOWS[window] or len(series.days)
    start = _start(series, after)
    if start == len(series.days) - 1:  # the usual case: one new price
        return [_newest(series, sessions)]
    found = []
    peaks: list[int] = []  # positions of falling values: the first is the window's peak
    for position, (day, value) in enumerate(zip(series.days, series.values, strict=True)):
        while peaks and series.values[peaks[-1]] <= value:
            peaks.pop()
        peaks.append(position)
        first = max(0, position - sessions + 1)
        if peaks[0] < first:
            peaks.pop(0)
        if position < start:
            continue
        peak = peaks[0]
        depth = depth_ppm(value, series.values[peak])
        final = not (series.partial and position == len(series.days) - 1)
        found.append(Reading(depth, day, series.days[peak], series.days[first], final))
    return found


def _newest(series: Series, sessions: int) -> Reading:
    last = len(series.values) - 1
    first = max(0, last - sessions + 1)
    top = max(series.values[first:])
    peak = last - series.values[::-1].index(top)  # of equal peaks the latest counts
    depth = depth_ppm(series.values[last], top)
    return Reading(
        depth, series.days[last], series.days[peak], series.days[first], not series.partial
    )


def _start(series: Series, after: date | None) -> int:
    """The position of the first session later than `after`."""
    if after is None:
        return 0
    position = len(series.days)
    while position and series.days[position - 1] > after:
        position -= 1
    return position


def _each(
    board: Board,
    target: str,
    after: date | None,
    before: int,
    value: Callable[[Series, int], int | None],
) -> list[Reading]:
    """A reading wherever `value(series, position)` has one, with `before` sessions before it."""
    series = board.series(target)
    found = []
    for position in range(max(_start(series, after), before), len(series.days)):
        measured = value(series, position)
        if measured is not None:
            day = series.days[position]
            final = not (series.partial and position == len(series.days) - 1)
            found.append(Reading(measured, day, day, series.days[max(0, position - before)], final))
    return found


def skips_session(symbols: Iterable[str], before: date, last: date) -> bool:
    """Whether an exchange of these symbols had a session between two days next to each other.

    What lies between their closes is then no move of one day. As far as holidays are known.
    """
    return last - before > _DAY and any(
        missed(exchange, before, last) for exchange in {exchange_of(symbol) for symbol in symbols}
    )


def _moves(board: Board, target: str, after: date | None) -> list[Reading]:
    symbols = board.symbols(target)

    def value(series: Series, at: int) -> int | None:
        if skips_session(symbols, series.days[at - 1], series.days[at]):
            return None
        return -abs(move_ppm(series.values[at], series.values[at - 1]))

    return _each(board, target, after, 1, value)


def _above(board: Board, target: str, after: date | None) -> list[Reading]:
    return _each(board, target, after, 0, lambda s, at: -s.values[at])


def _below(board: Board, target: str, after: date | None) -> list[Reading]:
    return _each(board, target, after, 0, lambda s, at: s.values[at])


def _high(board: Board, target: str, after: date | None) -> list[Reading]:
    return _each(
        board,
        target,
        after,
        YEAR - 1,
        lambda s, at: -above_high_ppm(s.values[at], s.values[at - YEAR + 1 : at]),
    )


def _low(board: Board, target: str, after: date | None) -> list[Reading]:
    return _each(
        board,
        target,
        after,
        YEAR - 1,
        lambda s, at: -below_low_ppm(s.values[at], s.values[at - YEAR + 1 : at]),
    )


def _pe(board: Board, target: str, after: date | None) -> list[Reading]:
    """Price over the forward earnings per share last seen by then; unknown where they are not."""
    known = sorted(board.eps.get(target, {}).items())

    def value(series: Series, at: int) -> int | None:
        eps = next((eps for day, eps in reversed(known) if day <= series.days[at]), None)
        return None if eps is None or eps <= 0 else series.values[at] * MICRO // eps

    return _each(board, target, after, 0, value)


def _pe_above(board: Board, target: str, after: date | None) -> list[Reading]:
    return [
        Reading(-r.value, r.day, r.peak_day, r.first_day, r.final)
        for r in _pe(board, target, after)
    ]


def _ranked(
    board: Board, target: str, after: date | None, series: list[float | None]
) -> list[Reading]:
    ranks = percentiles(series)
    return _each(
        board,
        target,
        after,
        0,
        lambda s, at: None if at >= len(ranks) or ranks[at] is None else -(ranks[at] or 0),
    )


def _crowding(board: Board, target: str, after: date | None) -> list[Reading]:
    """Ranked among its own two years; on closes only."""
    days = board.final(target).days
    if not _start_final(days, after):
        return []
    return _ranked(board, target, after, crowding(board.closes, board.symbols(target), days))


def _volatility(board: Board, target: str, after: date | None) -> list[Reading]:
    final = board.final(target)
    if not _start_final(final.days, after):
        return []
    return _ranked(board, target, after, volatility(final.values))


def _start_final(days: tuple[date, ...], after: date | None) -> bool:
    """Whether there is any close later than `after`: these measures are slow to work out."""
    return bool(days) and (after is None or days[-1] > after)


_MEASURES: dict[Condition, Callable[[Board, str, date | None], list[Reading]]] = {
    Condition.MOVE: _moves,
    Condition.ABOVE: _above,
    Condition.BELOW: _below,
    Condition.HIGH: _high,
    Condition.LOW: _low,
    Condition.PE_ABOVE: _pe_above,
    Condition.PE_BELOW: _pe,
    Condition.CROWDING: _crowding,
    Condition.VOLATILITY: _volatility,
}
