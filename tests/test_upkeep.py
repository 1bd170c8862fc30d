"""migrate, backup and restore as somebody at the terminal sees them."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from filelock import FileLock
from sqlalchemy import select

from bot.app import open_services
from bot.config import Settings
from bot.errors import UserError
from bot.transfer import export, take_in
from bot.upkeep import back_up, bring_up_to_date, restore
from storage import outbox, receivers
from storage.backup import back_up as copy_database
from storage.backup import kept, name_of
from storage.database import Database
from storage.migrate import HEAD, migrate
from storage.restoring import put_in_place
from storage.schema import attempt
from storage.schema import outbox as outbox_table
from storage.soundness import look, verify

NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


@pytest.fixture
def place(settings: Settings, blank: Path) -> Path:
    """The database of the settings, empty."""
    folder = settings.data_folder()
    folder.mkdir()
    copyfile(blank, folder / "aftershock.db")
    return folder / "aftershock.db"


async def _fill(place: Path, *ages: timedelta) -> None:
    """A channel, and a message on its way of each age before the present."""
    now = datetime.now(UTC)
    database = await Database.open(f"sqlite+aiosqlite:///{place}")
    one = await database.write(
        lambda c: receivers.receiver_of(c, "discord", "10", "#alerts", now - timedelta(days=9))
    )
    for number, age in enumerate(ages):
        await database.write(
            lambda c, age=age, number=number: outbox.enqueue(  # type: ignore[misc]
                c, one.id, f"nonce{number}", "post", {"kind": "note"}, "said", now - age
            )
        )
    await database.close()


def test_a_backup_comes_back_and_the_present_database_is_kept(
    settings: Settings, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_fill(place))
    assert back_up(settings, None) == 0
    said = capsys.readouterr().out
    [backup] = kept(place.parent / "backups")
    assert str(backup.path) in said
    assert "verified" in said
    assert "In it: 1 channel, 0 alerts and subscriptions and 0 messages." in said
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("UPDATE receiver SET title = 'later'")
        connection.commit()
    draft = place.parent / ".aftershock.db-killed.part"
    draft.write_text("what a restore left that was killed long ago")
    os.utime(draft, (0, 0))
    assert restore(settings, backup.path) == 0
    said = capsys.readouterr().out
    assert "Restored the backup of" in said
    assert "(less than a minute old)" in said
    assert "is not in it" in said
    [aside] = place.parent.glob("aftershock.db.before-restore-*")
    assert str(aside) in said
    titles = "SELECT title FROM receiver"
    for path, title in ((place, "#alerts"), (aside, "later")):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute(titles).fetchall() == [(title,)]
    assert backup.path.exists()
    contents = verify(place)
    assert contents.made_at is None  # it is no copy any more
    assert not list(place.parent.glob(".*"))


def test_a_name_of_ones_own_and_no_other_file(settings: Settings, place: Path) -> None:
    assert back_up(settings, place.parent / "mine.db") == 0
    with pytest.raises(UserError, match=r"mine\.db is there already"):
        back_up(settings, place.parent / "mine.db")


def test_a_mistyped_folder_is_said_and_not_made(settings: Settings, place: Path) -> None:
    folder = place.parent / "bakups"
    with pytest.raises(UserError, match=rf"^There is no folder {folder}; make it first"):
        back_up(settings, folder / "mine.db")
    assert not folder.exists()


def test_nothing_is_restored_while_the_bot_runs(settings: Settings, place: Path) -> None:
    back_up(settings, place.parent / "mine.db")
    before = place.read_bytes()
    with (
        FileLock(place.parent / "aftershock.lock"),
        pytest.raises(UserError, match=r"Aftershock runs on .*; stop it, then restore"),
    ):
        restore(settings, place.parent / "mine.db")
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("SELECT count(*) FROM receiver").fetchone()
        with pytest.raises(UserError, match=r"Another program has .* open"):
            restore(settings, place.parent / "mine.db")
    assert look(place).revision == HEAD
    assert len(place.read_bytes()) == len(before)
    assert not list(place.parent.glob("*before-restore*"))


def test_what_cannot_be_restored_changes_nothing(settings: Settings, place: Path) -> None:
    folder = place.parent
    before = place.read_bytes()
    (folder / "rubbish.db").write_text("rubbish")
    with closing(sqlite3.connect(folder / "other.db")) as connection:
        connection.execute("CREATE TABLE notes (text)")
    copy_database(place, folder / "newer.db", NOW)
    with closing(sqlite3.connect(folder / "newer.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    says = {
        "none.db": "There is no file",
        "rubbish.db": "damaged or no database at all; nothing was changed",
        "other.db": "none of Aftershock's; nothing was changed",
        "newer.db": "of a newer Aftershock .its schema is 9999",
        "aftershock.db": "is the database itself",
    }
    for name, said in says.items():
        with pytest.raises(UserError, match=said):
            restore(settings, folder / name)
    assert place.read_bytes() == before


def test_an_old_backup_is_brought_up_to_date(settings: Settings, place: Path) -> None:
    migrate(f"sqlite:///{place.parent}/old.db", head="0009")
    copy_database(place.parent / "old.db", place.parent / "mine.db", NOW)
    assert restore(settings, place.parent / "mine.db") == 0
    assert look(place).revision == HEAD
    assert look(place.parent / "mine.db").revision == "0009"


def test_a_damaged_database_makes_room_for_its_backup(settings: Settings, place: Path) -> None:
    back_up(settings, place.parent / "mine.db")
    place.write_bytes(b"rubbish" * 1000)
    Path(f"{place}-wal").write_bytes(b"more rubbish")
    assert restore(settings, place.parent / "mine.db") == 0
    assert verify(place).revision == HEAD
    asides = sorted(path.name[-4:] for path in place.parent.glob("*before-restore*"))
    assert "-wal" in asides  # what lay beside it is not taken for the new one's


def test_what_waits_in_a_backup_is_looked_for_and_not_told_days_late(
    settings: Settings, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_fill(place, timedelta(days=3), timedelta(days=2), timedelta(hours=2)))
    back_up(settings, place.parent / "mine.db")
    assert "3 messages, 3 of them not sent yet" in capsys.readouterr().out
    restore(settings, place.parent / "mine.db")
    said = capsys.readouterr().out
    assert "1 message waits in it: each is looked for in its channel" in said
    assert "2 messages had waited for over a day and are not sent." in said

    async def states() -> list[tuple[str, str, int]]:
        database = await Database.open(f"sqlite+aiosqlite:///{place}")
        async with database.read() as connection:
            rows = await connection.execute(
                select(outbox_table.c.nonce, outbox_table.c.state, outbox_table.c.attempts)
            )
            why = (await connection.execute(select(attempt.c.detail))).scalars().all()
        await database.close()
        assert set(why) == {"it had waited for over a day when its database was restored"}
        return [tuple(row) for row in rows]

    assert asyncio.run(states()) == [
        ("nonce0", "dead", 0), ("nonce1", "dead", 0),
        # Tried once, as far as anybody knows: so it is looked for before it is sent.
        ("nonce2", "pending", 1),
    ]  # fmt: skip


def test_a_database_is_there_at_every_step(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped before each change of a name: the place holds the old one or the new one, whole."""
    copy_database(place, tmp_path / "new.db", NOW)
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        connection.execute("PRAGMA user_version=7")
        connection.commit()
    steps = 0

    class Killed(BaseException):
        pass

    def counting(name: str) -> None:
        real = getattr(Path, name)

        def call(self: Path, *arguments: object) -> object:
            nonlocal steps
            steps += 1
            if steps == stop_at:
                raise Killed
            return real(self, *arguments)

        monkeypatch.setattr(Path, name, call)

    counting("replace")
    counting("hardlink_to")
    found = []
    for stop_at in range(1, 9):
        steps = 0
        copyfile(tmp_path / "new.db", tmp_path / "draft.db")
        try:
            put_in_place(tmp_path / "draft.db", place, NOW + timedelta(seconds=stop_at))
        except Killed:
            verify(place)
            found.append("killed")
        else:
            found.append("done")
            break
    assert found[-1] == "done"
    assert len(found) > 3
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (7,)


