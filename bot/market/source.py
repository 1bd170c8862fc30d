"""What a source of market prices must offer, live or replayed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.model.bar import Bar, Basis, Split

NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class Instrument:
    """A symbol as a source knows it: `kind` is "stock", "etf" or "index"; `unit` of its price."""

    symbol: str
    name: str
    kind: str
    unit: str
    basis: Basis
    source: str


class History(Protocol):
    """Daily closes, never later than asked for."""

    name: str

    async def known(self) -> dict[str, Instrument]:
        """The symbols that the source has."""
        ...

    async def sessions(self, first: date, last: date) -> list[date]:
        """The exchange's open days from `first` to `last`, ascending."""
        ...

    async def bars(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> list[Bar]:
        """Final bars later than `after[symbol]` (all if absent) whose session closed by `until`.

        Ordered by day and symbol; `observed_at` is `until`. Raises SourceError.
        """
        ...

    async def splits(self, symbols: Sequence[str], until: datetime) -> list[Split]:
        """Splits in effect at `until`: from the open of their day on. Raises SourceError."""
        ...


def session_open(day: date) -> datetime:
    """When New York opens on `day`, UTC."""
    return datetime.combine(day, time(9, 30), NEW_YORK).astimezone(UTC)


def session_close(day: date) -> datetime:
    """When New York closes on `day`, UTC: 16:00 there.

    A half-day counts as closing at 16:00 too, so that no close is known before its time.
    """
    return datetime.combine(day, time(16), NEW_YORK).astimezone(UTC)
