"""Migrations: data survives, failure changes nothing, a newer database is refused untouched."""

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import create_engine, insert, select

from bot.errors import UserError
from storage.migrate import HEAD, MIGRATIONS, migrate
from storage.schema import metadata, outbox, receiver, story, subscription

NOW = datetime(2025, 1, 27, tzinfo=UTC)

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "test2"
down_revision = "{down}"
branch_labels = depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("receiver") as batch:
        batch.add_column(sa.Column("nickname", sa.Text(), nullable=True))
        batch.alter_column("title", existing_type=sa.Text(), nullable=True)
    {then}
"""


def _populate(url: str) -> None:
    """A row in every table that another refers to, and in those that refer to it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        base = {"title": "t", "time_zone": "UTC", "created_at": NOW, "surface": "console"}
        connection.execute(insert(receiver).values(id=7, address="a", **base))
        connection.execute(
            insert(subscription).values(
                id=3, receiver_id=7, kind="releases", members=False, filters={}, created_at=NOW
            )
        )
        connection.execute(
            insert(story).values(
                id=5, receiver_id=7, target="ai", window="1y", opened_at=NOW, level=1, told_level=1
            )
        )
    engine.dispose()


def _folder(tmp_path: Path, then: str) -> Path:
    folder = tmp_path / "migrations"
    copytree(MIGRATIONS, folder)
    text = SECOND.format(down=HEAD, then=then)
    (folder / "versions" / "test2.py").write_text(text, "utf-8")
    return folder


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_migrations_make_exactly_the_declared_schema(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    url = f"sqlite:///{tmp_path}/a.db"
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_upgrading_keeps_parents_and_children(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    migrate(url, head="0001")
    _populate(url)
    migrate(url, folder=_folder(tmp_path, ""), head="test2")
    path = tmp_path / "a.db"
    assert _rows(path, "SELECT id, address, nickname FROM receiver") == [(7, "a", None)]
    assert _rows(path, "SELECT id, receiver_id FROM subscription") == [(3, 7)]
    assert _rows(path, "SELECT id, receiver_id FROM story") == [(5, 7)]


def test_every_schema_from_the_first_on_upgrades_to_the_present_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    migrate(url, head="0001")
    _populate(url)
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        kept = connection.execute(select(story.c.id, story.c.opened_at)).one()
    engine.dispose()
    assert tuple(kept) == (5, NOW)


def test_failing_midway_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    migrate(url)
    _populate(url)
    folder = _folder(tmp_path, 'raise RuntimeError("midway")')
    with pytest.raises(RuntimeError, match="midway"):
        migrate(url, folder=folder, head="test2")
    path = tmp_path / "a.db"
    assert _rows(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert "nickname" not in str(_rows(path, "SELECT sql FROM sqlite_master"))
    assert _rows(path, "SELECT count(*) FROM story") == [(1,)]


def test_a_newer_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    migrate(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"newer Aftershock.*9999"):
        migrate(f"sqlite:///{path}")
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"\x00" * 4096])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"is damaged, and .*backups holds no backup"):
        migrate(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_days_and_instants_come_back_as_they_were(tmp_path: Path) -> None:
    from storage.schema import bar

    url = f"sqlite:///{tmp_path}/a.db"
    migrate(url)
    engine = create_engine(url)
    exact = datetime(2025, 1, 27, 21, 0, 0, 123_457, tzinfo=UTC)
    row = {
        "symbol": "NVDA", "day": date(2025, 1, 27), "close": 118_420_000, "as_of": exact,
        "observed_at": exact, "source": "s", "basis": "raw",
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(bar).values(row))
        assert dict(connection.execute(select(bar)).mappings().one()) == row
    engine.dispose()


def test_numbers_of_subscriptions_never_come_back(tmp_path: Path) -> None:
    url, path = f"sqlite:///{tmp_path}/a.db", tmp_path / "a.db"
    migrate(url, head="0003")
    _populate(url)
    connection = sqlite3.connect(path)
    held = "INSERT INTO silence (receiver_id, target, starts_at, until, by) VALUES (7, ?, 1, 2, '')"
    connection.executemany(held, [("rule:3",), ("rule:4",), ("NVDA",)])
    news = "INSERT INTO held_news VALUES (1, 7, 3, '{}', 'text', 'silence', 2, 1)"
    connection.execute(news)
    connection.commit()
    connection.close()
    migrate(url)
    # Silences of what is gone would have held what gets their number.
    assert _rows(path, "SELECT target FROM silence ORDER BY 1") == [("NVDA",), ("rule:3",)]
    assert _rows(path, "SELECT subscription_id, fallback, root_id FROM held_news") == [
        (3, "text", None)
    ]
    assert _rows(path, "SELECT id, kind, spent_by, told_until FROM subscription") == [
        (3, "releases", None, None)
    ]
    connection = sqlite3.connect(path)
    row = "INSERT INTO subscription (receiver_id, kind, members, filters, created_at) VALUES "
    connection.execute(row + "(7, 'digest', 0, '{}', 1)")
    connection.execute("DELETE FROM subscription WHERE id = 4")
    connection.execute(row + "(7, 'digest', 0, '{}', 1)")
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        connection.execute(row + "(7, 'rule', 0, '{}', 1)")
    assert connection.execute("SELECT max(id) FROM subscription").fetchone() == (5,)
    connection.close()


def test_channels_of_before_servers_were_known_belong_to_none(tmp_path: Path) -> None:
    url, path = f"sqlite:///{tmp_path}/a.db", tmp_path / "a.db"
    migrate(url, head="0004")
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO receiver (id, surface, address, title, time_zone, created_at) "
        "VALUES (7, 'discord', '10', '#alerts', 'UTC', 1)"
    )
    connection.execute(
        "INSERT INTO silence (receiver_id, target, starts_at, until, by) "
        "VALUES (7, 'NVDA', 1, 2, '')"
    )
    connection.execute(
        "INSERT INTO subscription (id, receiver_id, kind, members, filters, created_at) "
        "VALUES (3, 7, 'releases', 0, '{}', 1)"
    )
    connection.commit()
    connection.close()
    migrate(url)
    assert _rows(path, "SELECT id, address, community FROM receiver") == [(7, "10", "")]
    assert _rows(path, "SELECT receiver_id, target FROM silence") == [(7, "NVDA")]
    assert _rows(path, "SELECT id, receiver_id FROM subscription") == [(3, 7)]
    assert _rows(path, "SELECT count(*) FROM guild") == [(0,)]


