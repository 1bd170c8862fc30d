"""The outbox: messages on their way, and every attempt to send one.

A row may be claimed only while its receiver has no earlier one pending or claimed, so that a
reply never overtakes its story and a slow channel delays only itself.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.receiver import MessageRef, Notification, Receiver
from storage.database import inserted_id
from storage.schema import outbox, receiver, story

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
        # An edit that belongs to no story changes nothing about whose it is.
        of_story = {} if story_id is None else {"story_id": story_id}
        merged = await connection.execute(
            update(outbox)
            .where(
                outbox.c.root_id == root_id,
                outbox.c.action == "edit",
                outbox.c.state == "pending",
            )
            .values(facts=dict(facts), fallback=fallback, **named(facts), **of_story)
            .returning(outbox.c.id)
        )
        row = merged.first()
        if row is not None:
            return int(row[0])
    told = select(receiver.c.surface).where(receiver.c.id == receiver_id)
    result = await connection.execute(
        insert(outbox).values(
            receiver_id=receiver_id,
            surface=told.scalar_subquery(),
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
            **named(facts),
        )
    )
    return inserted_id(result)


async def claim(
    connection: AsyncConnection,
    now: datetime,
    by: str,
    lease_until: datetime,
    limits: Mapping[str, int],
    without: Collection[int] = (),
) -> list[Notification]:
    """Claim rows for the start of the process named `by`: of each surface at most so many.

    Takes rows whose lease ran out (their sender died or hangs), then those that are due, the
    longest due first; but none of `without`: rows that the caller holds itself, whatever became
    of their leases.
    """
    keys: list[int] = []
    for surface, limit in limits.items():
        left = limit
        for statement in _claimable(now, surface, without):
            if left > 0:
                found = (await connection.execute(statement.limit(left))).scalars().all()
                keys += found
                left -= len(found)
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


def named(facts: Mapping[str, Any]) -> dict[str, str | None]:
    """What a row is found by: the kind of its facts, and the key of what they tell of."""
    key = facts.get("key")
    return {"kind": str(facts.get("kind") or ""), "key": None if key is None else str(key)}


def _claimable(
    now: datetime, surface: str, without: Collection[int]
) -> tuple[Select[Any], Select[Any]]:
    """A surface's rows whose lease ran out, and those that are due.

    Each in the order of an index, so that a claim reads what it takes and not all that waits.
    """
    free = (
        select(outbox.c.id)
        .join(receiver, receiver.c.id == outbox.c.receiver_id)
        .where(
            outbox.c.surface == surface,
            receiver.c.disabled_at.is_(None),
            ~exists().where(
                _earlier.c.receiver_id == outbox.c.receiver_id,
                _earlier.c.id < outbox.c.id,
                _earlier.c.state.in_(UNSENT),
            ),
        )
    )
    if without:
        free = free.where(outbox.c.id.not_in(without))
    expired = free.where(outbox.c.state == "claimed", outbox.c.lease_until <= now)
    due = free.where(outbox.c.state == "pending", outbox.c.next_attempt_at <= now)
    return expired.order_by(outbox.c.id), due.order_by(outbox.c.next_attempt_at, outbox.c.id)


async def _notifications(connection: AsyncConnection, keys: list[int]) -> list[Notification]:
    statement = (
        select(
            outbox,
            receiver.c.address,
            receiver.c.title,
            receiver.c.community,
            _root.c.channel_ref.label("root_channel"),
            _root.c.thread_ref.label("root_thread"),
            _root.c.message_ref.label("root_message"),
            _root.c.nonce.label("root_nonce"),
        )
        .join(receiver, receiver.c.id == outbox.c.receiver_id)
        .outerjoin(_root, _root.c.id == outbox.c.root_id)
        .where(outbox.c.id.in_(keys))
        .order_by(outbox.c.id)
    )
    return [
        Notification(
            id=row.id,
            receiver=Receiver(
                row.receiver_id, row.surface, row.address, row.title, community=row.community
            ),
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
            root_nonce=row.root_nonce or "",
        )
        for row in await connection.execute(statement)
    ]


async def renew(
    connection: AsyncConnection, rows: Collection[int], by: str, lease_until: datetime
) -> None:
    """Prolong the leases of rows that the start named `by` still holds."""
    await connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(rows), outbox.c.state == "claimed", outbox.c.claimed_by == by)
        .values(lease_until=lease_until)
    )


async def is_due(
    connection: AsyncConnection,
    now: datetime,
    surface: str,
    without: Collection[int] = (),
) -> bool:
    """Whether a surface has anything to claim; what `claim` says of its arguments holds here."""
    for statement in _claimable(now, surface, without):
        if (await connection.execute(statement.limit(1))).first() is not None:
            return True
    return False


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


async def by_nonce(connection: AsyncConnection, nonce: str) -> Notification | None:
    """The row of that nonce, or None where there is none (any more)."""
    found = select(outbox.c.id).where(outbox.c.nonce == nonce)
    key = (await connection.execute(found)).scalar()
    return None if key is None else (await _notifications(connection, [key]))[0]


async def refs(connection: AsyncConnection, rows: Collection[int]) -> dict[int, MessageRef]:
    """Where these rows were sent to; none for those that were not sent."""
    statement = select(
        outbox.c.id, outbox.c.channel_ref, outbox.c.message_ref, outbox.c.thread_ref
    ).where(outbox.c.id.in_(sorted(rows)), outbox.c.message_ref.is_not(None))
    return {
        row.id: MessageRef(row.channel_ref, row.message_ref, row.thread_ref or "")
        for row in await connection.execute(statement)
    }
