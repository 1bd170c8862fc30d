"""Drawdown: how far a price is below the highest close of a window. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

PPM = 1_000_000

# Windows by name, in sessions; "max" is all there is.
WINDOWS: dict[str, int | None] = {
    "1m": 21,
    "3m": 63,
    "6m": 126,
    "1y": 252,
    "2y": 504,
    "3y": 756,
    "5y": 1260,
    "max": None,
}


@dataclass(frozen=True, slots=True)
class Drawdown:
    """Where a series stands under the highest close of its window.

    `depth` is last/peak - 1, at most 0; of equal peaks the latest counts. `trough` is the lowest
    close since the peak. The `max_` figures tell of the deepest fall inside the window, measured
    from the running peak; `max_recovery_day` is the first close back at that peak, None if none.
    `gain_to_recover` is peak/last - 1. `gaps` counts entries without a usable price.
    """

    as_of: date
    first_day: date
    sessions: int
    gaps: int
    last: float
    peak: float
    peak_day: date
    depth: float
    trough: float
    trough_day: date
    days_under_water: int
    sessions_under_water: int
    gain_to_recover: float
    max_depth: float
    max_peak_day: date
    max_trough_day: date
    max_recovery_day: date | None


def _usable(
    days: Sequence[date], closes: Sequence[float | None], window: int | None
) -> tuple[list[date], list[float], int]:
    """The window's days and closes with a price, and how many entries in it have none."""
    start = 0 if window is None else max(0, len(days) - window)
    pairs = [
        (day, close)
        for day, close in zip(days[start:], closes[start:], strict=True)
        if close is not None and math.isfinite(close) and close > 0
    ]
    return [day for day, _ in pairs], [close for _, close in pairs], len(days) - start - len(pairs)


def measure(
    days: Sequence[date], closes: Sequence[float | None], window: int | None
) -> Drawdown | None:
    """The drawdown at the last usable close, over the last `window` sessions (None: all).

    A close that is missing, not finite or not positive is a gap: left out, and counted. None
    where no close is usable.
    """
    at, prices, gaps = _usable(days, closes, window)
    if not prices:
        return None
    last = len(prices) - 1
    peak = max(range(len(prices)), key=lambda i: (prices[i], i))
    trough = min(range(peak, len(prices)), key=lambda i: prices[i])
    deepest = _deepest(prices)
    back = next(
        (i for i in range(deepest[1] + 1, len(prices)) if prices[i] >= prices[deepest[0]]), None
    )
    return Drawdown(
        as_of=at[last],
        first_day=at[0],
        sessions=len(prices),
        gaps=gaps,
        last=prices[last],
        peak=prices[peak],
        peak_day=at[peak],
        depth=prices[last] / prices[peak] - 1,
        trough=prices[trough],
        trough_day=at[trough],
        days_under_water=(at[last] - at[peak]).days,
        sessions_under_water=last - peak,
        gain_to_recover=prices[peak] / prices[last] - 1,
        max_depth=prices[deepest[1]] / prices[deepest[0]] - 1,
        max_peak_day=at[deepest[0]],
        max_trough_day=at[deepest[1]],
        max_recovery_day=None if back is None else at[back],
    )


def _deepest(prices: Sequence[float]) -> tuple[int, int]:
    """Positions of the peak and trough of the deepest fall; the first of equal falls."""
    peak, found, depth = 0, (0, 0), 0.0
    for position, price in enumerate(prices):
        if price >= prices[peak]:
            peak = position
        fall = price / prices[peak] - 1
        if fall < depth:
            found, depth = (peak, position), fall
    return found if depth < 0 else (peak, peak)


def underwater(
    days: Sequence[date], closes: Sequence[float | None], window: int | None
) -> tuple[list[date], list[float], list[float]]:
    """Days, closes and running peak of the window, for a chart; gaps left out."""
    at, prices, _gaps = _usable(days, closes, window)
    peaks: list[float] = []
    for price in prices:
        peaks.append(max(price, peaks[-1]) if peaks else price)
    return at, prices, peaks


def depth_ppm(last: int, peak: int) -> int:
    """last/peak - 1 in parts per million, rounded towards zero.

    So rounded, `depth_ppm(last, peak) <= -level` is true exactly when the price has fallen by
    `level` parts per million or more: no rounding error decides whether an alert fires.
    """
    return -((peak - last) * PPM // peak)
