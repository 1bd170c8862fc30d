"""Composition root: builds everything, starts it, and stops it in reverse."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random, SystemRandom

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.stories import Timing
from bot.config import Settings
from bot.cycle.compose import compose
from bot.cycle.listen import listen
from bot.cycle.recheck import silenced
from bot.cycle.seed import seed_shipped
from bot.cycle.tick import is_due, subscribe_releases, tell_due, tick, timing_of
from bot.cycle.watch import subscribe
from bot.delivery import Delivery, deliver_while, next_start
from bot.errors import UserError
from bot.jobs import Job, NextTime, every, scheduled
from bot.market.calendar import NEW_YORK, exchange_of, is_open, next_poll, session_close
from bot.market.csv_folder import CsvHistory
from bot.market.shipped import ShippedHistory
from bot.market.source import History, Quotes
from bot.market.yahoo import YahooMarket
from bot.model.card import Card
from bot.model.receiver import Notification, Receiver
from bot.model.rule import PPM, Rule
from bot.releases.shipped import load_exposures, load_labs, load_releases
from bot.services import Clock, Live, ReleaseFacts, Services, SystemClock
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.transcript import Transcript
from storage import market, receivers
from storage.database import Database

log = logging.getLogger(__name__)

SURFACE, ADDRESS = "console", "local"
CONSOLE = Receiver(0, SURFACE, ADDRESS, "console")
DEFAULT_TARGET = "ai"
SHUTDOWN_SECONDS = 10
# What the gate holds is looked at again this often.
RECHECK_SECONDS = 30


def release_facts() -> ReleaseFacts:
    """The releases, labs and exposures that ship with the program."""
    return ReleaseFacts(load_releases(), load_labs(), load_exposures())


def sources(settings: Settings) -> tuple[History, Quotes | None]:
    """Where prices come from, as the settings say: daily history, and prices of the session."""
    if settings.market.source == "shipped":
        return ShippedHistory(), None
    if settings.market.source == "csv":
        return CsvHistory(Path(settings.market.csv_folder).expanduser()), None
    yahoo = YahooMarket(
        settings.data_folder() / "yahoo",
        lambda symbol, day: session_close(exchange_of(symbol), day),
        settings.yahoo.base_url,
        settings.yahoo.timeout_seconds,
    )
    return yahoo, yahoo


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Services]:
    """The services on the settings' database, migrated, with the shipped history in it."""
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
    await subscribe_console(services)
    news = asyncio.Event()
    notifier = ConsoleNotifier(Transcript(folder / "console.jsonl"), services.clock, show)

    async def render(notification: Notification) -> Card:
        return await compose(services, notification)

    start = next_start(services.clock.now(), services.nonce())
    delivery = Delivery(services, {SURFACE: notifier}, render, start, silenced)
    timing = timing_of(services.settings)

    stopping = False

    async def poll() -> None:
        await tick(services, timing)
        news.set()

    async def recheck() -> None:
        if services.live.waiting:
            await poll()

    async def tell() -> None:
        if not await is_due(services):
            return
        await tell_due(services, timing)
        news.set()

    async def occasion() -> bool:
        await news.wait()
        news.clear()
        return not stopping

    jobs = [
        Job("poll", poll, await polling(services)),
        Job("recheck", recheck, every(RECHECK_SECONDS)),
        Job("tell", tell, every(1)),
    ]
    async with scheduled(jobs, services.clock.now()):
        sender = asyncio.create_task(deliver_while(delivery, occasion))
        listener = asyncio.create_task(_listen(services, timing, news.set))
        try:
            await (interact(services) if interact else _until_signal())
        finally:
            stopping = True
            listener.cancel()
            await asyncio.wait([listener])
            news.set()
            # What is being sent is finished; what is left waits in the outbox.
            _done, late = await asyncio.wait([sender], timeout=SHUTDOWN_SECONDS)
            for task in late:
                task.cancel()
                await asyncio.wait([task])


async def _listen(services: Services, timing: Timing, told: Callable[[], None]) -> None:
    """Follow Yahoo's price stream while an exchange is open; polling alone would do."""
    settings = services.settings
    if settings.market.source != "yahoo" or not settings.yahoo.stream:
        return
    from bot.market.stream import PriceStream  # slow to import, and an `ask` needs none of it

    stream = PriceStream(services.clock.now, Random(), settings.yahoo.base_url)  # noqa: S311
    watched = await watched_symbols(services)

    def symbols() -> list[str]:
        now = services.clock.now()
        return [symbol for symbol in watched if is_open(exchange_of(symbol), now)]

    await listen(services, timing, stream.quotes(symbols), told)


async def watched_symbols(services: Services) -> list[str]:
    """Every symbol that is known here, and those that the settings name."""
    async with services.database.read() as connection:
        known = await market.symbol_rows(connection)
    return sorted({*known, *services.settings.market.watch})


async def polling(services: Services) -> NextTime:
    """When to ask for prices: by the hours of the exchanges whose symbols are watched."""
    settings = services.settings.market
    exchanges = {NEW_YORK, *map(exchange_of, await watched_symbols(services))}
    fast, slow = (
        timedelta(seconds=settings.poll_seconds),
        timedelta(minutes=settings.closed_minutes),
    )

    def next_time(previous: datetime | None, now: datetime) -> datetime:
        return next_poll(exchanges, now, previous, fast, slow)

    return next_time


async def _until_signal() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    log.info("watching; stop with Ctrl-C or SIGTERM")
    await stop.wait()


async def subscribe_console(services: Services) -> None:
    """Subscribe the console, the first time it is seen, to the AI basket and to releases."""
    settings, now = services.settings.alerts, services.clock.now()

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
