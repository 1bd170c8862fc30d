"""Composition root: builds everything, starts it, and stops it in reverse."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config import Settings
from bot.cycle.compose import Composer
from bot.cycle.estimates import DailyEstimates
from bot.cycle.recheck import silenced
from bot.cycle.seed import seed_shipped
from bot.cycle.tick import subscribe_releases, timing_of
from bot.cycle.watch import subscribe
from bot.delivery import Delivery, deliver_while, next_start
from bot.errors import UserError
from bot.jobs import STOP_SECONDS, Job, Schedule, daily, every, scheduled
from bot.market.calendar import exchange_of, session_close
from bot.market.csv_folder import CsvHistory
from bot.market.shipped import ShippedHistory
from bot.market.source import History, Quotes
from bot.market.yahoo import YahooMarket
from bot.model.receiver import Receiver
from bot.model.rule import PPM, Rule
from bot.model.wording import count
from bot.opened import Opened
from bot.releases.shipped import load_exposures, load_labs, load_releases
from bot.sending import Notifier
from bot.services import Clock, Live, ReleaseFacts, Services, SystemClock
from bot.stopping import until_told
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.transcript import Transcript
from bot.watching import Watching
from storage import receivers
from storage.database import Database
from storage.prune import prune

log = logging.getLogger(__name__)

SURFACE, ADDRESS = "console", "local"
CONSOLE = Receiver(0, SURFACE, ADDRESS, "console")
DEFAULT_TARGET = "ai"
SHUTDOWN_SECONDS = 10
# What the gate holds is looked at again this often.
RECHECK_SECONDS = 30
# What commands have added is watched after this long.
FOLLOW_SECONDS = 5


def release_facts() -> ReleaseFacts:
    """The releases, labs and exposures that ship with the program."""
    return ReleaseFacts(load_releases(), load_labs(), load_exposures())


def sources(settings: Settings) -> tuple[History, Quotes | None]:
    """Where prices come from, as the settings say: daily history, and prices of the session."""
    if settings.market.source == "shipped":
        return ShippedHistory(), None
    if settings.market.source == "csv":
        return CsvHistory(_csv_folder(settings)), None
    yahoo = YahooMarket(
        settings.data_folder() / "yahoo",
        lambda symbol, day: session_close(exchange_of(symbol), day),
        settings.yahoo.base_url,
        settings.yahoo.timeout_seconds,
    )
    return yahoo, yahoo


def _csv_folder(settings: Settings) -> Path:
    chosen = settings.market.csv_folder
    if not chosen:
        raise UserError(
            'market.source is "csv" but market.csv_folder is empty; set it to the folder of your '
            "CSV files."
        )
    folder = Path(chosen).expanduser()
    if not folder.is_dir():
        raise UserError(f"market.csv_folder: {folder} is not a folder; check the path.")
    return folder


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Services]:
    """The services on the settings' database: migrated, the shipped history in it, the console
    subscribed.
    """
    database = await Database.open(settings.database_url())
    try:
        history, quotes = sources(settings)
        services = Services(
            settings,
            database,
            history,
            release_facts(),
            clock or SystemClock(),
            SystemRandom(),
            quotes,
        )
        shipped = replace(services, history=ShippedHistory(), quotes=None, live=Live())
        await seed_shipped(shipped, services.clock.now())
        await subscribe_console(services)
        yield services
    finally:
        await database.close()


async def run(
    settings: Settings,
    show: Callable[[Shown], Awaitable[None]],
    interact: Callable[[Services], Awaitable[None]] | None,
) -> None:
    """Watch, alert and answer until told to stop.

    `show` prints a message; `interact` runs the prompt and ends the program when it returns.
    Without it (no terminal) the program runs until a signal. Raises UserError where another
    process runs on the same data.
    """
    from filelock import FileLock, Timeout

    folder = settings.data_folder()
    lock = FileLock(folder / "aftershock.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:  # a kind of OSError, so it comes first
        raise UserError(
            f"Aftershock already runs on {folder}; stop that one, or set AFTERSHOCK_DATA to "
            "another folder."
        ) from None
    except OSError as error:
        raise UserError(
            f"The data folder {folder} cannot be written ({error.strerror}); set AFTERSHOCK_DATA "
            "to one that can."
        ) from None
    try:
        async with open_services(settings) as services:
            await _watch(services, folder, show, interact)
    finally:
        lock.release()


async def _watch(
    services: Services,
    folder: Path,
    show: Callable[[Shown], Awaitable[None]],
    interact: Callable[[Services], Awaitable[None]] | None,
) -> None:
    news = asyncio.Event()
    notifier = ConsoleNotifier(Transcript(folder / "console.jsonl"), services.clock, show)
    await notifier.show_missed()

    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(one) for one in surfaces(services, folder)]
        notifiers: dict[str, Notifier] = {SURFACE: notifier}
        notifiers |= {one.surface: one.notifier for one in opened}

        def gave_up(given_up: Mapping[Receiver, str]) -> None:
            for one in opened:
                if one.gave_up is not None:
                    one.gave_up(given_up)

        compose = Composer(services).card
        start = next_start(services.clock.now(), services.nonce())
        delivery = Delivery(services, notifiers, compose, start, silenced, gave_up)
        more = [job for one in opened for job in one.jobs]
        await _work(services, delivery, news, more, interact)


def surfaces(services: Services, folder: Path) -> Iterator[AbstractAsyncContextManager[Opened]]:
    """The surfaces for which there are tokens, each imported only then: they are slow to import.

    Raises UserError where what is set for one is not complete.
    """
    settings = services.settings
    if settings.discord_token is not None:
        from bot import on_discord

        token = settings.discord_token.get_secret_value()
        yield on_discord.open_discord(services, token, folder)
    if settings.speaks_slack():
        from bot import on_slack

        yield on_slack.open_slack(services)


async def _work(
    services: Services,
    delivery: Delivery,
    news: asyncio.Event,
    more: Sequence[Job],
    interact: Callable[[Services], Awaitable[None]] | None,
) -> None:
    """Poll, judge and deliver until told to stop; `more` are the surfaces' own jobs."""
    watching = Watching(services, timing_of(services.settings), news.set)
    await watching.begin()
    stopping = False

    async def occasion() -> bool:
        await news.wait()
        news.clear()
        return not stopping

    sender = asyncio.create_task(deliver_while(delivery, occasion))
    tasks = [sender]
    if services.settings.market.source == "yahoo" and services.settings.yahoo.stream:
        tasks.append(asyncio.create_task(watching.listen()))
    try:
        planned = [*jobs(services, watching), *more]
        async with AsyncExitStack() as stack:
            if services.settings.feeds.enabled:
                from bot.hearing import hearing, job  # an `ask` needs none of it

                planned.append(job(await stack.enter_async_context(hearing(services, news.set))))
            if services.settings.prices.enabled:
                from bot import pricing

                told = pricing.telling(news.set)
                lists = await stack.enter_async_context(pricing.pricing(services, told))
                planned.append(pricing.job(lists))
            schedule = await stack.enter_async_context(scheduled(planned, services.clock.now()))
            follower = asyncio.create_task(follow(services, watching, schedule))
            try:
                await until_told(interact(services) if interact else None)
            finally:
                # What is being sent is finished while the jobs end.
                stopping = True
                news.set()
                follower.cancel()
                await asyncio.wait([follower])
    finally:
        stopping = True
        news.set()
        for task in tasks[1:]:
            task.cancel()
        # What is being sent is finished; what is left waits in the outbox.
        _done, late = await asyncio.wait(tasks, timeout=SHUTDOWN_SECONDS - STOP_SECONDS - 1)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1)


