"""What is not trusted yet, how the sources do, and what was decided why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.trust import Health, Held
from storage.database import put
from storage.schema import decision, held_price, source_health


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided at a step, and why; `receiver_id` None where it concerns everybody."""

    at: datetime
    receiver_id: int | None
    target: str
    step: str
    reason: str


async def held_prices(connection: AsyncConnection) -> list[Held]:
    """Every price that is held, by symbol; of one symbol the price of a session comes last."""
    statement = select(held_price).order_by(held_price.c.symbol, held_price.c.final.desc())
    return [
        Held(
            row.symbol,
            row.day,
            row.price,
            row.final,
            row.reason,
            row.since,
            row.seen_at,
            row.polls,
            row.traded_at,
        )
        for row in await connection.execute(statement)
    ]


async def held(connection: AsyncConnection) -> dict[str, Held]:
    """The newest price that is held, by symbol."""
    return {one.symbol: one for one in await held_prices(connection)}


async def put_held(connection: AsyncConnection, rows: Sequence[Held]) -> None:
    """Hold these prices, each in place of what was held of its symbol and kind."""
    update = ("day", "price", "reason", "since", "seen_at", "polls", "traded_at")
    values = [
        {"symbol": r.symbol, "final": r.final, **{name: getattr(r, name) for name in update}}
        for r in rows
    ]
    await put(connection, held_price, values, update=update)


async def release_held(connection: AsyncConnection, released: Collection[tuple[str, bool]]) -> None:
    """Hold these no more: symbol, and whether it was a close."""
    if released:
        key = tuple_(held_price.c.symbol, held_price.c.final)
        await connection.execute(delete(held_price).where(key.in_(sorted(released))))


async def sources(connection: AsyncConnection) -> dict[str, Health]:
    """How every source does, by name."""
    rows = await connection.execute(select(source_health).order_by(source_health.c.source))
    return {
        row.source: Health(
            row.source, row.ok_at, row.failures, row.failing_since, row.retry_at, row.detail
        )
        for row in rows
    }


async def put_source(connection: AsyncConnection, row: Health) -> None:
    """Store how a source does."""
    update = ("ok_at", "failures", "failing_since", "retry_at", "detail")
    values = {"source": row.source, **{name: getattr(row, name) for name in update}}
    await put(connection, source_health, [values], update=update)


async def record(connection: AsyncConnection, decisions: Sequence[Decision]) -> None:
    """Keep decisions for /alert explain."""
    if decisions:
        rows = [
            {
                "at": d.at,
                "receiver_id": d.receiver_id,
                "target": d.target,
                "step": d.step,
                "reason": d.reason,
            }
            for d in decisions
        ]
        await connection.execute(insert(decision), rows)


async def decisions(
    connection: AsyncConnection, targets: Collection[str], receiver_id: int, limit: int = 12
) -> list[Decision]:
    """The newest decisions on these targets that concern a receiver, newest first."""
    statement = (
        select(decision)
        .where(
            decision.c.target.in_(sorted(targets)),
            decision.c.receiver_id.is_(None) | (decision.c.receiver_id == receiver_id),
        )
        .order_by(decision.c.at.desc(), decision.c.id.desc())
        .limit(limit)
    )
    return [
        Decision(row.at, row.receiver_id, row.target, row.step, row.reason)
        for row in await connection.execute(statement)
    ]
