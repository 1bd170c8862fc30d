"""Is a file a sound database of ours, and what does it hold? Nothing is changed in it."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.errors import UserError
from storage.schema import EPOCH, instant

_CHECKED_EVERY = 100_000  # instructions of SQLite's between two looks at whether to stop
# Whoever opens a database needs about this much for what SQLite keeps beside it.
_ROOM = 100_000  # bytes
_OURS = {"alembic_version", "receiver", "subscription", "outbox"}

Stop = Callable[[], bool]


class Stopped(Exception):  # noqa: N818 - it says what happened, not who erred
    """Copying was broken off because the program ends; nothing is left of it."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds. `made_at` is the moment of a copy, None where it is none.

    `waiting` are messages that are not sent yet; `newest_alert` is None where there is no alert.
    """

    revision: str
    receivers: int
    subscriptions: int
    alerts: int
    messages: int
    waiting: int
    newest_alert: datetime | None
    made_at: datetime | None


def is_damage(reason: str) -> bool:
    """Whether SQLite says that a file is damaged, or no database at all."""
    return "malformed" in reason or "not a database" in reason or "corrupt" in reason


def disk_fault(path: Path, reason: str) -> str:
    """What to do about the disk of a database, in one sentence; "" where `reason` is another."""
    full = "full" in reason
    if "disk I/O" in reason:
        # SQLite calls it that as well where it cannot make a file that it needs.
        with suppress(OSError):
            full = shutil.disk_usage(path.parent).free < _ROOM
        if not full:
            return f"The disk of the database {path} fails or is full; make room, or mend the disk."
    if full:
        return f"There is no room left to write the database {path}; free some disk space."
    return ""


def reading(path: Path) -> sqlite3.Connection:
    """The database at `path`, which is not made; a -wal beside it belongs to it."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=5)
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON")
    return connection


def as_it_is(path: Path) -> sqlite3.Connection:
    """A file that nobody writes to; nothing is made beside it."""
    alone = not Path(f"{path}-wal").exists()
    how = "mode=ro&immutable=1" if alone else "mode=ro"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)


def verify(path: Path, *, stop: Stop = lambda: False) -> Contents:
    """Read a database wholly: every page, index and reference. What it holds.

    Raises UserError where it is damaged or none of ours, and Stopped once `stop()` is true.
    """
    with _opened(path) as connection:
        connection.set_progress_handler(lambda: int(stop()), _CHECKED_EVERY)
        try:
            faults = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            if faults != ["ok"]:
                raise UserError(f"{path} is damaged: {_one_line(faults[0])}.")
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
        except sqlite3.OperationalError as error:
            if str(error) == "interrupted":
                raise Stopped from None
            raise
        if broken is not None:
            raise UserError(f"{path} is damaged: a row of {broken[0]} refers to none.")
        return _contents(path, connection)


def look(path: Path) -> Contents:
    """What a database holds, without reading it wholly. Raises UserError where it is none."""
    with _opened(path) as connection:
        return _contents(path, connection)


def quick_fault(path: Path) -> str:
    """What is wrong with the pages of a database, "" where nothing is; its rows are not compared
    with their indexes.
    """
    try:
        with closing(reading(path)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()
            return "" if found[0] == "ok" else _one_line(found[0])
    except sqlite3.DatabaseError as error:
        if is_damage(str(error)):
            return str(error)
        return ""  # locked, or not to be read: opening it says so


def revision_of(path: Path) -> str:
    """The schema of a database; "" where it has none. Raises UserError where it is damaged."""
    with _opened(path) as connection:
        there = "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
        if not connection.execute(there).fetchone()[0]:
            return ""
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return "" if found is None else str(found[0])


def _one_line(fault: str) -> str:
    return " ".join(fault.replace("*** in database main ***", "").split())


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise UserError(f"There is no file {path}; check the path.")
    try:
        with closing(as_it_is(path)) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error):
            raise UserError(f"{path} is damaged or no database at all.") from error
        if is_damage(str(error)):
            raise UserError(f"{path} is damaged: {error}.") from error
        said = disk_fault(path, str(error))
        said = said or f"{path} cannot be read ({error}); check its permissions."
        raise UserError(said) from error


def _contents(path: Path, connection: sqlite3.Connection) -> Contents:
    names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if not {row[0] for row in connection.execute(names)} >= _OURS:
        raise UserError(f"{path} is a database, but none of Aftershock's.")

    def value(query: str) -> int:
        found = connection.execute(query).fetchone()
        return 0 if found is None or found[0] is None else int(found[0])

    revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    newest = value("SELECT max(fired_at) FROM alert")
    made = value("PRAGMA user_version")
    return Contents(
        revision="" if revision is None else str(revision[0]),
        receivers=value("SELECT count(*) FROM receiver"),
        subscriptions=value("SELECT count(*) FROM subscription"),
        alerts=value("SELECT count(*) FROM alert"),
        messages=value("SELECT count(*) FROM outbox"),
        waiting=value("SELECT count(*) FROM outbox WHERE state IN ('pending', 'claimed')"),
        newest_alert=instant(newest) if newest else None,
        made_at=EPOCH + timedelta(minutes=made) if made else None,
    )
