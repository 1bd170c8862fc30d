"""Evaluate: new closes become readings, readings fire and re-arm levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.levels import step
from bot.cycle.board import Board, readings
from bot.cycle.watch import reading_row, seed
from bot.model.level import REARMS, Change, Reading
from storage import levels
from storage.levels import StoredLevel, WatchedKey


@dataclass(frozen=True, slots=True)
class Crossing:
    """A level that fired or re-armed, with the reading that did it."""

    level: StoredLevel
    change: Change
    target: str
    window: str
    reading: Reading


async def evaluate(
    connection: AsyncConnection,
    keys: Sequence[WatchedKey],
    board: Board,
    now: datetime,
    closes_needed: int,
) -> list[Crossing]:
    """Judge every session that the stored readings have not seen, day by day, in order.

    A key without any reading yet is seeded: its past is folded in silently.
    """
    await _seed_new(connection, [key for key in keys if key.day is None], board, closes_needed)
    pending: dict[date, list[tuple[WatchedKey, Reading]]] = {}
    for key in keys:
        if key.day is None:
            continue
        for reading in readings(board.series(key.target), key.window, after=key.day):
            pending.setdefault(reading.day, []).append((key, reading))
    crossings: list[Crossing] = []
    for day in sorted(pending):
        by_key = {key.key: (key, reading) for key, reading in pending[day]}
        rows = [
            reading_row(board, key.target, key.window, reading.depth, day)
            for key, reading in by_key.values()
        ]
        await levels.set_readings(connection, rows)
        crossings += await _cross(connection, by_key, now, closes_needed)
    return crossings


async def _seed_new(
    connection: AsyncConnection, keys: Sequence[WatchedKey], board: Board, closes_needed: int
) -> None:
    for key in keys:
        stored = await levels.levels_of(connection, key.key)
        seeded: list[StoredLevel] = []
        row = None
        for level in stored:
            wanted = [level.state.level]
            states, row = seed(
                board, key.target, key.window, wanted, level.state.band, closes_needed
            )
            seeded.append(StoredLevel(level.id, level.key, states[0]))
        if row is not None:
            await levels.save(connection, seeded)
            await levels.set_readings(connection, [row])


async def _cross(
    connection: AsyncConnection,
    by_key: dict[str, tuple[WatchedKey, Reading]],
    now: datetime,
    closes_needed: int,
) -> list[Crossing]:
    found: list[Crossing] = []
    changed: list[StoredLevel] = []
    for level in await levels.crossing(connection, final=True):
        if level.key not in by_key:
            continue
        key, reading = by_key[level.key]
        state, change = step(level.state, reading, closes_needed)
        if change is Change.NONE:
            continue
        after = StoredLevel(level.id, level.key, state)
        changed.append(after)
        if change is Change.FIRED or change in REARMS:
            found.append(Crossing(after, change, key.target, key.window, reading))
    await levels.save(connection, changed)
    fired = [
        {
            "level_state_id": crossing.level.id,
            "fingerprint": f"{crossing.level.key}|{crossing.level.state.level}",
            "depth": crossing.reading.depth,
            "day": crossing.reading.day,
            "fired_at": now,
        }
        for crossing in found
        if crossing.change is Change.FIRED
    ]
    await levels.record_fired(connection, fired)
    rearmed = {c.level.id: c.change for c in found if c.change in REARMS}
    await levels.record_resolved(connection, rearmed, now)
    return found
