"""Subscriptions that end: removed, over their time, or told once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import held_news, silence, subscription
from storage.stories import close_unfollowed


async def remove_subscription(connection: AsyncConnection, subscription_id: int) -> None:
    """Remove a subscription, what is held of it and the silences of it.

    What it measured stays, for others and for the record.
    """
    await _remove(connection, [subscription_id])


async def remove_expired(connection: AsyncConnection, now: datetime) -> None:
    """Remove subscriptions whose time is over, and close the stories that nobody follows then."""
    statement = select(subscription.c.id, subscription.c.receiver_id).where(
        subscription.c.expires_at <= now
    )
    found = list(await connection.execute(statement))
    if not found:
        return
    await _remove(connection, [row.id for row in found])
    for receiver_id in sorted({row.receiver_id for row in found}):
        await close_unfollowed(connection, receiver_id, now)


async def spend(connection: AsyncConnection, ids: Sequence[int], outbox_id: int) -> None:
    """Subscriptions that were to be told once have been, by that row of the outbox.

    They follow nothing any more, and are removed when the row is sent.
    """
    await connection.execute(
        update(subscription).where(subscription.c.id.in_(ids)).values(spent_by=outbox_id)
    )


async def unspend(connection: AsyncConnection, rows: Sequence[int]) -> None:
    """These rows were not sent after all: what they told once is to be told again."""
    await connection.execute(
        update(subscription).where(subscription.c.spent_by.in_(rows)).values(spent_by=None)
    )


async def remove_spent(connection: AsyncConnection, rows: Sequence[int]) -> None:
    """These rows were sent: what they told once is done."""
    statement = select(subscription.c.id).where(subscription.c.spent_by.in_(rows))
    found = list((await connection.execute(statement)).scalars())
    if found:
        await _remove(connection, found)


async def _remove(connection: AsyncConnection, ids: Sequence[int]) -> None:
    rules = [f"rule:{number}" for number in ids]
    await connection.execute(delete(silence).where(silence.c.target.in_(rules)))
    await connection.execute(delete(held_news).where(held_news.c.subscription_id.in_(ids)))
    await connection.execute(delete(subscription).where(subscription.c.id.in_(ids)))
