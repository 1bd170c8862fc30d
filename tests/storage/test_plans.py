"""How hot queries find their rows: by an index, however many messages there were."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import (
    attempts,
    controls,
    feeds,
    levels,
    messages,
    outbox,
    prune_messages,
    receivers,
    rewording,
    sightings,
    stories,
    tracked,
)  # fmt: skip
from storage.database import Database
from storage.schema import metadata

NOW = datetime(2026, 11, 27, tzinfo=UTC)
WEEK = NOW - timedelta(days=7)

Work = Callable[[AsyncConnection], Awaitable[Any]]


async def _worded(connection: AsyncConnection) -> None:
    async for _some in rewording.worded(connection, "release", "k", WEEK):
        pass


REFUSED = attempts.Outcome(1, 1, NOW, attempts.REFUSED)
AGAIN = attempts.Outcome(2, 2, NOW, attempts.FAILED, again=NOW)

# What runs every second, for every message, or while thousands are told. Small tables may be read
# whole: those of what is set, and of what waits.
QUERIES: dict[str, Work] = {
    "claim": lambda c: outbox.claim(c, NOW, "me", NOW, {"discord": 10, "slack": 10}, [1, 2]),
    "is_due": lambda c: outbox.is_due(c, NOW, "discord", [1, 2]),
    "enqueue an edit": lambda c: outbox.enqueue(c, 1, "n", "edit", {}, "", NOW, root_id=1),
    "recorded": lambda c: attempts.record(c, [REFUSED, AGAIN]),
    "left out": lambda c: attempts.leave_out(c, 1, WEEK, NOW),
    "stories due": lambda c: stories.open_stories(c, due=NOW),
    "next due": stories.next_due,
    "told within the hour": lambda c: controls.told_since(c, list(range(1000)), WEEK),
    "heard": lambda c: tracked.heard(c, ["a", "b"], WEEK),
    "heard by one": lambda c: tracked.heard(c, ["a", "b"], WEEK, 7),
    "told of": lambda c: rewording.told(c, "release", ["a"], WEEK),
    "keys told": lambda c: rewording.keys_told(c, "release", WEEK),
    "worded": _worded,
    "standing": lambda c: messages.standing(c, 1),
    "recent": lambda c: messages.recent(c, 1),
    "a message by its nonce": lambda c: outbox.by_nonce(c, "n"),
    "explained": lambda c: outbox.about(c, 1, "ai", 5),
    "crossing": levels.crossing,
    "feeds due": lambda c: feeds.due(c, NOW, 64),
    "marks of a feed": lambda c: feeds.known(c, "k"),
    "entries that wait": lambda c: sightings.waits_over(c, NOW),
    "entries to be named": lambda c: sightings.unsaid(c, NOW),
    "old threads": lambda c: prune_messages._threads(c, [1, 2, 3]),
}  # fmt: skip
LARGE = ("outbox", "earlier", "attempt", "feed_seen", "sighting", "decision", "bar", "quote")


@pytest.fixture
async def plans(database: Database) -> tuple[Database, list[str]]:
    """A database, and the plan of each statement that it ran.

    SQLite plans by the schema alone here, so the plans are those of a million rows too.
    """
    await database.write(lambda c: receivers.receiver_of(c, "console", "local", "console", NOW))
    found: list[str] = []

    @event.listens_for(database._engine.sync_engine, "before_cursor_execute")
    def explain(c: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: Any) -> None:
        if sql.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            given = values[0] if many else values
            asked = c.connection.cursor()
            asked.execute(f"EXPLAIN QUERY PLAN {sql}", given)
            found.extend(str(row[3]) for row in asked.fetchall())
            asked.close()

    return database, found


@pytest.mark.parametrize("name", QUERIES)
async def test_no_large_table_is_read_whole(plans: tuple[Database, list[str]], name: str) -> None:
    database, found = plans
    await database.write(QUERIES[name])
    assert found
    for line in found:
        assert not any(line.startswith(f"SCAN {table}") for table in LARGE), line


async def test_old_messages_are_found_without_reading_them(
    plans: tuple[Database, list[str]],
) -> None:
    """Only the index is read through, which is a hundredth of what the messages say."""
    database, found = plans
    async with database.read() as connection:
        await connection.execute(prune_messages.old_rows(NOW))
    scans = [line for line in found if "outbox" in line]
    assert len(scans) == 1
    assert scans[0].startswith("SCAN outbox USING COVERING INDEX")


async def test_whatever_refers_to_a_row_is_found_when_that_row_goes(database: Database) -> None:
    """SQLite looks in every table that refers to a deleted row: without an index, all through."""
    async with database.read() as connection:
        for table in metadata.sorted_tables:
            first = {next(iter(table.primary_key)).name}
            for index in (
                await connection.execute(text(f'PRAGMA index_list("{table.name}")'))
            ).all():
                columns = await connection.execute(text(f'PRAGMA index_info("{index.name}")'))
                first.add(columns.all()[0].name)
            for key in table.foreign_keys:
                assert key.parent.name in first, key
