"""A small market of a test's own: two symbols, closes as given, one session a day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.market.calendar import NEW_YORK, session_close, sessions
from bot.market.source import Instrument, Past
from bot.model.bar import Bar, Basis

FIRST = date(2025, 3, 3)


class SmallMarket:
    """A `History` of NVDA and AMD whose closes a test writes down."""

    name = "test"

    def __init__(self, nvda: Sequence[float], amd: Sequence[float] | None = None) -> None:
        self.closes = {"NVDA": nvda, "AMD": amd or [100.0] * len(nvda)}

    @staticmethod
    def day(number: int) -> date:
        """The day of the session with that number."""
        return sessions(NEW_YORK, FIRST, FIRST + timedelta(days=60))[number]

    async def known(self) -> dict[str, Instrument]:
        """Both symbols."""
        return {s: Instrument(s, s, "stock", "USD", Basis.SPLIT, "test") for s in self.closes}

    async def sessions(self, first: date, last: date) -> list[date]:
        """As many as there are closes."""
        days = [self.day(number) for number in range(len(self.closes["NVDA"]))]
        return [day for day in days if first <= day <= last]

    async def past(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> Past:
        """As `History.past`."""
        return Past(
            tuple(
                Bar(symbol, day, round(close * 1e6), session_close(NEW_YORK, day), until, "test")
                for number in range(len(self.closes["NVDA"]))
                for symbol in sorted(symbols)
                if (close := self.closes[symbol][number])
                and (day := self.day(number)) > after.get(symbol, date.min)
                and session_close(NEW_YORK, day) <= until
            )
        )
