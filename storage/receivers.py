"""Receivers, and what they subscribe to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.receiver import Receiver
from bot.model.rule import Condition, Rule
from storage.database import decoded, inserted_id, put
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
    told_until: datetime | None = None


async def receiver_of(
    connection: AsyncConnection,
    surface: str,
    address: str,
    title: str,
    now: datetime,
    community: str | None = None,
) -> Receiver:
    """The receiver at `address`, made if it is new.

    One that is there takes the title, and the community unless that is None: not known here.
    """
    row = {
        "surface": surface,
        "address": address,
        "title": title,
        "time_zone": "UTC",
        "created_at": now,
        "community": community or "",
    }
    await put(connection, receiver, [row], on=("surface", "address"))
    found = await find_receiver(connection, surface, address)
    assert found is not None
    wanted = found.community if community is None else community
    if (found.title, found.community) == (title, wanted):
        return found
    await connection.execute(
        update(receiver).where(receiver.c.id == found.id).values(title=title, community=wanted)
    )
    return replace(found, title=title, community=wanted)


async def find_receiver(connection: AsyncConnection, surface: str, address: str) -> Receiver | None:
    """The receiver at `address`, or None."""
    statement = select(receiver).where(receiver.c.surface == surface, receiver.c.address == address)
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    return _receiver(row)


async def set_up_by(connection: AsyncConnection, receiver_id: int) -> str:
    """The user id of whoever set the receiver up first; "" where nobody is known to have."""
    statement = select(receiver.c.set_up_by).where(receiver.c.id == receiver_id)
    return str((await connection.execute(statement)).scalar() or "")


async def claim_set_up(connection: AsyncConnection, receiver_id: int, user: str) -> None:
    """Note who set the receiver up; whoever did so first stays."""
    await connection.execute(
        update(receiver)
        .where(receiver.c.id == receiver_id, receiver.c.set_up_by == "")
        .values(set_up_by=user)
    )


def _receiver(row: Any) -> Receiver:
    return Receiver(row.id, row.surface, row.address, row.title, row.disabled_reason, row.community)


async def receivers(connection: AsyncConnection) -> list[Receiver]:
    """Every receiver."""
    return [
        _receiver(row) for row in await connection.execute(select(receiver).order_by(receiver.c.id))
    ]


async def fellows(connection: AsyncConnection, one: Receiver) -> list[Receiver]:
    """The receivers that share `one`'s baskets, it too if it is known: those of its community."""
    statement = select(receiver).where(receiver.c.surface == one.surface).order_by(receiver.c.id)
    if one.community:
        statement = statement.where(receiver.c.community == one.community)
    else:
        statement = statement.where(receiver.c.address == one.address)
    return [_receiver(row) for row in await connection.execute(statement)]


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
    if rule_id is not None:  # one that was told once and is still on its way makes room
        await connection.execute(
            delete(subscription).where(
                subscription.c.receiver_id == receiver_id,
                subscription.c.rule_id == rule_id,
                subscription.c.spent_by.is_not(None),
            )
        )
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
    *,
    after: int = 0,
    most: int | None = None,
) -> list[Subscription]:
    """Subscriptions in the order they were made, of one receiver or all, of one kind or all; or
    the one of that number. At most `most`, of those with a higher number than `after`.
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
        .where(subscription.c.spent_by.is_(None))
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
    if after:
        statement = statement.where(subscription.c.id > after)
    if most is not None:
        statement = statement.limit(most)
    return await decoded(await connection.execute(statement), lambda rows: map(_read, rows))


def _read(row: Any) -> Subscription:
    rule_ = None
    if row.rule_id is not None:
        levels = tuple(row.levels)
        rule_ = Rule(row.target, row.window, levels, row.band, Condition(row.condition))
    return Subscription(
        row.id,
        row.receiver_id,
        row.kind,
        rule_,
        row.members,
        row.filters,
        row.created_at,
        row.expires_at,
        row.once,
        row.repeat_minutes,
        row.mention,
        row.next_at,
        row.told_until,
    )


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


async def set_filters(
    connection: AsyncConnection, subscription_id: int, filters: Mapping[str, Any]
) -> None:
    """What a subscription to news lets through from now on."""
    await connection.execute(
        update(subscription)
        .where(subscription.c.id == subscription_id)
        .values(filters=dict(filters))
    )


async def set_told(connection: AsyncConnection, subscription_id: int, until: datetime) -> None:
    """Up to when a digest has told of releases."""
    await connection.execute(
        update(subscription).where(subscription.c.id == subscription_id).values(told_until=until)
    )
