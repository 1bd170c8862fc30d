"""Who follows a story: the subscriptions whose levels fired in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, case, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.rule import Condition
from storage.database import decoded
from storage.schema import (
    Big,
    alert,
    level_state,
    reading,
    story,
    subscription,
    subscription_level,
)
from storage.stories import CONDITIONS, DRAWDOWN

_DAY_MICROS = 86_400_000_000
# An instant counts from 1970 on, a day from the year 1 on.
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Follower:
    """A subscription, and a level (ppm) of its rule that fired in a story: when, in which session.

    `measure` is what the level is of.
    """

    subscription_id: int
    level: int
    measure: str
    day: date
    fired_at: datetime


async def still_beyond(
    connection: AsyncConnection, story_ids: Sequence[int]
) -> dict[int, list[int]]:
    """The levels (ppm) that each story's receiver follows and that have not re-armed."""
    topic = case((reading.c.window.in_(CONDITIONS), reading.c.window), else_=DRAWDOWN)
    statement = (
        select(story.c.id, level_state.c.level)
        .join(
            subscription,
            (subscription.c.receiver_id == story.c.receiver_id) & subscription.c.spent_by.is_(None),
        )
        .join(
            subscription_level,
            subscription_level.c.subscription_id == subscription.c.id,
        )
        .join(level_state, level_state.c.id == subscription_level.c.level_state_id)
        .join(
            reading,
            (reading.c.key == level_state.c.key)
            & (reading.c.target == story.c.target)
            & (topic == story.c.topic),
        )
        .where(story.c.id.in_(story_ids), level_state.c.armed.is_(False))
        .order_by(story.c.id, level_state.c.level)
    )
    found: dict[int, list[int]] = {key: [] for key in story_ids}
    for key, level in await connection.execute(statement):
        found[key].append(level)
    return found


async def followers(
    connection: AsyncConnection, story_ids: Sequence[int]
) -> dict[int, list[Follower]]:
    """The subscriptions behind each story: whose levels fired in it and have not re-armed.

    A daily move re-arms with the next session, so there those of the story's own session count.
    """
    topic = case((reading.c.window.in_(CONDITIONS), reading.c.window), else_=DRAWDOWN)
    daily = story.c.topic == Condition.MOVE.value
    subscribed_on = type_coerce(subscription.c.created_at, Big) // _DAY_MICROS + _EPOCH_DAY
    statement = (
        select(
            story.c.id,
            subscription.c.id,
            level_state.c.level,
            reading.c.window,
            alert.c.day,
            alert.c.fired_at,
        )
        .join(
            subscription,
            (subscription.c.receiver_id == story.c.receiver_id) & subscription.c.spent_by.is_(None),
        )
        .join(subscription_level, subscription_level.c.subscription_id == subscription.c.id)
        .join(level_state, level_state.c.id == subscription_level.c.level_state_id)
        .join(
            reading,
            (reading.c.key == level_state.c.key)
            & (reading.c.target == story.c.target)
            & (topic == story.c.topic),
        )
        .join(
            alert,
            (alert.c.level_state_id == level_state.c.id)
            # What had fired before somebody subscribed is no news to them, and neither is a
            # session of a day before, though it became known only afterwards.
            & (alert.c.fired_at >= subscription.c.created_at)
            & (type_coerce(alert.c.day, Integer) >= subscribed_on),
        )
        .where(
            story.c.id.in_(story_ids),
            level_state.c.level <= story.c.level,
            or_(
                daily & (alert.c.day == story.c.crossed_on), ~daily & alert.c.resolved_at.is_(None)
            ),
        )
        .order_by(story.c.id, level_state.c.level, subscription.c.id)
    )
    found: dict[int, list[Follower]] = {key: [] for key in story_ids}
    for key, follower in await decoded(await connection.execute(statement), _followers):
        found[key].append(follower)
    return found


def _followers(rows: Sequence[Any]) -> list[tuple[int, Follower]]:
    return [(key, Follower(*rest)) for key, *rest in rows]