def jobs(services: Services, watching: Watching) -> list[Job]:
    """All that runs again and again; what is not stated is as `Job` has it."""

    async def forget() -> None:
        now = services.clock.now()
        forgotten = await services.database.write(lambda connection: prune(connection, now))
        log.info("forgot %s that were too old to keep", count(forgotten, "row"))

    found = [
        Job("poll", watching.poll, watching.next_poll),
        Job("recheck", watching.recheck, every(RECHECK_SECONDS), grace_seconds=60),
        Job("tell", watching.tell, every(1), grace_seconds=60),
        # At night in New York, when most of the exchanges watched are closed.
        Job("prune", forget, daily(4), time_zone=ZoneInfo("America/New_York")),
    ]
    if isinstance(services.quotes, YahooMarket):
        estimates = DailyEstimates(services, services.quotes)
        found.append(Job("estimates", estimates.ask_next, every(60), grace_seconds=60))
    return found


async def follow(services: Services, watching: Watching, schedule: Schedule) -> None:
    """Watch what commands add, without a restart."""
    while True:
        await asyncio.sleep(FOLLOW_SECONDS)
        try:
            if await watching.refresh():
                schedule.soon("poll", services.clock.now())
        except Exception:  # it is looked at again in a moment
            log.exception("what is watched could not be read")


async def subscribe_console(services: Services) -> None:
    """Subscribe the console, the first time it is seen, to the AI basket and to releases.

    Its row says that it was seen: whoever removed the subscriptions does not get them back. So this
    must come before any command that makes the row.
    """
    settings, now = services.settings.alerts, services.clock.now()
    async with services.database.read() as connection:  # a write would wait for other processes
        if await receivers.find_receiver(connection, SURFACE, ADDRESS) is not None:
            return

    async def work(connection: AsyncConnection) -> None:
        if await receivers.find_receiver(connection, SURFACE, ADDRESS) is not None:
            return
        receiver = await receivers.receiver_of(connection, SURFACE, ADDRESS, "console", now)
        rule = Rule(
            DEFAULT_TARGET,
            settings.window,
            tuple(round(percent * PPM / 100) for percent in settings.levels_percent),
            round(settings.rearm_percent * PPM / 100),
        )
        await subscribe(connection, receiver.id, rule, now, settings.rearm_closes)
        await subscribe_releases(connection, receiver, now)

    await services.database.write(work)
