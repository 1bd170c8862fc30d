"""Analysts' estimates: each watched stock is asked for once a day, after New York's close."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.watched import watched_symbols
from bot.errors import SourceError
from bot.market.calendar import NEW_YORK, last_close
from bot.market.health import after_failure, after_success
from bot.model.bar import Measure
from bot.model.trust import Health
from bot.services import Services
from storage import market, trust, valuations

# Estimates follow the close; at the close itself the prices come first.
AFTER_CLOSE = timedelta(hours=1)
# A stock without an answer, or without estimates, is asked for again after so long.
AGAIN = timedelta(hours=6)
NAMES = ("eps_estimate", "revenue_estimate")
log = logging.getLogger(__name__)


class Estimates(Protocol):
    """A source of estimates."""

    name: str

    async def estimates(self, symbol: str, now: datetime) -> list[Measure]:
        """Estimates of earnings and revenue with their growth, by period. Raises SourceError."""
        ...


def due(
    stocks: Iterable[str],
    measured: Mapping[str, datetime],
    tried: Mapping[str, datetime],
    closed: datetime,
    now: datetime,
) -> list[str]:
    """The stocks to ask for: not measured since the last close, nor tried lately. Pure.

    The one that waits longest comes first.
    """
    begin = closed + AFTER_CLOSE
    if now < begin:
        return []
    waiting = [
        symbol
        for symbol in stocks
        if (symbol not in measured or measured[symbol] < begin)
        and (symbol not in tried or now - tried[symbol] >= AGAIN)
    ]
    return sorted(waiting, key=lambda symbol: (measured.get(symbol, _NEVER), symbol))


_NEVER = datetime.min.replace(tzinfo=UTC)


class DailyEstimates:
    """Asks for one stock at a time, so that Yahoo is never asked for many at once."""

    def __init__(self, services: Services, source: Estimates) -> None:
        self._services, self._source = services, source
        self._tried: dict[str, datetime] = {}

    async def ask_next(self) -> None:
        """Ask for the stock that is due, if any, and store its estimates."""
        services, now = self._services, self._services.clock.now()
        name = f"{self._source.name} estimates"
        day, closed = last_close(NEW_YORK, now)
        async with services.database.read() as connection:
            watched = await watched_symbols(connection, services.settings.market.watch)
            rows = await market.symbol_rows(connection)
            measured = await valuations.measured_at(connection, NAMES)
            health = (await trust.sources(connection)).get(name, Health(name))
        stocks = [s for s in watched if s in rows and rows[s]["kind"] == "stock"]
        wanted = due(stocks, measured, self._tried, closed, now)
        if not wanted or not health.may_ask(now):
            return
        symbol, found = wanted[0], []
        try:
            # They stand for the session that has closed, whatever the date is by now.
            found = [
                replace(measure, day=day) for measure in await self._source.estimates(symbol, now)
            ]
        except SourceError as error:
            log.warning("no estimates of %s: %s", symbol, error)
            if not getattr(error, "limited", False):  # a limit says nothing of the stock
                self._tried[symbol] = now
            if getattr(error, "unknown", False):
                return
            health = after_failure(health, now, str(error), services.random.random())
        else:
            self._tried[symbol] = now
            health = after_success(health, now)

        async def work(connection: AsyncConnection) -> None:
            await valuations.put_measures(connection, found)
            await trust.put_source(connection, health)

        await services.database.write(work)
