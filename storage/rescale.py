"""Moving the levels of stored rules, as a split asks for."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.level import LevelState
from bot.model.rule import Condition, Rule, policy_of
from storage.database import put
from storage.schema import alert, level_state, rule, subscription, subscription_level


async def rules_on(
    connection: AsyncConnection,
    target: str,
    conditions: Collection[Condition],
    before: datetime | None = None,
) -> list[tuple[int, Rule]]:
    """The rules on a symbol of these conditions, with their row ids.

    With `before` those that somebody had subscribed to by then.
    """
    statement = select(rule).where(rule.c.target == target, rule.c.kind.in_(sorted(conditions)))
    if before is not None:
        earlier = (subscription.c.rule_id == rule.c.id, subscription.c.created_at < before)
        statement = statement.where(exists().where(*earlier))
    return [
        (row.id, Rule(row.target, row.window, tuple(row.levels), row.band, Condition(row.kind)))
        for row in await connection.execute(statement.order_by(rule.c.id))
    ]


async def change_rule(connection: AsyncConnection, number: int, moved: Rule) -> None:
    """Let a rule be `moved`; where there is such a rule already, its subscribers join it."""
    found = select(rule.c.id).where(rule.c.spec == moved.spec, rule.c.id != number)
    other = (await connection.execute(found)).scalar()
    if other is None:
        values = {"levels": list(moved.levels), "band": moved.band, "spec": moved.spec}
        await connection.execute(update(rule).where(rule.c.id == number).values(values))
        return
    await connection.execute(
        update(subscription).where(subscription.c.rule_id == number).values(rule_id=other)
    )
    await connection.execute(delete(rule).where(rule.c.id == number))


async def move_levels(
    connection: AsyncConnection, before: Rule, levels: Mapping[int, int], band: int
) -> None:
    """Move the states of a rule's levels, old level → new; each stays armed, or fired, as it is."""
    for old, new in levels.items():
        here = (level_state.c.key == before.key, level_state.c.band == before.band)
        row = (
            await connection.execute(select(level_state).where(*here, level_state.c.level == old))
        ).first()
        if row is None:
            continue
        taken = select(level_state.c.id).where(
            level_state.c.key == before.key,
            level_state.c.level == new,
            level_state.c.band == band,
            level_state.c.id != row.id,
        )
        other = (await connection.execute(taken)).scalar()
        if other is not None:
            await _join(connection, row.id, other)
            continue
        state = LevelState(new, band, row.armed, row.closes, policy=policy_of(before.measure))
        await connection.execute(
            update(level_state)
            .where(level_state.c.id == row.id)
            .values(level=new, band=band, next_at=state.next_at)
        )


async def _join(connection: AsyncConnection, old: int, new: int) -> None:
    """Let what hangs on one level's state hang on another's."""
    links = select(subscription_level).where(subscription_level.c.level_state_id == old)
    rows = [
        {"level_state_id": new, "subscription_id": row.subscription_id, "via": row.via}
        for row in await connection.execute(links)
    ]
    await put(connection, subscription_level, rows)
    await connection.execute(
        delete(subscription_level).where(subscription_level.c.level_state_id == old)
    )
    await connection.execute(
        update(alert).where(alert.c.level_state_id == old).values(level_state_id=new)
    )
    await connection.execute(delete(level_state).where(level_state.c.id == old))
