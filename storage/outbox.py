"""The outbox: messages on their way, and every attempt to send one.

A row may be claimed only while its receiver has no earlier one pending or claimed, so that a
reply never overtakes its story and a slow channel delays only itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.receiver import MessageRef, Notification, Receiver
from storage.database import inserted_id
from storage.receivers import remove_spent, unspend
from storage.schema import attempt, outbox, receiver, story

UNSENT = ("pending", "claimed")
# Making an alias costs more than a query does.
_earlier, _root = outbox.alias("earlier"), outbox.alias("root")


async def enqueue(
    connection: AsyncConnection,
    receiver_id: int,
    nonce: str,
    action: str,
    facts: Mapping[str, Any],
    fallback: str,
    now: datetime,
    *,
    story_id: int | None = None,
    subscription_id: int | None = None,
    root_id: int | None = None,
) -> int:
    """Add a row; its id. A pending edit of the same message takes over the newer facts."""
    if action == "edit" and root_id is not None:
        merged = await connection.execute(
            update(outbox)
            .where(
                outbox.c.root_id == root_id,
                outbox.c.action == "edit",
                outbox.c.state == "pending",
            )
            .values(facts=dict(facts), fallback=fallback)
            .returning(outbox.c.id)
        )
        row = merged.first()
        if row is not None:
            return int(row[0])
    result = await connection.execute(
        insert(outbox).values(
            receiver_id=receiver_id,
            subscription_id=subscription_id,
            story_id=story_id,
            nonce=nonce,
            action=action,
            root_id=root_id,
            facts=dict(facts),
            fallback=fallback,
            created_at=now,
            state="pending",
            next_attempt_at=now,
            attempts=0,
        )
    )
    return inserted_id(result)


async def claim(
    connection: AsyncConnection,
    now: datetime,
    by: str,
    lease_until: datetime,
    limit: int,
    surfaces: tuple[str, ...],
) -> list[Notification]:
    """Claim up to `limit` rows for the start of the process named `by`, oldest first.

    Takes rows that are due and those whose lease ran out (their sender died or hangs).
    """
    free = or_(
        (outbox.c.state == "pending") & (outbox.c.next_attempt_at <= now),
        (outbox.c.state == "claimed") & (outbox.c.lease_until <= now),
    )
    chosen = (
        select(outbox.c.id)
        .join(receiver, receiver.c.id == outbox.c.receiver_id)
        .where(
            free,
            receiver.c.surface.in_(surfaces),
            receiver.c.disabled_at.is_(None),
            ~exists().where(
                _earlier.c.receiver_id == outbox.c.receiver_id,
                _earlier.c.id < outbox.c.id,
                _earlier.c.state.in_(UNSENT),
            ),
        )
        .order_by(outbox.c.id)
        .limit(limit)
    )
    keys = list((await connection.execute(chosen)).scalars())
    if not keys:
        return []
    await connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(keys))
        .values(
            state="claimed",
            claimed_by=by,
            lease_until=lease_until,
            attempts=outbox.c.attempts + 1,
        )
    )
    return await _notifications(connection, keys)


async def _notifications(connection: AsyncConnection, keys: list[int]) -> list[Notification]:
    statement = (
        select(
            outbox,
            receiver.c.surface,
            receiver.c.address,
            receiver.c.title,
            _root.c.channel_ref.label("root_channel"),
            _root.c.thread_ref.label("root_thread"),
            _root.c.message_ref.label("root_message"),
        )
        .join(receiver, receiver.c.id == outbox.c.receiver_id)
        .outerjoin(_root, _root.c.id == outbox.c.root_id)
        .where(outbox.c.id.in_(keys))
        .order_by(outbox.c.id)
    )
    return [
        Notification(
            id=row.id,
            receiver=Receiver(row.receiver_id, row.surface, row.address, row.title),
            nonce=row.nonce,
            action=row.action,
            facts=row.facts,
            fallback=row.fallback,
            created_at=row.created_at,
            attempts=row.attempts - 1,
            subscription_id=row.subscription_id,
            root=None
            if row.root_message is None
            else MessageRef(row.root_channel, row.root_message, row.root_thread or ""),
            root_id=row.root_id,
        )
        for row in await connection.execute(statement)
    ]


async def begin_attempt(connection: AsyncConnection, outbox_id: int, now: datetime) -> int:
    """Record that a send begins; until it ends its outcome is unknown."""
    result = await connection.execute(
        insert(attempt).values(outbox_id=outbox_id, started_at=now, outcome="unknown", detail="")
    )
    return inserted_id(result)


async def mark_sent(
    connection: AsyncConnection,
    outbox_id: int,
    attempt_id: int,
    ref: MessageRef,
    now: datetime,
) -> None:
    """The platform has the message, under these ids."""
    await connection.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id)
        .values(
            state="sent",
            sent_at=now,
            claimed_by=None,
            lease_until=None,
            channel_ref=ref.channel,
            thread_ref=ref.thread,
            message_ref=ref.message,
        )
    )
    await remove_spent(connection, outbox_id)
    await end_attempt(connection, attempt_id, now, "sent", "")


async def mark_retry(
    connection: AsyncConnection,
    outbox_id: int,
    attempt_id: int,
    now: datetime,
    next_attempt_at: datetime,
    outcome: str,
    detail: str,
) -> None:
    """Try again at `next_attempt_at`; `outcome` says what is known of this attempt."""
    await connection.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id)
        .values(
            state="pending",
            claimed_by=None,
            lease_until=None,
            next_attempt_at=next_attempt_at,
        )
    )
    await end_attempt(connection, attempt_id, now, outcome, detail)


async def mark_dead(
    connection: AsyncConnection,
    outbox_id: int,
    attempt_id: int,
    now: datetime,
    detail: str,
) -> None:
    """The platform will never take this message; the row stays for the record."""
    await connection.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id)
        .values(state="dead", claimed_by=None, lease_until=None)
    )
    await unspend(connection, outbox_id)
    await end_attempt(connection, attempt_id, now, "refused", detail)


async def give_up(connection: AsyncConnection, outbox_id: int, now: datetime, detail: str) -> None:
    """Take back a claimed row before it is sent; the row stays for the record."""
    attempt_id = await begin_attempt(connection, outbox_id, now)
    await connection.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id)
        .values(state="dead", claimed_by=None, lease_until=None)
    )
    await unspend(connection, outbox_id)
    await end_attempt(connection, attempt_id, now, "held", detail)


async def end_attempt(
    connection: AsyncConnection,
    attempt_id: int,
    now: datetime,
    outcome: str,
    detail: str,
) -> None:
    """Record how an attempt ended."""
    await connection.execute(
        update(attempt)
        .where(attempt.c.id == attempt_id)
        .values(ended_at=now, outcome=outcome, detail=detail[:500])
    )


async def about(
    connection: AsyncConnection, receiver_id: int, target: str, limit: int
) -> list[Any]:
    """The newest rows of stories of `target`, newest first, with how they fared."""
    statement = (
        select(outbox)
        .join(story, story.c.id == outbox.c.story_id)
        .where(outbox.c.receiver_id == receiver_id, story.c.target == target)
        .order_by(outbox.c.id.desc())
        .limit(limit)
    )
    return list(await connection.execute(statement))


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """How many rows are in each state."""
    statement = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return {row[0]: row[1] for row in await connection.execute(statement)}


async def oldest_unsent(connection: AsyncConnection) -> datetime | None:
    """When the oldest row still on its way was enqueued."""
    statement = select(func.min(outbox.c.created_at)).where(outbox.c.state.in_(UNSENT))
    found: datetime | None = (await connection.execute(statement)).scalar()
    return found
