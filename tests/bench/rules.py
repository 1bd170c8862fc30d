"""What judging rules costs: for a thousand subscriptions, for a million, and one by one.

A quiet tick writes 100 new readings and asks which levels they cross; none does.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.level import LevelState
from storage import levels
from storage.database import Database
from storage.schema import level_state, reading, receiver, rule, subscription, subscription_level
from tests.bench.cycle import full_cycle
from tests.bench.naive import beside_loop
from tests.bench.rows import Row, at_most, ratio_at_least, ratio_at_most

SYMBOLS = [f"S{number:02d}" for number in range(100)]
DAY = date(2025, 1, 27)
NOW = datetime(2025, 1, 27, 21, tzinfo=UTC)
DEPTH = -30_000
FEW, MANY = 1_000, 1_000_000
RUNS = 15


def _fill_rows(subscriptions: int) -> dict[str, list[dict[str, object]]]:
    """Rows of a database where so many subscriptions follow ever different levels."""
    per_symbol = max(10, min(1000, subscriptions // 100))
    rows: dict[str, list[dict[str, object]]] = {"level": [], "subscription": [], "tie": []}
    for symbol in range(100):
        for number in range(per_symbol):
            state = LevelState(50_000 + number * 300, 20_000)
            rows["level"].append(
                {
                    "id": symbol * per_symbol + number + 1,
                    "key": f"{SYMBOLS[symbol]}|1y",
                    "level": state.level,
                    "band": state.band,
                    "armed": True,
                    "next_at": state.next_at,
                    "closes": 0,
                    "counted_on": None,
                    "peak_day": None,
                }
            )
    for number in range(1, subscriptions + 1):
        rows["subscription"].append(
            {
                "id": number,
                "receiver_id": number,
                "kind": "rule",
                "rule_id": 1,
                "members": False,
                "filters": {},
                "created_at": NOW,
            }
        )
        level = number % len(rows["level"]) + 1
        rows["tie"].append({"level_state_id": level, "subscription_id": number, "via": ""})
    return rows


async def _database(folder: Path, subscriptions: int) -> Database:
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/{subscriptions}.db")
    rows = _fill_rows(subscriptions)
    receivers = [
        {
            "id": number,
            "surface": "console",
            "address": str(number),
            "title": "",
            "time_zone": "UTC",
            "created_at": NOW,
        }
        for number in range(1, subscriptions + 1)
    ]
    one_rule = {"id": 1, "kind": "drawdown", "target": "S00", "window": "1y", "levels": [],
                "band": 0, "spec": "s"}  # fmt: skip
    keys = [{"key": f"{s}|1y", "target": s, "window": "1y"} for s in SYMBOLS]

    async def work(connection: AsyncConnection) -> None:
        for table, values in (
            (receiver, receivers),
            (rule, [one_rule]),
            (reading, keys),
            (level_state, rows["level"]),
            (subscription, rows["subscription"]),
            (subscription_level, rows["tie"]),
        ):
            await connection.execute(insert(table), values)

    await database.write(work)
    return database


async def _tick(database: Database, number: int) -> float:
    rows = [
        {
            "key": f"{symbol}|1y",
            "target": symbol,
            "window": "1y",
            "value": DEPTH + number,
            "day": DAY,
            "as_of": NOW + timedelta(minutes=number),
        }
        for symbol in SYMBOLS
    ]

    async def work(connection: AsyncConnection) -> None:
        await levels.set_readings(connection, rows)
        found = await levels.crossing(connection)
        assert found == []

    begun = time.perf_counter()
    await database.write(work)
    return time.perf_counter() - begun


async def quiet_ticks(folder: Path) -> tuple[float, float]:
    """Median seconds of a quiet tick with a thousand and with a million subscriptions."""
    small, large = await _database(folder, FEW), await _database(folder, MANY)
    times: dict[Database, list[float]] = {small: [], large: []}
    for number in range(RUNS + 3):
        for database, taken in times.items():  # in turn, so that the machine's mood hits both
            taken.append(await _tick(database, number))
    for database in times:
        await database.close()
    return median(times[small][3:]), median(times[large][3:])


def rows() -> Iterator[Row]:
    """A million subscriptions beside a thousand, beside a loop over them, and a whole cycle."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        small, large = asyncio.run(quiet_ticks(folder))
        yield ratio_at_most(
            f"a tick over {MANY:,} subscriptions",
            f"{large * 1e3:.1f} ms",
            f"{small * 1e3:.1f} ms over {FEW:,}",
            large / small,
            2,
        )
        found = asyncio.run(beside_loop(folder / f"{MANY}.db"))
        yield ratio_at_least(
            f"{MANY:,} subscriptions judged anew",
            f"{found.ours:.2f} s",
            f"{found.theirs:,.0f} s one by one ({found.asked:,} scaled)",
            found.theirs / found.ours,
            500,
        )
        cycle = asyncio.run(full_cycle(folder))
    yield at_most(
        "100 new prices, 10,000 rules, beyond a tick",
        (cycle - small) * 1e3,
        50,
        " ms",
        f"{cycle * 1e3:.1f} ms in all",
    )
