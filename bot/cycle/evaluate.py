"""Evaluate: new closes and prices become readings, readings fire and re-arm levels."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.levels import step
from bot.cycle.awaited import ACTIVE
from bot.cycle.board import Board
from bot.cycle.measures import readings
from bot.cycle.watch import reading_row, seed_new
from bot.market.calendar import exchange_of, is_session, session_close
from bot.model.level import REARMS, Change, Reading
from bot.model.rule import Condition, condition_of
from storage import levels
from storage.fired import record_fired, record_resolved
from storage.levels import StoredLevel, WatchedKey

# A session waits so long after its close for bars that are late, or held by the gate.
GRACE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A level that fired or re-armed, with the reading that did it."""

    level: StoredLevel
    change: Change
    target: str
    measure: str
    reading: Reading

    @property
    def topic(self) -> str:
        """The story that it belongs to: one per condition, whatever a drawdown's window."""
        return condition_of(self.measure).value


async def evaluate(
    connection: AsyncConnection,
    keys: Sequence[WatchedKey],
    board: Board,
    now: datetime,
    closes_needed: int,
) -> list[Crossing]:
    """Judge every session that the stored readings have not seen, day by day, in order.

    A session is judged once every bar of it is there, so that a basket is whole and its story is
    known before its members'; what is late or held is waited for until `GRACE` is over. A key
    without any reading yet is seeded: its past is folded in silently.
    """
    new = [key for key in keys if key.day is None]
    await seed_new(connection, new, board, closes_needed, now)
    pending: dict[date, list[tuple[WatchedKey, Reading | None]]] = {}
    for key in keys:
        if key.day is None:
            continue
        found = readings(board, key.target, key.measure, after=key.day)
        by_day = {reading.day: reading for reading in found if reading.final}
        # What could not be measured was judged all the same, and is not waited for.
        days = board.final(key.target).days
        for day in days[bisect_right(days, key.day) :]:
            pending.setdefault(day, []).append((key, by_day.get(day)))
    crossings: list[Crossing] = []
    for day in sorted(pending):
        if waiting_for(board, [key.target for key in keys], day, now):
            break
        over = [
            (key, reading)
            for key, reading in pending[day]
            if all(_over(symbol, day, now) for symbol in board.symbols(key.target))
        ]
        rows = [
            reading_row(
                board, key.target, key.measure, None if reading is None else reading.value, day
            )
            for key, reading in over
        ]
        await levels.set_readings(connection, rows)
        by_key = {key.key: (key, reading) for key, reading in over if reading is not None}
        crossings += await _cross(connection, by_key, now, closes_needed)
    return crossings


async def evaluate_prices(
    connection: AsyncConnection,
    keys: Sequence[WatchedKey],
    board: Board,
    now: datetime,
    closes_needed: int,
) -> list[Crossing]:
    """Judge the prices of running sessions, which stand on `board` after the closes."""
    by_key: dict[str, tuple[WatchedKey, Reading]] = {}
    rows = []
    for key in keys:
        series = board.series(key.target)
        if key.day is None or not series.partial or len(series.days) < 2:
            continue
        found = readings(board, key.target, key.measure, after=series.days[-2])
        if not found or found[-1].final or found[-1].day <= key.day:
            continue
        by_key[key.key] = (key, found[-1])
        rows.append(
            {
                "key": key.key,
                "target": key.target,
                "window": key.measure,
                "value": found[-1].value,
                "as_of": board.traded_at(key.target),
            }
        )
    await levels.set_readings(connection, rows)
    return await _cross(connection, by_key, now, closes_needed) if rows else []


def waiting_for(board: Board, targets: Sequence[str], day: date, now: datetime) -> list[str]:
    """Symbols whose session of `day` has closed without a bar, and may still get one."""
    symbols = {symbol for target in targets for symbol in board.symbols(target)}
    symbols.update(symbol for symbol in ("^GSPC", "^VIX") if symbol in board.closes)
    found = []
    for symbol in sorted(symbols):
        days = board.final(symbol).days
        if not days or days[-1] >= day or days[-1] < day - ACTIVE:
            continue
        exchange = exchange_of(symbol)
        if is_session(exchange, day):
            closed = session_close(exchange, day)
            if closed <= now < closed + GRACE:
                found.append(symbol)
    return found


def _over(symbol: str, day: date, now: datetime) -> bool:
    exchange = exchange_of(symbol)
    return not is_session(exchange, day) or session_close(exchange, day) <= now


def pending(
    keys: Sequence[WatchedKey], last: Mapping[str, date], symbols: Mapping[str, Sequence[str]]
) -> bool:
    """Whether there are closes that some key has not been judged on."""
    return any(
        key.day is None
        or any(symbol in last and last[symbol] > key.day for symbol in symbols[key.target])
        for key in keys
    )


async def _cross(
    connection: AsyncConnection,
    by_key: Mapping[str, tuple[WatchedKey, Reading]],
    now: datetime,
    closes_needed: int,
) -> list[Crossing]:
    found: list[Crossing] = []
    changed: list[StoredLevel] = []
    again: dict[int, Change] = {}
    for level in await levels.crossing(connection):
        if level.key not in by_key:
            continue
        key, reading = by_key[level.key]
        state, change = step(level.state, reading, closes_needed)
        if change is Change.NONE:
            continue
        after = StoredLevel(level.id, level.key, state)
        changed.append(after)
        if change is Change.FIRED and not level.state.armed:
            again[level.id] = Change.REARMED_DAILY
        if change is Change.FIRED or change in REARMS:
            found.append(Crossing(after, change, key.target, key.measure, reading))
    await levels.save(connection, changed)
    await record_resolved(connection, again, now)
    fired = [
        {
            "level_state_id": crossing.level.id,
            "fingerprint": f"{crossing.level.key}|{crossing.level.state.level}",
            "depth": crossing.reading.value,
            "day": crossing.reading.day,
            "fired_at": now,
        }
        for crossing in found
        if crossing.change is Change.FIRED
    ]
    await record_fired(connection, fired)
    rearmed = {c.level.id: c.change for c in found if c.change in REARMS}
    await record_resolved(connection, rearmed, now)
    return found


def daily(measure: str) -> bool:
    """Whether each session of this measure is a story of its own."""
    return condition_of(measure) is Condition.MOVE
