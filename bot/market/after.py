"""What a price did in the sessions after each of several days. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median, quantiles

SESSIONS = 5
FEWEST = 5


@dataclass(frozen=True, slots=True)
class After:
    """Moves over `sessions`, as fractions: the median of `n`, and the middle half of them."""

    n: int
    median: float
    low: float
    high: float
    sessions: int


def after(
    days: Sequence[date],
    values: Sequence[float],
    events: Iterable[date],
    sessions: int = SESSIONS,
    fewest: int = FEWEST,
) -> After | None:
    """The moves from the close of each event's day (the last before it, where it was no session)
    to the close so many sessions later; None with fewer than `fewest` of them.

    `days` ascend. What came between two closes counts once, and only where both closes are there.
    """
    starts = sorted({bisect_right(days, event) - 1 for event in events})
    moves = [
        values[at + sessions] / values[at] - 1
        for at in starts
        if at >= 0 and at + sessions < len(days)
    ]
    if len(moves) < fewest:
        return None
    low, _middle, high = quantiles(moves, n=4, method="inclusive")
    return After(len(moves), median(moves), low, high, sessions)
