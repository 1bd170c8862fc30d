"""The driver that is asked once for each statement answers as SQLite does."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from storage.database import Database
from storage.schema import basket
from storage.sqlite import Statements, connect

LONG = (
    "with recursive n(i) as (select 1 union all select i + 1 from n limit 300000) select i from n"
)


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Statements]:
    opened = connect(str(tmp_path / "a.db"), isolation_level=None)
    async with opened:
        await opened.cursor().execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
        yield opened


async def test_a_statement_takes_one_turn_and_tells_all_that_a_cursor_tells(
    connection: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = []
    execute = connection._execute

    async def counted(function: object, *given: object) -> object:
        turns.append(function)
        return await execute(function, *given)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(connection, "_execute", counted)
    many = await connection.cursor().executemany(
        "INSERT INTO t (name) VALUES (?)", [("a",), ("b",), ("c",)]
    )
    assert (many.rowcount, many.description, await many.fetchall()) == (3, None, [])
    one = await connection.cursor().execute("INSERT INTO t (name) VALUES (?)", ("d",))
    assert (one.rowcount, one.lastrowid) == (1, 4)
    given = await connection.cursor().execute(
        "UPDATE t SET name = name || '!' WHERE id > 2 RETURNING id"
    )
    found = await given.fetchall()
    assert (found, given.description[0][0], given.rowcount) == ([(3,), (4,)], "id", 2)
    assert await given.fetchall() == []
    await given.close()
    assert len(turns) == 3


async def test_its_errors_are_sqlites(connection: Statements) -> None:
    for _time in range(2):  # a statement that failed holds nothing up
        with pytest.raises(sqlite3.OperationalError, match="no such table: nowhere"):
            await connection.cursor().execute("SELECT 1 FROM nowhere")
    await connection.cursor().execute("INSERT INTO t (name) VALUES ('a')")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        await connection.cursor().execute("INSERT INTO t (name) VALUES ('a')")


async def test_the_database_is_read_by_it(database: Database) -> None:
    async with database.read() as opened:
        assert isinstance((await opened.get_raw_connection()).driver_connection, Statements)
        with pytest.raises(OperationalError, match="nowhere"):
            await opened.execute(text("SELECT 1 FROM nowhere"))
        rows = (await opened.execute(text("SELECT 1 UNION SELECT 2 ORDER BY 1"))).all()
        assert [tuple(row) for row in rows] == [(1,), (2,)]
    with pytest.raises(IntegrityError):
        await database.write(
            lambda one: one.execute(text("INSERT INTO subscription (receiver_id) VALUES (99)"))
        )


async def test_a_read_that_was_given_up_holds_nothing(database: Database) -> None:
    begun = asyncio.Event()

    async def read() -> None:
        async with database.read() as connection:
            begun.set()
            await connection.execute(text(LONG))

    reading = asyncio.ensure_future(read())
    await begun.wait()
    await asyncio.sleep(0)
    reading.cancel()  # SQLite is at it
    with pytest.raises(asyncio.CancelledError):
        await reading
    row = {"name": "a", "owner": "", "title": "A", "why": ""}
    await database.write(lambda c: c.execute(insert(basket).values(row)))
    await database.tidy()
    async with database.read() as connection:
        assert (await connection.execute(select(basket.c.title))).scalars().all() == ["A"]
