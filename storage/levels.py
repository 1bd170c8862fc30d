"""Readings and level states: which levels are crossed, found by an indexed range query.

There is one row per distinct (target, window, level, band), however many subscribe, so that a
quiet tick costs the same for a thousand subscriptions as for a million.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Integer,
    bindparam,
    false,
    or_,
    select,
    true,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.level import LevelState
from bot.model.rule import policy_of
from storage.database import decoded, put
from storage.schema import (
    Big,
    instant,
    level_state,
    reading,
    receiver,
    subscription,
    subscription_level,
)


@dataclass(frozen=True, slots=True)
class WatchedKey:
    """What is measured: `day` and `value` are None before the first reading; `as_of` is the moment
    since when it is watched then, and closes later than that are news.

    `day` is that of the last close judged; `value` may be of a price since then.
    """

    key: str
    target: str
    measure: str
    value: int | None
    day: date | None
    as_of: datetime | None = None

    @property
    def live(self) -> bool:
        """Whether `value` is of a price later than the close of `day`."""
        return self.as_of is not None and self.day is not None and self.as_of.date() > self.day


@dataclass(frozen=True, slots=True)
class StoredLevel:
    """A level state with its row id and the key it belongs to."""

    id: int
    key: str
    state: LevelState


@dataclass(frozen=True, slots=True)
class Told:
    """A subscription that a fired level concerns; `via` is "" for a rule of the receiver's own."""

    level_state_id: int
    subscription_id: int
    receiver_id: int
    via: str
    once: bool
    repeat_minutes: int | None
    mention: str | None


async def watched_targets(connection: AsyncConnection) -> list[str]:
    """Every symbol or basket that some rule measures."""
    statement = select(reading.c.target).distinct().order_by(reading.c.target)
    return list((await connection.execute(statement)).scalars())


async def watched(connection: AsyncConnection) -> list[WatchedKey]:
    """Every key that some rule measures."""
    # Many rows share few days and instants: each is decoded once, not per row.
    raw = (
        reading.c.key,
        reading.c.target,
        reading.c.window,
        reading.c.value,
        type_coerce(reading.c.day, Integer),
        type_coerce(reading.c.as_of, Big),
    )
    days, instants = cache(date.fromordinal), cache(instant)
    return [
        WatchedKey(
            key,
            target,
            window,
            value,
            None if day is None else days(day),
            None if at is None else instants(at),
        )
        for key, target, window, value, day, at in await connection.execute(
            select(*raw).order_by(reading.c.key)
        )
    ]


def _watched(row: Any) -> WatchedKey:
    return WatchedKey(row.key, row.target, row.window, row.value, row.day, row.as_of)


async def reading_of(connection: AsyncConnection, key: str) -> WatchedKey | None:
    """What was measured last of `key`, or None."""
    row = (await connection.execute(select(reading).where(reading.c.key == key))).first()
    return None if row is None else _watched(row)


async def judged_day(connection: AsyncConnection, key: str) -> date | None:
    """The day of the last close that `key` was judged on."""
    statement = select(reading.c.day).where(reading.c.key == key)
    found: date | None = (await connection.execute(statement)).scalar()
    return found


async def watch(
    connection: AsyncConnection,
    key: str,
    target: str,
    measure: str,
    levels: Sequence[LevelState],
) -> None:
    """Begin to measure `key` and keep these levels of it; those already kept stay as they are."""
    row = {"key": key, "target": target, "window": measure}
    await put(connection, reading, [row])
    rows = [{"key": key, **_columns(state)} for state in levels]
    await put(connection, level_state, rows, on=("key", "level", "band"))


async def level_ids(
    connection: AsyncConnection, key: str, levels: Sequence[int], band: int
) -> dict[int, int]:
    """Row id by level of the given levels of `key`."""
    statement = select(level_state.c.level, level_state.c.id).where(
        level_state.c.key == key,
        level_state.c.band == band,
        level_state.c.level.in_(levels),
    )
    return {row[0]: row[1] for row in await connection.execute(statement)}


