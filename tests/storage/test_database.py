"""The two entrances of the database: nothing is lost, nothing is half done."""

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from types import SimpleNamespace

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StorageError, UserError
from storage.database import Database, decoded, put
from storage.schema import basket, decision
from storage.soundness import disk_fault
from tests.storage.damaging import overwrite

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


@pytest.mark.parametrize(
    ("reason", "free", "says"),
    [
        ("database or disk is full", 10**9, "There is no room left to write the database"),
        ("disk I/O error", 0, "There is no room left to write the database"),
        ("disk I/O error", 10**9, "fails or is full; make room, or mend the disk."),
        ("no such table: bar", 0, ""),
    ],
)
def test_a_full_disk_is_told_from_a_broken_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reason: str, free: int, says: str
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=free))
    said = disk_fault(tmp_path / "a.db", reason)
    assert says in said
    assert bool(said) == bool(says)


async def test_who_ends_waits_for_no_lock(database: Database, tmp_path: Path) -> None:
    assert await _count(database) == 0
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database.hurry()
    begun = asyncio.get_running_loop().time()
    for _writer in range(2):
        with pytest.raises(StorageError, match="in use by another program"):
            await database.write(lambda connection: connection.execute(select(1)))
    assert asyncio.get_running_loop().time() - begun < 4  # each would wait for five seconds
    other.close()
    await database.write(lambda connection: connection.execute(insert(basket), [_row("a")]))
    assert await _count(database) == 1


async def test_damage_is_said_alike_whoever_meets_it(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    await database.tidy()
    overwrite(path, "basket", b"\0" * 4096)
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA application_id=1")  # nobody trusts the pages he remembers
    assert database.damage == ""
    with pytest.raises(StorageError, match=r"test\.db is damaged") as reading:
        async with database.read() as connection:
            await connection.execute(select(basket))
    with pytest.raises(StorageError) as writing:
        await database.write(lambda connection: connection.execute(insert(basket), [_row("a")]))
    assert str(reading.value) == str(writing.value) == database.damage


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


async def test_tidying_empties_the_log_of_writes_and_waits_for_no_reader(
    database: Database, tmp_path: Path
) -> None:
    log = tmp_path / "test.db-wal"

    async def write(number: int) -> None:
        rows = [{"at": NOW, "target": "x" * 200, "step": "s", "reason": str(number)}] * 500
        await database.write(lambda connection: connection.execute(insert(decision), rows))

    await write(1)
    assert log.stat().st_size > 0
    await database.tidy()
    assert log.stat().st_size == 0
    async with database.read() as reader:
        before = (await reader.execute(select(func.count()).select_from(decision))).scalar_one()
        await write(2)
        await database.tidy()  # what is being read stays, and nobody fails
        again = (await reader.execute(select(func.count()).select_from(decision))).scalar_one()
        assert (before, again) == (500, 500)
        assert log.stat().st_size > 0
    await database.tidy()
    assert log.stat().st_size == 0
    async with database.read() as connection:
        assert (await connection.execute(text("PRAGMA busy_timeout"))).scalar_one() == 5000
        limit = (await connection.execute(text("PRAGMA journal_size_limit"))).scalar_one()
    assert limit == 64 * 2**20


async def test_many_rows_are_decoded_in_turn_with_everything_else(database: Database) -> None:
    rows = [{"at": NOW, "target": str(n), "step": "s", "reason": ""} for n in range(3_000)]
    await database.write(lambda connection: connection.execute(insert(decision), rows))
    turns, done = 0, False

    async def another() -> None:
        nonlocal turns
        while not done:
            turns += 1
            await asyncio.sleep(0)

    async with database.read() as connection:
        result = await connection.execute(select(decision.c.target).order_by(decision.c.id))
        meanwhile = asyncio.create_task(another())
        found = await decoded(result, lambda some: [row.target for row in some])
        done = True
    await meanwhile
    assert found == [row["target"] for row in rows]
    assert turns >= 5


async def test_rows_are_made_when_they_are_stored(database: Database) -> None:
    """Twenty thousand at once would keep all others waiting."""
    made: list[tuple[int, int]] = []
    turns = 0

    def rows() -> Iterator[dict[str, str]]:
        for number in range(2_500):
            made.append((number, turns))
            yield _row(str(number))

    async def another() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(another())
    await database.write(lambda connection: put(connection, basket, rows()))
    await database.write(lambda connection: put(connection, basket, iter(())))
    task.cancel()
    assert await _count(database) == 2_500
    assert made[0][1] < made[1_500][1] < made[2_499][1]
