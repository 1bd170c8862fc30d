"""A database that stores nothing for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from storage.database import Database


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """SQLite refuses to write meanwhile, as where the disk became read-only."""
    engine, refused = database._engine.sync_engine, True

    def checkout(connection: Any, _record: Any, _proxy: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA query_only={int(refused)}")
        cursor.close()

    event.listen(engine, "checkout", checkout)
    try:
        yield
    finally:
        refused = False
