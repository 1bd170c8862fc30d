"""A whole cycle with new prices of 100 symbols, ten thousand rules and a thousand silences."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from sqlalchemy import insert

from bot.alerts.stories import Timing
from bot.app import release_facts
from bot.config import load
from bot.cycle.tick import tick
from bot.market.calendar import NEW_YORK, session_close, sessions
from bot.market.source import Batch, Instrument, Past
from bot.model.bar import Bar, Basis, Quote
from bot.model.level import LevelState
from bot.model.rule import policy_of
from bot.services import ReleaseFacts, Services, SetClock
from storage.database import Database
from storage.schema import (
    level_state,
    reading,
    receiver,
    rule,
    silence,
    subscription,
    subscription_level,
)

SYMBOLS = [f"S{number:02d}" for number in range(100)]
DAYS = sessions(NEW_YORK, date(2023, 11, 1), date(2025, 1, 24))
OPEN = datetime(2025, 1, 27, 15, tzinfo=UTC)
RULES, SILENCES, CHANNELS = 10_000, 1_000, 1_000
MEASURES = ("1y", "move", "above", "below")


class Flat:
    """A history and a source of quotes in which nothing much happens."""

    name = "flat"

    async def known(self) -> dict[str, Instrument]:
        """A hundred symbols."""
        return {s: Instrument(s, s, "stock", "USD", Basis.SPLIT, "flat") for s in SYMBOLS}

    async def past(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> Past:
        """Every close is 100, give or take."""
        return Past(
            tuple(
                Bar(s, day, 100_000_000 + number % 3, session_close(NEW_YORK, day), until, "flat")
                for number, day in enumerate(DAYS)
                for s in symbols
                if day > after.get(s, date.min)
            )
        )

    async def quotes(self, symbols: Sequence[str], now: datetime) -> Batch:
        """A new price each, within a percent."""
        step = int(now.timestamp()) % 97
        return Batch(tuple(Quote(s, 99_500_000 + step * 1000, now, now, "flat") for s in symbols))


async def _fill(database: Database) -> None:
    per_key = RULES // (len(SYMBOLS) * len(MEASURES))
    rows: dict[Any, list[dict[str, Any]]] = {
        receiver: [
            {"id": n, "surface": "console", "address": str(n), "title": "", "time_zone": "UTC",
             "created_at": OPEN}
            for n in range(1, CHANNELS + 1)
        ],
        rule: [], reading: [], level_state: [], subscription: [], subscription_level: [],
        silence: [
            {"receiver_id": n % CHANNELS + 1, "target": SYMBOLS[n % 100], "starts_at": OPEN,
             "until": OPEN + timedelta(days=1), "by": "bench"}
            for n in range(SILENCES)
        ],
    }  # fmt: skip
    number = 0
    for symbol in SYMBOLS:
        for measure in MEASURES:
            key = f"{symbol}|{measure}"
            rows[reading].append({"key": key, "target": symbol, "window": measure, "value": None,
                                  "day": DAYS[-1], "as_of": OPEN})  # fmt: skip
            for step in range(per_key):
                number += 1
                level = {"above": 110_000_000, "below": -90_000_000}.get(measure, 50_000)
                state = LevelState(level + step * 1000, 20_000, policy=policy_of(measure))
                rows[rule].append({"id": number, "kind": "drawdown", "target": symbol,
                                   "window": measure, "levels": [state.level], "band": 20_000,
                                   "spec": f"{key}|{state.level}"})  # fmt: skip
                rows[level_state].append(
                    {"id": number, "key": key, "level": state.level, "band": state.band,
                     "armed": True, "next_at": state.next_at, "closes": 0}
                )  # fmt: skip
                rows[subscription].append(
                    {"id": number, "receiver_id": number % CHANNELS + 1, "kind": "rule",
                     "rule_id": number, "members": False, "filters": {}, "created_at": OPEN}
                )  # fmt: skip
                rows[subscription_level].append(
                    {"level_state_id": number, "subscription_id": number, "via": ""}
                )

    async def work(connection: Any) -> None:
        for table, values in rows.items():
            await connection.execute(insert(table), values)

    await database.write(work)


async def full_cycle(folder: Path) -> float:
    """Median seconds of a cycle with new prices."""
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/cycle.db")
    settings = load(None, {"AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder)})
    flat, clock = Flat(), SetClock(OPEN)
    facts = release_facts()
    none = ReleaseFacts([], facts.labs, facts.exposures)
    services = Services(settings, database, flat, none, clock, Random(1), flat)
    timing = Timing(timedelta(0), timedelta(0))
    await _fill(database)
    taken = []
    for _number in range(18):
        clock.moment += timedelta(minutes=1)
        begun = time.perf_counter()
        done = await tick(services, timing)
        taken.append(time.perf_counter() - begun)
        assert done.decisions == []
    await database.close()
    return median(taken[3:])
