"""Receivers, and what they subscribe to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.receiver import Receiver
from bot.model.rule import Condition, Rule
from storage.database import inserted_id, put
from storage.schema import receiver, rule, subscription


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one receiver gets. `rule` is None for news; `filters` narrow news down."""

    id: int
    receiver_id: int
    kind: str
    rule: Rule | None
    members: bool
    filters: Mapping[str, Any]
    created_at: datetime
    expires_at: datetime | None = None
    once: bool = False
    repeat_minutes: int | None = None
    mention: str | None = None
    next_at: datetime | None = None


async def receiver_of(
    connection: AsyncConnection, surface: str, address: str, title: str, now: datetime
) -> Receiver:
    """The receiver at `address`, made if it is new."""
    row = {
        "surface": surface,
        "address": address,
        "title": title,
        "time_zone": "UTC",
        "created_at": now,
    }
    await put(connection, receiver, [row], on=("surface", "address"))
    found = await find_receiver(connection, surface, address)
    assert found is not None
    return found


async def find_receiver(connection: AsyncConnection, surface: str, address: str) -> Receiver | None:
    """The receiver at `address`, or None."""
    statement = select(receiver).where(receiver.c.surface == surface, receiver.c.address == address)
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    return Receiver(row.id, row.surface, row.address, row.title, row.disabled_reason)


async def receivers(connection: AsyncConnection) -> list[Receiver]:
    """Every receiver."""
    return [
        Receiver(row.id, row.surface, row.address, row.title, row.disabled_reason)
        for row in await connection.execute(select(receiver).order_by(receiver.c.id))
    ]


async def rule_id(connection: AsyncConnection, item: Rule) -> int:
    """The id of the rule, stored if it is new."""
    row = {
        "kind": item.condition.value,
        "target": item.target,
        "window": item.measure,
        "levels": list(item.levels),
        "band": item.band,
        "spec": item.spec,
    }
    await put(connection, rule, [row], on=("spec",))
    found = select(rule.c.id).where(rule.c.spec == item.spec)
    return int((await connection.execute(found)).scalar_one())


async def add_subscription(
    connection: AsyncConnection,
    receiver_id: int,
    now: datetime,
    *,
    rule_id: int | None = None,
    kind: str = "rule",
    members: bool = False,
    filters: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
    once: bool = False,
    repeat_minutes: int | None = None,
    mention: str | None = None,
    next_at: datetime | None = None,
) -> int:
    """Add a subscription; its id."""
    row = {
        "receiver_id": receiver_id,
        "kind": kind,
        "rule_id": rule_id,
        "members": members,
        "filters": dict(filters or {}),
        "created_at": now,
        "expires_at": expires_at,
        "once": once,
        "repeat_minutes": repeat_minutes,
        "mention": mention,
        "next_at": next_at,
    }
    result = await connection.execute(insert(subscription).values(row))
    return inserted_id(result)


async def subscriptions(
    connection: AsyncConnection,
    receiver_id: int | None = None,
    kind: str | None = None,
    number: int | None = None,
) -> list[Subscription]:
    """Subscriptions in the order they were made, of one receiver or all, of one kind or all; or
    the one of that number.
    """
    statement = (
        select(
            subscription,
            rule.c.kind.label("condition"),
            rule.c.target,
            rule.c.window,
            rule.c.levels,
            rule.c.band,
        )
        .outerjoin(rule, rule.c.id == subscription.c.rule_id)
        .join(receiver, receiver.c.id == subscription.c.receiver_id)
        .order_by(subscription.c.id)
    )
    if number is not None:
        statement = statement.where(subscription.c.id == number)
    elif receiver_id is not None:
        statement = statement.where(subscription.c.receiver_id == receiver_id)
    else:
        statement = statement.where(receiver.c.disabled_at.is_(None))
    if kind is not None:
        statement = statement.where(subscription.c.kind == kind)
    return [
        Subscription(
            row.id,
            row.receiver_id,
            row.kind,
            None
            if row.rule_id is None
            else Rule(
                row.target, row.window, tuple(row.levels), row.band, Condition(row.condition)
            ),
            row.members,
            row.filters,
            row.created_at,
            row.expires_at,
            row.once,
            row.repeat_minutes,
            row.mention,
            row.next_at,
        )
        for row in await connection.execute(statement)
    ]


async def subscription_of(connection: AsyncConnection, number: int) -> Subscription:
    """The subscription of that number, which must be there."""
    return (await subscriptions(connection, number=number))[0]


async def due_digests(connection: AsyncConnection, now: datetime) -> list[int]:
    """The subscriptions whose digest is due, by id."""
    statement = (
        select(subscription.c.id)
        .join(receiver, receiver.c.id == subscription.c.receiver_id)
        .where(subscription.c.next_at <= now, receiver.c.disabled_at.is_(None))
        .order_by(subscription.c.id)
    )
    return list((await connection.execute(statement)).scalars())


async def set_next(connection: AsyncConnection, subscription_id: int, at: datetime) -> None:
    """When a digest is due next."""
    await connection.execute(
        update(subscription).where(subscription.c.id == subscription_id).values(next_at=at)
    )


async def remove_subscription(connection: AsyncConnection, subscription_id: int) -> None:
    """Remove a subscription. What it measured stays, for others and for the record."""
    await connection.execute(delete(subscription).where(subscription.c.id == subscription_id))


async def remove_expired(connection: AsyncConnection, now: datetime) -> None:
    """Remove subscriptions whose time is over."""
    await connection.execute(delete(subscription).where(subscription.c.expires_at <= now))


async def record_failure(
    connection: AsyncConnection, receiver_id: int, now: datetime, *, disable: str | None
) -> None:
    """Count a permanent failure; with `disable`, stop sending to this receiver, for that reason."""
    values: dict[str, Any] = {"failures": receiver.c.failures + 1}
    if disable is not None:
        values |= {"disabled_at": now, "disabled_reason": disable}
    await connection.execute(update(receiver).where(receiver.c.id == receiver_id).values(values))
    await connection.execute(
        update(receiver)
        .where(receiver.c.id == receiver_id, receiver.c.failing_since.is_(None))
        .values(failing_since=now)
    )


async def record_success(connection: AsyncConnection, receiver_id: int) -> None:
    """Forget earlier failures: the receiver can be reached."""
    await connection.execute(
        update(receiver)
        .where(receiver.c.id == receiver_id, receiver.c.failures > 0)
        .values(failures=0, failing_since=None)
    )


async def failures(connection: AsyncConnection, receiver_id: int) -> tuple[int, datetime | None]:
    """How many permanent failures in a row, and since when."""
    statement = select(receiver.c.failures, receiver.c.failing_since).where(
        receiver.c.id == receiver_id
    )
    row = (await connection.execute(statement)).one()
    return row[0], row[1]
