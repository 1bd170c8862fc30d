"""A console channel on a small market: followed, talked to, and read back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.alerts.stories import Timing
from bot.cycle.recheck import silenced
from bot.cycle.seed import seed_shipped
from bot.cycle.tick import tell_due, tick
from bot.cycle.watch import subscribe
from bot.market.calendar import NEW_YORK, session_close
from bot.model.receiver import MessageRef, Receiver
from bot.model.rule import Rule
from bot.services import Services, SetClock
from storage import attempts, outbox, receivers
from storage.attempts import Outcome
from storage.schema import outbox as outbox_table
from tests.asking import ask
from tests.cycle.falling import SmallMarket

TIMING = Timing(timedelta(0), timedelta(minutes=15))
DROP = Rule("NVDA", "1y", (50_000, 100_000, 200_000), 20_000)


class Channel:
    """A console channel on a small market."""

    def __init__(self, services: Services, nvda: Sequence[float], amd: Any = None) -> None:
        self.history = SmallMarket(nvda, amd)
        self.services = replace(services, history=self.history)
        self.receiver = Receiver(0, "console", "local", "console")

    @property
    def now(self) -> datetime:
        """The clock."""
        return self.services.clock.now()

    def set(self, moment: datetime) -> None:
        """Set the clock."""
        assert isinstance(self.services.clock, SetClock)
        self.services.clock.moment = moment

    async def follow(self, *rules: Rule, **options: Any) -> None:
        """Subscribe after the first session."""
        self.set(session_close(NEW_YORK, self.history.day(0)) + timedelta(hours=1))
        await seed_shipped(self.services, self.now)

        async def work(connection: Any) -> None:
            given = await receivers.receiver_of(connection, "console", "local", "console", self.now)
            self.receiver = given
            for rule in rules:
                await subscribe(connection, given.id, rule, self.now, 5, **options)

        await self.services.database.write(work)

    async def close(self, number: int) -> None:
        """Both polls of the close of a session."""
        for late in (0, 5):
            self.set(session_close(NEW_YORK, self.history.day(number)) + timedelta(minutes=late))
            await tick(self.services, TIMING)

    async def later(self, **span: float) -> None:
        """Some time later, what is due is told."""
        self.set(self.now + timedelta(**span))
        await tell_due(self.services, TIMING)

    async def told(self) -> list[tuple[str, str]]:
        """Action and kind (or target) of every row of the outbox that was not taken back."""
        async with self.services.database.read() as connection:
            rows = await connection.execute(
                select(outbox_table)
                .where(outbox_table.c.state != "dead")
                .order_by(outbox_table.c.id)
            )
            return [
                (row.action, row.facts["kind"] + ":" + str(row.facts.get("target", "")))
                for row in rows
            ]

    async def say(self, line: str) -> str:
        """A command of this channel; its title."""
        return (await ask(line, self.services, self.receiver)).title

    async def rows(self) -> list[Any]:
        """Every row of the outbox that was not taken back, oldest first."""
        async with self.services.database.read() as connection:
            statement = select(outbox_table).where(outbox_table.c.state != "dead")
            return list(await connection.execute(statement.order_by(outbox_table.c.id)))

    async def texts(self) -> list[str]:
        """The plain line of every one of them."""
        return [row.fallback for row in await self.rows()]

    async def claim(self) -> int:
        """Claim what waits to be sent; how many rows a silence took back."""

        async def work(connection: Any) -> int:
            lease = self.now + timedelta(minutes=1)
            batch = await outbox.claim(connection, self.now, "s", lease, {"console": 9})
            return len(await silenced(connection, batch, self.now))

        return await self.services.database.write(work)

    async def send(self) -> None:
        """Send all that is pending."""

        async def work(connection: Any) -> None:
            for row in await self.rows():
                if row.state == "pending":
                    begun = await attempts.begin_attempts(connection, [row.id], self.now)
                    ref = MessageRef("local", row.nonce)
                    sent = Outcome(row.id, begun[row.id], self.now, attempts.SENT, ref=ref)
                    await attempts.record(connection, [sent])

        await self.services.database.write(work)
