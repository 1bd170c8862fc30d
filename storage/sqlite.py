"""SQLite's driver, asked once for each statement."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from aiosqlite import Connection


class Statement:
    """A cursor whose statement is run, read whole and closed in one turn of its thread.

    The driver's own takes four, and going to another thread and back takes longer than most
    statements do.
    """

    def __init__(self, connection: "Statements") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "Statement":
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> "Statement":
        """Run a statement and read its rows. Raises `sqlite3.Error`."""
        return await self._run(sqlite3.Cursor.execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> "Statement":
        """Run a statement for each of the parameters. Raises `sqlite3.Error`."""
        return await self._run(sqlite3.Cursor.executemany, sql, parameters)

    async def fetchall(self) -> list[Any]:
        """The rows that have not been taken yet."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing: it has been closed since it was run."""

    async def _run(self, ask: Any, sql: str, parameters: Any) -> "Statement":
        found = await self._connection.turn(ask, sql, parameters)
        self._rows, self.description, self.rowcount, self.lastrowid = found
        return self


class Statements(Connection):
    """A connection whose cursors are such statements; all else is the driver's own."""

    def cursor(self) -> Statement:  # type: ignore[override]
        """A cursor, for which nothing has been asked yet."""
        return Statement(self)

    async def turn(self, ask: Any, sql: str, parameters: Any) -> tuple[Any, ...]:
        """Run a statement in the connection's thread: rows, description, row count, last row."""
        found: tuple[Any, ...]
        found = await self._execute(self._whole, ask, sql, parameters)  # type: ignore[no-untyped-call]
        return found

    def _whole(self, ask: Any, sql: str, parameters: Any) -> tuple[Any, ...]:
        cursor = self._conn.cursor()
        try:
            ask(cursor, sql, parameters)
            rows = cursor.fetchall() if cursor.description else []
            return rows, cursor.description, cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


def connect(path: str, **options: Any) -> Statements:
    """A connection to the file at `path`, for `await` to open; `options` as in `sqlite3.connect`.

    Its thread keeps no program from ending.
    """
    opened = Statements(lambda: sqlite3.connect(path, **options), iter_chunk_size=64)
    # As SQLAlchemy does with a connection of the driver's own.
    opened._thread.daemon = True
    return opened
