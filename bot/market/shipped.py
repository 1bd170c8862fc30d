"""The history and the baskets that ship with the program."""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files

from bot.market.calendar import NEW_YORK, session_close, session_open
from bot.market.source import Instrument, Past
from bot.model.bar import MICRO, Bar, Basis, Split
from bot.model.basket import Basket

# A list to compare with, not a basket that one could hold.
REFERENCE = "benchmarks"
_FOLDER = files("bot.shipped")


@cache
def _instruments() -> dict[str, Instrument]:
    rows = tomllib.loads(_FOLDER.joinpath("market/symbols.toml").read_text("utf-8"))
    return {
        symbol: Instrument(
            symbol, row["name"], row["kind"], row["unit"], Basis(row["basis"]), row["source"]
        )
        for symbol, row in rows.items()
    }


@cache
def _closes() -> dict[date, dict[str, int]]:
    """Closes in millionths, by day (ascending) and symbol."""
    rows = csv.reader(_FOLDER.joinpath("market/closes.csv").read_text("utf-8").splitlines())
    symbols = next(rows)[1:]
    return {
        date.fromisoformat(row[0]): {
            symbol: int(Decimal(cell) * MICRO)
            for symbol, cell in zip(symbols, row[1:], strict=True)
            if cell
        }
        for row in rows
    }


@cache
def _splits() -> tuple[Split, ...]:
    rows = tomllib.loads(_FOLDER.joinpath("market/splits.toml").read_text("utf-8"))["split"]
    return tuple(
        Split(row["symbol"], row["day"], row["numerator"], row["denominator"], row["source"])
        for row in rows
    )


class ShippedHistory:
    """Daily closes of the shipped baskets and benchmarks, 2022 to March 2025; no look-ahead.

    Its closes are on the share basis of after every split, so its splits are for information.
    """

    name = "shipped history"

    async def known(self) -> dict[str, Instrument]:
        """The symbols that it has."""
        return dict(_instruments())

    async def sessions(self, first: date, last: date) -> list[date]:
        """The days on which New York was open, as far as the history goes."""
        return [day for day in _closes() if first <= day <= last]

    async def past(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> Past:
        """As `History.past`."""
        return Past(
            tuple(await self.bars(symbols, after, until)),
            tuple(await self.splits(symbols, until)),
            unknown=tuple(symbol for symbol in symbols if symbol not in _instruments()),
        )

    async def bars(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> list[Bar]:
        """Closes later than `after[symbol]` of sessions that closed by `until`.

        All were observed when the history was made, so no split in it has yet to be adjusted for.
        """
        known, observed = _instruments(), session_close(NEW_YORK, max(_closes()))
        wanted = sorted(symbol for symbol in symbols if symbol in known)
        start = min((after.get(symbol, date.min) for symbol in wanted), default=date.max)
        found = []
        for day, closes in _closes().items():
            if day <= start:
                continue
            as_of = session_close(NEW_YORK, day)
            if as_of > until:
                break
            found += [
                Bar(
                    symbol,
                    day,
                    closes[symbol],
                    as_of,
                    observed,
                    known[symbol].source,
                    known[symbol].basis,
                )
                for symbol in wanted
                if symbol in closes and day > after.get(symbol, date.min)
            ]
        return found

    async def splits(self, symbols: Sequence[str], until: datetime) -> list[Split]:
        """Splits in effect at `until`: from the open of their day on."""
        return [
            s for s in _splits() if s.symbol in symbols and session_open(NEW_YORK, s.day) <= until
        ]


def load_baskets() -> dict[str, Basket]:
    """The shipped baskets by name."""
    rows = tomllib.loads(_FOLDER.joinpath("baskets.toml").read_text("utf-8"))
    return {
        name: Basket(name, row["title"], tuple(row["members"]), row["why"])
        for name, row in rows.items()
    }
