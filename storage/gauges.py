"""Figures of the database for /metrics: each a count or a moment that an index or few rows give."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.outbox import UNSENT
from storage.schema import feed, held_price, outbox, receiver, source_health, subscription


@dataclass(frozen=True)
class Gauges:
    """What the database holds at a moment.

    `sources` are when each last answered well (None: never) and how often in a row it has failed.
    `feeds` are how many are looked at, how many of them fail, and how many are off; `looked_at` is
    when the newest good look was. `waiting` counts unsent messages by surface and state;
    `oldest_due` is when the oldest was enqueued that is due and may be sent, by surface.
    `receivers` counts channels by surface, and those of them that were given up. `size` is in
    bytes; None where the database does not say.
    """

    sources: Mapping[str, tuple[datetime | None, int]]
    feeds: Mapping[str, int]
    looked_at: datetime | None
    waiting: Mapping[tuple[str, str], int]
    oldest_due: Mapping[str, datetime]
    held: int
    subscriptions: Mapping[str, int]
    receivers: Mapping[str, tuple[int, int]]
    size: int | None


async def gauges(
    connection: AsyncConnection, now: datetime, failing: int, used: Collection[str]
) -> Gauges:
    """The figures at `now`; a feed fails after so many answers in a row that did not come.

    Of sources there are those only that are `used`, by name.
    """
    health, row = source_health.c, receiver.c
    sources = await connection.execute(select(health.source, health.ok_at, health.failures))
    waiting = await connection.execute(
        select(outbox.c.surface, outbox.c.state, func.count())
        .where(outbox.c.state.in_(UNSENT))
        .group_by(outbox.c.surface, outbox.c.state)
    )
    oldest = await connection.execute(
        select(outbox.c.surface, func.min(outbox.c.created_at))
        .join(receiver, receiver.c.id == outbox.c.receiver_id)
        .where(
            outbox.c.state == "pending",
            outbox.c.next_attempt_at <= now,
            receiver.c.disabled_at.is_(None),
        )
        .group_by(outbox.c.surface)
    )
    kinds = await connection.execute(
        select(subscription.c.kind, func.count()).group_by(subscription.c.kind)
    )
    places = await connection.execute(
        select(row.surface, func.count(), func.count(row.disabled_at)).group_by(row.surface)
    )
    held = await connection.execute(select(func.count()).select_from(held_price))
    feeds, looked_at = await _feeds(connection, failing)
    return Gauges(
        sources={name: (ok_at, failures) for name, ok_at, failures in sources if name in used},
        feeds=feeds,
        looked_at=looked_at,
        waiting={(surface, state): number for surface, state, number in waiting},
        oldest_due={surface: at for surface, at in oldest if at is not None},
        held=held.scalar_one(),
        subscriptions={row[0]: row[1] for row in kinds},
        receivers={surface: (every, given_up) for surface, every, given_up in places},
        size=await _size(connection),
    )


async def answers(connection: AsyncConnection) -> None:
    """Nothing, if the database answers. Raises what the driver raises."""
    await connection.execute(select(receiver.c.id).limit(1))


async def _feeds(
    connection: AsyncConnection, failing: int
) -> tuple[dict[str, int], datetime | None]:
    columns = feed.c
    on, fails = columns.off_at.is_(None), columns.failures >= failing
    statement = select(
        func.count(case((on, 1))),
        func.count(case((on & fails, 1))),
        func.count(columns.off_at),
        func.max(columns.ok_at),
    )
    read, bad, off, looked_at = (await connection.execute(statement)).one()
    return {"on": read, "failing": bad, "off": off}, looked_at


async def _size(connection: AsyncConnection) -> int | None:
    if connection.dialect.name == "sqlite":
        asked = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        asked = "SELECT pg_database_size(current_database())"
    return (await connection.execute(text(asked))).scalar()
