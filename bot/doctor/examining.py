"""`aftershock doctor`: everything looked at in one go, whatever is wrong with one part of it."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Settings
from bot.doctor import (
    clock,
    configuration,
    database,
    disk,
    feeds,
    market,
    on_discord,
    on_slack,
    ports,
)
from bot.doctor import prices as price_lists
from bot.doctor.checking import incomplete
from bot.doctor.context import Examination
from bot.doctor.disk import Place
from bot.doctor.finding import Finding, State, ok, unchecked, without, wrong
from bot.doctor.report import WIDTH, as_json, as_text
from bot.doctor.stored import Stored, engine, is_still, look
from bot.errors import UserError
from bot.model.feed import Feed
from bot.releases.sources import load_feeds
from bot.services import Clock, SystemClock

# What is still going on after so long is given up, whatever it is.
PART_SECONDS, DATABASE_SECONDS, CLOCK_SECONDS = 60.0, 45.0, 20.0
Say = Callable[[str], None]
Part = Callable[[], Awaitable[Iterable[Finding]]]


async def examine(
    path: Path | None,
    environ: Mapping[str, str],
    *,
    as_json: bool,
    shipped: Mapping[str, Feed] | None = None,
    clock: Clock | None = None,
) -> int:
    """Print what was found; 0 if nothing is wrong, else 1. `shipped` are the shipped feeds."""
    configured = configuration.read(path, environ)
    with _progress() as say:
        found = await findings(
            configured.settings,
            clock or SystemClock(),
            load_feeds() if shipped is None else shipped,
            say,
        )
    found = [*configuration.findings(configured, environ), *found]
    found = without(found, configuration.secrets(configured.settings))
    sys.stdout.write(_rendered(found, json=as_json) + "\n")
    return int(any(one.state is State.WRONG for one in found))


def _rendered(found: list[Finding], *, json: bool) -> str:
    if json:
        return as_json(found)
    plain = sys.platform == "win32" or os.environ.get("TERM") == "dumb" or "NO_COLOR" in os.environ
    colour = sys.stdout.isatty() and not plain
    return as_text(found, colour=colour, width=WIDTH)


async def findings(
    settings: Settings, clock_: Clock, shipped: Mapping[str, Feed], say: Say
) -> list[Finding]:
    """Everything but the configuration itself; `say` hears what is being looked at."""
    examination = Examination(settings, clock_, runs=runs(settings.data_folder()))
    say("the database")
    found = [*_surfaces(settings, examination.runs)]
    found += await _part("database", lambda: _database(examination), DATABASE_SECONDS)
    found += await _part("ports", lambda: _ports(examination))
    say("Discord, Slack, prices and feeds")
    areas: dict[str, Part] = {
        on_discord.AREA: lambda: on_discord.examine(examination),
        on_slack.AREA: lambda: on_slack.examine(examination),
        market.AREA: lambda: market.examine(examination),
        price_lists.AREA: lambda: price_lists.examine(examination),
        feeds.AREA: lambda: feeds.examine(examination, shipped),
    }
    for part in await asyncio.gather(*(_part(area, work) for area, work in areas.items())):
        found += part
    say("the clock and calendars")
    return [*found, *await _part(clock.AREA, lambda: _clock(examination), CLOCK_SECONDS)]


async def _part(area: str, work: Part, seconds: float = PART_SECONDS) -> list[Finding]:
    """What a part found; a fault of its own ends that part alone."""
    try:
        async with asyncio.timeout(seconds):
            return list(await work())
    except TimeoutError:
        return [unchecked(area, "all of it", f"no end within {seconds:g} seconds")]
    except Exception as error:  # noqa: BLE001 - the other parts are looked at all the same
        what = f"the check failed ({type(error).__name__}), which is a fault of the doctor's"
        return [unchecked(area, "all of it", what, "Please report it.")]


def runs(folder: Path) -> bool | None:
    """Whether a program runs on the data folder; None where that cannot be found out."""
    from filelock import FileLock, Timeout

    file = folder / "aftershock.lock"
    if not file.is_file():
        return False
    try:
        with FileLock(file).acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return None


def _surfaces(settings: Settings, running: bool | None) -> list[Finding]:
    area = "bot"
    said = {
        True: "it runs",
        False: "it does not run at present",
        None: "whether it runs is unknown",
    }
    found = [ok(area, "program", f"{said[running]} on {settings.data_folder()}")]
    if settings.discord_token is None and not settings.speaks_slack():
        found.append(
            ok(
                area,
                "surfaces",
                "console only; set AFTERSHOCK_DISCORD_TOKEN or AFTERSHOCK_SLACK_BOT_TOKEN to "
                "reach a server",
            )
        )
    return found


async def _database(examination: Examination) -> list[Finding]:
    settings, now = examination.settings, examination.clock.now()
    url = settings.database_url()
    wrong_url = [one for one in incomplete(settings) if one.startswith("storage.database")]
    if wrong_url:
        return [wrong(disk.AREA, "address", wrong_url[0], "Correct storage.database.")]
    found = []
    if url.startswith("sqlite"):
        file = Path(url.partition(":///")[2])
        place = Place(file, settings.data_folder(), settings.storage.backups)
        running = examination.runs
        found = await asyncio.to_thread(lambda: database.examine(place, now, runs=running))
        if not await asyncio.to_thread(file.exists):
            examination.stored = Stored()
            return found
    else:
        found = await _server(url, examination.runs)
    examination.stored = await _stored(url, settings.market.watch, examination.runs)
    if examination.stored is None and not any(one.state is State.WRONG for one in found):
        said = "what is followed could not be read"
        first = "Restart the bot" if examination.runs else "Type: aftershock migrate"
        mend = f"{first}, and run the doctor again."
        found.append(unchecked(disk.AREA, "contents", said, mend))
    return found


async def _server(url: str, running: bool | None) -> list[Finding]:
    """A database that is no file: whether it answers, and of which schema it is."""
    area, opened = disk.AREA, engine(url)
    try:
        async with asyncio.timeout(15), opened.connect() as connection:
            await connection.execute(text("SELECT 1"))
            found = [ok(area, "server", "PostgreSQL answers")]
            try:
                row = await connection.execute(text("SELECT version_num FROM alembic_version"))
                found.append(database.schema(row.scalar(), runs=running))
            except SQLAlchemyError:
                found.append(ok(area, "schema", "nothing in it yet; aftershock run fills it"))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        mend = "Check the host, user and password in storage.database, and that it is started."
        return [wrong(area, "server", f"PostgreSQL does not answer ({type(error).__name__})", mend)]
    finally:
        await opened.dispose()
    return [*found, ok(area, "the rest", "room, wholeness and backups are PostgreSQL's affair")]


async def _stored(url: str, watch: tuple[str, ...], running: bool | None) -> Stored | None:
    """What the database holds; None where it cannot be read, or has another schema."""
    ways: tuple[bool, ...] = (False,)
    if url.startswith("sqlite") and not running:
        # In a folder that cannot be written nobody else writes either.
        file = Path(url.partition(":///")[2])
        ways = (True,) if is_still(file, runs=running) else (False, True)
    for still in ways:
        opened = engine(url, still=still)
        try:
            async with opened.connect() as connection:
                return await look(connection, watch)
        except (SQLAlchemyError, OSError, ValueError):
            continue
        finally:
            await opened.dispose()
    return None


async def _ports(examination: Examination) -> list[Finding]:
    return await asyncio.to_thread(
        lambda: ports.examine(examination.settings, runs=examination.runs)
    )


async def _clock(examination: Examination) -> list[Finding]:
    stored, now = examination.stored or Stored(), examination.clock.now()
    names = sorted({"UTC", "America/New_York", *stored.zones})
    symbols = [*stored.watched, *examination.settings.market.watch]
    try:
        calendars = await asyncio.to_thread(lambda: clock.calendars(symbols, now))
    except UserError as error:
        calendars = [unchecked(clock.AREA, "calendars", str(error))]
    return [clock.time(examination.offsets), clock.zones(names), *calendars]


@contextmanager
def _progress() -> Iterator[Say]:
    """Says on a terminal what is being looked at."""
    if not sys.stderr.isatty():
        yield lambda _what: None
        return
    from rich.console import Console

    with Console(stderr=True).status("Looking") as status:
        yield lambda what: status.update(f"Looking at {what}")