def test_migrate_says_from_where_to_where(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    place = settings.data_folder() / "aftershock.db"
    assert bring_up_to_date(settings) == 0
    assert f"Made an empty database, {place}, of schema {HEAD}" in capsys.readouterr().out
    assert bring_up_to_date(settings) == 0
    assert "is up to date" in capsys.readouterr().out
    place.unlink()
    migrate(f"sqlite:///{place}", head="0009")
    assert bring_up_to_date(settings) == 0
    said = capsys.readouterr().out
    assert f"from schema 0009 to {HEAD}" in said
    [backup] = kept(place.parent / "backups")
    assert str(backup.path) in said


async def _asked(settings: Settings) -> None:
    async with open_services(settings):
        pass


def _imported(settings: Settings) -> None:
    file = settings.data_folder().parent / "asked.toml"
    file.write_text("version = 1\n")
    asyncio.run(take_in(settings, file, dry_run=False))


COMMANDS: dict[str, Callable[[Settings], object]] = {
    "migrate": bring_up_to_date,
    "export": lambda settings: asyncio.run(export(settings, None)),
    "import": _imported,
    "ask": lambda settings: asyncio.run(_asked(settings)),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_changes_the_schema_under_an_older_bot(settings: Settings, name: str) -> None:
    place = settings.data_folder() / "aftershock.db"
    place.parent.mkdir()
    migrate(f"sqlite:///{place}", head="0009")
    said = r"Aftershock runs on .*data with a database of an older version; restart it to bring"
    with FileLock(place.parent / "aftershock.lock"), pytest.raises(UserError, match=said):
        COMMANDS[name](settings)
    assert look(place).revision == "0009"
    COMMANDS[name](settings)  # it was stopped
    assert look(place).revision == HEAD
    [backup] = kept(place.parent / "backups")
    assert look(backup.path).revision == "0009"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_bot_of_the_same_version_hinders_none(settings: Settings, place: Path, name: str) -> None:
    with FileLock(place.parent / "aftershock.lock"):
        COMMANDS[name](settings)
    assert not (place.parent / "backups").exists()


def test_a_server_has_its_own_tools(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.find_spec", lambda _name: True)
    storage = settings.storage.model_copy(update={"database": "postgresql+asyncpg://u@h/d"})
    server = settings.model_copy(update={"storage": storage})
    with pytest.raises(UserError, match="pg_dump"):
        back_up(server, None)
    with pytest.raises(UserError, match="pg_restore"):
        restore(server, Path("x"))
    assert name_of(NOW) == "aftershock-20261126T033000Z.db"
