"""A session to live through: the real yfinance against a Yahoo on 127.0.0.1, tick by tick."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.alerts.stories import Timing
from bot.cycle.tick import Tick, tick
from bot.cycle.watch import subscribe
from bot.market.calendar import NEW_YORK, sessions
from bot.market.yahoo import YahooMarket
from bot.model.rule import Rule
from bot.services import Services, SetClock
from storage import receivers, trust
from storage.schema import bar, outbox
from tests.servers.yahoo import Listed, YahooServer

TODAY = date(2025, 1, 27)
OPEN = datetime(2025, 1, 27, 15, 0, tzinfo=UTC)
DAYS = sessions(NEW_YORK, date(2024, 11, 1), date(2025, 1, 24))
SYMBOLS = ("NVDA", "AMD", "^GSPC", "^VIX")
TIMING = Timing(timedelta(0), timedelta(minutes=15))


@dataclass
class Session:
    """A watched session: services on a Yahoo whose prices a test writes down."""

    services: Services
    server: YahooServer
    yahoo: YahooMarket
    polls: list[Tick] = field(default_factory=list)

    def quote(self, symbol: str, price: Any, **more: Any) -> None:
        """What the symbol trades at now."""
        listed = self.server.listed[symbol]
        listed.price, listed.at = price, self.services.clock.now()
        for name, value in more.items():
            setattr(listed, name, value)

    def at(self, moment: datetime) -> None:
        """Set the clock, and let every price be of that moment."""
        assert isinstance(self.services.clock, SetClock)
        self.services.clock.moment = moment
        for listed in self.server.listed.values():
            listed.at = moment

    async def poll(self, minutes: float = 1) -> Tick:
        """Some time later, a poll."""
        self.at(self.services.clock.now() + timedelta(minutes=minutes))
        self.polls.append(await tick(self.services, TIMING))
        return self.polls[-1]

    async def follow(self, rule: Rule) -> None:
        """Subscribe the console to a rule."""
        now = self.services.clock.now()

        async def work(connection: Any) -> None:
            receiver = await receivers.receiver_of(connection, "console", "local", "c", now)
            await subscribe(connection, receiver.id, rule, now, 5)

        await self.services.database.write(work)

    async def told(self) -> list[str]:
        """The plain text of every message."""
        async with self.services.database.read() as connection:
            rows = await connection.execute(select(outbox.c.fallback).order_by(outbox.c.id))
            return [row[0] for row in rows]

    async def held(self) -> dict[str, str]:
        """Reason by symbol."""
        async with self.services.database.read() as connection:
            return {s: one.reason for s, one in (await trust.held(connection)).items()}

    async def closes(self, symbol: str) -> dict[date, int]:
        """What is stored."""
        async with self.services.database.read() as connection:
            rows = await connection.execute(select(bar).where(bar.c.symbol == symbol))
            return {row.day: row.close for row in rows}


def flat(price: float) -> Listed:
    """A symbol that closed at one price, give or take, on every day."""
    closes = {day: price + number % 2 * price / 1000 for number, day in enumerate(DAYS)}
    return Listed(dict(closes), price)
