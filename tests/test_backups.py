"""The nightly backup: when it is due, what is kept, and what is said when it fails."""

import asyncio
import logging
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile, copytree
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from bot import backups
from bot.app import open_services
from bot.backups import (
    NIGHTLY,
    Nightly,
    at_start,
    before_opening,
    is_due,
    last_night,
    tidy,
    too_many,
)
from bot.config import Settings
from bot.errors import StorageError, UserError
from bot.jobs import Job
from bot.scheduling import Trigger, scheduled
from bot.services import Services, SetClock
from storage import receivers
from storage.backup import BACKUP, Kept, back_up, kept, name_of, still_good
from storage.database import Database
from storage.migrate import HEAD, MIGRATIONS, migrate
from storage.soundness import Stopped, look
from tests.asking import ask

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # 07:00 in New York


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-11-26 04:29", "2026-11-25 04:30"),
        ("2026-11-26 04:30", "2026-11-26 04:30"),
        ("2026-11-26 23:59", "2026-11-26 04:30"),
        ("2026-11-01 12:00", "2026-11-01 04:30"),  # the night in which clocks went back
    ],
)
def test_the_last_night_is_new_yorks(now: str, night: str) -> None:
    assert last_night(_at(now).astimezone(UTC)) == _at(night)


@pytest.mark.parametrize(
    ("made", "due"),
    [
        ([], True),
        (["2026-11-26 04:30"], False),
        (["2026-11-25 05:00"], True),  # over 24 hours old
        (["2026-11-26 04:00"], True),  # before this night's
        (["2026-11-26 06:00"], False),
        (["2027-11-26 04:30"], True),  # the clock was wrong
    ],
)
def test_one_is_due_for_each_night(made: list[str], due: bool) -> None:
    nightly = [Kept(Path("a"), NIGHTLY, _at(text)) for text in made]
    assert is_due(nightly, NOW) is due


def test_the_newest_are_kept() -> None:
    nightly = [Kept(Path(str(day)), NIGHTLY, NOW - timedelta(days=day)) for day in range(5)]
    assert [str(one.path) for one in too_many(nightly, 3, NOW)] == ["3", "4"]


def test_backups_of_a_clock_that_was_ahead_do_not_push_out_the_new_ones(tmp_path: Path) -> None:
    ahead = [name_of(NOW + timedelta(days=365 + day), NIGHTLY) for day in range(3)]
    for name in (*ahead, name_of(NOW, NIGHTLY)):
        (tmp_path / name).write_text("x")
    assert tidy(tmp_path, 3, NOW) == 1
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == sorted([name_of(NOW, NIGHTLY), *ahead[1:]])


def test_only_what_is_of_the_night_is_removed(tmp_path: Path) -> None:
    mine = [name_of(NOW - timedelta(days=day)) for day in range(4)]
    upgrades = [
        name_of(NOW - timedelta(days=9 + number), f"schema{schema}")
        for number, schema in enumerate(("0010", "0009", "0009", "0008"))
    ]
    nightly = [name_of(NOW - timedelta(days=day), NIGHTLY) for day in range(5)]
    draft = ".aftershock-x.db-abc.part"
    drafts = [draft, *(f"{draft}{end}" for end in ("-wal", "-shm", "-journal"))]
    for name in (*mine, *upgrades, *nightly, "notes.txt", *drafts):
        (tmp_path / name).write_text("x")
    assert tidy(tmp_path, 2, datetime.fromtimestamp(4e9, UTC)) == 3 + 2
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == sorted([*mine, *upgrades[:2], *nightly[:2], "notes.txt"])


@pytest.fixture
def running(services: Services, tmp_path: Path) -> Services:
    """Services whose database is at tmp_path/test.db, on the evening of NOW."""
    cast("SetClock", services.clock).moment = NOW
    return services


async def test_each_night_has_its_backup_and_status_says_when(
    running: Services, tmp_path: Path
) -> None:
    nightly = Nightly(running, tmp_path / "test.db")
    folder = running.settings.data_folder() / "backups"
    for day in range(5):
        cast("SetClock", running.clock).moment = NOW + timedelta(days=day)
        await nightly.make()
        await nightly.make()  # not twice in a night
    found = kept(folder)
    assert [one.at for one in found] == [NOW + timedelta(days=day) for day in (4, 3, 2)]
    assert look(found[0].path).revision == HEAD
    card = await ask("/status", running)
    assert ("Backups", "the last 30 Nov 2026, 12:00 UTC") in [
        (one.name, one.value) for one in card.fields
    ]
    assert card.title == "Working"


