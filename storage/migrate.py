"""Bringing a database to the current schema, on a connection of its own.

Alembic is slow to import, so it is imported only when one SELECT finds another revision.
"""

import sqlite3
from pathlib import Path
from shlex import quote
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError

from bot.errors import UserError
from bot.model.wording import moment
from storage.backup import newest_readable
from storage.soundness import disk_fault, is_damage

HEAD = "0011"
MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(
    url: str, *, folder: Path = MIGRATIONS, head: str = HEAD, backups: Path | None = None
) -> None:
    """Upgrade the database at `url` to `head`, in one transaction; blocking.

    `backups` is the folder of its copies, of which one is named where the database is damaged.

    Raises UserError, with the database untouched, where its revision is unknown here or the
    file is not a database.
    """
    engine = create_engine(_blocking(make_url(url)))
    if engine.dialect.name == "sqlite":
        _own_transactions(engine)
    try:
        with engine.begin() as connection:
            found = revision(connection)
            if found != head:
                _upgrade(connection, found, folder, head)
    except (DatabaseError, sqlite3.DatabaseError) as error:
        reason = str(error.orig) if isinstance(error, DatabaseError) else str(error)
        raise UserError(advice(make_url(url), reason, backups)) from error
    finally:
        engine.dispose()


def advice(url: URL, reason: str, backups: Path | None = None) -> str:
    """What to do about a database that refuses, in one sentence; `backups` holds its copies."""
    place = url.database or url.render_as_string(hide_password=True)
    if is_damage(reason):
        return damaged(Path(place), Path(place).parent / "backups" if backups is None else backups)
    if "unable to open" in reason or "readonly" in reason:
        return f"The database {place} cannot be written; check the folder and its permissions."
    if said := disk_fault(Path(place), reason):
        return said
    if "locked" in reason:
        return f"The database {place} is in use by another program; stop that one first."
    return f"The database {place} failed ({reason}); nothing was changed."


def damaged(database: Path, backups: Path, how: str = "is damaged") -> str:
    """What to do about a database that is no longer what it was, in one sentence."""
    newest = newest_readable(backups)
    if newest is None:
        return (
            f"The database {database} {how}, and {backups} holds no backup of it; type aftershock "
            "restore with a copy of your own, or move what is there aside to begin anew."
        )
    return (
        f"The database {database} {how}; stop the bot and type aftershock restore "
        f"{quote(str(newest.path))} to go back to the backup of {moment(newest.at)}."
    )


def _blocking(url: URL) -> URL:
    """The same database through a blocking driver."""
    kind = url.get_backend_name()
    return url.set(drivername="postgresql+psycopg" if kind == "postgresql" else kind)


def _own_transactions(engine: Any) -> None:
    """SQLite alters tables inside a transaction only if the driver does not commit by itself.

    Foreign keys stay off here: with them on, rebuilding a parent table empties its children.
    """

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA busy_timeout=5000")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def revision(connection: Connection) -> str | None:
    """What the database is at; None where it is new."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection, found: str | None, folder: Path, head: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise UserError(
            f"The database was written by a newer Aftershock (its schema is {found}, this "
            f"program knows up to {head}); start that version, or name another database."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, head)
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration to {head} left broken references: {broken[:3]}")