def test_what_was_told_before_releases_were_tracked_stays(tmp_path: Path) -> None:
    """A table is added to a database that is in use; nothing else changes in it."""
    url, path = f"sqlite:///{tmp_path}/a.db", tmp_path / "a.db"
    migrate(url, head="0009")
    _populate(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        for number, facts in ((8, {"kind": "release", "key": "k"}), (9, {"kind": "drawdown"})):
            connection.execute(
                insert(outbox).values(
                    id=number, receiver_id=7, nonce=str(number), action="post", facts=facts,
                    fallback="f", created_at=NOW, state="sent", next_attempt_at=NOW,
                )
            )  # fmt: skip
    engine.dispose()
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'alembic%'"
    tables = [str(row[0]) for row in _rows(path, names)]
    before = {name: _rows(path, f'SELECT * FROM "{name}"') for name in tables}
    migrate(url, head="0010")
    migrate(url, head="0010")  # a second start finds nothing to do
    assert {name: _rows(path, f'SELECT * FROM "{name}"') for name in tables} == before
    assert _rows(path, "SELECT count(*) FROM tracked_event") == [(0,)]
    assert _rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert _rows(path, "PRAGMA foreign_key_check") == []


def test_what_was_told_and_seen_before_there_was_retention_is_found_by_what_it_tells(
    tmp_path: Path,
) -> None:
    url, path = f"sqlite:///{tmp_path}/a.db", tmp_path / "a.db"
    migrate(url, head="0010")
    _populate(url)
    connection = sqlite3.connect(path)
    told = (
        "INSERT INTO outbox (id, receiver_id, nonce, action, facts, fallback, created_at, state, "
        "next_attempt_at, surface) VALUES (?, 7, ?, 'post', ?, 'f', 1, 'sent', 1, 'console')"
    )
    facts = ('{"kind": "release", "key": "openai/o1"}', '{"kind": "drawdown"}', "{}")
    connection.executemany(told, [(n, str(n), one) for n, one in enumerate(facts, 1)])
    connection.execute(
        "INSERT INTO feed (key, kind, voice, url, title, lab, interval, next_at) "
        "VALUES ('lab', 'feed', 'lab', 'u', 't', '', 900, 1)"
    )
    at = datetime(2025, 1, 27, 23, 59, 59, tzinfo=UTC)
    micros = round(at.timestamp()) * 1_000_000
    connection.execute("INSERT INTO feed_seen VALUES ('lab', 'a', ?)", (micros,))
    connection.commit()
    connection.close()
    migrate(url)
    assert _rows(path, 'SELECT kind, "key", facts FROM outbox ORDER BY id') == [
        ("release", "openai/o1", facts[0]), ("drawdown", None, facts[1]), ("", None, facts[2]),
    ]  # fmt: skip
    assert _rows(path, "SELECT digest, seen_at, last_seen FROM feed_seen") == [
        ("a", micros, date(2025, 1, 27).toordinal())
    ]
    assert _rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert _rows(path, "PRAGMA foreign_key_check") == []
