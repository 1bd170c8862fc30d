"""Stories: one receiver's view of one falling basket or symbol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, insert, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.rule import Condition
from bot.model.story import Story
from storage.database import decoded
from storage.schema import (
    held_news,
    level_state,
    outbox,
    reading,
    receiver,
    story,
    subscription,
    subscription_level,
    tracked_event,
)

DRAWDOWN = Condition.DRAWDOWN.value
CONDITIONS = tuple(condition.value for condition in Condition)
TOLD_ONCE, SESSION_OVER = "told_once", "session_over"
# A story closed for one of these was told, and is open again if that is taken back.
TOLD_REASONS = (TOLD_ONCE, SESSION_OVER)


@dataclass(frozen=True, slots=True)
class StoredStory:
    """A story with its row id, whose it is, and the outbox row of its first message.

    `crossed_on` is the session of its deepest crossing; `facts` are the figures that it was
    first told with, or was to be told with when it was held back.
    """

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
    crossed_on: date | None = None
    facts: Mapping[str, Any] | None = None

    @property
    def untold(self) -> bool:
        """Whether it has something to say that was not said yet."""
        return self.state.level > self.state.told_level


async def open_stories(
    connection: AsyncConnection,
    *,
    receiver_ids: Sequence[int] | None = None,
    targets: Sequence[str] | None = None,
    due: datetime | None = None,
) -> list[StoredStory]:
    """Open stories of these receivers, of these targets, or due at a moment.

    A receiver that cannot be reached has none that are due.
    """
    statement = select(story).where(story.c.closed_at.is_(None)).order_by(story.c.id)
    if receiver_ids is not None:
        statement = statement.where(story.c.receiver_id.in_(receiver_ids))
    if targets is not None:
        statement = statement.where(story.c.target.in_(targets))
    if due is not None:
        reached = select(receiver.c.id).where(receiver.c.disabled_at.is_(None))
        statement = statement.where(story.c.due_at <= due, story.c.receiver_id.in_(reached))
    return await decoded(await connection.execute(statement), _stories)


def _stories(rows: Sequence[Any]) -> list[StoredStory]:
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
            row.crossed_on,
            row.facts,
        )
        for row in rows
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
    crossed_on: date,
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
            crossed_on=crossed_on,
        )
    )


async def save_story(
    connection: AsyncConnection,
    story_id: int,
    state: Story,
    root_id: int | None,
    held_by: str | None = None,
    *,
    crossed_on: date | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Store a story's new state; `held_by` says why it waits although it is due.

    `crossed_on` and `facts` stay as they are where None.
    """
    values: dict[str, Any] = {
        "level": state.level,
        "told_level": state.told_level,
        "told_at": state.told_at,
        "due_at": state.due_at,
        "root_id": root_id,
        "held_by": held_by,
    }
    if crossed_on is not None:
        values["crossed_on"] = crossed_on
    if facts is not None:
        values["facts"] = dict(facts)
    await connection.execute(update(story).where(story.c.id == story_id).values(values))


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
    held_by: str | None,
) -> None:
    """Untell a story: an outbox row of it was not sent after all, and is due again later.

    One that was closed because it had been told is open again.
    """
    await connection.execute(
        update(story)
        .where(
            story.c.id == story_id,
            or_(story.c.closed_at.is_(None), story.c.close_reason.in_(TOLD_REASONS)),
        )
        .values(
            told_level=told_level,
            told_at=told_at,
            due_at=due_at,
            held_by=held_by,
            closed_at=None,
            close_reason=None,
            root_id=case((story.c.root_id == outbox_id, null()), else_=story.c.root_id),
        )
    )


async def next_due(connection: AsyncConnection) -> datetime | None:
    """When the next story, held news, digest or study is due, or a subscription ends.

    What waits for a receiver that cannot be reached is never due.
    """
    reached = select(receiver.c.id).where(receiver.c.disabled_at.is_(None))
    earliest = [
        select(func.min(story.c.due_at))
        .where(story.c.closed_at.is_(None), story.c.receiver_id.in_(reached))
        .scalar_subquery(),
        select(func.min(held_news.c.until))
        .where(held_news.c.receiver_id.in_(reached))
        .scalar_subquery(),
        select(func.min(subscription.c.next_at))
        .where(subscription.c.receiver_id.in_(reached))
        .scalar_subquery(),
        select(func.min(subscription.c.expires_at)).scalar_subquery(),
        select(func.min(tracked_event.c.due_at)).scalar_subquery(),
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


async def close_unfollowed(
    connection: AsyncConnection, receiver_id: int, now: datetime, reason: str = "unsubscribed"
) -> None:
    """Close the open stories of targets that the receiver no longer follows in that way."""
    topic = case((reading.c.window.in_(CONDITIONS), reading.c.window), else_=DRAWDOWN)
    followed = (
        select(reading.c.target + "|" + topic)
        .join(level_state, level_state.c.key == reading.c.key)
        .join(subscription_level, subscription_level.c.level_state_id == level_state.c.id)
        .join(subscription, subscription.c.id == subscription_level.c.subscription_id)
        .where(subscription.c.receiver_id == receiver_id, subscription.c.spent_by.is_(None))
    )
    await connection.execute(
        update(story)
        .where(
            story.c.receiver_id == receiver_id,
            story.c.closed_at.is_(None),
            (story.c.target + "|" + story.c.topic).not_in(followed),
        )
        .values(closed_at=now, close_reason=reason, due_at=None)
    )


@dataclass(frozen=True, slots=True)
class Message:
    """What a row of the outbox says, and the story that leads it."""

    facts: Mapping[str, Any]
    story_id: int | None


async def message_of(connection: AsyncConnection, outbox_id: int) -> Message:
    """A story's first message."""
    statement = select(outbox.c.facts, outbox.c.story_id).where(outbox.c.id == outbox_id)
    row = (await connection.execute(statement)).one()
    return Message(row.facts, row.story_id)
