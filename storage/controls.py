"""What people ask for: silences, quiet hours, caps, and the news that is held meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import inserted_id
from storage.schema import held_news, outbox, receiver, silence, story


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is told of `target` ("" for everything) until `until`; `by` says who asked."""

    id: int
    receiver_id: int
    target: str
    starts_at: datetime
    until: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a channel wants to be told: time zone, quiet hours (minutes of the day), hourly cap."""

    time_zone: str
    quiet_from: int | None
    quiet_to: int | None
    hourly_cap: int | None


@dataclass(frozen=True, slots=True)
class HeldNews:
    """News that waits until `until`, and why; `root_id` is the outbox row that it answers."""

    id: int
    receiver_id: int
    subscription_id: int | None
    facts: Mapping[str, Any]
    fallback: str
    held_by: str
    until: datetime
    created_at: datetime
    root_id: int | None = None


async def add_silence(
    connection: AsyncConnection,
    receiver_id: int,
    target: str,
    now: datetime,
    until: datetime,
    by: str,
) -> int:
    """Add a silence; its id."""
    row = {
        "receiver_id": receiver_id,
        "target": target,
        "starts_at": now,
        "until": until,
        "by": by,
    }
    return inserted_id(await connection.execute(insert(silence).values(row)))


async def rename_silences(connection: AsyncConnection, old: str, new: str) -> None:
    """What silenced one target silences another: an alert got a new number."""
    await connection.execute(update(silence).where(silence.c.target == old).values(target=new))


async def end_silence(connection: AsyncConnection, silence_id: int, now: datetime) -> None:
    """End a silence before its time; what it held is due at once."""
    await connection.execute(update(silence).where(silence.c.id == silence_id).values(until=now))


async def silences(
    connection: AsyncConnection, receiver_ids: Sequence[int] | None, now: datetime
) -> list[Silence]:
    """The silences of these receivers (None: of all) in force at `now`, the first to end first."""
    statement = (
        select(silence)
        .where(silence.c.starts_at <= now, silence.c.until > now)
        .order_by(silence.c.until, silence.c.id)
    )
    if receiver_ids is not None:
        statement = statement.where(silence.c.receiver_id.in_(sorted(set(receiver_ids))))
    return [
        Silence(row.id, row.receiver_id, row.target, row.starts_at, row.until, row.by)
        for row in await connection.execute(statement)
    ]


async def wishes(connection: AsyncConnection, receiver_ids: Sequence[int]) -> dict[int, Wishes]:
    """How each of these receivers wants to be told."""
    statement = select(receiver).where(receiver.c.id.in_(sorted(set(receiver_ids))))
    return {
        row.id: Wishes(row.time_zone, row.quiet_from, row.quiet_to, row.hourly_cap)
        for row in await connection.execute(statement)
    }


async def set_wishes(connection: AsyncConnection, receiver_id: int, wanted: Wishes) -> None:
    """Store how a receiver wants to be told."""
    await connection.execute(
        update(receiver)
        .where(receiver.c.id == receiver_id)
        .values(
            time_zone=wanted.time_zone,
            quiet_from=wanted.quiet_from,
            quiet_to=wanted.quiet_to,
            hourly_cap=wanted.hourly_cap,
        )
    )


async def told_since(
    connection: AsyncConnection, receiver_ids: Sequence[int], since: datetime
) -> dict[int, list[datetime]]:
    """When each receiver was given a message, edits apart, since that moment; ascending."""
    statement = (
        select(outbox.c.receiver_id, outbox.c.created_at)
        .where(
            outbox.c.receiver_id.in_(sorted(set(receiver_ids))),
            outbox.c.created_at > since,
            outbox.c.action != "edit",
            outbox.c.state != "dead",
        )
        .order_by(outbox.c.created_at)
    )
    found: dict[int, list[datetime]] = {}
    for key, at in await connection.execute(statement):
        found.setdefault(key, []).append(at)
    return found


async def hold_news(connection: AsyncConnection, row: Mapping[str, Any]) -> None:
    """Keep news for later: a row of `held_news`."""
    await connection.execute(insert(held_news).values(**row))


async def due_news(connection: AsyncConnection, now: datetime) -> list[HeldNews]:
    """News whose time has come, of receivers that can be reached, oldest first."""
    statement = (
        select(held_news)
        .join(receiver, receiver.c.id == held_news.c.receiver_id)
        .where(held_news.c.until <= now, receiver.c.disabled_at.is_(None))
        .order_by(held_news.c.created_at, held_news.c.id)
    )
    return [
        HeldNews(
            row.id,
            row.receiver_id,
            row.subscription_id,
            row.facts,
            row.fallback,
            row.held_by,
            row.until,
            row.created_at,
            row.root_id,
        )
        for row in await connection.execute(statement)
    ]


async def postpone_news(
    connection: AsyncConnection, ids: Sequence[int], until: datetime, held_by: str
) -> None:
    """Hold news for longer, for the reason that holds it now."""
    await connection.execute(
        update(held_news).where(held_news.c.id.in_(ids)).values(until=until, held_by=held_by)
    )


async def replace_news(connection: AsyncConnection, subscription_id: int) -> None:
    """Forget what is held of a subscription: something newer says it all."""
    await connection.execute(
        delete(held_news).where(held_news.c.subscription_id == subscription_id)
    )


async def wake_news(connection: AsyncConnection, receiver_id: int, now: datetime) -> None:
    """Judge again at once the news that was held for a receiver."""
    await connection.execute(
        update(held_news).where(held_news.c.receiver_id == receiver_id).values(until=now)
    )


async def drop_news(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Forget news that has been told."""
    await connection.execute(delete(held_news).where(held_news.c.id.in_(ids)))


async def held_counts(connection: AsyncConnection, receiver_id: int) -> int:
    """How much waits for a receiver: news, and stories that are due."""
    news = select(func.count()).where(held_news.c.receiver_id == receiver_id)
    waiting = select(func.count()).where(
        story.c.receiver_id == receiver_id,
        story.c.closed_at.is_(None),
        story.c.due_at.is_not(None),
        story.c.held_by.is_not(None),
    )
    statement = select(news.scalar_subquery() + waiting.scalar_subquery())
    return int((await connection.execute(statement)).scalar_one())
