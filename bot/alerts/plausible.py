"""How far a price is from another, and what such a distance looks like. Pure.

Prices are integers of one unit (millionths); distances are parts per million.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

PPM = 1_000_000
# Two figures of one thing differ by no more than rounding.
MATCH_PPM = 1_000
# A source's own last close that differs from ours by more is on another basis.
BASIS_PPM = 20_000
# Beyond this no wrong figure of the source's explains it, and nothing confirms it.
SURELY_BASIS_PPM = 100_000
# A move is near that of a two-for-one split within this; beyond `LARGE` no stock moves in a day.
HALF_PPM = 60_000
LARGE = 2.7
# After so long, and no split announced, a move that looks like one is believed.
SPLIT_WAIT = timedelta(hours=8)
LARGE_SPLIT_WAIT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Trusted:
    """What a price is compared with: the last close that was let through, if any.

    `split` is new shares per old one of splits since that close which it is not adjusted for;
    `checked_at` when the source's history last bore that close out.
    """

    close: int | None = None
    day: date | None = None
    split: Fraction = Fraction(1)
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """A move of `confirm_ppm` or more has to be confirmed."""

    confirm_ppm: int = 80_000


def apart(one: int, other: int) -> float:
    """How far `one` is from `other`, whichever is larger; in parts per million of `other`."""
    return abs(one - other) * PPM / other


def of_other_basis(own: int, close: int) -> bool:
    """Whether a source's own last close is of another share basis than ours."""
    return own > 0 and apart(own, close) > BASIS_PPM


def looks_unit(price: int, close: int) -> bool:
    """About a hundred times, or a hundredth."""
    ratio = price / close
    return 80 <= ratio <= 125 or 80 <= 1 / ratio <= 125


def looks_split(price: int, close: int) -> bool:
    """Whether the move is about that of a split two for one, or more than a stock's in a day.

    Smaller splits look like real moves: the source's own last close gives them away.
    """
    ratio = max(price / close, close / price)
    return looks_wild(price, close) or abs(ratio / 2 - 1) * PPM <= HALF_PPM


def looks_wild(price: int, close: int) -> bool:
    """A move larger than any stock's in a day."""
    return max(price / close, close / price) >= LARGE


def split_wait(price: int, close: int) -> timedelta:
    """How long a move that looks like a split waits for the split to be announced."""
    return LARGE_SPLIT_WAIT if looks_wild(price, close) else SPLIT_WAIT


def shallower(one: int, other: int, close: int) -> int:
    """The one of two prices that moved less from `close`."""
    return min((one, other), key=lambda price: abs(price - close))
