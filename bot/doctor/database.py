"""The database's file: there, whole, and of this program's schema. SQLite."""

import os
import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from time import monotonic

from bot.doctor import disk
from bot.doctor.disk import AREA, Place, why
from bot.doctor.finding import Finding, ok, unchecked, warning, wrong
from bot.doctor.stored import file_address, is_still
from bot.model.wording import count
from storage.migrate import HEAD

LARGE = 1_000_000_000
# No longer than this is a file looked through.
SECONDS = 30.0
# A bot that runs must not find a schema that it does not know.
RESTART = "Restart the bot, which runs with that version: it does the rest when it starts."
MIGRATE = "Type: aftershock migrate (aftershock run does the same when it starts)."


def examine(place: Place, now: datetime, *, runs: bool | None) -> list[Finding]:
    """Everything about a file; blocking, for `SECONDS` at most and some."""
    return [*_file(place, runs), *disk.examine(place, now, runs=runs)]


def _file(place: Place, runs: bool | None) -> list[Finding]:
    file = place.file
    if file.is_dir():
        return [
            wrong(
                AREA,
                "file",
                f"{file} is a folder, where a file should be",
                f"Move it aside (mv {file} {file}.aside), or set storage.database to a file.",
            )
        ]
    try:
        there = file.stat()
    except FileNotFoundError:
        return [ok(AREA, "file", f"{file} is not there yet; aftershock run makes it")]
    except OSError as error:
        mend = f"Let the user that runs the bot into the folder {file.parent}."
        return [wrong(AREA, "file", f"{file} cannot be looked at ({why(error)})", mend)]
    found = [ok(AREA, "file", f"{file}, {disk.size(there.st_size)}")]
    found += _owner(file)
    restore = _restore(place)
    try:
        with closing(_opened(file, runs)) as connection:
            found += [*_schema(connection, runs), *_whole(connection, there.st_size, restore)]
    except sqlite3.DatabaseError as error:
        text = str(error)
        if "unable to open" in text:
            mend = f"Type: chmod u+rw {file} (as its owner), {disk.ANOTHER_FOLDER}."
            found.append(wrong(AREA, "reading", f"{file} cannot be opened", mend))
        elif "not a database" in text or "malformed" in text:
            found.append(wrong(AREA, "whole", f"{file} is damaged ({text})", restore))
        else:
            found.append(unchecked(AREA, "whole", f"SQLite says: {text}"))
    return found


def _opened(file: Path, runs: bool | None) -> sqlite3.Connection:
    """A connection that can only read."""
    for still in (is_still(file, runs=runs), True):
        connection = sqlite3.connect(file_address(file, still=still), uri=True, timeout=5)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if still or runs:
                raise
        else:
            return connection
    raise sqlite3.OperationalError("unable to open database file")


def _owner(file: Path) -> list[Finding]:
    if sys.platform == "win32":
        return []
    owner, me = file.stat().st_uid, os.geteuid()
    if owner == me:
        return []
    import pwd

    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"user {owner}"
    return [
        warning(
            AREA,
            "owner",
            f"the file belongs to {name}, and this is another user",
            f"Run the doctor as the user that runs the bot: sudo -u {name} aftershock doctor",
        )
    ]


def _schema(connection: sqlite3.Connection, runs: bool | None) -> list[Finding]:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return [ok(AREA, "schema", "the file is empty; aftershock run fills it")]
    if "alembic_version" not in tables:
        mend = "Set storage.database to another file; this one is some other program's."
        return [wrong(AREA, "schema", "it is no database of Aftershock's", mend)]
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return [schema(row[0] if row else None, runs=runs)]


def schema(found: str | None, *, runs: bool | None) -> Finding:
    """What a revision means for this program. Revisions are numbers in order: "0010"."""
    if found == HEAD:
        return ok(AREA, "schema", f"version {found}, which is this program's")
    if found is not None and found > HEAD:
        return wrong(
            AREA,
            "schema",
            f"version {found}, of a newer Aftershock; this one knows up to {HEAD}",
            "Start the newer version, or restore a backup from before it.",
        )
    return warning(
        AREA,
        "schema",
        f"version {found or 'unknown'}, of an older Aftershock; this one has {HEAD}",
        RESTART if runs else MIGRATE,
    )


def _whole(connection: sqlite3.Connection, length: int, restore: str) -> list[Finding]:
    quick = length > LARGE
    pragma = "PRAGMA quick_check(5)" if quick else "PRAGMA integrity_check(5)"
    until = monotonic() + SECONDS
    connection.set_progress_handler(lambda: int(monotonic() > until), 100_000)
    try:
        said = [str(row[0]) for row in connection.execute(pragma)]
        broken = list(connection.execute("PRAGMA foreign_key_check"))
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return [unchecked(AREA, "whole", f"not looked through within {SECONDS:g} seconds", "")]
    finally:
        connection.set_progress_handler(None, 0)
    if said != ["ok"]:
        return [wrong(AREA, "whole", f"the file is damaged: {said[0]}", restore)]
    if broken:
        rows = count(len(broken), "row")
        return [wrong(AREA, "whole", f"{rows} of {broken[0][0]} refer to nothing", restore)]
    how = ", by SQLite's quick check since it is large" if quick else ""
    return [ok(AREA, "whole", f"nothing in it is damaged{how}")]


def _restore(place: Place) -> str:
    newest = disk.newest_backup(place)
    if newest is None:
        return f"Move it aside (mv {place.file} {place.file}.aside); aftershock run begins anew."
    return f"Stop the bot, then type: aftershock restore {newest}"
