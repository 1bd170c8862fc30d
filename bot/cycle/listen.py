"""Listening between polls: prices of the stream, judged together a second at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.stories import Timing
from bot.cycle.fetched import Fetched, Stored
from bot.cycle.gate import judge_quotes
from bot.cycle.tick import judge
from bot.failing import WELL, Failing
from bot.market.health import of_stream
from bot.model.bar import Quote
from bot.model.trust import Health
from bot.services import Services
from storage import trust

GATHER_SECONDS = 1.0
log = logging.getLogger(__name__)


async def on_quotes(services: Services, timing: Timing, quotes: Sequence[Quote]) -> None:
    """Judge prices that came by themselves, and enqueue what is to be told of them."""
    now = services.clock.now()
    symbols = sorted({quote.symbol for quote in quotes})
    async with services.database.read() as connection:
        stored = await Stored.load(connection, services.live, symbols, now)
    fetched = Fetched(last=stored.last)
    judge_quotes(services, quotes, stored, fetched, now)
    await judge(services, timing, fetched, now)


async def keep_health(services: Services, source: str, problem: str, *, works: bool) -> None:
    """Store how the stream does, for /status, which another process may answer."""
    now = services.clock.now()
    detail = f"{problem}; polling goes on" if problem else ""

    async def work(connection: AsyncConnection) -> None:
        before = (await trust.sources(connection)).get(source, Health(source))
        await trust.put_source(connection, of_stream(before, now, detail, works=works))

    await services.database.write(work)


async def listen(
    services: Services,
    timing: Timing,
    stream: AsyncIterator[Quote],
    told: Callable[[], None],
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Judge the stream's prices for as long as it lasts; `told` is called after each judgement."""
    latest: dict[str, Quote] = {}
    arrived = asyncio.Event()
    judging = Failing(
        log, "prices of the stream cannot be judged", "prices of the stream are judged again", WELL
    )

    async def gather() -> None:
        async for quote in stream:
            latest[quote.symbol] = quote
            arrived.set()

    async def settle() -> None:
        while True:
            await arrived.wait()
            await pause(GATHER_SECONDS)
            arrived.clear()
            quotes = list(latest.values())
            latest.clear()
            try:
                await on_quotes(services, timing, quotes)
                judging.worked(services.clock.now())
            except Exception as error:  # noqa: BLE001 - the next prices are judged all the same
                judging.failed(error, services.clock.now())
            told()

    async with asyncio.TaskGroup() as tasks:
        settling = tasks.create_task(settle())
        await gather()
        settling.cancel()