async def levels_of(connection: AsyncConnection, key: str) -> list[StoredLevel]:
    """Every level of `key`."""
    statement = select(level_state).where(level_state.c.key == key).order_by(level_state.c.id)
    return [_stored(row) for row in await connection.execute(statement)]


async def link(
    connection: AsyncConnection,
    subscription_id: int,
    level_state_ids: Sequence[int],
    via: str,
) -> None:
    """Tie a subscription to levels."""
    rows = [
        {"level_state_id": key, "subscription_id": subscription_id, "via": via}
        for key in level_state_ids
    ]
    await put(connection, subscription_level, rows)


async def set_readings(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store readings: rows of key, target, window, value, day, as_of; one statement.

    Rows of a price during a session carry no day: it stays that of the last close.
    """
    update = ("value", "day", "as_of") if rows and "day" in rows[0] else ("value", "as_of")
    await put(connection, reading, rows, update=update)


def crossing_statement() -> Any:
    """The candidates: armed levels reached, and disarmed ones that may change."""
    # The empty string keeps a planner without statistics from walking all levels and looking
    # up their reading: it must take each reading and search the levels by index.
    joined = reading.join(level_state, level_state.c.key == reading.c.key + "")
    columns = select(level_state).select_from(joined)
    reached = columns.where(level_state.c.armed == true(), level_state.c.next_at >= reading.c.value)
    back = columns.where(level_state.c.armed == false(), level_state.c.next_at <= reading.c.value)
    return union_all(reached, back)


async def crossing(connection: AsyncConnection) -> list[StoredLevel]:
    """Levels that the stored readings may change, in a stable order."""
    found = [_stored(row) for row in await connection.execute(crossing_statement())]
    return sorted(found, key=lambda level: level.id)


async def save(connection: AsyncConnection, levels: Sequence[StoredLevel]) -> None:
    """Store changed states, in one statement."""
    if not levels:
        return
    statement = (
        update(level_state)
        .where(level_state.c.id == bindparam("row_id"))
        .values({name: bindparam(name) for name in _columns(levels[0].state)})
    )
    rows = [{"row_id": level.id, **_columns(level.state)} for level in levels]
    await connection.execute(statement, rows)


def told_statement(level_state_ids: Sequence[int], now: datetime) -> Any:
    """The subscriptions, of receivers that can be reached, that these levels concern."""
    return (
        select(
            subscription_level.c.level_state_id,
            subscription.c.id,
            subscription.c.receiver_id,
            subscription_level.c.via,
            subscription.c.once,
            subscription.c.repeat_minutes,
            subscription.c.mention,
        )
        .join(subscription, subscription.c.id == subscription_level.c.subscription_id)
        .join(receiver, receiver.c.id == subscription.c.receiver_id)
        .where(
            subscription_level.c.level_state_id.in_(level_state_ids),
            receiver.c.disabled_at.is_(None),
            # The zero keeps a planner without statistics from walking all subscriptions.
            (subscription.c.spent_by + 0).is_(None),
            or_(subscription.c.expires_at.is_(None), subscription.c.expires_at > now),
        )
        .order_by(subscription.c.receiver_id, subscription.c.id)
    )


async def told_of(
    connection: AsyncConnection, level_state_ids: Sequence[int], now: datetime
) -> list[Told]:
    """Whom these levels concern, by receiver."""
    rows = await connection.execute(told_statement(level_state_ids, now))
    return await decoded(rows, lambda some: [Told(*row) for row in some])


def _stored(row: Any) -> StoredLevel:
    policy = policy_of(row.key.rpartition("|")[2])
    state = LevelState(
        row.level, row.band, row.armed, row.closes, row.counted_on, row.peak_day, policy
    )
    return StoredLevel(row.id, row.key, state)


def _columns(state: LevelState) -> dict[str, Any]:
    return {
        "level": state.level,
        "band": state.band,
        "armed": state.armed,
        "next_at": state.next_at,
        "closes": state.closes,
        "counted_on": state.counted_on,
        "peak_day": state.peak_day,
    }
