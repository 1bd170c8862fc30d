"""Migrations in a process of their own."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from storage.apart import migrate_apart
from storage.migrate import HEAD

BEGIN = "import sys; from storage.apart import migrate_apart; migrate_apart(sys.argv[1]);"


def revision(file: Path) -> str:
    with closing(sqlite3.connect(file)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_a_new_database_is_made_and_alembic_is_not_held(tmp_path: Path) -> None:
    file = tmp_path / "aftershock.db"
    code = f"{BEGIN} print('alembic' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code, f"sqlite+aiosqlite:///{file}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ended.stdout.strip() == "False"
    assert revision(file) == HEAD


def test_what_cannot_be_upgraded_is_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "aftershock.db"
    file.write_text("no database, but some words that somebody put there")
    before = file.read_bytes()
    migrate_apart(f"sqlite+aiosqlite:///{file}")
    assert file.read_bytes() == before
