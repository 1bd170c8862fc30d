"""Base rates: what followed events alike. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

FEWEST = 5


@dataclass(frozen=True, slots=True)
class Rate:
    """Cumulative abnormal returns (fractions) after `n` events of one kind: their median, and
    `low` to `high`, between which the middle half lies.
    """

    n: int
    median: float
    low: float
    high: float


def base_rate(cars: Sequence[float], fewest: int = FEWEST) -> Rate | None:
    """The rate of these; None with fewer than `fewest`, of which nothing may be said."""
    if len(cars) < max(fewest, 2):
        return None
    low, _middle, high = quantiles(cars, n=4, method="inclusive")
    return Rate(len(cars), median(cars), low, high)
