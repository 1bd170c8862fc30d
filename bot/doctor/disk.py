"""Where the database is: can it be written, is there room left, is there a backup?"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.doctor.finding import Finding, State, ok, unchecked, warning, wrong
from bot.doctor.stored import file_address
from bot.model.wording import span

AREA = "database"
GB, MB = 1_000_000_000, 1_000_000
LEAST_FREE, LOW_FREE = 100 * MB, GB
LARGE_WAL = 200 * MB
OLD = timedelta(days=2)
ANOTHER_FOLDER = "or set AFTERSHOCK_DATA to a folder that can be written"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the database is: its file, the data folder, how many backups the settings want."""

    file: Path
    folder: Path
    backups: int


def examine(place: Place, now: datetime, *, runs: bool | None) -> list[Finding]:
    """Writing, room and backups; blocking."""
    return [*_writing(place, runs), *_room(place), *_backups(place, now)]


def _writing(place: Place, runs: bool | None) -> list[Finding]:
    folder = _nearest(place.file.parent)
    found = []
    refused = _attempt(lambda: _make_file(folder))
    if refused is not None:
        mend = f"Type: chmod u+w {folder} (as its owner), {ANOTHER_FOLDER}."
        found.append(wrong(AREA, "folder", f"{folder} cannot be written ({refused})", mend))
    elif place.file.is_file():
        refused = _attempt(lambda: _begin(place.file))
        if refused is not None and "locked" in refused and runs:
            return [ok(AREA, "writing", "the running bot is writing just now")]
        if refused is not None and "locked" in refused:
            mend = "Stop the other program that has it open."
            found.append(wrong(AREA, "writing", "another program holds it locked", mend))
        elif refused is not None:
            mend = f"Type: chmod u+w {place.file} (as its owner), {ANOTHER_FOLDER}."
            found.append(wrong(AREA, "writing", f"it cannot be written ({refused})", mend))
    if not found:
        found.append(ok(AREA, "writing", f"{folder} can be written"))
    return found


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    while not folder.exists() and folder.parent != folder:
        folder = folder.parent
    return folder


def _make_file(folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".aftershock-doctor-") as file:
        file.write(b"\0" * 4096)


def _begin(file: Path) -> None:
    with closing(
        sqlite3.connect(file_address(file, write=True), uri=True, timeout=5, isolation_level=None)
    ) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")


def _attempt(what: Callable[[], None]) -> str | None:
    """Why it cannot be done; None where it can."""
    try:
        what()
    except OSError as error:
        return why(error)
    except sqlite3.DatabaseError as error:
        text = str(error)
        # A damaged file is told of already.
        return None if "not a database" in text or "malformed" in text else text
    return None


def why(error: OSError) -> str:
    """What the system says of it: "permission denied"."""
    return (error.strerror or type(error).__name__).lower()


def _room(place: Place) -> list[Finding]:
    folder = _nearest(place.file.parent)
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return [unchecked(AREA, "disk", f"the room left is not known ({why(error)})")]
    length = place.file.stat().st_size if place.file.is_file() else 0
    wal = Path(f"{place.file}-wal")
    ahead = wal.stat().st_size if wal.is_file() else 0
    found = [room(free, length)]
    if ahead > LARGE_WAL:
        found.append(
            warning(
                AREA,
                "write-ahead log",
                f"{wal} has grown to {size(ahead)}",
                "Stop and start the bot: that folds it into the database.",
            )
        )
    return found


def room(free: int, length: int) -> Finding:
    """What so many free bytes mean for a database of so many."""
    mend = "Free some disk space, or set AFTERSHOCK_DATA to a larger disk."
    if free < LEAST_FREE:
        return wrong(AREA, "disk", f"only {size(free)} are free", mend)
    if free < max(LOW_FREE, 2 * length):
        less = "" if free < LOW_FREE else ", less than twice the database"
        return warning(AREA, "disk", f"{size(free)} are free{less}", mend)
    return ok(AREA, "disk", f"{size(free)} are free")


def newest_backup(place: Place) -> Path | None:
    """The newest copy in the folder of backups, by when it was written; None without any."""
    try:
        found = sorted((place.folder / "backups").glob("*.db"), key=lambda one: one.stat().st_mtime)
    except OSError:
        return None
    return found[-1] if found else None


def _backups(place: Place, now: datetime) -> list[Finding]:
    if not place.file.is_file():
        return []
    newest = newest_backup(place)
    age = None
    if newest is not None:
        age = now - datetime.fromtimestamp(newest.stat().st_mtime, UTC)
    return [backup(None if newest is None else newest.name, age, place.backups)]


def backup(name: str | None, age: timedelta | None, kept: int) -> Finding:
    """What the newest backup, and its age, mean where so many are to be kept."""
    if name is None or age is None:
        state, found = State.WARNING, "there is none"
    else:
        old = age > OLD
        minute = timedelta(minutes=1)
        since = "less than a minute" if age < minute else span(age)
        found = f"the newest, {name}, is {since} old"
        state = State.WARNING if old and kept else State.OK
    mend = ""
    if state is State.WARNING:
        nightly = "a running bot makes one every night" if kept else "storage.backups is 0"
        mend = f"Type: aftershock backup ({nightly})."
    return Finding(AREA, "backup", state, found, mend)


def size(length: int) -> str:
    """Bytes as people say them: "12 MB", "1.4 GB"."""
    if length >= GB:
        return f"{length / GB:.1f} GB"
    if length >= MB:
        return f"{length / MB:.0f} MB"
    return f"{max(1, round(length / 1000)):,} kB" if length else "0 kB"
