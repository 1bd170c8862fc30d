"""Alerts: when a level fired, and when and why it re-armed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.level import Change
from storage.schema import alert


@dataclass(frozen=True, slots=True)
class LastAlert:
    """When a level fired, and when it re-armed if it has."""

    fired_at: datetime
    resolved_at: datetime | None


async def last_alerts(
    connection: AsyncConnection, level_state_ids: Sequence[int]
) -> dict[int, LastAlert]:
    """The newest alert of each level."""
    statement = (
        select(alert.c.level_state_id, alert.c.fired_at, alert.c.resolved_at)
        .where(alert.c.level_state_id.in_(level_state_ids))
        .order_by(alert.c.id)
    )
    return {row[0]: LastAlert(row[1], row[2]) for row in await connection.execute(statement)}


async def record_fired(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert alerts: level_state_id, fingerprint, depth (ppm), day, fired_at."""
    if rows:
        await connection.execute(insert(alert), list(rows))


async def record_resolved(
    connection: AsyncConnection, changes: Mapping[int, Change], now: datetime
) -> None:
    """Mark the firing alerts of re-armed levels as resolved, with the reason."""
    if not changes:
        return
    statement = (
        update(alert)
        .where(alert.c.level_state_id == bindparam("row_id"), alert.c.resolved_at.is_(None))
        .values(resolved_at=bindparam("at"), resolved_reason=bindparam("reason"))
    )
    rows = [
        {"row_id": key, "at": now, "reason": change.name.lower()} for key, change in changes.items()
    ]
    await connection.execute(statement, rows)
