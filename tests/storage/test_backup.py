"""Copies of a database: whole while others write, verified, never over another file."""

import sqlite3
import stat
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest

from bot.errors import UserError
from storage.backup import back_up, kept, name_of, newest_readable
from storage.migrate import HEAD, migrate
from storage.soundness import Stopped, look, quick_fault, verify
from tests.processes import started
from tests.storage.alert_writer import ids_in, told_ids, write_alerts

NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path, blank: Path) -> Path:
    (tmp_path / "data").mkdir()
    copyfile(blank, tmp_path / "data" / "a.db")
    return tmp_path / "data" / "a.db"


def _damage(path: Path) -> None:
    """Rubbish in the middle of the file, from its third page on."""
    with path.open("r+b") as stream:
        stream.seek(2 * 4096)
        stream.write(b"\xa5" * (path.stat().st_size - 3 * 4096))


def test_a_copy_made_while_another_process_writes_holds_all_that_was_committed_before(
    source: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "committed"
    writer = started(write_alerts, str(source), str(journal))
    try:
        while len(told_ids(journal)) < 20:
            assert writer.is_alive()
        before = told_ids(journal)
        contents = back_up(source, tmp_path / "copies" / "b.db", NOW)
        while len(told_ids(journal)) < len(before) + 5:  # it was not held up
            assert writer.is_alive()
    finally:
        writer.kill()
        writer.join()
    copied = ids_in(tmp_path / "copies" / "b.db")
    assert set(before) <= copied
    assert contents.alerts == len(copied) >= 20
    assert verify(tmp_path / "copies" / "b.db") == contents
    assert (contents.revision, contents.made_at) == (HEAD, NOW)


def test_a_copy_is_one_private_file(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    back_up(source, folder / "b.db", NOW)
    assert [path.name for path in folder.iterdir()] == ["b.db"]
    assert stat.S_IMODE((folder / "b.db").stat().st_mode) == 0o600


def test_no_file_is_overwritten(source: Path, tmp_path: Path) -> None:
    (tmp_path / "b.db").write_text("mine")
    with pytest.raises(UserError, match="there already"):
        back_up(source, tmp_path / "b.db", NOW)
    assert (tmp_path / "b.db").read_text() == "mine"
    assert not list(tmp_path.glob(".*"))


def test_a_file_that_comes_meanwhile_is_not_overwritten(source: Path, tmp_path: Path) -> None:
    def stop() -> bool:
        (tmp_path / "b.db").write_text("mine")
        return False

    with pytest.raises(UserError, match="there already"):
        back_up(source, tmp_path / "b.db", NOW, stop=stop)
    assert (tmp_path / "b.db").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.db", "data"]


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        (OSError(28, "No space left on device"), "There is no room for .*b.db; free some"),
        (OSError(5, "Input/output error"), "b.db cannot be written .Input/output error"),
    ],
)
def test_a_disk_that_fails_leaves_no_half_file(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: OSError, says: str
) -> None:
    def refuse(_path: Path) -> None:
        raise reason

    monkeypatch.setattr("storage.backup.synced", refuse)
    with pytest.raises(UserError, match=says):
        back_up(source, tmp_path / "b.db", NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are Unix's")
def test_a_full_disk_is_said_in_one_sentence(source: Path, tmp_path: Path) -> None:
    import resource
    import signal

    before, heed = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(UserError, match=r"b\.db"):
            back_up(source, tmp_path / "b.db", NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heed)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_a_damaged_database_is_not_copied(source: Path, tmp_path: Path) -> None:
    _damage(source)
    with pytest.raises(UserError, match="damaged"):
        back_up(source, tmp_path / "b.db", NOW)
    assert not (tmp_path / "b.db").exists()
    assert quick_fault(source)


def test_no_database_is_made_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no database"):
        back_up(tmp_path / "none.db", tmp_path / "b.db", NOW)
    assert not list(tmp_path.iterdir())


def test_copying_can_be_stopped(source: Path, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        back_up(source, tmp_path / "b.db", NOW, stop=lambda: True)
    assert not (tmp_path / "b.db").exists()


def test_an_older_schema_is_copied_too(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/old.db", head="0001")
    assert back_up(tmp_path / "old.db", tmp_path / "b.db", NOW).revision == "0001"


def test_a_broken_reference_is_found(source: Path) -> None:
    with closing(sqlite3.connect(source)) as connection:
        connection.execute(
            "INSERT INTO silence (receiver_id, target, starts_at, until, by) "
            "VALUES (99, '', 1, 2, '')"
        )
        connection.commit()
    with pytest.raises(UserError, match="damaged: a row of silence refers to none"):
        verify(source)


def test_another_programs_database_is_none_of_ours(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE notes (text)")
    with pytest.raises(UserError, match="none of Aftershock's"):
        look(tmp_path / "other.db")


def test_the_newest_that_can_be_read_is_named(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    for hours, why in ((0, ""), (1, "nightly"), (2, "schema0009")):
        at = NOW + timedelta(hours=hours)
        back_up(source, folder / name_of(at, why), at)
    (folder / "notes.db").write_text("not one of ours")
    (folder / "aftershock-99999999T999999Z.db").write_text("no time")
    assert [one.why for one in kept(folder)] == ["schema0009", "nightly", ""]
    kept(folder)[0].path.write_text("rubbish")
    newest = newest_readable(folder)
    assert newest is not None
    assert (newest.why, newest.at) == ("nightly", NOW + timedelta(hours=1))
    assert newest_readable(tmp_path / "nowhere") is None
