"""Bringing a database to the current schema, on a connection of its own.

Alembic is slow to import, so it is imported only when one SELECT finds another revision.
"""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError

from bot.errors import UserError

HEAD = "0010"
MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: str, *, folder: Path = MIGRATIONS, head: str = HEAD) -> None:
    """Upgrade the database at `url` to `head`, in one transaction; blocking.

    Raises UserError, with the database untouched, where its revision is unknown here or the
    file is not a database.
    """
    engine = create_engine(_blocking(make_url(url)))
    if engine.dialect.name == "sqlite":
        _own_transactions(engine)
    try:
        with engine.begin() as connection:
            found = _revision(connection)
            if found != head:
                _upgrade(connection, found, folder, head)
    except (DatabaseError, sqlite3.DatabaseError) as error:
        reason = str(error.orig) if isinstance(error, DatabaseError) else str(error)
        raise UserError(advice(make_url(url), reason)) from error
    finally:
        engine.dispose()


def advice(url: URL, reason: str) -> str:
    """What to do about a database that refuses, in one sentence."""
    place = url.database or url.render_as_string(hide_password=True)
    if "not a database" in reason or "malformed" in reason:
        return f"{place} is not a readable database; move it aside or restore a backup."
    if "unable to open" in reason or "readonly" in reason:
        return f"The database {place} cannot be written; check the folder and its permissions."
    if "full" in reason:
        return f"There is no room left to write the database {place}; free some disk space."
    if "locked" in reason:
        return f"The database {place} is in use by another program; stop that one first."
    return f"The database {place} failed ({reason}); nothing was changed."


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


def _revision(connection: Connection) -> str | None:
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
