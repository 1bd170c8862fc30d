"""The nightly backup, and what is made sure of before the database is opened."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config import Settings
from bot.errors import UserError
from bot.jobs import Job
from bot.locked import locked
from bot.model.trust import Health
from bot.model.wording import count
from bot.services import Services
from storage import trust
from storage.backup import BACKUP, Kept, back_up, clear_drafts, kept, name_of, still_good
from storage.migrate import HEAD, damaged, migrate
from storage.soundness import Stopped, quick_fault, revision_of

NIGHTLY = "nightly"
# Before a migration, with the schema of then: "schema0009". So many of them are kept.
SCHEMA, BEFORE_MIGRATING = "schema", 2
NEW_YORK = ZoneInfo("America/New_York")
HOUR, MINUTE = 4, 30
AGAIN = timedelta(hours=1)
# What is a draft for longer belongs to a process that was killed.
LEFT = timedelta(days=1)
# Larger ones are not read through at the start: it would take too long.
QUICK_BYTES = 200_000_000
MEGABYTE = 1_000_000
log = logging.getLogger(__name__)


def folder_of(settings: Settings) -> Path:
    """Where backups are kept."""
    return settings.data_folder() / "backups"


def database_file(settings: Settings) -> Path | None:
    """The file of the database; None where a server keeps it."""
    url = make_url(settings.database_url())
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def before_opening(settings: Settings, now: datetime, *, alone: bool = False) -> None:
    """Bring a database of an older schema up to date, backed up before; blocking.

    With `alone` the caller has the lock of the data folder, and migrates it after this.
    Raises UserError where it is damaged, or gone although there are backups of it: no empty one
    may take its place unnoticed; and where an older bot runs on it, which must not find a schema
    that it does not know.
    """
    database, folder = database_file(settings), folder_of(settings)
    if database is None:
        return
    if not database.exists() or database.stat().st_size == 0:
        if kept(folder):
            how = "is empty" if database.exists() else "is gone"
            raise UserError(damaged(database, folder, how))
        return
    if alone:
        before_migrating(database, folder, now)
    elif schema_of(database, folder) < HEAD:
        upgrade(settings, database, now)


def upgrade(settings: Settings, database: Path, now: datetime) -> Path | None:
    """Bring a database to our schema while nobody else runs on it; where its backup is, if any.

    Raises UserError where a bot runs on it, and what `before_migrating` and `migrate` raise.
    """
    data, folder = settings.data_folder(), folder_of(settings)
    taken = (
        f"Aftershock runs on {data} with a database of an older version; restart it to bring the "
        "database up to date, or wait a moment if it was started just now."
    )
    with locked(data, taken):
        backup = before_migrating(database, folder, now)
        migrate(settings.database_url(), backups=folder)
    return backup


def schema_of(database: Path, folder: Path) -> str:
    """The schema of a database, "" where it has none. Raises UserError where it is damaged."""
    try:
        return revision_of(database)
    except UserError as error:
        if "damaged" in str(error):
            raise UserError(damaged(database, folder)) from error
        raise


def before_migrating(database: Path, folder: Path, now: datetime) -> Path | None:
    """The backup of a database of an older schema; None where the schema is ours. The caller has
    the lock of the data folder.

    It is made now, unless there is one since the database was changed last: a migration that fails
    at every start must not fill the disk. The newest few stay.
    Raises UserError where the database is damaged or cannot be backed up.
    """
    revision = schema_of(database, folder)
    if not revision or revision >= HEAD:
        return None
    why = f"{SCHEMA}{revision}"
    there = still_good([one for one in kept(folder) if one.why == why], database, now)
    if there is not None:
        log.info("the backup made before the schema changes is good still: %s", there.path)
        return there.path
    target = folder / name_of(now, why)
    while target.exists():
        now += timedelta(seconds=1)
        target = folder / name_of(now, why)
    # Had a start been killed at this, again and again, what it left would fill the disk as well.
    clear_drafts(folder, f"aftershock-{SCHEMA}", now)
    back_up(database, target, now)
    _remove(_too_many_before_migrating(folder, now))
    log.info("backed the database up before its schema changes: %s", target)
    return target


def at_start(settings: Settings) -> None:
    """Read the pages of a database that is not large; blocking. Raises UserError if damaged."""
    database = database_file(settings)
    if database is None or not database.exists() or database.stat().st_size > QUICK_BYTES:
        return
    if quick_fault(database):
        raise UserError(damaged(database, folder_of(settings)))


def clear_restores(settings: Settings, now: datetime) -> None:
    """Remove what a restore that was killed left beside the database over a day ago; blocking.

    The caller has the lock of the data folder, so that nobody restores just then.
    """
    database = database_file(settings)
    if database is not None:
        clear_drafts(database.parent, f"{database.name}-", now - LEFT)


def last_night(now: datetime) -> datetime:
    """The last 04:30 of New York that has come. Pure."""
    here = now.astimezone(NEW_YORK)
    at = here.replace(hour=HOUR, minute=MINUTE, second=0, microsecond=0)
    return at if at <= here else at - timedelta(days=1)


def is_due(nightly: list[Kept], now: datetime) -> bool:
    """Whether a nightly backup is to be made: there is none of last night or later. Pure.

    One whose time has not come yet (the clock was wrong) does not put off the next.
    """
    return not any(last_night(now) <= one.at <= now for one in nightly)


def too_many(kind: list[Kept], keep: int, now: datetime) -> list[Kept]:
    """The backups, of one kind, beyond the newest `keep`. Pure.

    Those of a time to come were made by a clock that was ahead: they are older than the others.
    """
    return sorted(kind, key=lambda one: (one.at <= now, one.at), reverse=True)[keep:]


class Nightly:
    """Makes a backup each night and keeps the newest; tries again after an hour."""

    def __init__(self, services: Services, database: Path) -> None:
        self._services = services
        self._database = database
        self._folder = folder_of(services.settings)

    def next_time(self, previous: datetime | None, now: datetime) -> datetime:
        """At once, then each night and every hour: this is asked before it is known whether the
        run fails, and one with nothing due costs a look at a folder. In New York's time.
        """
        if previous is None:
            return now
        # Counted in UTC: an hour stays one where the clocks change.
        again = previous.astimezone(UTC) + AGAIN
        return max(now, min(last_night(previous) + timedelta(days=1), again))

    async def make(self) -> None:
        """Make the backup that is due, if one is, and remove those beyond the number kept."""
        now = self._services.clock.now()
        nightly = [one for one in await asyncio.to_thread(kept, self._folder) if one.why == NIGHTLY]
        if not is_due(nightly, now):
            return
        try:
            await self._make(now)
        except UserError as error:
            log.error("no backup was made, it is tried again in an hour: %s", error)
            await self._note(str(error), now)
            return
        await self._note("", now)

    async def _make(self, now: datetime) -> None:
        loop = asyncio.get_running_loop()
        target, begun = self._folder / name_of(now, NIGHTLY), loop.time()
        await stoppable(lambda stop: back_up(self._database, target, now, stop=stop))
        keep = self._services.settings.storage.backups
        removed = await asyncio.to_thread(tidy, self._folder, keep, now)
        log.info(
            "made the backup %s (%d MB, %.1f s)%s",
            target.name,
            round(target.stat().st_size / MEGABYTE),
            loop.time() - begun,
            f", removed {count(removed, 'older one')}" if removed else "",
        )

    async def _note(self, problem: str, now: datetime) -> None:
        """Store how it went, for /status, which another process may answer."""

        async def work(connection: AsyncConnection) -> None:
            before = (await trust.sources(connection)).get(BACKUP, Health(BACKUP))
            if problem:
                since = before.failing_since or now
                after = Health(
                    BACKUP, before.ok_at, before.failures + 1, since, now + AGAIN, problem
                )
            else:
                after = Health(BACKUP, now)
            await trust.put_source(connection, after)

        await self._services.database.write(work)


async def stoppable(work: Callable[[Callable[[], bool]], object]) -> None:
    """Run `work(stop)` in a thread; if this is cancelled, `stop()` is true and it is waited for."""
    stop = threading.Event()
    running = asyncio.ensure_future(asyncio.to_thread(work, stop.is_set))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        stop.set()
        with suppress(Stopped, UserError):
            await running
        raise


def tidy(folder: Path, keep: int, now: datetime) -> int:
    """Remove the nightly backups beyond the newest `keep`, and but for a few those made before a
    migration; how many. Drafts that a killed process left a day ago go too; nothing else does.
    """
    nightly = [one for one in kept(folder) if one.why == NIGHTLY]
    old = [*too_many(nightly, keep, now), *_too_many_before_migrating(folder, now)]
    _remove(old)
    clear_drafts(folder, "aftershock-", now - LEFT)
    return len(old)


def _too_many_before_migrating(folder: Path, now: datetime) -> list[Kept]:
    found = [one for one in kept(folder) if one.why.startswith(SCHEMA)]
    return too_many(found, BEFORE_MIGRATING, now)


def _remove(old: list[Kept]) -> None:
    for one in old:
        one.path.unlink(missing_ok=True)


def job(services: Services) -> Job | None:
    """The job of the nightly backup; None where none is to be made."""
    database = database_file(services.settings)
    if database is None or not services.settings.storage.backups:
        return None
    nightly = Nightly(services, database)
    return Job(BACKUP, nightly.make, nightly.next_time, time_zone=NEW_YORK)
