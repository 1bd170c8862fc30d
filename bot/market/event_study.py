"""An event study: what a price did around an event beyond what the market explains. Pure.

After A. Craig MacKinlay, "Event Studies in Economics and Finance", Journal of Economic Literature
35 (1997), sections 4 and 5. The model is estimated before the event and predicts the event window;
the standard errors are those of prediction, with the estimation's own error in them. Every error
of the window shares that estimation's error, so the CAR's variance is the sum of their whole
covariance matrix σ² (I + X (Xe′Xe)⁻¹ X′), for m sessions of a window after L of estimation
σ² [m + m²/L + (Σ(Rm − R̄m))² / Σe(Rm − R̄m)²].
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date

from bot.market.market_model import ESTIMATION, Line, Pair, market_model
from bot.market.student import two_sided_p, two_sided_quantile
from bot.model.study import Day, Study, TooLittleError
from bot.model.wording import count, day, listing

WINDOW = (0, 5)
# The band holds this share of what chance alone would give.
BAND = 0.95
# An abnormal return that is smaller is rounding.
_ROUNDING = 1e-9
_MOST_NAMED = 5


def session_zero(sessions: Sequence[date], event: date) -> date | None:
    """Session 0: the first of `sessions` (ascending) on or after the day of the event.

    Labs release before or during New York's hours, so a day that is a session is its own
    session 0; a release on a weekend or a holiday counts from the next session. None where
    there is none yet.
    """
    at = bisect_left(sessions, event)
    return sessions[at] if at < len(sessions) else None


def study(pair: Pair, event: date, window: tuple[int, int] = WINDOW) -> Study:
    """The study of `event` (a day) over `window`, as sessions from session 0, both ends in it.

    Those sessions of the window that are over are in it. Raises TooLittleError where none is, or
    returns are missing; ValueError where the window runs backwards or into the estimation.
    """
    if not ESTIMATION[1] < window[0] <= window[1]:
        raise ValueError(f"a window begins after {ESTIMATION[1]} and ends after it begins")
    zero = bisect_left(pair.sessions, event)
    if zero >= len(pair.sessions):
        raise TooLittleError(f"No session on or after {day(event)} is over yet.")
    if zero + window[0] >= len(pair.sessions):
        raise TooLittleError(
            f"The window begins {count(window[0], 'session')} after {day(pair.sessions[zero])}: "
            "that session is not over yet."
        )
    model, line = market_model(pair, zero)
    begin, end = zero + window[0], min(zero + window[1] + 1, len(pair.sessions))
    returns = _whole(pair, begin, end)
    days = _days(pair, line, zero, begin, returns)
    return Study(
        pair.target, pair.benchmark, event, pair.sessions[zero], window, model, tuple(days)
    )


def _whole(pair: Pair, begin: int, end: int) -> list[tuple[float, float]]:
    """Returns of the target and the benchmark over the window; TooLittleError names what lacks."""
    for name, series in ((pair.target, pair.returns), (pair.benchmark, pair.market)):
        missing = [day(pair.sessions[at]) for at in range(begin, end) if series[at] is None]
        if missing:
            named = missing[:_MOST_NAMED]
            if len(missing) > len(named):
                named.append(f"{len(missing) - len(named)} more")
            raise TooLittleError(
                f"{name} has no return on {listing(named)}, inside the event window: "
                "a close is missing on that day or on the session before."
            )
    return [
        (ret, market)
        for ret, market in zip(pair.returns[begin:end], pair.market[begin:end], strict=True)
        if ret is not None and market is not None
    ]


def _days(
    pair: Pair, line: Line, zero: int, begin: int, returns: Sequence[tuple[float, float]]
) -> list[Day]:
    df = line.n - 2
    half = two_sided_quantile(1 - BAND, df)
    days: list[Day] = []
    car = deviations = 0.0
    for at, (ret, market) in enumerate(returns, start=begin):
        ar = ret - line.alpha - line.beta * market
        deviation = market - line.market_mean
        car += ar
        deviations += deviation
        length = at - begin + 1
        ar_se = _error(line, 1, deviation)
        car_se = _error(line, length, deviations)
        t = _ratio(pair, car, car_se)
        days.append(
            Day(
                offset=at - zero,
                day=pair.sessions[at],
                ret=ret,
                market=market,
                ar=ar,
                ar_se=ar_se,
                ar_t=_ratio(pair, ar, ar_se),
                car=car,
                car_se=car_se,
                t=t,
                p=two_sided_p(t, df),
                low=car - half * car_se,
                high=car + half * car_se,
            )
        )
    return days


def _error(line: Line, length: int, deviations: float) -> float:
    """The standard error of the sum of so many prediction errors."""
    spread = length + length**2 / line.n + deviations**2 / line.market_squares
    return math.sqrt(line.variance * spread)


def _ratio(pair: Pair, value: float, error: float) -> float:
    """Value ÷ standard error; 0 where both are nothing but rounding (the benchmark itself)."""
    if error > 0:
        return value / error
    if abs(value) <= _ROUNDING:
        return 0.0
    raise TooLittleError(
        f"{pair.target} moved exactly as {pair.benchmark} did before the event: "
        "no ordinary difference is left to measure an unusual one by."
    )
