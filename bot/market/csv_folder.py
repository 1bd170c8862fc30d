"""Prices from a folder of CSV files: a second source, for a data vendor's exports."""

import asyncio
import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from bot.errors import SourceError
from bot.market.calendar import exchange_of, session_close, session_open
from bot.market.source import Instrument, Past
from bot.model.bar import MICRO, Bar, Basis, Split
from bot.model.symbol import is_symbol

SPLITS = "splits.csv"
SYMBOLS = "symbols.csv"


class CsvHistory:
    """A folder with one SYMBOL.csv each, of the columns date and close.

    symbols.csv (symbol, name, kind, unit, basis) says more of a symbol; without it one is a stock
    in USD with split-adjusted closes. splits.csv (symbol, date, numerator, denominator) is needed
    where closes are raw. Other columns are left alone. A file is read again when it has changed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[float, list[dict[str, str]]]] = {}
        self.name = "CSV folder"

    async def known(self) -> dict[str, Instrument]:
        """The symbols that there is a file of."""
        return await asyncio.to_thread(self._known)

    async def past(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> Past:
        """As `History.past`. Raises SourceError naming the file and line that cannot be read."""
        return await asyncio.to_thread(self._past, symbols, after, until)

    def _past(self, symbols: Sequence[str], after: Mapping[str, date], until: datetime) -> Past:
        return Past(tuple(self._bars(symbols, after, until)), tuple(self._splits(symbols, until)))

    def _known(self) -> dict[str, Instrument]:
        said = {row.get("symbol", ""): row for row in self._rows(self._folder / SYMBOLS)}
        found = {}
        for path in sorted(self._folder.glob("*.csv")):
            symbol = path.stem
            if path.name in (SPLITS, SYMBOLS) or not is_symbol(symbol):
                continue
            row = said.get(symbol, {})
            basis = row.get("basis") or Basis.SPLIT.value
            if basis not in [one.value for one in Basis]:
                raise SourceError(f"{self._folder / SYMBOLS}: {basis} is not a basis of closes")
            found[symbol] = Instrument(
                symbol,
                row.get("name") or symbol,
                row.get("kind") or "stock",
                row.get("unit") or "USD",
                Basis(basis),
                row.get("source") or "CSV folder, daily close",
            )
        return found

    def _bars(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> list[Bar]:
        known = self._known()
        found = []
        for symbol in sorted(set(symbols) & set(known)):
            path = self._folder / f"{symbol}.csv"
            for number, row in enumerate(self._rows(path), 2):
                day = _day(row.get("date"), path, number)
                if day <= after.get(symbol, date.min):
                    continue
                as_of = session_close(exchange_of(symbol), day)
                if as_of <= until:
                    close = _close(row.get("close"), path, number)
                    item = known[symbol]
                    found.append(Bar(symbol, day, close, as_of, until, item.source, item.basis))
        return sorted(found, key=lambda bar: (bar.day, bar.symbol))

    def _splits(self, symbols: Sequence[str], until: datetime) -> list[Split]:
        path = self._folder / SPLITS
        found = []
        for number, row in enumerate(self._rows(path), 2):
            symbol, day = row.get("symbol", ""), _day(row.get("date"), path, number)
            if symbol in symbols and session_open(exchange_of(symbol), day) <= until:
                try:
                    parts = int(row["numerator"]), int(row["denominator"])
                except (KeyError, ValueError):
                    raise SourceError(f"{path}, line {number}: needs two whole numbers") from None
                found.append(Split(symbol, day, *parts, self.name))
        return found

    def _rows(self, path: Path) -> list[dict[str, str]]:
        try:
            changed = path.stat().st_mtime
        except OSError:
            return []
        if path not in self._read or self._read[path][0] != changed:
            try:
                with path.open(newline="", encoding="utf-8-sig") as file:
                    rows = [
                        {(key or "").strip().lower(): (value or "") for key, value in row.items()}
                        for row in csv.DictReader(file, restval="", restkey="")
                    ]
            except (OSError, UnicodeDecodeError, csv.Error) as error:
                raise SourceError(f"{path} cannot be read ({type(error).__name__})") from None
            self._read[path] = (changed, rows)
        return self._read[path][1]


def _day(text: str | None, path: Path, line: int) -> date:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        raise SourceError(
            f"{path}, line {line}: {text!r} is not a date such as 2025-01-27"
        ) from None


def _close(text: str | None, path: Path, line: int) -> int:
    """In millionths; 0 for one that is left out or not finite, for the gate to hold."""
    stripped = (text or "").strip()
    if stripped.lower() in ("", "nan", "null", "none"):
        return 0
    try:
        value = Decimal(stripped)
    except InvalidOperation:
        raise SourceError(f"{path}, line {line}: {text!r} is not a price") from None
    return max(round(value * MICRO), 0) if value.is_finite() else 0
