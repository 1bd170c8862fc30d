"""Opening the database, and the only two ways into it: `read` and `write`."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, CursorResult, Insert, Result, Table, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import StorageError, UserError
from bot.model.wording import listing
from storage import sqlite
from storage.migrate import advice, migrate
from storage.soundness import disk_fault, is_damage

T = TypeVar("T")
log = logging.getLogger(__name__)

_PRAGMAS = (
    "PRAGMA busy_timeout=5000",  # first: the others may have to wait too
    "PRAGMA journal_mode=WAL",
    # What a long read made grow beyond this is given back once it is over.
    f"PRAGMA journal_size_limit={64 * 2**20}",
    "PRAGMA foreign_keys=ON",
)
# How long writing waits for another program's lock once the program ends.
_HURRIED_MS = 500
# So many rows are made ready to be stored in about ten milliseconds.
_BATCH = 1_000
# So many rows are decoded in a few milliseconds, on a busy machine too.
_TURN = 200
# What a URL may begin with, and the packages that it is then reached by, the bot's own and the
# blocking one of migrations: their modules, and what installs them.
_DRIVERS = {
    "sqlite+aiosqlite": {"aiosqlite": "aiosqlite"},
    "postgresql+asyncpg": {"asyncpg": "asyncpg", "psycopg": "psycopg[binary]"},
}


class Database:
    """One database, opened by `Database.open`. Safe to share between tasks of one event loop.

    `damage` is the sentence about damage that was met, "" while there was none.
    """

    def __init__(self, engine: AsyncEngine, backups: Path | None = None) -> None:
        self._engine = engine
        self._backups = backups
        self._writing = asyncio.Lock()
        self._options: dict[str, Any] = {"aftershock_writes": True}
        self.damage = ""

    @classmethod
    async def open(
        cls, url: str, *, durable: bool = True, backups: Path | None = None
    ) -> "Database":
        """Migrate the database at `url` to the current schema and open it.

        `backups` is the folder of its copies, of which one is named should it be damaged. Without
        `durable` a commit does not wait for the disk, for databases that nobody keeps.
        Raises UserError where `url` names none that can be opened, or where it was written by a
        newer program, leaving it untouched.
        """
        parsed = read_url(url)
        if parsed.get_backend_name() == "sqlite":
            _make_folder(Path(str(parsed.database)).parent)
        await asyncio.to_thread(migrate, url, backups=backups)
        return cls(_engine(url, durable), backups)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a read transaction: one consistent view, rolled back at the end.

        Raises StorageError where the database turns out to be damaged, or its disk fails.
        """
        try:
            async with self._engine.connect() as connection:
                yield connection
        except DatabaseError as error:
            reason, place = str(error.orig), Path(self._engine.url.database or "")
            if not is_damage(reason) and not disk_fault(place, reason):
                raise
            raise self._failed(error) from error

    async def write(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        undo: Callable[[], None] = lambda: None,
    ) -> T:
        """Run `work(connection)` in one transaction, committed when it returns.

        Where nothing of it is kept, `undo()` is called before anybody else writes: it takes back
        what `work` did in memory.

        One writer at a time. A caller that is cancelled does not cancel the work: it is
        committed or rolled back as a whole, never left unknown. Raises StorageError where the
        database cannot be written.
        """

        async def run() -> T:
            async with self._writing, self._engine.connect() as opened:
                connection = await opened.execution_options(**self._options)
                try:
                    async with connection.begin():
                        return await work(connection)
                except BaseException:
                    undo()
                    raise

        running = asyncio.ensure_future(run())
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            running.add_done_callback(self._left_behind)
            raise
        except DatabaseError as error:
            if not isinstance(error, OperationalError) and not is_damage(str(error.orig)):
                raise
            raise self._failed(error) from error

    def _failed(self, error: DatabaseError) -> StorageError:
        reason = str(error.orig)
        if not is_damage(reason):
            return StorageError(advice(self._engine.url, reason, self._backups))
        # Every look at the database meets it again: the backups are not read through each time.
        self.damage = self.damage or advice(self._engine.url, reason, self._backups)
        return StorageError(self.damage)

    def hurry(self) -> None:
        """The program ends: whoever begins to write from now on gives a lock up soon."""
        self._options["aftershock_waits"] = _HURRIED_MS

    async def tidy(self) -> None:
        """Take what was written into the database file, and empty the write-ahead log of SQLite.

        Where somebody reads just then, what they read stays, for the next time.
        """
        if self._engine.dialect.name != "sqlite":
            return
        async with self._writing, self._engine.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            assert raw is not None
            # Others wait meanwhile, so it waits for nobody.
            await raw.execute("PRAGMA busy_timeout=100")
            try:
                await (await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")).close()
            finally:
                await raw.execute("PRAGMA busy_timeout=5000")

    def _left_behind(self, running: "asyncio.Future[Any]") -> None:
        """Work whose caller was cancelled has ended: nobody else hears whether it failed."""
        error = None if running.cancelled() else running.exception()
        if isinstance(error, DatabaseError):
            log.warning("nothing was stored: %s", self._failed(error))
        elif error is not None:
            log.error("nothing was stored", exc_info=error)

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
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The data folder {folder} cannot be made ({error.strerror}); set AFTERSHOCK_DATA to "
            "a folder that can be written."
        ) from None


def _engine(url: str, durable: bool) -> AsyncEngine:
    lite = make_url(url).get_backend_name() == "sqlite"
    engine = create_async_engine(
        url, connect_args={"async_creator_fn": sqlite.connect} if lite else {}
    )
    if lite:

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
            options = connection.get_execution_options()
            if (waits := options.get("aftershock_waits")) is not None:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={waits}")
            writes = options.get("aftershock_writes")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


async def decoded(result: Result[Any], decode: Callable[[Sequence[Any]], Iterable[T]]) -> list[T]:
    """What `decode` makes of the rows, some at a time: in between all others get their turn."""
    found: list[T] = []
    while rows := result.fetchmany(_TURN):
        found += decode(rows)
        await asyncio.sleep(0)
    return found


def upsert(
    dialect: str, table: Table, *, update: Sequence[str] = (), on: Sequence[str] = ()
) -> Insert:
    """INSERT into `table` that, where the key exists, updates the columns in `update`.

    With no `update` the existing row stays. `on` defaults to the primary key.
    """
    keys = list(on) or [column.name for column in table.primary_key]
    insert = _insert(dialect, table)
    made: Insert = (
        insert.on_conflict_do_update(
            index_elements=keys, set_={name: insert.excluded[name] for name in update}
        )
        if update
        else insert.on_conflict_do_nothing(index_elements=keys)
    )
    return made


def _insert(dialect: str, table: Table) -> Any:
    # PostgreSQL's is slow to import, and hardly anybody needs it.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def inserted_id(result: CursorResult[Any]) -> int:
    """The id of the row that a single INSERT made."""
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


async def put(
    connection: AsyncConnection,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    *,
    update: Sequence[str] = (),
    on: Sequence[str] = (),
) -> None:
    """Upsert `rows` in batches, one statement each; each is made only when it is its turn."""
    statement, left = None, iter(rows)
    while batch := list(islice(left, _BATCH)):
        if statement is None:
            statement = upsert(connection.dialect.name, table, update=update, on=on)
        await connection.execute(statement, batch)
