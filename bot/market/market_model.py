"""The market model: what a benchmark explains of a return, by ordinary least squares. Pure.

Returns are simple and daily, from close to close of two consecutive sessions; where either close
is missing there is none. Running totals make a fit at any session cost the same, however long its
estimation window, so that a placebo can fit again at each of hundreds of sessions.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise

from bot.market.index import basket_index
from bot.model.study import MarketModel, TooLittleError
from bot.model.wording import count, day

# The estimation window, in sessions from session 0, and the fewest returns it must hold.
ESTIMATION = (-250, -30)
FEWEST = 120
_WIDTH = ESTIMATION[1] - ESTIMATION[0] + 1
# Running totals that cancel may leave less than this share of the last of them.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Pair:
    """Daily returns of a target and its benchmark over `sessions` (ascending, all of them over).

    `returns` and `market` have an entry per session, None where a close is missing. `totals` are
    the running sums, up to but not with each session, over those that have both returns:
    their number, market, return, market², market × return, return², each return less `centre`.
    """

    target: str
    benchmark: str
    sessions: tuple[date, ...]
    returns: tuple[float | None, ...]
    market: tuple[float | None, ...]
    centre: tuple[float, float]
    totals: tuple[tuple[float, ...], ...]

    def sums(self, begin: int, end: int) -> tuple[float, float, float, float, float, float]:
        """The six sums over sessions `begin` up to but not with `end`."""
        n, x, y, xx, xy, yy = (total[end] - total[begin] for total in self.totals)
        return n, x, y, xx, xy, yy


@dataclass(frozen=True, slots=True)
class Line:
    """A fitted market model on centred returns, and what its prediction errors need.

    `market_mean` and `market_squares` (the sum of squared deviations) are of the benchmark's
    returns over the `n` sessions of the estimation.
    """

    n: int
    alpha: float
    beta: float
    left: float
    r_squared: float
    market_mean: float
    market_squares: float

    @property
    def variance(self) -> float:
        """Of what is left, over n − 2 degrees of freedom."""
        return self.left / (self.n - 2)


def returns_of(closes: Mapping[date, float], sessions: Sequence[date]) -> list[float | None]:
    """The simple return of each session; None unless it and the one before have a close."""
    values = [_close(closes, session) for session in sessions]
    found: list[float | None] = [None] if sessions else []
    found += [
        last / before - 1 if last is not None and before is not None else None
        for before, last in pairwise(values)
    ]
    return found


def _close(closes: Mapping[date, float], session: date) -> float | None:
    close = closes.get(session)
    return close if close is not None and math.isfinite(close) and close > 0 else None


def _clean(closes: Mapping[date, float], sessions: Sequence[date]) -> dict[date, float]:
    """The closes of these sessions that can be reckoned with."""
    found = zip(sessions, map(closes.get, sessions), strict=True)
    return {
        session: close
        for session, close in found
        if close is not None and close > 0 and math.isfinite(close)
    }


def portfolio_returns(
    closes: Mapping[str, Mapping[date, float]], members: Sequence[str], sessions: Sequence[date]
) -> list[float | None]:
    """The daily returns of `members` as one portfolio: equal weights, rebalanced each session.

    Each is that of their index, in which a member without a close is carried; None where no member
    has a close at both of two consecutive sessions.
    """
    clean = {member: _clean(closes.get(member, {}), sessions) for member in members}
    values = basket_index(clean, members, sessions).values
    found: list[float | None] = [None] if sessions else []
    for at in range(1, len(sessions)):
        before, session = sessions[at - 1], sessions[at]
        known = any(session in series and before in series for series in clean.values())
        found.append(values[at] / values[at - 1] - 1 if known else None)
    return found


def pair_up(
    target: str,
    closes: Mapping[date, float],
    benchmark: str,
    benchmark_closes: Mapping[date, float],
    sessions: Sequence[date],
) -> Pair:
    """A symbol and its benchmark by their closes (split-adjusted, in any unit) over `sessions`."""
    returns = returns_of(closes, sessions)
    return pair_of(target, returns, benchmark, returns_of(benchmark_closes, sessions), sessions)


def pair_of(
    target: str,
    returns: Sequence[float | None],
    benchmark: str,
    market: Sequence[float | None],
    sessions: Sequence[date],
) -> Pair:
    """A target and its benchmark by their returns, an entry per session: see `Pair`."""
    both = [(x, y) for x, y in zip(market, returns, strict=True) if x is not None and y is not None]
    centre = _mean([x for x, _y in both]), _mean([y for _x, y in both])
    terms: list[tuple[float, ...]] = []
    for x, y in zip(market, returns, strict=True):
        if x is None or y is None:
            terms.append((0.0,) * 6)
        else:
            dx, dy = x - centre[0], y - centre[1]
            terms.append((1.0, dx, dy, dx * dx, dx * dy, dy * dy))
    columns = zip(*terms, strict=True) if terms else [()] * 6
    totals = tuple(tuple(accumulate(column, initial=0.0)) for column in columns)
    return Pair(target, benchmark, tuple(sessions), tuple(returns), tuple(market), centre, totals)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


def estimation(zero: int) -> tuple[int, int]:
    """The estimation window of the session at `zero`: from its first up to but not with its end."""
    return max(0, zero + ESTIMATION[0]), max(0, zero + ESTIMATION[1] + 1)


def fit(pair: Pair, zero: int) -> Line | None:
    """The market model before the session at `zero`; None with fewer than 120 returns, or where
    the benchmark or the target did not move at all."""
    n, x, y, xx, xy, yy = pair.sums(*estimation(zero))
    if n < FEWEST:
        return None
    sxx, sxy, syy = xx - x * x / n, xy - x * y / n, yy - y * y / n
    least_x, least_y = (_ROUNDING * pair.totals[square][-1] for square in (3, 5))
    if sxx <= least_x or syy <= least_y:
        return None
    beta = sxy / sxx
    left = syy - beta * sxy
    left = left if left > least_y else 0.0
    alpha = (y - beta * x) / n + pair.centre[1] - beta * pair.centre[0]
    return Line(int(n), alpha, beta, left, 1 - left / syy, x / n + pair.centre[0], sxx)


def market_model(pair: Pair, zero: int) -> tuple[MarketModel, Line]:
    """The fit before the session at `zero`, and its line; TooLittleError says what it lacks."""
    begin, end = estimation(zero)
    there = [
        at
        for at in range(begin, end)
        if pair.returns[at] is not None and pair.market[at] is not None
    ]
    if len(there) < FEWEST:
        own, other = (
            sum(value is not None for value in series[begin:end])
            for series in (pair.returns, pair.market)
        )
        raise TooLittleError(
            f"{pair.target if own <= other else pair.benchmark} has "
            f"{count(len(there), 'daily return')} in sessions {-ESTIMATION[0]} to "
            f"{-ESTIMATION[1]} before {day(pair.sessions[zero])}; {FEWEST} are needed to tell "
            "what is usual."
        )
    line = fit(pair, zero)
    first, last = pair.sessions[there[0]], pair.sessions[there[-1]]
    if line is None:
        still = pair.target if _still(pair.returns, there) else pair.benchmark
        raise TooLittleError(
            f"{still} did not move from {day(first)} to {day(last)}: "
            "there is nothing to compare with."
        )
    sigma = math.sqrt(line.variance)
    model = MarketModel(
        line.alpha, line.beta, sigma, line.r_squared, line.n, first, last, _WIDTH - line.n
    )
    return model, line


def _still(returns: Sequence[float | None], there: Sequence[int]) -> bool:
    values = [value for at in there if (value := returns[at]) is not None]
    return max(values) - min(values) < 1e-12
