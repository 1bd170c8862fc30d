"""Copies of an SQLite database: made while others write, verified before they bear their name.

A copy is taken of one snapshot, held by a read transaction for as long as copying lasts: what
others write meanwhile does not begin it anew, as it would a copy that reads step by step. In WAL
mode it holds nobody up. All of this blocks, so an event loop runs it in a thread.
"""

import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.errors import UserError
from storage.schema import EPOCH
from storage.soundness import Contents, Stop, Stopped, is_damage, look, reading, verify

# `aftershock-20261126T033000Z.db`, or with what it was made for: `aftershock-nightly-…`.
NAME = re.compile(r"aftershock-(?:(?P<why>[a-z0-9]+)-)?(?P<at>\d{8}T\d{6}Z)\.db")
# How backing up is called among what may fail, for /status.
BACKUP = "backup"
DRAFT = ".part"
# What SQLite may have beside a database.
BESIDE = ("-journal", "-wal", "-shm")
# Pages copied in one step: between two it can be stopped, and other threads run.
STEP = 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy in a folder of copies, by its name: what it was made for ("" by hand), and when."""

    path: Path
    why: str
    at: datetime


def name_of(at: datetime, why: str = "") -> str:
    """What a copy of that moment is called."""
    return f"aftershock-{why + '-' if why else ''}{at:%Y%m%dT%H%M%SZ}.db"


def kept(folder: Path) -> list[Kept]:
    """The copies in a folder that bear such a name, the newest first."""
    found = []
    with suppress(OSError):
        for path in folder.iterdir():
            named = NAME.fullmatch(path.name)
            if named and path.is_file():
                with suppress(ValueError):  # digits that are no time: not ours
                    at = datetime.strptime(named["at"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                    found.append(Kept(path, named["why"] or "", at))
    return sorted(found, key=lambda one: (one.at, one.path.name), reverse=True)


def still_good(copies: list[Kept], database: Path, now: datetime) -> Kept | None:
    """The copy, of those given, that holds what the database does, by when it was changed last.

    None where there is none, or where one cannot know: of a moment to come, or not readable.
    """
    changed = 0.0
    for path in (database, Path(f"{database}-wal")):
        with suppress(FileNotFoundError):
            changed = max(changed, path.stat().st_mtime)
    for one in copies:
        if changed < one.at.timestamp() <= now.timestamp():
            with suppress(UserError):
                look(one.path)
                return one
    return None


def clear_drafts(folder: Path, stem: str, before: datetime) -> None:
    """Remove the drafts of files called `stem…`, and what SQLite had beside them, that processes
    which were killed left in `folder` before that moment. What cannot be removed stays.
    """
    ends = tuple(f"{DRAFT}{end}" for end in ("", *BESIDE))
    with suppress(OSError):
        for path in folder.iterdir():
            if path.name.startswith(f".{stem}") and path.name.endswith(ends):
                with suppress(OSError):
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()


def newest_readable(folder: Path) -> Kept | None:
    """The newest copy that opens and is one of ours; `verify` reads it wholly."""
    for one in kept(folder):
        with suppress(UserError):
            look(one.path)
            return one
    return None


def back_up(source: Path, target: Path, now: datetime, *, stop: Stop = lambda: False) -> Contents:
    """Copy the database `source`, also while others write to it, to the new file `target`.

    The copy is written to a draft beside it, verified, and only then named; its mode is 0600.
    Raises UserError in one sentence, leaving nothing behind, and Stopped once `stop()` is true.
    """
    if not source.is_file() or source.stat().st_size == 0:
        raise UserError(f"There is no database at {source} yet; aftershock run makes it.")
    if target.exists():
        raise UserError(f"{target} is there already; name another file, for none is overwritten.")
    with draft_of(target) as draft:
        _copy(source, draft, now, stop)
        contents = _verified(source, draft, stop)
        _publish(draft, target)
    return contents


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """An empty file beside `target`, gone afterwards; what cannot be written is said of it."""
    draft = None
    try:
        if not target.parent.exists():
            target.parent.mkdir(parents=True)
            owned_like(target.parent, target.parent.parent)
        number, name = tempfile.mkstemp(DRAFT, f".{target.name}-", target.parent)
        os.close(number)
        draft = Path(name)
        owned_like(draft, target.parent)
        yield draft
    except FileExistsError:
        raise UserError(f"{target} is there already; name another file.") from None
    except OSError as error:
        raise UserError(_unwritable(target, error.strerror or str(error))) from error
    finally:
        if draft is not None:
            for path in (draft, *(Path(f"{draft}{end}") for end in BESIDE)):
                with suppress(OSError):
                    path.unlink(missing_ok=True)


def _unwritable(target: Path, reason: str) -> str:
    if "full" in reason or "No space" in reason or "quota" in reason:
        return f"There is no room for {target}; free some disk space, or name another folder."
    return f"{target} cannot be written ({reason}); name a file in a folder that can be."


def _copy(source: Path, draft: Path, now: datetime, stop: Stop) -> None:
    """The pages of one snapshot of `source`, marked with their moment."""
    try:
        with closing(reading(source)) as reader:
            copy_pages(reader, draft, (now - EPOCH) // timedelta(minutes=1), stop)
    except sqlite3.DatabaseError as error:
        reason = str(error)
        if is_damage(reason):
            raise UserError(
                f"The database {source} is damaged ({reason}), so it was not copied."
            ) from error
        if "unable to open" in reason:
            raise UserError(
                f"The database {source} cannot be read; check its permissions."
            ) from error
        raise OSError(0, reason) from error


def copy_pages(reader: sqlite3.Connection, draft: Path, mark: int, stop: Stop) -> None:
    """Copy one snapshot to the file `draft`, which needs no other beside it then.

    `mark` is kept in its header: the moment of a copy in minutes after 1970 UTC, 0 for none.
    """

    def step(_status: int, _left: int, _all: int) -> None:
        if stop():
            raise Stopped

    with closing(sqlite3.connect(draft)) as writer:
        # The draft is thrown away if the machine stops: it is written to the disk at the end.
        writer.execute("PRAGMA journal_mode=OFF")
        writer.execute("PRAGMA synchronous=OFF")
        reader.isolation_level = None
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the snapshot
        reader.backup(writer, pages=STEP, progress=step)
        writer.execute("PRAGMA journal_mode=DELETE")  # not WAL, as the original is
        writer.execute(f"PRAGMA user_version={mark}")
        writer.commit()


def _verified(source: Path, draft: Path, stop: Stop) -> Contents:
    try:
        return verify(draft, stop=stop)
    except UserError as error:
        said = str(error).replace(str(draft), "the copy")
        raise UserError(f"The database {source} could not be copied soundly: {said}") from error


def _publish(draft: Path, target: Path) -> None:
    """Give the draft its name at once and for good; never over another file."""
    synced(draft)
    try:
        target.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: whoever came in between loses
        if target.exists():
            raise FileExistsError from None
        draft.replace(target)
    synced(target.parent)


def owned_like(path: Path, other: Path) -> None:
    """What the system's administrator makes belongs to whoever owns `other`: the bot must write."""
    found = other.stat()
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.chown(path, found.st_uid, found.st_gid)


def synced(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
