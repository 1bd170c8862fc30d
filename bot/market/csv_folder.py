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
        """As `History.past`. What cannot be read, by file and line, fails its symbol alone.

        Closes that are not raw send the last stored day again: an export made after a split tells
        another close of it. Raises SourceError where symbols.csv cannot be read.
        """
        return await asyncio.to_thread(self._past, symbols, after, until)

    def _past(self, symbols: Sequence[str], after: Mapping[str, date], until: datetime) -> Past:
        known = self._known()
        bars: list[Bar] = []
        splits: list[Split] = []
        failed: dict[str, str] = {}
        wanted = sorted(set(symbols))
        for symbol in wanted:
            if symbol not in known:
                continue
            try:
                found = self._bars(known[symbol], after.get(symbol), until)
                splits += self._splits(symbol, until)
                bars += found
            except SourceError as error:
                failed[symbol] = str(error)
        return Past(
            tuple(sorted(bars, key=lambda bar: (bar.day, bar.symbol))),
            tuple(splits),
            unknown=tuple(symbol for symbol in wanted if symbol not in known),
            failed=failed,
        )

    def _known(self) -> dict[str, Instrument]:
        said = {}
        for number, row in enumerate(self._rows(self._folder / SYMBOLS), 2):
            basis = row.get("basis") or Basis.SPLIT.value
            if basis not in [one.value for one in Basis]:
                every = ", ".join(one.value for one in Basis)
                raise SourceError(
                    f"{self._folder / SYMBOLS}, line {number}: {basis!r} is not a basis of closes "
                    f"({every})"
                )
            said[row.get("symbol", "")] = row
        found = {}
        for path in sorted(self._folder.glob("*.csv")):
            symbol = path.stem
            if path.name in (SPLITS, SYMBOLS) or not is_symbol(symbol):
                continue
            row = said.get(symbol, {})
            found[symbol] = Instrument(
                symbol,
                row.get("name") or symbol,
                row.get("kind") or "stock",
                row.get("unit") or "USD",
                Basis(row.get("basis") or Basis.SPLIT.value),
                row.get("source") or "CSV folder, daily close",
            )
        return found

    def _bars(self, item: Instrument, after: date | None, until: datetime) -> list[Bar]:
        path = self._folder / f"{item.symbol}.csv"
        exchange = exchange_of(item.symbol)
        found = []
        for number, row in enumerate(self._rows(path), 2):
            day = _day(row.get("date"), path, number)
            if after is not None and (day < after or (day == after and item.basis is Basis.RAW)):
                continue
            as_of = session_close(exchange, day)
            if as_of <= until:
                close = _close(row.get("close"), path, number)
                found.append(Bar(item.symbol, day, close, as_of, until, item.source, item.basis))
        return found

    def _splits(self, symbol: str, until: datetime) -> list[Split]:
        path = self._folder / SPLITS
        found = []
        for number, row in enumerate(self._rows(path), 2):
            # A line that names no symbol may be of any.
            if row.get("symbol", "") not in (symbol, ""):
                continue
            day = _day(row.get("date"), path, number)
            parts = _ratio(row, path, number)
            if not row.get("symbol"):
                raise SourceError(f"{path}, line {number}: names no symbol")
            if session_open(exchange_of(symbol), day) <= until:
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
        day = date.fromisoformat((text or "").strip())
    except ValueError:
        day = date.min
    if not 1902 <= day.year <= 2197:  # no calendar reaches further
        raise SourceError(f"{path}, line {line}: {text!r} is not a date such as 2025-01-27")
    return day


def _ratio(row: Mapping[str, str], path: Path, line: int) -> tuple[int, int]:
    """New and old shares."""
    try:
        parts = int(row["numerator"]), int(row["denominator"])
    except (KeyError, ValueError):
        parts = (0, 0)
    if min(parts) < 1:
        raise SourceError(
            f"{path}, line {line}: needs two whole numbers, as numerator 10 and denominator 1"
        )
    return parts


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
