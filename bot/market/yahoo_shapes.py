"""What Yahoo's answers mean: JSON and frames → quotes, bars, splits, figures. Pure.

Yahoo leaves things out and gives them odd types; what cannot be read counts as missing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from bot.market.source import Batch, Instrument
from bot.model.bar import MICRO, Bar, Basis, MarketEvent, Measure, Quote, Split

SOURCE = "Yahoo"
BAR_SOURCE = "Yahoo, daily close"
# A market value in won or rupiah can be larger than what 64 bits hold in millionths.
_LARGEST = Decimal(2**63 - 1) / MICRO
_LONGEST = 400
_KINDS = {"EQUITY": "stock", "ETF": "etf", "INDEX": "index"}
_MEASURES = {
    "trailing_eps": "epsTrailingTwelveMonths",
    "forward_eps": "epsForward",
    "trailing_pe": "trailingPE",
    "forward_pe": "forwardPE",
    "market_cap": "marketCap",
}


def micro(value: Any) -> int | None:
    """A number in millionths, exactly as it is written; None where it is no finite number.

    Neither is one that is larger than the database can keep: nine trillion. It is no figure in
    dollars, and written out in full it could take all the memory there is.
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value)[:_LONGEST])
    except InvalidOperation:
        return None
    return round(number * MICRO) if number.is_finite() and abs(number) < _LARGEST else None


def _at(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def read_batch(rows: Sequence[Any], asked: Iterable[str], now: datetime) -> Batch:
    """The answer of v7/finance/quote: a row per symbol that Yahoo knows."""
    quotes, instruments = [], []
    events: list[MarketEvent] = []
    measures: list[Measure] = []
    found = set()
    wanted = set(asked)
    for row in rows:
        symbol = row.get("symbol") if isinstance(row, Mapping) else None
        if not isinstance(symbol, str) or symbol not in wanted:
            continue
        found.add(symbol)
        quote = _quote(symbol, row, now)
        quotes.append(quote)
        name = str(row.get("shortName") or row.get("longName") or symbol)
        basis = Basis.SPLIT
        instruments.append(Instrument(symbol, name, _kind(row), quote.unit, basis, BAR_SOURCE))
        day = quote.as_of.astimezone(_zone(row)).date()
        events += _earnings(symbol, row)
        measures += _measures(symbol, row, day, quote.as_of)
    return Batch(
        tuple(quotes),
        tuple(instruments),
        tuple(events),
        tuple(measures),
        tuple(sorted(wanted - found)),
    )


def _zone(row: Mapping[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(row["exchangeTimezoneName"])
    except (KeyError, ValueError, OSError, TypeError):
        return ZoneInfo("America/New_York")


def _kind(row: Mapping[str, Any]) -> str:
    said = str(row.get("quoteType") or "other")
    return _KINDS.get(said, said.lower())


def _unit(row: Mapping[str, Any]) -> str:
    """The currency as Yahoo spells it (GBp is not GBP); "" where it says none."""
    return "points" if _kind(row) == "index" else str(row.get("currency") or "")


def _delay(row: Mapping[str, Any]) -> int:
    """Minutes by which Yahoo's prices of that exchange are late; 0 where it says nothing."""
    minutes = micro(row.get("exchangeDataDelayedBy"))
    return max(0, minutes // MICRO) if minutes is not None else 0


def _quote(symbol: str, row: Mapping[str, Any], now: datetime) -> Quote:
    price = micro(row.get("regularMarketPrice"))
    return Quote(
        symbol,
        price if price is not None and price > 0 else 0,
        # Without a time it is old: the gate must not take it for news.
        _at(row.get("regularMarketTime")) or datetime(1970, 1, 1, tzinfo=UTC),
        now,
        SOURCE,
        micro(row.get("regularMarketPreviousClose")),
        micro(row.get("regularMarketDayLow")),
        micro(row.get("regularMarketDayHigh")),
        _unit(row),
        _delay(row),
    )


def _earnings(symbol: str, row: Mapping[str, Any]) -> list[MarketEvent]:
    at = _at(row.get("earningsTimestampStart")) or _at(row.get("earningsTimestamp"))
    if at is None:
        return []
    estimated = bool(row.get("isEarningsDateEstimate", True))
    return [
        MarketEvent(symbol, at.astimezone(_zone(row)).date(), "earnings", None, estimated, SOURCE)
    ]


def _measures(symbol: str, row: Mapping[str, Any], day: date, as_of: datetime) -> list[Measure]:
    return [
        Measure(symbol, day, name, "", value, as_of, SOURCE)
        for name, field in _MEASURES.items()
        if (value := micro(row.get(field))) is not None
    ]


def read_history(
    symbol: str,
    frame: Any,
    closes_at: Callable[[str, date], datetime],
    until: datetime,
) -> tuple[list[Bar], list[Split], list[MarketEvent]]:
    """Bars, splits and dividends of a daily frame as yfinance makes it.

    A close that is not a number becomes 0, for the gate to hold; a session that is not over by
    `until` is left out: Yahoo does not mark its bar as partial.
    """
    bars, splits, dividends = [], [], []
    for stamp, row in zip(frame.index, frame.to_dict("records"), strict=True):
        day = stamp.date()
        as_of = closes_at(symbol, day)
        ratio = row.get("Stock Splits") or 0
        numerator, denominator = _ratio(ratio) if 0 < ratio < _LARGEST else (1, 1)
        if numerator > 0 and numerator != denominator:
            splits.append(Split(symbol, day, numerator, denominator, SOURCE))
        paid = micro(row.get("Dividends"))
        if paid:
            dividends.append(MarketEvent(symbol, day, "dividend", paid, False, SOURCE))
        if as_of > until:
            continue
        close = micro(row.get("Close"))
        close = close if close is not None and close > 0 else 0
        bars.append(Bar(symbol, day, close, as_of, until, BAR_SOURCE, Basis.SPLIT))
    return bars, splits, dividends


def _ratio(value: float) -> tuple[int, int]:
    """A split's ratio as whole numbers: 10.0 → (10, 1), 1.5 → (3, 2), 0.05 → (1, 20)."""
    found = Fraction(str(value)).limit_denominator(100)
    return found.numerator, found.denominator


def start_of(after: date | None, until: datetime, years: int) -> date:
    """The first day to ask for: the stored past's last ten days again, or so many years."""
    if after is not None:
        return after - timedelta(days=10)
    return until.date() - timedelta(days=366 * years)
