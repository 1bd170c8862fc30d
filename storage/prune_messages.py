"""Forgetting messages: a message goes with all that answered and changed it, or stays with it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.schema import alert, held_news, outbox, story, subscription, tracked_event
from storage.slices import forget, sliced

_FINAL = frozenset({"sent", "dead"})
# Messages of one transaction, with their answers and edits.
_THREADS = 60
_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox, as far as it matters; `root_id` is the one that it answers or edits."""

    id: int
    root_id: int | None
    created_at: datetime
    state: str
    key: str | None


def gone(
    rows: Collection[Row], before: datetime, kept: Collection[int], keys: Collection[str]
) -> list[int]:
    """Of these rows those to delete: threads of which everything is older than `before`, has been
    sent or given up, is not among the rows `kept`, and tells of none of `keys`.

    A thread is complete in `rows`. Answers come before what they answer.
    """
    by_id = {row.id: row for row in rows}

    def top(row: Row) -> int:
        while row.root_id is not None and row.root_id in by_id:
            row = by_id[row.root_id]
        return row.id

    threads: dict[int, list[Row]] = {}
    for row in rows:
        threads.setdefault(top(row), []).append(row)
    found = []
    for thread in threads.values():
        if all(
            one.created_at < before
            and one.state in _FINAL
            and one.id not in kept
            and (one.key is None or one.key not in keys)
            for one in thread
        ):
            found += [one.id for one in thread]
    return sorted(found, reverse=True)


def old_rows(before: datetime, limit: int = _PAGE) -> Select[Any]:
    """Rows of the outbox from before an instant, from an index alone: the table is large."""
    return select(outbox.c.id).where(outbox.c.created_at < before).limit(limit)


async def forget_messages(database: Database, before: datetime) -> int:
    """Delete messages told before an instant: how many rows.

    Those stay that an open story, a study to come or news on its way still refers to, and the
    newest row, so that no number is given twice.
    """
    forgotten, stay = 0, set[int]()
    while True:
        async with database.read() as connection:
            found = (await connection.execute(old_rows(before, _PAGE + len(stay)))).scalars()
            ids = sorted(set(found) - stay)
            kept = await _kept(connection, before)
            studied = select(tracked_event.c.key).where(tracked_event.c.due_at.is_not(None))
            keys = set((await connection.execute(studied)).scalars())
        if not ids:
            return forgotten
        stay.update(ids)
        for some in sliced(ids, _THREADS):

            async def work(
                connection: AsyncConnection,
                some: Sequence[int] = some,
                kept: Collection[int] = kept,
                keys: Collection[str] = keys,
            ) -> list[int]:
                old = gone(await _threads(connection, some), before, kept, keys)
                for part in sliced(old):
                    await connection.execute(delete(outbox).where(outbox.c.id.in_(part)))
                return old

            old = await database.write(work)
            forgotten += len(old)
            stay.difference_update(old)


async def _kept(connection: AsyncConnection, before: datetime) -> set[int]:
    """The rows that something refers to, and the newest."""
    statements = [
        select(story.c.root_id).where(
            story.c.root_id.is_not(None),
            or_(story.c.closed_at.is_(None), story.c.closed_at >= before),
        ),
        select(held_news.c.root_id).where(held_news.c.root_id.is_not(None)),
        select(subscription.c.spent_by).where(subscription.c.spent_by.is_not(None)),
        select(func.max(outbox.c.id)),
    ]
    found: set[int] = set()
    for statement in statements:
        found.update((await connection.execute(statement)).scalars())
    return found


_COLUMNS = (
    outbox.c.id, outbox.c.root_id, outbox.c.created_at, outbox.c.state, outbox.c.key,
)  # fmt: skip


async def _threads(connection: AsyncConnection, ids: Sequence[int]) -> list[Row]:
    """The threads that begin with one of these rows, whole; other rows of `ids` have none here."""
    tops = select(*_COLUMNS).where(outbox.c.id.in_(ids), outbox.c.root_id.is_(None))
    level = [Row(*row) for row in await connection.execute(tops)]
    found = list(level)
    while level:
        below: list[Row] = []
        for some in sliced([row.id for row in level]):
            answers = select(*_COLUMNS).where(outbox.c.root_id.in_(some))
            below += [Row(*row) for row in await connection.execute(answers)]
        found += below
        level = below
    return found


async def forget_stories(database: Database, before: datetime) -> int:
    """Delete stories that were closed before an instant and have no message left: how many."""
    told = exists().where(outbox.c.story_id == story.c.id)
    newest = select(func.max(story.c.id)).scalar_subquery()
    return await forget(database, story, story.c.closed_at < before, story.c.id != newest, ~told)


async def forget_alerts(database: Database, before: datetime) -> int:
    """Delete alerts resolved before an instant, but the newest of each level: how many."""
    later = alert.alias("later")
    newer = exists().where(
        later.c.level_state_id == alert.c.level_state_id, later.c.id > alert.c.id
    )
    return await forget(database, alert, alert.c.resolved_at < before, newer)
