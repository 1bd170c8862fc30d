"""Forgetting messages: whole threads, and never what something still refers to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.market.splits import adjust
from storage import attempts, messages, outbox, receivers
from storage.database import Database
from storage.prune import Keep, prune
from storage.prune_messages import Row, gone
from storage.schema import (
    alert,
    attempt,
    held_news,
    level_state,
    reading,
    receiver,
    story,
    tracked_event,
)
from storage.schema import outbox as table

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)
LONG_AGO, LATELY = NOW - timedelta(days=401), NOW - timedelta(days=399)
OLD = NOW - timedelta(days=400)


@pytest.mark.parametrize(
    ("rows", "kept", "expected"),
    [
        # A message that was sent, one that was given up, one that waits, one that is being sent.
        ([(1, None, 0, "sent"), (2, None, 0, "dead")], (), [2, 1]),
        ([(1, None, 0, "pending"), (2, None, 0, "claimed")], (), []),
        # Answers and edits of edits go with it, and before it.
        ([(1, None, 0, "sent"), (2, 1, 0, "sent"), (3, 2, 0, "sent")], (), [3, 2, 1]),
        # One of them that is young keeps them all, and so does one that something refers to.
        ([(1, None, 0, "sent"), (2, 1, 0, "sent"), (3, 2, 1, "sent")], (), []),
        ([(1, None, 0, "sent"), (2, 1, 0, "sent"), (4, None, 0, "sent")], (2,), [4]),
        # What it answered is gone already.
        ([(2, 1, 0, "sent")], (), [2]),
    ],
)
def test_a_thread_goes_as_a_whole(rows: Any, kept: Any, expected: list[int]) -> None:
    given = [
        Row(number, root, LATELY if young else LONG_AGO, state, None)
        for number, root, young, state in rows
    ]
    assert gone(given, OLD, kept, ()) == expected


def test_what_tells_of_a_release_that_is_to_be_studied_stays() -> None:
    rows = [Row(1, None, LONG_AGO, "sent", "a"), Row(2, None, LONG_AGO, "sent", "b")]
    assert gone(rows, OLD, (), {"a"}) == [2]


async def _told(
    connection: AsyncConnection, name: str, at: datetime, root: int | None = None, **more: Any
) -> int:
    channel = await receivers.receiver_of(connection, "console", "local", "console", LONG_AGO)
    action = "post" if root is None else "reply"
    row = await outbox.enqueue(
        connection, channel.id, name, action, {"kind": "release", "key": name}, name, at,
        root_id=root, **more,
    )  # fmt: skip
    await attempts.begin_attempts(connection, [row], NOW)
    await connection.execute(update(table).where(table.c.id == row).values(state="sent"))
    return row


async def _story(connection: AsyncConnection, root: int | None, closed: datetime | None) -> int:
    values = {
        "receiver_id": 1, "target": "ai", "window": "1y", "opened_at": LONG_AGO, "level": 1,
        "told_level": 1, "root_id": root, "closed_at": closed,
    }  # fmt: skip
    result = await connection.execute(insert(story).values(values))
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


async def test_messages_stay_for_400_days_and_while_anything_refers_to_them(
    database: Database,
) -> None:
    async def work(connection: AsyncConnection) -> None:
        await _told(connection, "old", LONG_AGO)
        await _told(connection, "young", LATELY)
        root = await _told(connection, "open", LONG_AGO)
        await _told(connection, "answer", LONG_AGO, root)
        await _story(connection, root, None)
        await _story(connection, await _told(connection, "closed lately", LONG_AGO), LATELY)
        over = await _story(connection, None, LONG_AGO)
        closed = await _told(connection, "closed", LONG_AGO, story_id=over)
        await connection.execute(update(story).where(story.c.id == over).values(root_id=closed))
        await _story(connection, None, LATELY)
        waiting = await _told(connection, "answered soon", LONG_AGO)
        held = {
            "receiver_id": 1, "facts": {}, "fallback": "", "held_by": "quiet", "until": NOW,
            "created_at": NOW, "root_id": waiting,
        }  # fmt: skip
        await connection.execute(insert(held_news).values(held))
        await _told(connection, "studied", LONG_AGO)
        day = NOW.date()
        study = {
            "key": "studied", "released_on": day, "zero": day, "last": day, "opened_at": LONG_AGO,
            "facts": {}, "exposed": [], "due_at": NOW, "studies": {},
        }  # fmt: skip
        await connection.execute(insert(tracked_event).values(study))
        late = await _told(connection, "edited lately", LONG_AGO)
        await _told(connection, "edit", LATELY, late)
        await _told(connection, "newest", LONG_AGO)

    await database.write(work)
    found = await prune(database, NOW, Keep(), adjust)
    assert found == {"messages": 2, "stories": 1}
    async with database.read() as connection:
        kept = set((await connection.execute(select(table.c.nonce))).scalars())
        stories = list((await connection.execute(select(story.c.id))).scalars())
        tries = (await connection.execute(select(attempt.c.outbox_id))).scalars().all()
        assert await messages.standing(connection, 3) is not None
    assert kept == {
        "young", "open", "answer", "closed lately", "answered soon", "studied", "edited lately",
        "edit", "newest",
    }  # fmt: skip
    assert stories == [1, 2, 4]
    assert len(tries) == 9
    assert await prune(database, NOW, Keep(), adjust) == {}


async def test_numbers_of_messages_never_come_back(database: Database) -> None:
    first = await database.write(lambda c: _told(c, "a", LONG_AGO))
    await prune(database, NOW, Keep(), adjust)
    assert await database.write(lambda c: _told(c, "b", NOW)) > first


async def test_many_messages_go_in_slices_between_which_others_write(database: Database) -> None:
    """A first prune holds up nobody: a write that comes meanwhile is done long before its end."""
    await database.write(lambda c: _told(c, "first", LONG_AGO))
    rows = [
        {
            "receiver_id": 1, "nonce": str(number), "action": "post", "facts": {}, "fallback": "",
            "created_at": LONG_AGO, "state": "sent", "next_attempt_at": LONG_AGO,
        }
        for number in range(2_000)
    ]  # fmt: skip
    await database.write(lambda c: c.execute(insert(table), rows))
    order: list[str] = []
    write = database.write

    async def noted(work: Any) -> Any:
        order.append("prune")
        if len(order) == 2:
            await write(lambda c: c.execute(update(receiver).values(title="between")))
            order.append("other")
        return await write(work)

    database.write = noted  # type: ignore[method-assign, assignment]
    assert (await prune(database, NOW, Keep(), adjust))["messages"] == 2_000
    assert order.index("other") < len(order) - 3
    assert order.count("prune") >= 8


async def test_of_alerts_that_are_over_the_newest_of_each_level_stays(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(insert(reading).values(key="k", target="ai", window="1y"))
        level = {"key": "k", "band": 1, "armed": True, "next_at": 1, "closes": 0}
        for number in (1, 2):
            await connection.execute(insert(level_state).values(id=number, level=number, **level))
        base = {"fingerprint": "f", "depth": 1, "day": NOW.date(), "fired_at": LONG_AGO}
        over: dict[str, Any] = {"resolved_at": LONG_AGO}
        rows: list[tuple[int, int, dict[str, Any]]] = [
            (1, 1, over),
            (2, 1, over),
            (3, 2, over),
            (4, 2, {"resolved_at": None}),
        ]
        for number, state, more in rows:
            values = {"id": number, "level_state_id": state, **base, **more}
            await connection.execute(insert(alert).values(values))

    await database.write(work)
    assert await prune(database, NOW, Keep(), adjust) == {"alerts": 2}
    async with database.read() as connection:
        assert list((await connection.execute(select(alert.c.id))).scalars()) == [2, 4]
