"""A database that is damaged: refused in one sentence, and left as it is byte for byte.

One that becomes so while the program runs ends nothing: a backup brings all back.
"""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

import aiohttp
import pytest

from bot.__main__ import main
from storage.backup import back_up, name_of
from tests.faults.programs import Program, programs
from tests.storage.damaging import PAGE, overwrite

NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


def _garbage(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"this is no database" * 10)


def _truncated(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 + 100)


def _zeroed(path: Path) -> None:
    """The first page of the table of closes."""
    overwrite(path, "bar", b"\0" * PAGE)


def _index(path: Path) -> None:
    overwrite(path, "sqlite_autoindex_receiver_1", b"\xff" * PAGE)


def _under_it(path: Path) -> None:
    """The first page of the outbox, while somebody has the database open."""
    with closing(sqlite3.connect(path, timeout=5)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    overwrite(path, "outbox", b"\0" * PAGE)
    with closing(sqlite3.connect(path, timeout=5)) as connection:
        connection.execute("PRAGMA application_id=1")  # nobody trusts the pages he remembers


DAMAGE = {"garbage": _garbage, "truncated": _truncated, "zeroed": _zeroed, "index": _index}


@pytest.mark.parametrize("arguments", [("run",), ("ask", "/drawdown NVDA")])
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_database_is_refused(
    tmp_path: Path,
    history_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], None],
    arguments: tuple[str, ...],
) -> None:
    path = tmp_path / "aftershock.db"
    copyfile(history_file, path)
    backup = tmp_path / "backups" / name_of(NOW)
    back_up(path, backup, NOW)
    damage(path)
    before = path.read_bytes()
    monkeypatch.setenv("AFTERSHOCK_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("AFTERSHOCK_MARKET__SOURCE", "shipped")
    monkeypatch.setenv("AFTERSHOCK_FEEDS__ENABLED", "no")
    monkeypatch.setenv("AFTERSHOCK_PRICES__ENABLED", "no")
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, error = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    (line,) = error.splitlines()
    assert str(path) in line
    assert f"aftershock restore {backup} to go back to the backup of" in line
    if arguments == ("run",) or damage in (_garbage, _truncated):
        # One question is not worth reading every page first; what it stores itself stays.
        assert path.read_bytes() == before


@pytest.mark.faults
async def test_damage_met_while_it_runs(tmp_path: Path, history_file: Path) -> None:
    async with programs(
        tmp_path, history_file,
        AFTERSHOCK_HEALTH__LISTEN="127.0.0.1:0", AFTERSHOCK_STORAGE__BACKUPS="0",
        AFTERSHOCK_LOG__LEVEL="info",
    ) as one:  # fmt: skip
        one.start()
        await one.begun()
        broken = one.server.fail("POST /channels/*/messages", 503, times=None)
        await one.enqueue("m0", "m1")
        running = one.process
        one.start("backup")  # while it runs, and what waits is in it
        assert await one.ended() == 0, one.log
        one.process = running
        assert await _health(one) == (200, {"status": "ok"})
        _under_it(one.database)
        await one.until(lambda: "is damaged;" in one.log, "that it says so")
        assert await _health(one) == (
            503,
            {
                "status": "failing",
                "reasons": ["The database is damaged; the log says which backup to restore."],
            },
        )
        assert await one.stop() == 0
        assert "Traceback" not in one.log
        told = re.search(rf"The database {one.database} is damaged; .*aftershock restore (\S+) to",
                         one.log)  # fmt: skip
        assert told
        one.start("restore", told[1])
        assert await one.ended() == 0, one.log
        one.server.faults.set.remove(broken)
        one.start()
        await one.until(lambda: one.has("m0", "m1"), "both messages")
        await one.until(lambda: set(one.states()) == {"sent"}, "that all is marked as sent")
        assert await one.stop() == 0
        one.told_once("m0", "m1")


async def _health(one: Program) -> tuple[int, object]:
    address = re.findall(r"/metrics are at (http://[0-9.:]+)", one.log)[-1]
    async with aiohttp.ClientSession() as session, session.get(f"{address}/healthz") as answer:
        return answer.status, await answer.json()
