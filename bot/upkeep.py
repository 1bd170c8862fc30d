"""migrate, backup and restore, from the command line: each says what it did, and returns 0."""

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

from bot.backups import clear_restores, database_file, folder_of, schema_of, upgrade
from bot.config import Settings
from bot.errors import UserError
from bot.locked import locked
from bot.model.wording import count, listing, moment, span
from bot.services import SystemClock
from storage.backup import back_up as copy_database
from storage.backup import draft_of, kept, name_of, newest_readable
from storage.database import Database, read_url
from storage.migrate import HEAD, damaged, migrate
from storage.restoring import copy_back, put_in_place, settle
from storage.soundness import Contents, verify

MEGABYTE = 1_000_000


def bring_up_to_date(settings: Settings) -> int:
    """Bring the database to this program's schema, backed up first. Raises UserError."""
    url = settings.database_url()
    read_url(url)
    database, folder = database_file(settings), folder_of(settings)
    if database is None:
        migrate(url)
        _say(f"The database has this program's schema, {HEAD}.")
        return 0
    if not database.exists() or database.stat().st_size == 0:
        if kept(folder):
            raise UserError(
                damaged(database, folder, "is empty" if database.exists() else "is gone")
            )
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        migrate(url, backups=folder)
        _say(f"Made an empty database, {database}, of schema {HEAD}.")
        return 0
    before = schema_of(database, folder)
    if before == HEAD:
        _say(f"{database} is up to date (schema {HEAD}).")
        return 0
    backup = upgrade(settings, database, SystemClock().now())
    _say(f"Brought {database} from schema {before or 'none'} to {HEAD}.")
    if backup is not None:
        _say(f"As it was before it is kept as {backup}.")
    return 0


def back_up(settings: Settings, file: Path | None) -> int:
    """Copy the database, also while the bot runs; verified before it bears its name.

    Raises UserError where it cannot be copied or written; nothing is left then.
    """
    database, now = _file_of(settings), SystemClock().now()
    target = (folder_of(settings) / name_of(now)) if file is None else file.expanduser()
    if target.is_dir():
        target /= name_of(now)
    if file is not None and not target.parent.is_dir():  # most often it is mistyped
        raise UserError(
            f"There is no folder {target.parent}; make it first, or name a file in another one."
        )
    begun = perf_counter()
    contents = copy_database(database, target, now)
    size = target.stat().st_size / MEGABYTE
    _say(f"Backed up to {target} ({size:,.1f} MB, {perf_counter() - begun:.1f} s; verified).")
    _say(f"In it: {_inside(contents)}.")
    return 0


def restore(settings: Settings, file: Path) -> int:
    """Put a backup in the database's place, which is kept beside it.

    Raises UserError where the bot runs, or the backup is damaged, newer or none of ours; the
    database is as it was then.
    """
    database, now, file = _file_of(settings), SystemClock().now(), file.expanduser()
    if file.exists() and database.exists() and file.samefile(database):
        raise UserError(f"{file} is the database itself; name a backup of it.")
    data = settings.data_folder()
    with locked(data, f"Aftershock runs on {data}; stop it, then restore."):
        clear_restores(settings, now)
        contents = _sound(file, settings)
        if contents.revision > HEAD:
            raise UserError(
                f"{file} is of a newer Aftershock (its schema is {contents.revision}, this program "
                f"knows up to {HEAD}); restore it with that version."
            )
        with draft_of(database) as draft:
            copy_back(file, draft)
            asked, given_up = asyncio.run(_prepare(draft, now))
            verify(draft)
            aside = put_in_place(draft, database, now)
    _report(file, contents, now, asked, given_up)
    if aside is not None:
        _say(f"The database of before is kept as {aside}; delete it once all is well.")
    return 0


def _sound(file: Path, settings: Settings) -> Contents:
    """What a backup holds, all of which was read. Raises UserError, naming another if there is."""
    try:
        return verify(file)
    except UserError as error:
        said = f"{str(error).rstrip('.')}; nothing was changed."
        other = newest_readable(folder_of(settings))
        if other is not None and other.path.resolve() != file.resolve():
            said += f" There is {other.path}, too."
        raise UserError(said) from error


async def _prepare(draft: Path, now: datetime) -> tuple[int, int]:
    """Bring a copy to our schema, and see to what waits in it."""
    database = await Database.open(f"sqlite+aiosqlite:///{draft}")
    try:
        return await database.write(lambda connection: settle(connection, now))
    finally:
        await database.close()


def _report(file: Path, contents: Contents, now: datetime, asked: int, given_up: int) -> None:
    made = contents.made_at
    if made is None:
        _say(f"Restored {file}. In it: {_inside(contents)}.")
        _say("When it was made is not known; what came after it is not in it.")
    else:
        _say(f"Restored the backup of {moment(made)} ({_age(now - made)}): {_inside(contents)}.")
        _say(
            f"What came after {moment(made)} is not in it: alerts, releases, and what channels "
            "changed. Falls and releases since then may be told once more."
        )
    if asked:
        waits = count(asked, "message waits", "messages wait")
        _say(f"{waits} in it: each is looked for in its channel, and sent where it is missing.")
    if given_up:
        them = "is" if given_up == 1 else "are"
        _say(f"{count(given_up, 'message')} had waited for over a day and {them} not sent.")


def _inside(contents: Contents) -> str:
    channels = count(contents.receivers, "channel")
    followed = count(contents.subscriptions, "alert or subscription", "alerts and subscriptions")
    text = listing([channels, followed, count(contents.messages, "message")])
    if contents.waiting:
        text += f", {contents.waiting:,} of them not sent yet"
    if contents.newest_alert is not None:
        text += f"; the newest alert told is of {moment(contents.newest_alert)}"
    return text


def _age(age: timedelta) -> str:
    if age < timedelta(minutes=1):
        return "less than a minute old"
    if age >= timedelta(days=1):
        return f"{count(age.days, 'day')} old"
    return f"{span(age)} old"


def _file_of(settings: Settings) -> Path:
    """The file of the database. Raises UserError where a server keeps it."""
    read_url(settings.database_url())
    database = database_file(settings)
    if database is None:
        raise UserError(
            "The database is PostgreSQL's; copy it with pg_dump, and put it back with pg_restore."
        )
    return database


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
