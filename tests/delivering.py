"""What tests of delivery share: a surface, rows for it, and a worker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery import Delivery, deliver_while
from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification
from bot.services import Services, SetClock
from storage import outbox, receivers

FACTS: Mapping[str, Any] = {"version": 1, "kind": "release"}


@dataclass
class Surface:
    """A surface that keeps what it was sent, and fails as a test tells it to."""

    stored: list[tuple[str, str, str | None]] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    store_before_failing: bool = False
    room: int = 256

    async def find(self, notification: Notification) -> MessageRef | None:
        """The message, if it is here."""
        if any(nonce == notification.nonce for nonce, _action, _root in self.stored):
            return MessageRef(notification.receiver.address, notification.nonce)
        return None

    async def send(self, notification: Notification, card: Card) -> MessageRef:
        """Store the message, or fail before or after storing it."""
        root = notification.root.message if notification.root else None
        entry = (notification.nonce, notification.action, root)
        if self.failures:
            error = self.failures.pop(0)
            if self.store_before_failing:
                self.stored.append(entry)
            raise error
        self.stored.append(entry)
        return MessageRef(notification.receiver.address, notification.nonce)


async def card(_notification: Notification) -> Card:
    return Card(title="a card")


def delivery_to(services: Services, surface: Surface, compose: Any = card) -> Delivery:
    return Delivery(services, {"console": surface}, compose, "start-1")


async def enqueue(services: Services, *nonces: str, address: str = "local", **more: Any) -> int:
    """Rows for one channel, by default of the console; the last one's id."""
    now = services.clock.now()
    row, surface = 0, more.get("surface", "console")

    async def work(connection: AsyncConnection) -> None:
        nonlocal row
        receiver = await receivers.receiver_of(connection, surface, address, address, now)
        for nonce in nonces:
            row = await outbox.enqueue(
                connection, receiver.id, nonce, more.get("action", "post"), FACTS, "text", now,
                root_id=more.get("root_id"),
            )  # fmt: skip

    await services.database.write(work)
    return row


async def enqueue_many(
    services: Services, *names: str, channels: int, surface: str = "console"
) -> None:
    """One row of each name for each of so many channels."""
    now = services.clock.now()

    async def work(connection: AsyncConnection) -> None:
        for number in range(channels):
            given = await receivers.receiver_of(connection, surface, f"c{number}", "a", now)
            for name in names:
                await outbox.enqueue(
                    connection, given.id, f"{name}{number}", "post", FACTS, "text", now
                )

    await services.database.write(work)


async def counts(services: Services) -> dict[str, int]:
    async with services.database.read() as connection:
        return await outbox.counts(connection)


def advance(services: Services, by: timedelta) -> None:
    assert isinstance(services.clock, SetClock)
    services.clock.moment += by


@dataclass
class Uneven(Surface):
    """A surface of which one channel is slow: it answers when the test says so."""

    slow: str = "slow"
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, notification: Notification, card: Card) -> MessageRef:
        """Store the message; in the slow channel only once that is released."""
        if notification.receiver.address == self.slow:
            self.reached.set()
            await self.released.wait()
        return await super().send(notification, card)


@asynccontextmanager
async def working(delivery: Delivery, **more: Any) -> AsyncIterator[Callable[[], None]]:
    """A worker; call what it gives to say that there is news."""
    news, stopping = asyncio.Event(), False

    async def wait() -> bool:
        await news.wait()
        news.clear()
        return not stopping

    worker = asyncio.create_task(deliver_while(delivery, wait, **more))
    try:
        async with asyncio.timeout(20):
            yield news.set
            stopping = True
            news.set()
            await worker
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def until(fact: Callable[[], Awaitable[bool] | bool]) -> None:
    """Wait until `fact()` holds: asked at once, and a little later again and again."""
    looks = 0
    async with asyncio.timeout(10):
        while True:
            found = fact()
            if found if isinstance(found, bool) else await found:
                return
            looks += 1
            # Whoever only asks takes the processor from what is waited for.
            await asyncio.sleep(0 if looks < 20 else 0.002)
