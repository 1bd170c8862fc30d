"""export and import: what channels follow and how they are set, in a file that people can edit."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import open_services
from bot.backups import before_opening, database_file, folder_of
from bot.config import Settings
from bot.cycle.begin import begin_all
from bot.errors import UserError
from bot.model.wording import count, listing
from bot.services import Services, SystemClock
from bot.transfer.checked import check
from bot.transfer.document import Document, as_json, as_toml, read
from bot.transfer.gather import gather, told_settings
from bot.transfer.plan import Plan
from bot.transfer.taken import Done, take
from storage.backup import synced
from storage.database import Database

_PLURAL = {"community": "communities"}


async def export(settings: Settings, file: Path | None) -> int:
    """Write what channels follow to `file`, or as TOML to the terminal; 0.

    Raises UserError where there is no database, or the file is there or cannot be written.
    """
    path = database_file(settings)
    if path is not None and not path.exists():
        raise UserError(f"There is no database at {path} yet; aftershock run makes it.")
    if file is not None:
        _refuse_file(file)
    now = SystemClock().now()
    await asyncio.to_thread(before_opening, settings, now)
    database = await Database.open(settings.database_url(), backups=folder_of(settings))
    try:
        async with database.read() as connection:
            document = await gather(connection, settings, now)
    finally:
        await database.close()
    if file is None:
        sys.stdout.write(as_toml(document))
        return 0
    _write(file, as_json(document) if file.suffix.lower() == ".json" else as_toml(document))
    _say(f"Exported {_inside(document)} to {file}.")
    _say("No token is in it, but addresses of feeds are: only you can read it; keep it so.")
    return 0


def _refuse_file(file: Path) -> None:
    if file.suffix.lower() not in (".toml", ".json"):
        raise UserError(f"{file}: name a file that ends in .toml or .json.")
    if file.exists():
        raise UserError(f"{file} is there already; name another file.")


def _inside(document: Document) -> str:
    followed = sum(
        len(one.alerts) + len(one.releases) + len(one.prices) + len(one.digests)
        for one in document.channels
    )
    parts = [
        count(len(document.channels), "channel"),
        count(followed, "alert or subscription", "alerts and subscriptions"),
        count(len(document.baskets), "basket") if document.baskets else "",
        count(len(document.feeds), "feed") if document.feeds else "",
        count(len(document.rooms), "room") if document.rooms else "",
    ]
    return listing([part for part in parts if part])


def _write(file: Path, text: str) -> None:
    """The whole file or none, readable by its owner alone."""
    draft = None
    try:
        number, name = tempfile.mkstemp(".part", f".{file.name}-", file.parent)
        draft = Path(name)
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            stream.write(text)
        synced(draft)
        draft.replace(file)
    except OSError as error:
        if draft is not None:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        raise UserError(
            f"{file} cannot be written ({error.strerror}); name a file in a folder that can be."
        ) from None


class _Undone(Exception):  # noqa: N818 - it says what happened, not who erred
    """The transaction is not to be kept: it was tried only, or goes over a limit."""

    def __init__(self, done: Done) -> None:
        super().__init__()
        self.done = done


async def take_in(settings: Settings, file: Path, *, dry_run: bool) -> int:
    """Add to the database what `file` asks for and is missing there, all of it or nothing; 0.

    Raises UserError with a line for each mistake. With `dry_run` nothing is changed.
    """
    document = read(file)
    async with open_services(settings, console=False) as services:
        now = services.clock.now()
        async with services.database.read() as connection:
            plan = await check(connection, services, document, now)
        _refuse(plan.mistakes, file)
        notes = [] if dry_run else await _look_up(services, plan, file)

        async def work(connection: AsyncConnection) -> Done:
            done = await take(connection, services, plan, now)
            if dry_run or done.mistakes:
                raise _Undone(done)
            return done

        try:
            done = await services.database.write(work)
        except _Undone as undone:
            done = undone.done
    _refuse(done.mistakes, file)
    _report(done, plan, [*done.notes, *notes], settings, dry_run=dry_run)
    return 0


def _refuse(mistakes: list[str], file: Path) -> None:
    if mistakes:
        lines = [f"{file}: {mistake}" for mistake in mistakes]
        raise UserError("\n".join([*lines, "Nothing was changed."]))


async def _look_up(services: Services, plan: Plan, file: Path) -> list[str]:
    """Know symbols that nobody has asked for here. Where that cannot be now, the bot does later."""
    if not plan.unknown:
        return []
    symbols = sorted(plan.unknown)
    try:
        missing = await begin_all(services, symbols, services.clock.now())
    except UserError as error:
        return [f"{error} The bot looks again when it polls."]
    if missing and services.quotes is not None:
        unknown = f"{services.quotes.name} does not know {listing(missing)}; correct or remove it."
        _refuse([unknown], file)
    if missing:
        return [f"No prices are known of {listing(missing)} yet."]
    return []


def _report(done: Done, plan: Plan, notes: list[str], settings: Settings, *, dry_run: bool) -> None:
    would = "Would add" if dry_run else "Added"
    _say(f"{would} {_counted(done.added) or 'nothing'}.")
    if done.changed:
        _say(
            f"{'Would change' if dry_run else 'Changed'} the settings of {_counted(done.changed)}."
        )
    if done.there:
        _say(f"There already: {_counted(done.there)}.")
    if plan.expired:
        _say(f"Left out: {count(plan.expired, 'entry', 'entries')} whose time is over.")
    for note in notes:
        _say(note)
    differ = [
        f"{section}.{key}"
        for section, inner in told_settings(settings).items()
        for key, value in inner.items()
        if section in plan.document.settings and plan.document.settings[section].get(key) != value
    ]
    if differ:
        _say(f"Settings are not imported; these differ here: {', '.join(differ)}.")
    if dry_run:
        _say("Nothing was changed.")
    elif done.added or done.changed:
        _say("A running bot takes it up within seconds; what holds already is not told.")


def _counted(found: Mapping[str, int]) -> str:
    return listing([count(number, what, _PLURAL.get(what)) for what, number in found.items()])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
