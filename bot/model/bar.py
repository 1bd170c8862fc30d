"""Bars, quotes and splits: what a market source reports.

Prices are integers in millionths of the quoted unit (micro-dollars; for an index, millionths
of a point), so that a level is crossed or not without a rounding error deciding it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

MICRO = 1_000_000


class Basis(StrEnum):
    """What a source has already adjusted a close for."""

    RAW = "raw"
    SPLIT = "split-adjusted"
    TOTAL = "split- and dividend-adjusted"


@dataclass(frozen=True, slots=True)
class Bar:
    """One session of one symbol. `close` in millionths; `as_of` is the session's close, UTC.

    `observed_at` is when the source told us, which a replay sets to the replayed instant.
    """

    symbol: str
    day: date
    close: int
    as_of: datetime
    observed_at: datetime
    source: str
    basis: Basis = Basis.SPLIT
    final: bool = True


@dataclass(frozen=True, slots=True)
class Quote:
    """A price during or after a session. `price` in millionths; both times UTC."""

    symbol: str
    price: int
    as_of: datetime
    observed_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Split:
    """`numerator` new shares for `denominator` old ones, from the open of `day` on."""

    symbol: str
    day: date
    numerator: int
    denominator: int
    source: str
