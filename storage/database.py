"""Opening the database, and the only two ways into it: `read` and `write`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, CursorResult, Insert, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import StorageError, UserError
from bot.model.wording import listing
from storage.migrate import advice, migrate

T = TypeVar("T")

_PRAGMAS = (
    "PRAGMA busy_timeout=5000",  # first: the others may have to wait too
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
)
# SQLite takes at most 32,766 bound values in a statement; batches stay well below.
_BATCH = 5_000
# What a URL may begin with, and the packages that it is then reached by, the bot's own and the
# blocking one of migrations: their modules, and what installs them.
_DRIVERS = {
    "sqlite+aiosqlite": {"aiosqlite": "aiosqlite"},
    "postgresql+asyncpg": {"asyncpg": "asyncpg", "psycopg": "psycopg[binary]"},
}


class Database:
    """One database, opened by `Database.open`. Safe to share between tasks of one event loop."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writing = asyncio.Lock()

    @classmethod
    async def open(cls, url: str, *, durable: bool = True) -> "Database":
        """Migrate the database at `url` to the current schema and open it.

        Without `durable` a commit does not wait for the disk, for databases that nobody keeps.
        Raises UserError where `url` names none that can be opened, or where it was written by a
        newer program, leaving it untouched.
        """
        parsed = read_url(url)
        if parsed.get_backend_name() == "sqlite":
            _make_folder(Path(str(parsed.database)).parent)
        await asyncio.to_thread(migrate, url)
        return cls(_engine(url, durable))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a read transaction: one consistent view, rolled back at the end."""
        async with self._engine.connect() as connection:
            yield connection

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work(connection)` in one transaction, committed when it returns.

        One writer at a time. A caller that is cancelled does not cancel the work: it is
        committed or rolled back as a whole, never left unknown. Raises StorageError where the
        database cannot be written.
        """

        async def run() -> T:
            async with self._writing, self._engine.connect() as opened:
                connection = await opened.execution_options(aftershock_writes=True)
                async with connection.begin():
                    return await work(connection)

        try:
            return await asyncio.shield(asyncio.ensure_future(run()))
        except OperationalError as error:
            raise StorageError(advice(self._engine.url, str(error.orig))) from error

    async def close(self) -> None:
        """Wait for the writer under way, then close every connection."""
        async with self._writing:
            await self._engine.dispose()


def read_url(url: str) -> URL:
    """The parts of a database URL, whose drivers are there.

    Raises UserError naming the setting, what is wrong and what is right, but no password.
    """
    right = "write a file, such as aftershock.db, or postgresql+asyncpg://user@host/database"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UserError(f"storage.database is not a database URL; {right}.") from None
    kind = parsed.drivername
    if kind not in _DRIVERS:
        raise UserError(f"storage.database: {kind}:// is not supported; {right}.")
    if kind == "sqlite+aiosqlite" and parsed.database in (None, "", ":memory:"):
        # Its pool shares one connection: another task's insert would join our rollback.
        raise UserError(f"storage.database: an in-memory database is not supported; {right}.")
    drivers = _DRIVERS[kind]
    missing = [drivers[module] for module in drivers if find_spec(module) is None]
    if missing:
        packages = " ".join(f"'{name}'" if "[" in name else name for name in missing)
        raise UserError(
            f"storage.database: {kind}:// needs {listing(missing)}, not installed here; type "
            f"pip install {packages}, or name a file instead."
        )
    return parsed


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The data folder {folder} cannot be made ({error.strerror}); set AFTERSHOCK_DATA to "
            "a folder that can be written."
        ) from None


def _engine(url: str, durable: bool) -> AsyncEngine:
    engine = create_async_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine.sync_engine, "connect")
        def configure(connection: Any, _record: Any) -> None:
            # The driver must not open transactions by itself: BEGIN is ours, below.
            connection.isolation_level = None
            cursor = connection.cursor()
            for pragma in (*_PRAGMAS, f"PRAGMA synchronous={'FULL' if durable else 'OFF'}"):
                cursor.execute(pragma)
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def begin(connection: Any) -> None:
            writes = connection.get_execution_options().get("aftershock_writes")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def upsert(
    dialect: str, table: Table, *, update: Sequence[str] = (), on: Sequence[str] = ()
) -> Insert:
    """INSERT into `table` that, where the key exists, updates the columns in `update`.

    With no `update` the existing row stays. `on` defaults to the primary key.
    """
    keys = list(on) or [column.name for column in table.primary_key]
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    if not update:
        return insert.on_conflict_do_nothing(index_elements=keys)
    return insert.on_conflict_do_update(
        index_elements=keys, set_={name: insert.excluded[name] for name in update}
    )


def inserted_id(result: CursorResult[Any]) -> int:
    """The id of the row that a single INSERT made."""
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


async def put(
    connection: AsyncConnection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    update: Sequence[str] = (),
    on: Sequence[str] = (),
) -> None:
    """Upsert `rows` in batches, one statement each."""
    if not rows:
        return
    statement = upsert(connection.dialect.name, table, update=update, on=on)
    for start in range(0, len(rows), _BATCH):
        await connection.execute(statement, list(rows[start : start + _BATCH]))
