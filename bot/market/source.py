"""What a source of market prices must offer, live or replayed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from bot.model.bar import Bar, Basis, MarketEvent, Measure, Quote, Split


@dataclass(frozen=True, slots=True)
class Instrument:
    """A symbol as a source knows it: `kind` is "stock", "etf" or "index"; `unit` of its price."""

    symbol: str
    name: str
    kind: str
    unit: str
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Quotes of many symbols, and what came with them. `missing` are those without an answer."""

    quotes: tuple[Quote, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    events: tuple[MarketEvent, ...] = ()
    measures: tuple[Measure, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """Daily history of several symbols, with the splits in effect by then and the dividends.

    `unknown` are symbols that the source does not have; `failed` says, by symbol, why there is no
    answer this time; `limited` whether the source asked us to slow down.
    """

    bars: tuple[Bar, ...] = ()
    splits: tuple[Split, ...] = ()
    dividends: tuple[MarketEvent, ...] = ()
    unknown: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    limited: bool = False


class History(Protocol):
    """Daily closes, never later than asked for."""

    name: str

    async def known(self) -> dict[str, Instrument] | None:
        """The symbols that the source has; None where it cannot list them. Raises SourceError."""
        ...

    async def past(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> Past:
        """Final bars later than `after[symbol]` (all if absent) whose session closed by `until`.

        A source that adjusts its past sends that day again, so that a change shows. `observed_at`
        is `until`, or when a history that has ended was made. One symbol spoils no other. Raises
        SourceError where nothing can be had at all because the source does not answer; never
        because it does not have a symbol.
        """
        ...


class PastHistory(History, Protocol):
    """A history that has ended, which a replay can run over."""

    async def sessions(self, first: date, last: date) -> list[date]:
        """The open days that it covers, from `first` to `last`, ascending."""
        ...


class Quotes(Protocol):
    """Prices of the running session."""

    name: str

    async def quotes(self, symbols: Sequence[str], now: datetime) -> Batch:
        """The newest price of each symbol. Raises SourceError where none can be had at all."""
        ...
