"""Stories: one receiver's view of one falling basket or symbol."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.rule import Condition
from bot.model.story import Story
from storage.schema import (
    held_news,
    level_state,
    outbox,
    reading,
    story,
    subscription,
    subscription_level,
)

DRAWDOWN = Condition.DRAWDOWN.value
CONDITIONS = tuple(condition.value for condition in Condition)


@dataclass(frozen=True, slots=True)
class StoredStory:
    """A story with its row id, whose it is, and the outbox row of its first message."""

    id: int
    receiver_id: int
    target: str
    topic: str
    measure: str
    root_id: int | None
    subscription_id: int | None
    opened_at: datetime
    state: Story
    held_by: str | None = None


async def open_stories(
    connection: AsyncConnection,
    *,
    receiver_ids: Sequence[int] | None = None,
    targets: Sequence[str] | None = None,
    due: datetime | None = None,
) -> list[StoredStory]:
    """Open stories of these receivers, of these targets, or due at a moment."""
    statement = select(story).where(story.c.closed_at.is_(None)).order_by(story.c.id)
    if receiver_ids is not None:
        statement = statement.where(story.c.receiver_id.in_(receiver_ids))
    if targets is not None:
        statement = statement.where(story.c.target.in_(targets))
    if due is not None:
        statement = statement.where(story.c.due_at <= due)
    return [
        StoredStory(
            row.id,
            row.receiver_id,
            row.target,
            row.topic,
            row.window,
            row.root_id,
            row.subscription_id,
            row.opened_at,
            Story(row.level, row.told_level, row.told_at, row.due_at),
            row.held_by,
        )
        for row in await connection.execute(statement)
    ]


async def open_story(
    connection: AsyncConnection,
    receiver_id: int,
    target: str,
    topic: str,
    measure: str,
    now: datetime,
    state: Story,
    subscription_id: int,
) -> None:
    """Open a story, by way of a subscription."""
    await connection.execute(
        insert(story).values(
            receiver_id=receiver_id,
            target=target,
            topic=topic,
            window=measure,
            opened_at=now,
            level=state.level,
            told_level=state.told_level,
            told_at=state.told_at,
            due_at=state.due_at,
            subscription_id=subscription_id,
        )
    )


async def save_story(
    connection: AsyncConnection,
    story_id: int,
    state: Story,
    root_id: int | None,
    held_by: str | None = None,
) -> None:
    """Store a story's new state; `held_by` says why it waits although it is due."""
    await connection.execute(
        update(story)
        .where(story.c.id == story_id)
        .values(
            level=state.level,
            told_level=state.told_level,
            told_at=state.told_at,
            due_at=state.due_at,
            root_id=root_id,
            held_by=held_by,
        )
    )


async def close_story(
    connection: AsyncConnection, story_id: int, now: datetime, reason: str
) -> None:
    """Close a story, with the reason."""
    await connection.execute(
        update(story)
        .where(story.c.id == story_id)
        .values(closed_at=now, close_reason=reason, due_at=None)
    )


async def take_back(
    connection: AsyncConnection,
    story_id: int,
    outbox_id: int,
    told_level: int,
    told_at: datetime | None,
    due_at: datetime,
) -> None:
    """Untell a story: an outbox row of it was not sent after all, and is due again later."""
    await connection.execute(
        update(story)
        .where(story.c.id == story_id, story.c.closed_at.is_(None))
        .values(
            told_level=told_level,
            told_at=told_at,
            due_at=due_at,
            held_by="silence",
            root_id=case((story.c.root_id == outbox_id, null()), else_=story.c.root_id),
        )
    )


async def next_due(connection: AsyncConnection) -> datetime | None:
    """When the next story, held news or digest is due, or a subscription ends."""
    earliest = [
        select(func.min(story.c.due_at)).where(story.c.closed_at.is_(None)).scalar_subquery(),
        select(func.min(held_news.c.until)).scalar_subquery(),
        select(func.min(subscription.c.next_at)).scalar_subquery(),
        select(func.min(subscription.c.expires_at)).scalar_subquery(),
    ]
    found = (await connection.execute(select(*earliest))).one()
    return min((at for at in found if at is not None), default=None)


async def wake(connection: AsyncConnection, receiver_id: int, now: datetime) -> None:
    """Judge again at once the stories that were held."""
    await connection.execute(
        update(story)
        .where(
            story.c.receiver_id == receiver_id,
            story.c.closed_at.is_(None),
            story.c.held_by.is_not(None),
        )
        .values(due_at=now)
    )


async def close_unfollowed(connection: AsyncConnection, receiver_id: int, now: datetime) -> None:
    """Close the open stories of targets that the receiver no longer follows in that way."""
    topic = case((reading.c.window.in_(CONDITIONS), reading.c.window), else_=DRAWDOWN)
    followed = (
        select(reading.c.target + "|" + topic)
        .join(level_state, level_state.c.key == reading.c.key)
        .join(subscription_level, subscription_level.c.level_state_id == level_state.c.id)
        .join(subscription, subscription.c.id == subscription_level.c.subscription_id)
        .where(subscription.c.receiver_id == receiver_id)
    )
    await connection.execute(
        update(story)
        .where(
            story.c.receiver_id == receiver_id,
            story.c.closed_at.is_(None),
            (story.c.target + "|" + story.c.topic).not_in(followed),
        )
        .values(closed_at=now, close_reason="unsubscribed", due_at=None)
    )


async def still_beyond(
    connection: AsyncConnection, story_ids: Sequence[int]
) -> dict[int, list[int]]:
    """The levels (ppm) that each story's receiver follows and that have not re-armed."""
    topic = case((reading.c.window.in_(CONDITIONS), reading.c.window), else_=DRAWDOWN)
    statement = (
        select(story.c.id, level_state.c.level)
        .join(subscription, subscription.c.receiver_id == story.c.receiver_id)
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


async def facts_of(connection: AsyncConnection, outbox_id: int) -> dict[str, object]:
    """The facts of an outbox row: what a story's first message said."""
    statement = select(outbox.c.facts).where(outbox.c.id == outbox_id)
    return dict((await connection.execute(statement)).scalar_one())
