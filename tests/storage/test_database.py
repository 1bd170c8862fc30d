"""The two entrances of the database: nothing is lost, nothing is half done."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import UserError
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


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("foo://me:hush@x/y", "foo:// is not supported; write a file, such as aftershock.db"),
        ("postgresql://me:hush@host/db", "or postgresql+asyncpg://user@host/database"),
        ("sqlite+aiosqlite:///:memory:", "an in-memory database is not supported"),
        ("sqlite+aiosqlite://", "an in-memory database is not supported"),
        ("postgresql+asyncpg://me:hush@host:x/db", "is not a database URL"),
    ],
)
async def test_a_database_that_cannot_be_is_refused_in_one_line(url: str, says: str) -> None:
    with pytest.raises(UserError) as error:
        await Database.open(url)
    message = str(error.value)
    assert message.startswith("storage.database")
    assert says in message
    assert "\n" not in message
    assert "hush" not in message


async def test_a_missing_driver_is_named_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("storage.database.find_spec", lambda _module: None)
    with pytest.raises(UserError) as error:
        await Database.open("postgresql+asyncpg://me:hush@host/db")
    message = str(error.value)
    assert "storage.database" in message
    assert "pip install asyncpg 'psycopg[binary]'" in message
    assert "hush" not in message


async def test_commits_wait_for_the_disk_and_keys_are_enforced(blank: Path, tmp_path: Path) -> None:
    copyfile(blank, tmp_path / "kept.db")
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/kept.db")
    async with database.read() as connection:
        for pragma, value in (("foreign_keys", 1), ("journal_mode", "wal"), ("synchronous", 2)):
            found = await connection.exec_driver_sql(f"PRAGMA {pragma}")
            assert found.scalar() == value
    await database.close()
