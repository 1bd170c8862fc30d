"""Putting a copy in a database's place: whenever it is killed, one of the two is there, whole."""

import sqlite3
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import UserError
from storage import attempts
from storage.attempts import HELD, Outcome
from storage.backup import BESIDE, copy_pages, owned_like, synced
from storage.outbox import UNSENT
from storage.schema import outbox
from storage.soundness import as_it_is, is_damage

# What waited longer than this before its database came back is not told any more.
TOLD_WITHIN = timedelta(days=1)


def copy_back(file: Path, draft: Path) -> None:
    """Copy a verified backup to `draft`, without the mark of a copy."""
    try:
        with closing(as_it_is(file)) as reader:
            copy_pages(reader, draft, 0, lambda: False)
    except sqlite3.DatabaseError as error:
        raise OSError(0, str(error)) from error


async def settle(connection: AsyncConnection, now: datetime) -> tuple[int, int]:
    """What waits in a restored outbox may have been sent since; how many rows, and given up.

    Each is looked for on its surface before it is sent; what has waited too long is given up.
    """
    waiting = select(outbox.c.id, outbox.c.created_at).where(outbox.c.state.in_(UNSENT))
    rows = list(await connection.execute(waiting.order_by(outbox.c.id)))
    old = [row.id for row in rows if now - row.created_at > TOLD_WITHIN]
    begun = await attempts.begin_attempts(connection, old, now)
    why = "it had waited for over a day when its database was restored"
    await attempts.record(connection, [Outcome(row, begun[row], now, HELD, why) for row in old])
    await connection.execute(
        update(outbox).where(outbox.c.state.in_(UNSENT), outbox.c.attempts == 0).values(attempts=1)
    )
    return len(rows) - len(old), len(old)


def put_in_place(draft: Path, database: Path, now: datetime) -> Path | None:
    """Put the finished `draft` where `database` is; where that is kept, None if there was none.

    Nothing is lost at any step: the old file has its second name before the new one takes the
    first. Raises UserError where another program has the database open.
    """
    synced(draft)
    there, aside = database.exists(), _free_name(database, now)
    if there:
        _alone(database)
        _second_name(database, aside)
        draft.chmod(database.stat().st_mode & 0o777)
        owned_like(draft, database)
    # What a damaged database still has beside it would be taken for the new one's.
    for end in BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{database}{end}").replace(f"{aside}{end}")
    synced(database.parent)
    draft.replace(database)
    synced(database.parent)
    return aside if there else None


def _free_name(database: Path, now: datetime) -> Path:
    stem = f"{database.name}.before-restore-{now:%Y%m%dT%H%M%SZ}"
    found, number = database.with_name(stem), 1
    while found.exists():
        number += 1
        found = database.with_name(f"{stem}-{number}")
    return found


def _second_name(database: Path, aside: Path) -> None:
    try:
        aside.hardlink_to(database)
    except OSError:  # a file system without links
        copyfile(database, aside)
        aside.chmod(database.stat().st_mode & 0o777)
        synced(aside)


def _alone(database: Path) -> None:
    """Nobody else has the database open, and all of it is in its file; unless it is damaged."""
    try:
        with closing(as_it_is(database)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError:
        return  # opened for writing it would lose what lies beside it
    try:
        with closing(sqlite3.connect(database, timeout=1)) as connection:
            # Leaving WAL mode takes in what is beside the file, and needs it for oneself.
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if is_damage(str(error)):
            return
        if "locked" in str(error) or "busy" in str(error):
            raise UserError(
                f"Another program has {database} open; stop it, then restore."
            ) from error
        raise OSError(0, str(error)) from error
