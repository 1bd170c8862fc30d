"""Where receivers are, and whether they can be reached: refusals in a row, and since when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.attempts import leave_out
from storage.schema import Instant, receiver

NEWS_FOR = timedelta(days=1)

_REFUSED = (
    update(receiver)
    .where(receiver.c.id == bindparam("key"))
    .values(
        failures=receiver.c.failures + 1,
        failing_since=func.coalesce(receiver.c.failing_since, bindparam("at", type_=Instant)),
    )
)
_DISABLED = (
    update(receiver)
    .where(receiver.c.id == bindparam("key"))
    .values(disabled_at=bindparam("at"), disabled_reason=bindparam("why"))
)


async def zones_on(
    connection: AsyncConnection, ids: Sequence[int], surfaces: Sequence[str]
) -> dict[int, str]:
    """The time zones of those of these receivers that are on one of these surfaces."""
    statement = select(receiver.c.id, receiver.c.time_zone).where(
        receiver.c.id.in_(ids), receiver.c.surface.in_(surfaces)
    )
    return {row[0]: row[1] for row in await connection.execute(statement)}


async def reached(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Forget earlier refusals of these receivers: they can be reached."""
    await connection.execute(
        update(receiver)
        .where(receiver.c.id.in_(ids), receiver.c.failures > 0)
        .values(failures=0, failing_since=None)
    )


async def refusals(
    connection: AsyncConnection, ids: Sequence[int]
) -> dict[int, tuple[int, datetime | None]]:
    """How many permanent refusals in a row, and since when, by receiver."""
    statement = select(receiver.c.id, receiver.c.failures, receiver.c.failing_since).where(
        receiver.c.id.in_(ids)
    )
    return {row[0]: (row[1], row[2]) for row in await connection.execute(statement)}


async def refused(connection: AsyncConnection, at: Mapping[int, datetime]) -> None:
    """Count a permanent refusal of each receiver, at its moment."""
    rows = [{"key": key, "at": moment} for key, moment in at.items()]
    if rows:
        await connection.execute(_REFUSED, rows)


async def disable(connection: AsyncConnection, why: Mapping[int, tuple[datetime, str]]) -> None:
    """Stop sending to these receivers, from a moment on and for a reason."""
    rows = [{"key": key, "at": at, "why": reason} for key, (at, reason) in why.items()]
    if rows:
        await connection.execute(_DISABLED, rows)


async def enable(connection: AsyncConnection, receiver_id: int, now: datetime) -> None:
    """Send to a receiver again: somebody has seen to it that it can be reached.

    What waited for it is sent if it is not older than a day; the rest would be told as news.
    """
    await connection.execute(
        update(receiver)
        .where(receiver.c.id == receiver_id)
        .values(failures=0, failing_since=None, disabled_at=None, disabled_reason=None)
    )
    await leave_out(connection, receiver_id, now - NEWS_FOR, now)
