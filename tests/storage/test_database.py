"""The two entrances of the database: nothing is lost, nothing is half done."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.schema import basket

NOW = datetime(2025, 1, 27, tzinfo=UTC)


def _row(name: str) -> dict[str, str]:
    return {"name": name, "owner": "", "title": name, "why": ""}


async def _count(database: Database) -> int:
    async with database.read() as connection:
        found = await connection.execute(select(func.count()).select_from(basket))
        return int(found.scalar_one())


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(insert(basket), [_row("a")])
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        await database.write(work)
    assert await _count(database) == 0


async def test_another_tasks_rollback_does_not_take_mine_along(database: Database) -> None:
    entered = asyncio.Event()

    async def fails(connection: AsyncConnection) -> None:
        await connection.execute(insert(basket), [_row("lost")])
        entered.set()
        await asyncio.sleep(0)
        raise RuntimeError("stop")

    async def succeeds(connection: AsyncConnection) -> None:
        await connection.execute(insert(basket), [_row("kept")])

    failing = asyncio.ensure_future(database.write(fails))
    await entered.wait()
    await database.write(succeeds)
    with pytest.raises(RuntimeError):
        await failing
    assert await _count(database) == 1


async def test_a_cancelled_caller_does_not_cancel_the_write(database: Database) -> None:
    entered, go = asyncio.Event(), asyncio.Event()

    async def work(connection: AsyncConnection) -> None:
        entered.set()
        await go.wait()
        await connection.execute(insert(basket), [_row("a")])

    caller = asyncio.ensure_future(database.write(work))
    await entered.wait()
    caller.cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await database.write(lambda c: c.execute(select(1)))  # waits for the writer before it
    assert await _count(database) == 1


async def test_an_in_memory_database_is_refused() -> None:
    with pytest.raises(ValueError, match="name a file"):
        await Database.open("sqlite+aiosqlite:///:memory:")


async def test_readers_see_what_was_committed_and_keys_are_enforced(
    database: Database, tmp_path: Path
) -> None:
    async with database.read() as connection:
        for pragma, value in (("foreign_keys", 1), ("journal_mode", "wal"), ("synchronous", 2)):
            found = await connection.exec_driver_sql(f"PRAGMA {pragma}")
            assert found.scalar() == value
