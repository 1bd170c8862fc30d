"""What a running program does with its sources: poll, look again, tell what is due, listen."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.stories import Timing
from bot.cycle.begin import learn
from bot.cycle.listen import keep_health, listen
from bot.cycle.tick import is_due, tell_due, tick
from bot.cycle.watched import watched_symbols
from bot.errors import SourceError
from bot.failing import WELL, Failing
from bot.market.calendar import NEW_YORK, exchange_of, in_session, is_open, load, next_poll
from bot.market.health import after_failure
from bot.market.yahoo_shapes import SOURCE
from bot.model.trust import Health
from bot.services import Services
from storage import market, trust

# A symbol that the source does not have is looked up again after so long.
UNKNOWN_AGAIN = timedelta(hours=6)
RESTART_SECONDS = 30
STREAM = f"{SOURCE} stream"
log = logging.getLogger(__name__)


class Watching:
    """One thing at a time; `told` is called whenever there may be something to send.

    What is watched is read from the database again and again, since commands change it, those of
    another process too.
    """

    def __init__(self, services: Services, timing: Timing, told: Callable[[], None]) -> None:
        self._services, self._timing, self._told = services, timing, told
        self._ticking = asyncio.Lock()
        self._asked: dict[str, datetime] = {}
        self._planned: Collection[str] = ()
        self.symbols: Sequence[str] = ()
        self.exchanges: Collection[str] = {NEW_YORK}

    async def begin(self) -> None:
        """See what is watched, before anything else; what a stream did earlier is past."""
        await self.refresh()
        async with self._services.database.read() as connection:
            health = (await trust.sources(connection)).get(STREAM)
        if health is not None and health.failures:
            await keep_health(self._services, STREAM, "", works=False)

    async def refresh(self) -> bool:
        """See what is watched now; True where the next poll was planned for other exchanges."""
        settings = self._services.settings.market
        async with self._services.database.read() as connection:
            symbols = await watched_symbols(connection, settings.watch)
        exchanges = {NEW_YORK, *map(exchange_of, symbols)}
        # The first use of a calendar takes up to three seconds, in which nothing else would run.
        await asyncio.to_thread(load, exchanges)
        self.symbols, self.exchanges = symbols, exchanges
        return exchanges != self._planned and not self._ticking.locked()

    def forget_asked(self) -> None:
        """Look up again what was not known: when it was asked for was by a wrong clock."""
        self._asked.clear()

    def next_poll(self, previous: datetime | None, now: datetime) -> datetime:
        """When to ask for prices: by the hours of the exchanges whose symbols are watched."""
        settings = self._services.settings.market
        self._planned = self.exchanges
        fast = timedelta(seconds=settings.poll_seconds)
        slow = timedelta(minutes=settings.closed_minutes)
        return next_poll(self.exchanges, now, previous, fast, slow)

    async def poll(self) -> None:
        """Ask the sources for what is new, and enqueue what is to be told of it."""
        async with self._ticking:
            with self._measured():
                await self.refresh()
                await self._learn()
                try:
                    await tick(self._services, self._timing)
                except SourceError as error:
                    self._services.live.measured.failed_cycles += 1
                    await self._failed(error)
        self._told()

    @contextmanager
    def _measured(self) -> Iterator[None]:
        """How long a cycle takes, for /metrics; and whether it failed."""
        measured, loop = self._services.live.measured, asyncio.get_running_loop()
        began, failed = loop.time(), measured.failed_cycles
        try:
            yield
        except Exception:
            measured.failed_cycles = failed + 1
            raise
        finally:
            measured.cycles.add(loop.time() - began)

    async def recheck(self) -> None:
        """Poll for what is held or late, while it may still come."""
        waiting = self._services.live.waiting and not self._ticking.locked()
        if waiting and in_session(self.exchanges, self._services.clock.now()):
            await self.poll()

    async def tell(self) -> None:
        """Enqueue what has waited long enough. A poll under way does so itself."""
        if self._ticking.locked() or not await is_due(self._services):
            return
        async with self._ticking:
            await tell_due(self._services, self._timing)
        self._told()

    async def listen(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Follow Yahoo's price stream while an exchange is open, until cancelled.

        Without it polling alone has to do, so whatever goes wrong it is begun again.
        """
        clock = self._services.clock
        listening = Failing(
            log, f"listening failed and begins again every {RESTART_SECONDS} s",
            "listening works again", WELL,
        )  # fmt: skip

        def told() -> None:
            listening.worked(clock.now())
            self._told()

        while True:
            try:
                await self._listen(told)
            except Exception as error:  # noqa: BLE001 - whatever it is, prices must come again
                listening.failed(error, clock.now())
            await pause(RESTART_SECONDS)

    async def _listen(self, told: Callable[[], None]) -> None:
        from bot.market import stream  # slow to import, and an `ask` needs none of it

        services = self._services

        async def changed(state: stream.StreamState) -> None:
            works = state.works_since is not None
            await keep_health(services, STREAM, state.problem, works=works)

        prices = stream.PriceStream(
            services.clock.now,
            Random(),  # noqa: S311 - it spreads pauses, nothing secret
            services.settings.yahoo.base_url,
            changed=changed,
        )
        await listen(services, self._timing, prices.quotes(self.trading), told)

    def trading(self) -> list[str]:
        """The watched symbols whose exchange is open."""
        now = self._services.clock.now()
        return [symbol for symbol in self.symbols if is_open(exchange_of(symbol), now)]

    async def _learn(self) -> None:
        """Learn what watched symbols are that nobody has looked up; a failure waits for a poll."""
        services, now = self._services, self._services.clock.now()
        async with services.database.read() as connection:
            known = await market.symbol_rows(connection)
            health = await trust.sources(connection)
        name = f"{services.quotes.name} quotes" if services.quotes else services.history.name
        again = now - UNKNOWN_AGAIN
        new = [s for s in self.symbols if s not in known and self._asked.get(s, again) <= again]
        if not new or not health.get(name, Health(name)).may_ask(now):
            return
        try:
            unknown = await learn(services, new, now)
        except SourceError as error:
            log.warning("%s cannot be looked up now: %s", ", ".join(new), error)
            return
        self._asked.update(dict.fromkeys(unknown, now))
        if unknown:
            log.warning("%s does not know %s", services.history.name, ", ".join(unknown))

    async def _failed(self, error: SourceError) -> None:
        """Keep that the source of daily closes failed as a whole."""
        services, now = self._services, self._services.clock.now()
        name = services.history.name
        log.warning("%s: %s", name, error)

        async def work(connection: AsyncConnection) -> None:
            before = (await trust.sources(connection)).get(name, Health(name))
            failed = after_failure(before, now, str(error), services.random.random())
            await trust.put_source(connection, failed)

        await services.database.write(work)
