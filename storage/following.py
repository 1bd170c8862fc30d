"""What the channels of a workspace follow."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import rule, subscription


async def followed_targets(
    connection: AsyncConnection, receiver_ids: Collection[int]
) -> dict[str, set[int]]:
    """The symbols and baskets that these receivers have alerts on or digests of: who, by target."""
    statement = (
        select(subscription.c.receiver_id, subscription.c.filters, rule.c.target)
        .outerjoin(rule, rule.c.id == subscription.c.rule_id)
        .where(
            subscription.c.receiver_id.in_(sorted(receiver_ids)),
            subscription.c.spent_by.is_(None),
        )
        .order_by(subscription.c.id)
    )
    found: dict[str, set[int]] = {}
    for row in await connection.execute(statement):
        target = row.target or row.filters.get("target")
        if target:
            found.setdefault(target, set()).add(row.receiver_id)
    return found
