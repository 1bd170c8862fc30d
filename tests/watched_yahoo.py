"""Services on a Yahoo on 127.0.0.1, for tests of what a running program does with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from bot.cycle.seed import seed_shipped
from bot.market.calendar import NEW_YORK, exchange_of, session_close, sessions
from bot.market.yahoo import YahooMarket
from bot.services import Services, SetClock
from tests.servers.yahoo import Listed, YahooServer, running

DAYS = sessions(NEW_YORK, date(2024, 12, 2), date(2025, 1, 24))


def flat(price: float, **more: object) -> Listed:
    """A symbol that closed at one price, give or take, on every day."""
    closes = {day: price + number % 2 * price / 1000 for number, day in enumerate(DAYS)}
    return Listed(dict(closes), price, more=dict(more))


@asynccontextmanager
async def on_yahoo(
    services: Services, folder: Path, now: datetime, **listed: Listed
) -> AsyncIterator[tuple[Services, YahooServer]]:
    """Services that ask a Yahoo of these symbols (and NVDA and AMD), at `now`."""
    async with running(YahooServer({"NVDA": flat(100), "AMD": flat(50), **listed})) as server:
        yahoo = YahooMarket(
            folder / "yahoo",
            lambda symbol, day: session_close(exchange_of(symbol), day),
            server.base_url,
            timeout_seconds=2,
        )
        settings = services.settings.model_copy(
            update={
                "yahoo": services.settings.yahoo.model_copy(update={"base_url": server.base_url}),
                "market": services.settings.market.model_copy(update={"source": "yahoo"}),
            }
        )
        found = replace(
            services, settings=settings, history=yahoo, quotes=yahoo, clock=SetClock(now)
        )
        await seed_shipped(services, now)
        yield found, server
