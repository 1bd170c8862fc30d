"""Bars, quotes and splits: what a market source reports.

Prices are integers in millionths of the quoted unit (micro-dollars; for an index, millionths
of a point), so that a level is crossed or not without a rounding error deciding it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

MICRO = 1_000_000


class Basis(StrEnum):
    """What a source has already adjusted a close for."""

    RAW = "raw"
    SPLIT = "split-adjusted"
    TOTAL = "split- and dividend-adjusted"


class Bar(NamedTuple):
    """One session of one symbol. `close` in millionths; `as_of` is the session's close, UTC.

    `observed_at` is when the source told us, or the shipped history was made. A close
    of 0 stands for a price that the source left out. `final` is False for the price of a session
    that is not over, standing in for its close. A tuple, since thousands are made at a time.
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
    """A price during or after a session. `price` in millionths; both times UTC.

    `as_of` is when it was traded. The other prices are what the source itself says of the same
    session, in millionths: a second opinion on `price`; None where it says nothing. A price of 0
    stands for one that is missing or not finite. `unit` is the currency where the source names
    one; `delay_minutes` how late the source says its prices of that exchange are.
    """

    symbol: str
    price: int
    as_of: datetime
    observed_at: datetime
    source: str
    previous_close: int | None = None
    day_low: int | None = None
    day_high: int | None = None
    unit: str = ""
    delay_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Split:
    """`numerator` new shares for `denominator` old ones, from the open of `day` on."""

    symbol: str
    day: date
    numerator: int
    denominator: int
    source: str


@dataclass(frozen=True, slots=True)
class MarketEvent:
    """Something dated about a symbol: `kind` is "dividend" or "earnings".

    `value` in millionths per share for a dividend, None otherwise; `estimated` where the source
    is not sure of the day.
    """

    symbol: str
    day: date
    kind: str
    value: int | None
    estimated: bool
    source: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One valuation figure of a symbol on a day, in millionths of its unit.

    `name` is "trailing_eps", "forward_eps", "trailing_pe", "forward_pe", "market_cap",
    "enterprise_value", "revenue" (of the last four quarters), "price_sales", "eps_estimate",
    "revenue_estimate", "eps_growth" or "revenue_growth" (a fraction); `period` is Yahoo's for
    estimates ("0q", "+1q", "0y", "+1y"; "+2y" the year after), otherwise "".
    """

    symbol: str
    day: date
    name: str
    period: str
    value: int
    as_of: datetime
    source: str
