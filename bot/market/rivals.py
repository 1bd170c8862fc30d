"""What else happened around an event, and may explain a move as well. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import fmean, stdev

BEYOND = 2.0


class RivalKind(StrEnum):
    """What sort of thing happened."""

    MARKET = "market"
    POLICY = "policy"
    EARNINGS = "earnings"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Rival:
    """Something else of `day`: `what` in a sentence's words, `short` in two or three, its
    `source`.
    """

    day: date
    kind: RivalKind
    what: str
    short: str
    source: str


@dataclass(frozen=True, slots=True)
class Wide:
    """A session on which the market itself moved by more than `BEYOND` of its own standard
    deviations: its return, as a fraction, and that standard deviation.
    """

    day: date
    ret: float
    usual: float


def market_days(
    days: Sequence[tuple[date, float]], before: Sequence[float], beyond: float = BEYOND
) -> list[Wide]:
    """The sessions among `days` (with the market's return) whose return lies further than `beyond`
    standard deviations from the mean of the returns `before`; none with fewer than two of those.
    """
    if len(before) < 2:
        return []
    mean, usual = fmean(before), stdev(before)
    return [Wide(day, ret, usual) for day, ret in days if abs(ret - mean) > beyond * usual]
