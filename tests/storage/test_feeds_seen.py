"""Marks of entries: those that a feed lists stay for ever, those that it dropped for years go."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.feed import Feed, FeedKind, Voice
from storage import feeds
from storage.database import Database
from storage.feeds import FeedState
from storage.schema import feed_seen

BEGUN = datetime(2025, 1, 27, 22, tzinfo=UTC)
KEEP = timedelta(days=1100)
ITEM = Feed("lab", FeedKind.FEED, Voice.LAB, "https://lab.test/feed", "Lab", "lab")


async def _look(database: Database, at: datetime, listed: set[str] | None, key: str = "lab") -> int:
    """What a look writes: None where the feed has not changed. How many marks are written."""

    async def work(connection: AsyncConnection) -> int:
        known = await feeds.known(connection, key)
        state = await feeds.find_feed(connection, key)
        assert state is not None
        await feeds.save(connection, [FeedState(ITEM, at, ok_at=at, seeded_at=BEGUN)])
        if listed is None:
            return 0
        marks = sorted(listed - known.keys())
        marks += feeds.to_renew(known, sorted(listed & known.keys()), at.date())
        await feeds.put_seen(connection, {key: marks}, at)
        return len(marks)

    return await database.write(work)


async def _left(database: Database) -> set[str]:
    async with database.read() as connection:
        return set((await connection.execute(select(feed_seen.c.digest))).scalars())


async def _begin(database: Database, *listed: str) -> None:
    await database.write(lambda c: feeds.add_feed(c, ITEM, BEGUN))
    await _look(database, BEGUN, set(listed))


async def test_a_look_writes_little_of_what_was_written_this_month(database: Database) -> None:
    marks = {f"{n:040x}" for n in range(200)}
    await _begin(database, *marks)
    written = [await _look(database, BEGUN + timedelta(days=n), marks) for n in range(1, 91)]
    assert not any(written[:29])
    assert sum(written[:45]) == 200
    # Never many at once, though all were seen at once.
    assert max(written) < 40


async def test_what_a_feed_dropped_goes_after_three_years_and_what_it_lists_never(
    database: Database,
) -> None:
    await _begin(database, "a", "b", "c")
    gone: dict[str, int] = {}
    for days in range(10, 1500, 10):
        now = BEGUN + timedelta(days=days)
        await _look(database, now, {"a"} if days > 100 else {"a", "b"})
        await feeds.forget_seen(database, now, KEEP)
        for mark in {"a", "b", "c"} - await _left(database):
            gone.setdefault(mark, days)
    assert set(gone) == {"b", "c"}
    # "c" was listed on the first day only, "b" until the hundredth.
    assert 1100 < gone["c"] < 1250
    assert 1200 < gone["b"] < 1350


async def test_a_feed_that_does_not_change_lists_what_it_listed(database: Database) -> None:
    """It is not read then; a year-old list is whole all the same when it does change."""
    await _begin(database, "a", "b")
    for days in range(10, 1500, 10):
        now = BEGUN + timedelta(days=days)
        await _look(database, now, None)
        assert not await feeds.forget_seen(database, now, KEEP)
    await _look(database, now, {"new"})
    assert not await feeds.forget_seen(database, now, KEEP)
    assert await _left(database) == {"a", "b", "new"}


async def test_of_a_feed_that_cannot_be_read_nothing_is_forgotten(database: Database) -> None:
    await _begin(database, "a", "b")
    assert not await feeds.forget_seen(database, BEGUN + timedelta(days=3000), KEEP)
    assert await _left(database) == {"a", "b"}


async def test_a_look_by_a_clock_that_was_ahead_has_nothing_forgotten(database: Database) -> None:
    await _begin(database, "a", "b")
    await _look(database, BEGUN + timedelta(days=3650), {"b", "c"})
    for days in (1, 2):
        now = BEGUN + timedelta(days=days)
        await _look(database, now, {"a", "b", "c"})
        assert not await feeds.forget_seen(database, now, KEEP)
    assert await _left(database) == {"a", "b", "c"}
