"""January 2025 from before DeepSeek released R1, tick by tick, and what channels are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.alerts.stories import Timing
from bot.cycle.seed import seed_shipped
from bot.cycle.tick import tell_due, tick
from bot.cycle.watch import subscribe
from bot.market.calendar import NEW_YORK, session_close
from bot.model.receiver import MessageRef, Receiver
from bot.model.rule import Rule
from bot.services import Services, SetClock
from storage import attempts, receivers, tracked
from storage.attempts import Outcome
from storage.schema import outbox
from storage.tracked import Tracked
from tests.asking import ask

TIMING = Timing(timedelta(0), timedelta(minutes=15))
BEGIN = datetime(2025, 1, 17, 22, tzinfo=UTC)
RELEASED = datetime(2025, 1, 20, 23, 59, 59, tzinfo=UTC)


def close(day: int, minutes: int = 5) -> datetime:
    """So many minutes after New York's close of that day of January 2025."""
    return session_close(NEW_YORK, date(2025, 1, day)) + timedelta(minutes=minutes)


@dataclass
class Aftermath:
    """Channels that follow releases, on the shipped history."""

    services: Services

    @property
    def now(self) -> datetime:
        return self.services.clock.now()

    def at(self, moment: datetime) -> None:
        """Set the clock."""
        assert isinstance(self.services.clock, SetClock)
        self.services.clock.moment = moment

    async def begin(self) -> None:
        """All that was known on the Friday before."""
        self.at(BEGIN)
        await seed_shipped(self.services, self.now)

    async def subscribe(self, name: str = "news", *rules: Rule, **filters: Any) -> Receiver:
        """A channel that is told of DeepSeek's models, and by these rules of falls."""
        surface, _, address = name.rpartition(":")

        async def work(connection: Any) -> Receiver:
            given = await receivers.receiver_of(
                connection, surface or "console", address, address, self.now, "77"
            )
            await receivers.add_subscription(
                connection, given.id, self.now, kind="releases",
                filters={"labs": ["deepseek"], "without": ["janus"], **filters},
            )  # fmt: skip
            for rule in rules:
                await subscribe(connection, given.id, rule, self.now, 5)
            return given

        return await self.services.database.write(work)

    async def tick(self, *moments: datetime) -> None:
        """A poll at each of these moments."""
        for moment in moments:
            self.at(moment)
            await tick(self.services, TIMING)

    async def due(self, moment: datetime) -> None:
        """What has waited until that moment is told, without a poll."""
        self.at(moment)
        await tell_due(self.services, TIMING)

    async def send(self) -> None:
        """Send all that is pending."""

        async def work(connection: Any) -> None:
            for row in await self.rows():
                if row.state == "pending":
                    begun = await attempts.begin_attempts(connection, [row.id], self.now)
                    ref = MessageRef("55", f"17.{row.id:04}")
                    sent = Outcome(row.id, begun[row.id], self.now, attempts.SENT, ref=ref)
                    await attempts.record(connection, [sent])

        await self.services.database.write(work)

    async def rows(self, receiver: Receiver | None = None) -> list[Any]:
        """Every row of the outbox that was not taken back, of a channel or of all."""
        statement = select(outbox).where(outbox.c.state != "dead").order_by(outbox.c.id)
        if receiver is not None:
            statement = statement.where(outbox.c.receiver_id == receiver.id)
        async with self.services.database.read() as connection:
            return list(await connection.execute(statement))

    async def told(self, receiver: Receiver | None = None) -> list[tuple[str, str]]:
        """Action and kind of every one of them."""
        return [(row.action, row.facts["kind"]) for row in await self.rows(receiver)]

    async def tracked(self) -> Sequence[Tracked]:
        """Every release that is tracked, the newest first."""
        async with self.services.database.read() as connection:
            return await tracked.newest(connection, self.now)

    async def said(self, line: str, receiver: Receiver) -> str:
        """The answer to a command, with its fields."""
        card = await ask(line, self.services, receiver)
        return "\n".join([card.title, card.text, *(f.value for f in card.fields)])