async def test_one_that_fails_is_tried_again_in_an_hour_and_said(
    running: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nightly = Nightly(running, tmp_path / "test.db")
    folder = running.settings.data_folder() / "backups"
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    job = Job(BACKUP, nightly.make, nightly.next_time, time_zone=NEW_YORK)
    tried = asyncio.Event()

    async def make() -> None:
        await job.work()
        tried.set()

    begun = datetime.now(UTC)  # the scheduler has no other clock
    async with scheduled([replace(job, work=make)], begun) as schedule:
        await asyncio.wait_for(tried.wait(), 30)
        again = schedule.due()[BACKUP]
    assert again is not None
    assert again <= begun + timedelta(hours=1)
    assert "no backup was made, it is tried again in an hour" in caplog.text
    said = next(
        one.value for one in (await ask("/status", running)).fields if one.name == "Backups"
    )
    assert said.startswith("none yet; failing since 26 Nov 2026, 12:00 UTC: ")
    folder.unlink()
    cast("SetClock", running.clock).moment = NOW + timedelta(hours=1)
    await nightly.make()
    assert len(kept(folder)) == 1


@pytest.mark.parametrize(
    ("previous", "after"),
    [
        ("2026-11-26 12:00", timedelta(hours=1)),
        ("2026-11-26 04:10", timedelta(minutes=20)),  # the night has come
        ("2026-11-01 01:30", timedelta(hours=1)),  # the clocks go back at two
        ("2027-03-14 01:30", timedelta(hours=1)),  # and forward
    ],
)
def test_whether_one_is_due_is_looked_at_every_hour(previous: str, after: timedelta) -> None:
    nightly = Nightly(cast("Services", SimpleNamespace(settings=Settings())), Path("a.db"))
    before = _at(previous)
    trigger = Trigger(nightly.next_time, NEW_YORK)
    assert trigger.get_next_fire_time(before, before) == before.astimezone(UTC) + after


async def test_stopping_waits_for_no_copy() -> None:
    looked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def work(stop: object) -> None:
        loop.call_soon_threadsafe(looked.set)
        while not stop():  # type: ignore[operator]
            pass
        raise Stopped

    task = asyncio.create_task(backups.stoppable(work))
    await looked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


def test_the_schema_changes_only_after_a_backup(settings: Settings) -> None:
    database = settings.data_folder() / "aftershock.db"
    database.parent.mkdir()
    migrate(f"sqlite:///{database}", head="0009")
    before_opening(settings, NOW, alone=True)
    [one] = kept(database.parent / "backups")
    assert (one.why, look(one.path).revision) == ("schema0009", "0009")
    migrate(f"sqlite:///{database}")
    before_opening(settings, NOW, alone=True)
    assert len(kept(database.parent / "backups")) == 1


def _start(settings: Settings, now: datetime) -> list[Path]:
    """What a start of `run` makes sure of; the copies there are after it, the newest first."""
    before_opening(settings, now, alone=True)
    return [one.path for one in kept(backups.folder_of(settings))]


def test_a_migration_that_fails_at_every_start_does_not_fill_the_disk(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    database = settings.data_folder() / "aftershock.db"
    database.parent.mkdir()
    migrate(f"sqlite:///{database}", head="0009")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    broken = database.parent / "migrations"
    copytree(MIGRATIONS, broken)
    [script] = (broken / "versions").glob("m0010_*.py")
    script.write_text(f"{script.read_text()}\n\ndef upgrade():\n    raise RuntimeError('no')\n")
    now = datetime.now(UTC) + timedelta(minutes=1)  # files have the machine's time
    mine = database.parent / "backups" / name_of(now - timedelta(days=1))
    back_up(database, mine, now)
    with caplog.at_level(logging.INFO, "bot.backups"):
        for start in range(4):
            copies = _start(settings, now + start * timedelta(seconds=10))
            assert len(copies) == 1 + 1
            with pytest.raises(RuntimeError, match="no"):
                migrate(f"sqlite:///{database}", folder=broken)
    assert f"the backup made before the schema changes is good still: {copies[0]}" in caplog.text
    folder = mine.parent
    drafts = [folder / f".{name_of(now, why)}-abc.part" for why in ("schema0009", NIGHTLY)]
    for draft in drafts:
        draft.write_text("a start was killed")
    # Whatever was written since is in the next one; of these two stay, and that made by hand.
    for later in range(1, 4):
        at = now + timedelta(hours=later)
        for path in (database, Path(f"{database}-wal")):
            path.touch()
            os.utime(path, (at.timestamp(), at.timestamp()))
        after = _start(settings, at + timedelta(seconds=10))
        assert after[0] not in copies
        assert len(after) == min(1 + later, 2) + 1
        assert after[-1] == mine
        copies = after
    assert [draft.exists() for draft in drafts] == [False, True]  # the other may be at work


@pytest.mark.parametrize(
    ("copied", "database", "log", "good"),
    [
        (-10, -20, -15, True),
        (-10, -20, None, True),
        (-10, -20, -5, False),  # what was written since is in the write-ahead log
        (-10, -5, -20, False),
        (-10, -10, None, False),  # within the second that its name tells
        (60, -5, None, False),  # the clock was ahead: whether that is since, nobody knows
    ],
)
def test_a_copy_is_good_until_the_database_changes(
    blank: Path, tmp_path: Path, copied: int, database: int, log: int | None, good: bool
) -> None:
    place = tmp_path / "a.db"
    copyfile(blank, place)
    one = Kept(tmp_path / "copy.db", "schema0009", NOW + timedelta(seconds=copied))
    copyfile(blank, one.path)
    for path, changed in ((place, database), (Path(f"{place}-wal"), log)):
        if changed is not None:
            path.touch()
            os.utime(path, (NOW.timestamp() + changed,) * 2)
    assert still_good([one], place, NOW) == (one if good else None)
    one.path.write_text("rubbish")
    assert still_good([one], place, NOW) is None


async def test_what_a_restore_that_was_killed_left_goes_at_the_next_start(
    settings: Settings, blank: Path
) -> None:
    folder = settings.data_folder()
    folder.mkdir()
    copyfile(blank, folder / "aftershock.db")
    now = datetime.now(UTC)
    draft = ".aftershock.db-k2_x9abc.part"
    old = [draft, *(f"{draft}{end}" for end in ("-wal", "-shm", "-journal"))]
    others = [".aftershock.db-of-today.part", ".mine.db-k2_x9abc.part", "aftershock.db.before"]
    for name in (*old, *others):
        (folder / name).write_text("x")
        if name != others[0]:
            os.utime(folder / name, ((now - timedelta(days=2)).timestamp(),) * 2)
    async with open_services(settings):
        assert all((folder / name).exists() for name in old)  # somebody may be restoring
    async with open_services(settings, lasting=True):
        assert not [name for name in old if (folder / name).exists()]
    assert all((folder / name).exists() for name in others)


@pytest.mark.parametrize("how", ["gone", "empty", "damaged", "cut"])
def test_a_lost_database_is_not_begun_anew(settings: Settings, blank: Path, how: str) -> None:
    folder = settings.data_folder()
    database = folder / "aftershock.db"
    folder.mkdir()
    copyfile(blank, database)
    back_up(database, folder / "backups" / name_of(NOW, NIGHTLY), NOW)
    match how:
        case "gone":
            database.unlink()
        case "empty":
            database.write_bytes(b"")
        case "damaged":
            database.write_bytes(b"rubbish" * 1000)
        case _:
            database.write_bytes(blank.read_bytes()[: 20 * 4096])
    before = database.read_bytes() if database.exists() else None
    newest = folder / "backups" / name_of(NOW, NIGHTLY)

    def start() -> None:
        at_start(settings)
        before_opening(settings, NOW)

    with pytest.raises(UserError) as refused:
        start()
    said = str(refused.value)
    assert f"aftershock restore {newest}" in said
    assert "26 Nov 2026, 12:00 UTC" in said
    assert str(database) in said
    assert (database.read_bytes() if database.exists() else None) == before


async def test_damage_that_shows_while_running_is_said_with_its_remedy(
    blank: Path, tmp_path: Path
) -> None:
    path = tmp_path / "test.db"
    copyfile(blank, path)
    back_up(path, tmp_path / "backups" / name_of(NOW), NOW)
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE tbl_name = 'receiver'"
        pages = [row[0] for row in connection.execute(query)]
    with path.open("r+b") as stream:
        for page in pages:
            stream.seek((page - 1) * 4096)
            stream.write(b"\xa5" * 4096)
    database = await Database.open(f"sqlite+aiosqlite:///{path}")  # its schema can still be read
    says = "test.db is damaged; stop the bot and type aftershock restore .*aftershock-20261126"
    with pytest.raises(StorageError, match=says):
        async with database.read() as reading:
            await receivers.receivers(reading)
    with pytest.raises(StorageError, match=says):
        await database.write(lambda c: receivers.receiver_of(c, "console", "b", "b", NOW))
    await database.close()
