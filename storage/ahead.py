"""Moments kept while the machine's clock was ahead: moved back with it.

What is kept to last or to be due at a moment would wait until the clock gets there again, and what
is marked as of a moment to come would hide what is new.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, case, func, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import (
    Big,
    alert,
    attempt,
    bar,
    decision,
    feed,
    held_news,
    held_price,
    outbox,
    price_event,
    receiver,
    release,
    room,
    sighting,
    silence,
    source_health,
    story,
    subscription,
    subscription_level,
    tracked_event,
)

# Each by itself, where it lies ahead: when something was, and when something is due.
_ALONE: dict[Table, tuple[str, ...]] = {
    source_health: ("ok_at", "failing_since", "retry_at"),
    feed: ("seeded_at", "next_at", "ok_at", "changed_at", "failing_since"),
    bar: ("observed_at",),
    held_price: ("since", "seen_at"),
    release: ("known_at",),
    price_event: ("found_at",),
    receiver: ("failing_since", "created_at"),
    subscription: ("told_until",),
    story: ("opened_at", "told_at", "due_at"),
    outbox: ("lease_until", "next_attempt_at", "sent_at"),
    attempt: ("started_at", "ended_at"),
    decision: ("at",),
    tracked_event: ("opened_at",),
}
# What was begun while the clock was ahead: by its beginning, with its end.
_LASTING: tuple[tuple[Table, str, str], ...] = (
    (silence, "starts_at", "until"),
    (subscription, "created_at", "expires_at"),
    (room, "created_at", "expires_at"),
    (held_news, "created_at", "until"),
    (sighting, "seen_at", "until"),
)
# What counts only from the beginning of another, which stays where it is no time to come: it never
# goes before that. An alert is for who had subscribed; a message is of a release that is tracked.
_subscribed = (
    select(func.max(type_coerce(subscription.c.created_at, Big)))
    .join(subscription_level, subscription_level.c.subscription_id == subscription.c.id)
    .where(subscription_level.c.level_state_id == alert.c.level_state_id)
)
_tracked = select(type_coerce(tracked_event.c.opened_at, Big)).where(
    tracked_event.c.key == outbox.c.key
)
_AFTER: tuple[tuple[Column[Any], Column[Any], Select[int]], ...] = (
    (alert.c.fired_at, subscription.c.created_at, _subscribed),
    (outbox.c.created_at, tracked_event.c.opened_at, _tracked),
)
# The newest of these says how far the clock has been, each found without reading a table.
_MARKS: Sequence[tuple[Table, str]] = ((outbox, "created_at"), (attempt, "started_at"))


async def newest(connection: AsyncConnection) -> datetime | None:
    """The latest moment at which something is marked to have been; None where nothing is."""
    found: list[datetime] = []
    for table, name in _MARKS:
        statement = select(table.c[name]).order_by(table.c.id.desc()).limit(1)
        found += (await connection.execute(statement)).scalars()
    for table, name in ((source_health, "ok_at"), (feed, "ok_at")):
        statement = select(table.c[name]).where(table.c[name].is_not(None))
        found += (await connection.execute(statement)).scalars()
    return max(found, default=None)


async def bring_back(connection: AsyncConnection, now: datetime, by: timedelta) -> int:
    """Move what lies ahead of `now` back by as much as the clock was; how many moments."""
    moved = 0
    for column, other, begun in _AFTER:
        least, earlier = begun.where(other <= now).scalar_subquery(), _earlier(column, by)
        latest = case((least > earlier, least), else_=earlier)
        ahead = update(column.table).where(column > now).values({column.name: latest})
        moved += (await connection.execute(ahead)).rowcount
    for table, begins, ends in _LASTING:
        values = {begins: _earlier(table.c[begins], by), ends: _earlier(table.c[ends], by)}
        ahead = update(table).where(table.c[begins] > now).values(values)
        moved += (await connection.execute(ahead)).rowcount
    for table, names in _ALONE.items():
        for name in names:
            column = table.c[name]
            ahead = update(table).where(column > now).values({name: _earlier(column, by)})
            moved += (await connection.execute(ahead)).rowcount
    return moved


def _earlier(column: "Column[datetime]", by: timedelta) -> ColumnElement[int]:
    return type_coerce(column, Big) - round(by / timedelta(microseconds=1))
