"""Reading a window of bars out of a million, beside plain sqlite3 on the same file."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from storage import market
from storage.database import Database
from tests.bench.rows import Row, ratio_at_most

SYMBOLS, SESSIONS = 794, 1_260  # a million rows
SINCE = date(2020, 1, 2)
SEEN, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
RUNS, MOST = 101, 5.0
_PLAIN = (
    "SELECT symbol, day, close, as_of, observed_at, source, basis FROM bar"
    " WHERE symbol = ? AND day >= ? AND as_of <= ? ORDER BY symbol, day"
)


def micros(when: datetime) -> int:
    """As instants are stored."""
    return round(when.timestamp() * 1e6)


def _fill(file: Path) -> None:
    days = [SINCE + timedelta(days=number) for number in range(SESSIONS)]
    closed = [micros(datetime(d.year, d.month, d.day, 21, tzinfo=UTC)) for d in days]
    made = micros(SEEN)
    with closing(sqlite3.connect(file)) as plain:
        plain.executemany(
            "INSERT INTO bar (symbol, day, close, as_of, observed_at, source, basis)"
            " VALUES (?, ?, ?, ?, ?, 'bench', 'split-adjusted')",
            (
                (f"S{symbol:03d}", day.toordinal(), 100_000_000 + n * 977 % 9_999_991, at, made)
                for symbol in range(SYMBOLS)
                for n, (day, at) in enumerate(zip(days, closed, strict=True))
            ),
        )
        plain.commit()


async def windows(file: Path) -> tuple[float, float]:
    """Median seconds for the five years of one symbol: ours, and plain sqlite3's."""
    database = await Database.open(f"sqlite+aiosqlite:///{file}")
    _fill(file)
    ours, theirs = [], []
    with closing(sqlite3.connect(file)) as plain:
        async with database.read() as connection:
            for number in range(RUNS):
                symbol = f"S{number * 7 % SYMBOLS:03d}"
                begun = time.perf_counter()
                found = await market.bars(connection, [symbol], SINCE, UNTIL)
                between = time.perf_counter()
                rows = plain.execute(_PLAIN, (symbol, SINCE.toordinal(), micros(UNTIL))).fetchall()
                theirs.append(time.perf_counter() - between)
                ours.append(between - begun)
                assert len(found) == SESSIONS
                assert [(b.symbol, b.day.toordinal(), b.close) for b in found] == [
                    row[:3] for row in rows
                ]
    await database.close()
    return median(ours), median(theirs)


def rows() -> Iterator[Row]:
    """One row."""
    with TemporaryDirectory() as folder:
        ours, theirs = asyncio.run(windows(Path(folder) / "bars.db"))
    yield ratio_at_most(
        f"{SESSIONS:,} bars out of {SYMBOLS * SESSIONS:,}",
        f"{ours * 1e3:.2f} ms",
        f"{theirs * 1e3:.2f} ms plain sqlite3",
        ours / theirs,
        MOST,
    )
