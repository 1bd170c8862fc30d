"""A process that adds alerts to a database as fast as it can, and notes those committed."""

import sqlite3
from contextlib import closing
from pathlib import Path


def write_alerts(database: str, journal: str) -> None:
    """Add alerts until killed; each id is noted in `journal` once it is committed."""
    connection = sqlite3.connect(database, isolation_level=None, timeout=10)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(
        "INSERT OR IGNORE INTO reading (key, target, window) VALUES ('k', 'AI', '1y')"
    )
    connection.execute(
        "INSERT OR IGNORE INTO level_state (id, key, level, band, armed, next_at, closes) "
        "VALUES (1, 'k', 50000, 0, 1, 0, 0)"
    )
    with Path(journal).open("a") as noted:
        while True:
            connection.execute("BEGIN IMMEDIATE")
            made = connection.execute(
                "INSERT INTO alert (level_state_id, fingerprint, depth, day, fired_at) "
                "VALUES (1, 'f', -50000, 739000, 1790000000000000)"
            ).lastrowid
            connection.execute("COMMIT")
            noted.write(f"{made}\n")
            noted.flush()


def told_ids(journal: Path) -> list[int]:
    """The ids noted so far; a line that is not whole yet is left out."""
    if not journal.exists():
        return []
    return [int(line) for line in journal.read_text().splitlines(keepends=True) if line[-1] == "\n"]


def ids_in(database: Path) -> set[int]:
    """The ids of the alerts in a database."""
    with closing(sqlite3.connect(database)) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM alert")}
