"""Measures of a trend besides drawdown: moves, highs and lows, volatility, crowding. Pure."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

PPM = 1_000_000
YEAR = 252
# Days over which volatility and correlations are taken, and the past they are ranked in.
SPAN, PAST = 21, 504


def move_ppm(last: int, before: int) -> int:
    """last/before - 1 in parts per million, rounded towards zero."""
    change = (last - before) * PPM
    return change // before if change >= 0 else -(-change // before)


def above_high_ppm(last: int, prior: Sequence[int]) -> int:
    """How far `last` is above the highest of `prior`, rounded away from zero: 0 only if equal."""
    highest = max(prior)
    return -((highest - last) * PPM // highest)


def below_low_ppm(last: int, prior: Sequence[int]) -> int:
    """How far `last` is below the lowest of `prior`, positive below, 0 only if equal."""
    lowest = min(prior)
    return -((last - lowest) * PPM // lowest)


def volatility(values: Sequence[int]) -> list[float | None]:
    """Realised volatility at each entry: the standard deviation of the last 21 log returns.

    Annualised by the square root of 252; sample deviation (n - 1). None before 22 entries.
    """
    returns = [math.log(b / a) for a, b in pairwise(values)]
    found: list[float | None] = [None] * min(SPAN, len(values))
    for end in range(SPAN, len(values)):
        window = returns[end - SPAN : end]
        mean = sum(window) / SPAN
        variance = sum((r - mean) ** 2 for r in window) / (SPAN - 1)
        found.append(math.sqrt(variance * YEAR))
    return found


def crowding(
    closes: Mapping[str, Mapping[date, int]], members: Sequence[str], days: Sequence[date]
) -> list[float | None]:
    """Mean pairwise correlation of the members' last 21 daily returns, at each of `days`.

    Over the members with a close on all 22 days of the span; None where fewer than three have,
    or a member did not move at all. Uses that the mean of all pairs follows from the variance of
    the sum of standardised returns.
    """
    returns: dict[str, list[float | None]] = {}
    for member in members:
        series = closes.get(member, {})
        returns[member] = [
            series[day] / series[before] - 1 if day in series and before in series else None
            for before, day in pairwise(days)
        ]
    early: list[float | None] = [None] * min(SPAN, len(days))
    return early + [
        _mean_correlation([r[end - SPAN : end] for r in returns.values()])
        for end in range(SPAN, len(days))
    ]


def _mean_correlation(spans: Sequence[Sequence[float | None]]) -> float | None:
    scaled = [scores for span in spans if (scores := standardised(span)) is not None]
    count = len(scaled)
    if count < 3:
        return None
    sums = [sum(column) for column in zip(*scaled, strict=True)]
    # Each standardised span has a sum of squares of 1, so the squares of the sums add up to
    # `count` plus twice the correlation of every pair.
    return float(sum(total * total for total in sums) - count) / (count * (count - 1))


def standardised(span: Sequence[float | None]) -> list[float] | None:
    """Returns less their mean, with a sum of squares of 1; None with a hole, or without a move."""
    values = [value for value in span if value is not None]
    if len(values) < len(span):
        return None
    mean = sum(values) / len(values)
    length = math.sqrt(sum((value - mean) ** 2 for value in values))
    return [(value - mean) / length for value in values] if length > 1e-12 else None


def percentiles(series: Sequence[float | None]) -> list[int | None]:
    """The rank of each entry among itself and the 503 before it, in parts per million.

    The share of those entries that are at or below it; None while there are fewer than 252.
    """
    found: list[int | None] = []
    for position, value in enumerate(series):
        past = [v for v in series[max(0, position - PAST + 1) : position + 1] if v is not None]
        if value is None or len(past) < YEAR:
            found.append(None)
        else:
            found.append(sum(v <= value for v in past) * PPM // len(past))
    return found
