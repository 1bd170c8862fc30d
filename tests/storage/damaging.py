"""Damage done to a database by whoever writes over one of its pages."""

import sqlite3
from contextlib import closing
from pathlib import Path

PAGE = 4096


def overwrite(path: Path, name: str, content: bytes) -> None:
    """Write that over the first page of a table or an index."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,))
        root = found.fetchone()
    assert root is not None
    with path.open("r+b") as file:
        file.seek((root[0] - 1) * PAGE)
        file.write(content)
