"""Sums of money with the range that sources give, and what they come to over time. Pure.

Money is Decimal, in US dollars, and is not rounded. A month is a twelfth of 365 days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

NOTHING = Decimal(0)


class Period(StrEnum):
    """What a bill is told for."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Amount:
    """Dollars: as the source that is believed has it, and the range of all sources."""

    value: Decimal = NOTHING
    low: Decimal = NOTHING
    high: Decimal = NOTHING

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.value + other.value, self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.value - other.value, self.low - other.high, self.high - other.low)

    def per(self, period: Period) -> "Amount":
        """An amount of a day, for that period."""
        return Amount(*(over(one, period) for one in (self.value, self.low, self.high)))

    def times(self, share: Decimal) -> "Amount":
        """That many times as much."""
        return Amount(self.value * share, self.low * share, self.high * share)

    @property
    def differs(self) -> bool:
        """Whether sources come to different sums."""
        return self.low != self.high


def over(value: Decimal, period: Period) -> Decimal:
    """A sum of a day, for that period."""
    if period is Period.DAY:
        return value
    return value * 365 if period is Period.YEAR else value * 365 / 12


def first_year(a_day: Sequence[tuple[Decimal, datetime | None]], now: datetime) -> Decimal:
    """What 365 days from `now` come to: each sum a day holds until its moment, None: for good."""
    total, left = NOTHING, Decimal(365)
    passed = now
    for value, until in a_day:
        days = left
        if until is not None:
            days = min(left, days_between(passed, until))
            passed = until
        total += value * days
        left -= days
    return total


def days_between(start: datetime, end: datetime) -> Decimal:
    """Days, with their parts; 0 where the end is not after the start."""
    return Decimal(max(int((end - start).total_seconds()), 0)) / (24 * 60 * 60)
