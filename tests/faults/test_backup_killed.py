"""Backups and restores under load and killed midway: nothing committed is missing, no half file
is left.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile, copytree

import pytest
from sqlalchemy.exc import OperationalError

from bot.errors import UserError
from storage.backup import back_up, kept, name_of
from storage.soundness import verify
from tests.faults.programs import Program, programs
from tests.faults.restore_worker import restore
from tests.processes import started
from tests.storage.alert_writer import ids_in, told_ids, write_alerts

NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
ROUNDS = 25
# Of the lines that restoring comes to, every so many is tried.
EVERY = 2
NAMES = [f"m{number}" for number in range(5)]


def _back_up(source: str, target: str) -> None:
    back_up(Path(source), Path(target), NOW)


@pytest.mark.faults
def test_backups_under_load(
    history_file: Path, tmp_path: Path, figures: Callable[..., None]
) -> None:
    source, journal = tmp_path / "a.db", tmp_path / "committed"
    copyfile(history_file, source)
    writer = started(write_alerts, str(source), str(journal))
    missing = 0
    try:
        while len(told_ids(journal)) < 20:
            assert writer.is_alive()
        for number in range(ROUNDS):
            before = told_ids(journal)
            target = tmp_path / "copies" / name_of(NOW + timedelta(minutes=number))
            contents = back_up(source, target, NOW)
            copied = ids_in(target)
            missing += len(set(before) - copied)
            # All that was committed one after the other up to some moment, and nothing else.
            assert copied == set(range(1, contents.alerts + 1))
    finally:
        writer.kill()
        writer.join()
    written = len(told_ids(journal))
    figures("backed up while written to", backups=ROUNDS, written=written, missing=missing)
    assert missing == 0


@pytest.mark.faults
def test_backups_killed(history_file: Path, tmp_path: Path, figures: Callable[..., None]) -> None:
    source, folder = tmp_path / "a.db", tmp_path / "copies"
    copyfile(history_file, source)
    whole = half = drafts = 0
    for number in range(ROUNDS):
        target = folder / name_of(NOW + timedelta(minutes=number))
        copying = started(_back_up, str(source), str(target))
        copying.join(0.08 * number)
        copying.kill()
        copying.join()
    for one in kept(folder):
        try:
            verify(one.path)
            whole += 1
        except UserError:
            half += 1
    if folder.exists():
        drafts = sum(path.name.startswith(".") for path in folder.iterdir())
    figures("backup killed", kills=ROUNDS, whole=whole, half_under_its_name=half, drafts=drafts)
    verify(source)
    assert half == 0
    assert back_up(source, folder / "after.db", NOW).receivers == 0


@pytest.mark.faults
async def test_a_running_bot_is_backed_up_and_restored_elsewhere(
    history_file: Path, tmp_path: Path, figures: Callable[..., None]
) -> None:
    """By the command line, while the bot runs and another process adds alerts all the time."""
    journal = tmp_path / "committed"
    async with programs(tmp_path, history_file) as one:
        one.start()
        await one.begun()
        writer = started(write_alerts, str(one.database), str(journal))
        running = one.process
        try:
            await one.until(lambda: len(told_ids(journal)) >= 20, "alerts")
            await _enqueued(one)
            before = told_ids(journal)
            one.start("backup", str(tmp_path / "mine.db"))
            assert await one.ended(60) == 0, one.log
            written = len(told_ids(journal))
        finally:
            writer.kill()
            writer.join()
        one.process = running
        await one.until(lambda: one.has(*NAMES), "all messages", 60)
        assert await one.stop() == 0
        there, one.environ["AFTERSHOCK_DATA"] = one.data, str(tmp_path / "elsewhere")
        one.start("restore", str(tmp_path / "mine.db"))
        assert await one.ended(60) == 0, one.log
        contents, copied = verify(one.database), ids_in(one.database)
        # All that was committed up to some moment, and nothing else.
        assert copied == set(range(1, contents.alerts + 1)) >= set(before)
        copyfile(there / "console.jsonl", one.data / "console.jsonl")
        one.start()  # what waited in it was sent since: it is looked for, and not sent again
        await one.until(lambda: set(one.states()) <= {"sent"}, "that all is marked as sent", 60)
        assert await one.stop() == 0
        one.told_once(*NAMES)
    figures(
        "backed up while it runs, restored elsewhere",
        alerts_before=len(before), restored=len(copied), written_meanwhile=written - len(before),
        missing=len(set(before) - copied),
    )  # fmt: skip


async def _enqueued(one: Program) -> None:
    """Something to tell, however long the one who writes all the time is in the way."""
    async with asyncio.timeout(60):
        while True:
            with suppress(OperationalError):  # "database is locked", after five seconds
                return await one.enqueue(*NAMES)


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_restores_killed_at_every_line(
    blank: Path, tmp_path: Path, figures: Callable[..., None]
) -> None:
    """What is there afterwards is the database of before or the backup, and neither is lost."""
    start, file = tmp_path / "start", tmp_path / "backup.db"
    start.mkdir()
    copyfile(blank, start / "aftershock.db")
    back_up(start / "aftershock.db", file, NOW)
    before = _add_alerts(start / "aftershock.db")
    found, nth = {"old": 0, "new": 0}, 1
    while True:
        data = tmp_path / f"killed-{nth}"
        copytree(start, data)
        process = started(restore, tmp_path, {"AFTERSHOCK_DATA": str(data)}, file, nth)
        process.join(60)
        database = data / "aftershock.db"
        kept_aside = list(data.glob("aftershock.db.before-restore-*Z"))
        alerts = verify(database).alerts
        assert alerts in (before, 0)
        if process.exitcode == 0:
            break
        assert process.exitcode == -9, (tmp_path / "out").read_text()
        found["old" if alerts else "new"] += 1
        if not alerts:
            assert [verify(path).alerts for path in kept_aside] == [before]
        nth += EVERY
    assert (alerts, [verify(path).alerts for path in kept_aside]) == (0, [before])
    assert min(found.values()) > 0, found
    figures("restore killed", kills=sum(found.values()), half=0, **found)


def _add_alerts(database: Path) -> int:
    """Something that the backup has not, still in the log of writes beside the database."""
    journal = database.parent.with_name("committed")
    writer = started(write_alerts, str(database), str(journal))
    while not told_ids(journal):
        assert writer.is_alive()
    writer.kill()
    writer.join()
    assert Path(f"{database}-wal").stat().st_size
    return verify(database).alerts
