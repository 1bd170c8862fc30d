"""A million subscriptions judged as an obvious bot would, one by one, beside how we judge them.

The loop asks for each subscription what it watches and for the closes of its window, and compares
the drawdown with its level. It runs over a sample, whose time is scaled. We measure each target
once, from the same closes in the same file, and ask what is crossed and whom that concerns. Both
must decide the same.
"""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.market.drawdown import WINDOWS, depth_ppm
from bot.model.bar import Bar
from storage import levels, market
from storage.database import Database

SAMPLE, RUNS = 2_000, 3
WINDOW = WINDOWS["1y"]
SYMBOLS = [f"S{number:02d}" for number in range(100)]
DAYS = [date(2024, 1, 29) + timedelta(days=number) for number in range(364)]
NOW = datetime(2025, 1, 27, 21, tzinfo=UTC)
# Falls that reach levels; the other symbols stand at their peak, give or take.
FALLEN = {"S07": 0.12, "S31": 0.06, "S64": 0.20}
# Of one statement.
_MOST_IDS = 10_000
# What such a bot would keep: a row for each subscription, found by its id.
_TABLE = """
CREATE TEMP TABLE watched (id INTEGER PRIMARY KEY, symbol TEXT, level INTEGER);
INSERT INTO watched
SELECT subscription_id, substr(key, 1, instr(key, '|') - 1), level
FROM level_state JOIN subscription_level ON level_state.id = level_state_id;
"""


@dataclass(frozen=True, slots=True)
class Beside:
    """Seconds for all subscriptions: ours, and the loop's, of which so many were `asked`."""

    ours: float
    theirs: float
    asked: int


def _bars() -> list[Bar]:
    found = []
    for place, symbol in enumerate(SYMBOLS):
        for number, day in enumerate(DAYS):
            close = 100_000_000 + (number * 7 + place * 13) % 1_000 * 1_000
            if day == DAYS[-1] and symbol in FALLEN:
                close = round(close * (1 - FALLEN[symbol]))
            at = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
            found.append(Bar(symbol, day, close, at, at, "bench"))
    return found


async def _ours(database: Database) -> tuple[float, set[int]]:
    """Seconds, and the subscriptions that are to be told."""
    begun = time.perf_counter()

    async def work(connection: AsyncConnection) -> set[int]:
        closes: dict[str, list[int]] = {}
        for one in await market.bars(connection, SYMBOLS, DAYS[0], NOW):
            closes.setdefault(one.symbol, []).append(one.close)
        rows = [
            {
                "key": f"{symbol}|1y",
                "target": symbol,
                "window": "1y",
                "value": depth_ppm(found[-1], max(found[-WINDOW:] if WINDOW else found)),
                "day": DAYS[-1],
                "as_of": NOW,
            }
            for symbol, found in closes.items()
        ]
        await levels.set_readings(connection, rows)
        crossed = [level.id for level in await levels.crossing(connection)]
        told: set[int] = set()
        for start in range(0, len(crossed), _MOST_IDS):
            some = crossed[start : start + _MOST_IDS]
            told |= {one.subscription_id for one in await levels.told_of(connection, some, NOW)}
        return told

    told = await database.write(work)
    return time.perf_counter() - begun, told


def _one_by_one(file: Path, sample: list[int]) -> tuple[float, set[int]]:
    """Seconds, and which subscriptions of the sample are to be told."""
    told = set()
    with closing(sqlite3.connect(file)) as plain:
        plain.executescript(_TABLE)
        begun = time.perf_counter()
        for number in sample:
            symbol, level = plain.execute(
                "SELECT symbol, level FROM watched WHERE id = ?", (number,)
            ).fetchone()
            closes = plain.execute(
                "SELECT day, close FROM bar WHERE symbol = ? ORDER BY day DESC LIMIT ?",
                (symbol, WINDOW),
            ).fetchall()
            # Whoever tells of a fall names the day of the peak.
            _peaked, peak = max(closes, key=lambda row: row[1])
            if depth_ppm(closes[0][1], peak) <= -level:
                told.add(number)
        return time.perf_counter() - begun, told


async def beside_loop(file: Path) -> Beside:
    """Judge all subscriptions in `file`; in turn, the best of each."""
    database = await Database.open(f"sqlite+aiosqlite:///{file}")
    await database.write(lambda connection: market.put_bars(connection, _bars()))
    with closing(sqlite3.connect(file)) as plain:
        count = plain.execute("SELECT count(*) FROM subscription").fetchone()[0]
    sample = Random(1).sample(range(1, count + 1), SAMPLE)
    ours, theirs = [], []
    for _run in range(RUNS):
        taken, told = await _ours(database)
        ours.append(taken)
        taken, decided = _one_by_one(file, sample)
        theirs.append(taken * count / SAMPLE)
        assert decided
        assert decided == told & set(sample)
    await database.close()
    return Beside(min(ours), min(theirs), SAMPLE)
