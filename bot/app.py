"""Composition root: builds everything, starts it, and stops it in reverse."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import backups
from bot.config import Settings
from bot.cycle.seed import seed_shipped
from bot.cycle.set_back import at_start
from bot.errors import TokenRefused, UserError
from bot.locked import locked
from bot.market.calendar import exchange_of, session_close
from bot.market.csv_folder import CsvHistory
from bot.market.shipped import ShippedHistory
from bot.market.source import History, Quotes
from bot.market.yahoo import YahooMarket
from bot.memory import keep_small
from bot.model.receiver import Receiver
from bot.model.rule import PPM, Rule
from bot.releases.shipped import load_exposures, load_labs, load_releases
from bot.services import Clock, Live, ReleaseFacts, Services, SystemClock
from bot.stopping import stoppable
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.transcript import Transcript
from storage import receivers
from storage.apart import migrate_apart
from storage.database import Database

if TYPE_CHECKING:  # imported while the surfaces connect
    from bot.opened import Opened
    from bot.sending import Notifier

SURFACE, ADDRESS = "console", "local"
CONSOLE = Receiver(0, SURFACE, ADDRESS, "console")
DEFAULT_TARGET = "ai"
log = logging.getLogger(__name__)


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
async def open_services(
    settings: Settings,
    clock: Clock | None = None,
    *,
    console: bool = True,
    lasting: bool = False,
) -> AsyncIterator[Services]:
    """The services on the settings' database: migrated, the shipped history in it, and the
    console subscribed unless `console` is False. `lasting`: for a long time, so little is held;
    the caller has the lock of the data folder then.
    """
    clock = clock or SystemClock()
    await asyncio.to_thread(backups.before_opening, settings, clock.now(), alone=lasting)
    folder = backups.folder_of(settings)
    if lasting:
        await asyncio.to_thread(backups.clear_restores, settings, clock.now())
        await asyncio.to_thread(migrate_apart, settings.database_url())
    database = await Database.open(settings.database_url(), backups=folder)
    try:
        history, quotes = sources(settings)
        services = Services(
            settings,
            database,
            history,
            release_facts(),
            clock,
            SystemRandom(),
            quotes,
        )
        shipped = replace(services, history=ShippedHistory(), quotes=None, live=Live())
        await seed_shipped(shipped, services.clock.now())
        if console:
            await subscribe_console(services)
        yield services
    finally:
        await database.close()


async def run(
    settings: Settings,
    show: Callable[[Shown], Awaitable[None]],
    interact: Callable[[Services], Awaitable[None]] | None,
    keep_secret: Callable[[str], None] | None = None,
) -> None:
    """Watch, alert and answer until told to stop.

    `show` prints a message; `interact` runs the prompt and ends the program when it returns.
    Without it (no terminal) the program runs until a signal. `keep_secret` is told of tokens that
    no setting has. Raises UserError where another process runs on the same data.
    """
    keep_small()  # before any thread begins
    folder = settings.data_folder()
    taken = (
        f"Aftershock already runs on {folder}; stop that one, or set AFTERSHOCK_DATA to another "
        "folder."
    )
    with (
        locked(folder, taken, "set AFTERSHOCK_DATA to one that can"),
        stoppable(at_prompt=interact is not None),
    ):
        await asyncio.to_thread(backups.at_start, settings)
        async with open_services(settings, lasting=True) as services:
            if keep_secret is not None:
                services.live.keep_secret = keep_secret
            await at_start(services)
            await _watch(services, folder, show, interact)


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
        opened = await _open(services, stack, surfaces(services, folder))
        # What nothing before this needs is imported only now.
        from bot.cycle.compose import Composer
        from bot.cycle.recheck import silenced
        from bot.delivery import Delivery, next_start
        from bot.working import work

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
        await work(services, delivery, news, more, interact)


async def _open(
    services: Services,
    stack: AsyncExitStack,
    opening: "Iterator[AbstractAsyncContextManager[Opened]]",
) -> "list[Opened]":
    """The surfaces that open. One whose token is refused does not keep the others from starting:
    after a reboot that nobody watches they have to be there again. Raises TokenRefused where none
    is left.
    """
    opened, refused = [], []
    # Imported one after the other, so that the first is soon there; and in a thread, or the
    # connections of those that are there would have to wait meanwhile.
    while (one := await asyncio.to_thread(next, opening, None)) is not None:
        try:
            opened.append(await stack.enter_async_context(one))
        except TokenRefused as error:
            refused.append(error)
    if refused and not opened:
        raise refused[0]
    for gone in refused:
        log.error("%s It is left out until the next start.", gone)
        services.live.stop(gone.surface, str(gone), services.clock.now(), None)
        services.live.measured.gateways[gone.surface] = False
    return opened


def surfaces(services: Services, folder: Path) -> "Iterator[AbstractAsyncContextManager[Opened]]":
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


async def subscribe_console(services: Services) -> None:
    """Subscribe the console, the first time it is seen, to the AI basket and to releases.

    Its row says that it was seen: whoever removed the subscriptions does not get them back. So this
    must come before any command that makes the row.
    """
    settings, now = services.settings.alerts, services.clock.now()
    async with services.database.read() as connection:  # a write would wait for other processes
        if await receivers.find_receiver(connection, SURFACE, ADDRESS) is not None:
            return

    from bot.cycle.tick import subscribe_releases
    from bot.cycle.watch import subscribe

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
