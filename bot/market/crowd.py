"""Crowding: whether the stocks of a basket move as one, session by session. Pure.

Closes are integers in millionths, split-adjusted; returns are close to close. Correlation and
volatility, and every rank, are those of `bot.market.trend`, which alert rules measure too.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from bot.market.trend import PAST, PPM, SPAN, crowding, percentiles, standardised, volatility

# Sessions that beta is fitted over: a quarter. A hole in the benchmark costs two of them.
BETA_SPAN, FEWEST_FOR_BETA = 63, 57
FEWEST_MEMBERS = 3

Closes = Mapping[str, Mapping[date, int]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A measure at a session, and where it stands among itself and the 503 sessions before.

    `rank` is the share of those at or below it, 0 to 1, None below 252 of them; `n` counts those
    that could be measured; `low`, `median` and `high` are their 5th, 50th and 95th percentile.
    """

    value: float | None
    rank: float | None
    n: int
    low: float | None
    median: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Member:
    """A member over the span: `correlation` is the mean of its own with each other member,
    `change` last/first - 1; `first` and `last` are closes in millionths.
    """

    symbol: str
    correlation: float
    change: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """How a basket's members moved at `day`, the last session on which at least three did.

    `first` is the day before the 21 returns. `days` and `correlations` are the two years that
    ranks are among. `left_out` are members without all closes of the span, with how many of the
    22 they have; `still` those that have them but did not move.
    """

    day: date
    first: date
    correlation: Ranked
    dispersion: Ranked
    beta: Ranked
    beta_returns: int
    volatility: Ranked
    members: tuple[Member, ...]
    left_out: tuple[tuple[str, int], ...]
    still: tuple[str, ...]
    days: tuple[date, ...]
    correlations: tuple[float | None, ...]


def measure(
    closes: Closes,
    members: Sequence[str],
    days: Sequence[date],
    index: Sequence[int],
    benchmark: Mapping[date, int],
) -> Crowd | None:
    """The crowd at the last of `days` (ascending) on which a correlation can be measured.

    `index` is the basket's own value on each of `days`. None where no day has three members with
    22 closes in a row that moved.
    """
    correlations = crowding(closes, members, days)
    at = next((n for n in reversed(range(len(days))) if correlations[n] is not None), None)
    if at is None:
        return None
    betas = beta(days, index, benchmark)
    span = days[at - SPAN : at + 1]
    start = max(0, at - PAST + 1)
    have = [(m, sum(day in closes.get(m, {}) for day in span)) for m in members]
    moved, still = _members(closes, [m for m, count in have if count == len(span)], span)
    return Crowd(
        day=days[at],
        first=span[0],
        correlation=ranked(correlations, at),
        dispersion=ranked(dispersion(closes, members, days), at),
        beta=ranked([slope for slope, _n in betas], at),
        beta_returns=betas[at][1],
        volatility=ranked(volatility(index), at),
        members=moved,
        left_out=tuple((m, count) for m, count in have if count < len(span)),
        still=still,
        days=tuple(days[start : at + 1]),
        correlations=tuple(correlations[start : at + 1]),
    )


def dispersion(closes: Closes, members: Sequence[str], days: Sequence[date]) -> list[float | None]:
    """How far apart members went in 21 sessions: the sample standard deviation (n - 1), across
    the members, of their returns from the close 21 sessions ago.

    Over the members with a close on all 22 days, as correlation is; None where fewer than three.
    """
    found: list[float | None] = [None] * min(SPAN, len(days))
    # How many closes in a row each member has by now.
    run = dict.fromkeys(members, 0)
    for at, day in enumerate(days):
        for member in members:
            run[member] = run[member] + 1 if day in closes.get(member, {}) else 0
        if at < SPAN:
            continue
        before = days[at - SPAN]
        changes = [
            closes[m][day] / closes[m][before] - 1 for m in members if run[m] > SPAN
        ]  # fmt: skip
        found.append(_deviation(changes) if len(changes) >= FEWEST_MEMBERS else None)
    return found


def _deviation(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))


def beta(
    days: Sequence[date], index: Sequence[int], benchmark: Mapping[date, int]
) -> list[tuple[float | None, int]]:
    """The slope of the index's daily returns on the benchmark's over the last 63 sessions, by
    least squares with a constant, and over how many returns; at each of `days`.

    Sessions without a benchmark close on the day or the one before are left out; None where
    fewer than 57 are left, or the benchmark did not move.
    """
    pairs = [
        (benchmark[day] / benchmark[before] - 1, now / then - 1)
        if day in benchmark and before in benchmark
        else None
        for (before, day), (then, now) in zip(pairwise(days), pairwise(index), strict=True)
    ]
    found: list[tuple[float | None, int]] = []
    for end in range(len(days)):
        window = [pair for pair in pairs[max(0, end - BETA_SPAN) : end] if pair is not None]
        enough = len(window) >= FEWEST_FOR_BETA
        found.append((_slope(window) if enough else None, len(window)))
    return found


def _slope(pairs: Sequence[tuple[float, float]]) -> float | None:
    mean_x = sum(x for x, _ in pairs) / len(pairs)
    mean_y = sum(y for _, y in pairs) / len(pairs)
    spread = sum((x - mean_x) ** 2 for x, _ in pairs)
    if spread < 1e-18:
        return None
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / spread


def ranked(series: Sequence[float | None], at: int) -> Ranked:
    """The entry at `at`, ranked as `bot.market.trend.percentiles` ranks it."""
    recent = series[max(0, at - PAST + 1) : at + 1]
    past = sorted(value for value in recent if value is not None)
    rank = percentiles(recent)[-1]
    low, median, high = (quantile(past, share) for share in (0.05, 0.5, 0.95))
    return Ranked(series[at], None if rank is None else rank / PPM, len(past), low, median, high)


def quantile(ascending: Sequence[float], share: float) -> float | None:
    """The value below which that share lies, straight between neighbours; None of nothing."""
    if not ascending:
        return None
    place = share * (len(ascending) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ascending) - 1)
    return ascending[below] + (place - below) * (ascending[above] - ascending[below])


def _members(
    closes: Closes, members: Sequence[str], span: Sequence[date]
) -> tuple[tuple[Member, ...], tuple[str, ...]]:
    """Members with all closes of the span, most in step first, and those that did not move."""
    scaled = {
        m: standardised([closes[m][day] / closes[m][before] - 1 for before, day in pairwise(span)])
        for m in members
    }
    moved = {m: scores for m, scores in scaled.items() if scores is not None}
    total = [sum(column) for column in zip(*moved.values(), strict=True)]
    found = [
        Member(
            m,
            # With itself a member correlates by 1, which is no company.
            (sum(a * b for a, b in zip(scores, total, strict=True)) - 1) / (len(moved) - 1),
            closes[m][span[-1]] / closes[m][span[0]] - 1,
            closes[m][span[0]],
            closes[m][span[-1]],
        )
        for m, scores in moved.items()
    ]
    found.sort(key=lambda one: (-one.correlation, one.symbol))
    return tuple(found), tuple(m for m in members if m not in moved)
