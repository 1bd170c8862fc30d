"""The worker: many rows on their way at once, leases, the end of the program, a failing disk."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from bot.delivery import BATCH, Delivery
from bot.errors import DeliveryError, StorageError
from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification
from bot.services import Services
from storage.schema import outbox as outbox_table
from tests.delivering import (
    Surface,
    Uneven,
    advance,
    card,
    counts,
    delivery_to,
    enqueue,
    enqueue_many,
    until,
    working,
)


async def test_the_worker_outlives_a_database_that_fails_for_a_while(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    surface = Surface()
    failures = 0

    class Fails(Delivery):
        async def record(self, ended: Any) -> None:
            nonlocal failures
            if failures < 2:
                failures += 1
                raise StorageError("disk full")
            await super().record(ended)

    await enqueue(services, "a")
    failing = Fails(services, {"console": surface}, card, "start-1")

    async with working(failing) as tell:
        await until(lambda: failures == 1)
        await enqueue(services, "b", address="other")
        tell()
        await until(lambda: failures == 2)
        tell()
        await until(lambda: len(surface.stored) == 2)
    assert [nonce for nonce, _a, _r in surface.stored] == ["a", "b"]
    assert await counts(services) == {"sent": 2}
    assert caplog.text.count("cannot be worked off") == 1  # and not once a second
    assert caplog.text.count("worked off again") == 1


async def test_a_slow_channel_delays_only_itself(services: Services) -> None:
    surface = Uneven()
    await enqueue(services, "s1", "s2", address="slow")
    await enqueue_many(services, "x", "y", channels=BATCH + 5)  # more than one batch
    async with working(delivery_to(services, surface)) as tell:
        await surface.reached.wait()
        await until(lambda: len(surface.stored) == 2 * (BATCH + 5))
        await enqueue(services, "later", address="other")
        tell()
        await until(lambda: surface.stored[-1][0] == "later")
        assert not any(nonce.startswith("s") for nonce, _a, _r in surface.stored)
        surface.released.set()
        await until(lambda: len(surface.stored) == 2 * (BATCH + 5) + 3)
    assert await counts(services) == {"sent": len(surface.stored)}
    assert [n for n, _a, _r in surface.stored if n.startswith("s")] == ["s1", "s2"]


@dataclass
class Full(Surface):
    """A surface that answers nobody until it is released."""

    waiting: int = 0
    most: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, notification: Notification, card: Card) -> MessageRef:
        """Store the message once released."""
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await self.released.wait()
        self.waiting -= 1
        return await super().send(notification, card)


@pytest.mark.parametrize("room", [1, 5, 51, 256])
async def test_no_more_rows_are_on_their_way_than_the_surface_has_room_for(
    services: Services, room: int
) -> None:
    surface = Full(room=room)
    await enqueue_many(services, "x", channels=room + 40)
    async with working(delivery_to(services, surface)):
        await until(lambda: surface.waiting == room)
        surface.released.set()
        await until(lambda: len(surface.stored) == room + 40)
    assert surface.most == room


async def test_a_slow_surface_takes_no_places_of_another(services: Services) -> None:
    slow, quick = Full(room=20), Surface(room=10)
    await enqueue_many(services, "s", channels=60, surface="slow")
    await enqueue_many(services, "x", "y", channels=40)
    surfaces = {"slow": slow, "console": quick}
    async with working(Delivery(services, surfaces, card, "start-1")) as tell:
        await until(lambda: len(quick.stored) == 80)
        await enqueue(services, "later", address="c7")
        tell()
        await until(lambda: quick.stored[-1][0] == "later")
        assert (slow.waiting, slow.stored) == (20, [])
        slow.released.set()
        await until(lambda: len(slow.stored) == 60)
    assert slow.most == 20


async def test_in_a_small_room_one_slow_channel_delays_only_itself(services: Services) -> None:
    surface = Uneven(room=8)
    await enqueue(services, "s", address="slow")
    await enqueue_many(services, "x", channels=40)
    async with working(delivery_to(services, surface)):
        await until(lambda: len(surface.stored) == 40)
        surface.released.set()
    assert await counts(services) == {"sent": 41}


async def test_what_is_being_sent_is_finished_at_the_end(services: Services) -> None:
    surface = Uneven()
    await enqueue(services, "s", address="slow")
    async with working(delivery_to(services, surface)):
        await surface.reached.wait()
        asyncio.get_running_loop().call_soon(surface.released.set)
    assert await counts(services) == {"sent": 1}


async def test_what_does_not_finish_at_the_end_is_looked_up_at_the_next_start(
    services: Services,
) -> None:
    surface = Uneven()
    await enqueue(services, "s", address="slow")
    async with working(delivery_to(services, surface), finish_seconds=0):
        await surface.reached.wait()
    surface.stored.append(("s", "post", None))  # it had arrived after all
    assert await delivery_to(services, surface).drain() == 1
    assert len(surface.stored) == 1
    async with services.database.read() as connection:
        found = await connection.exec_driver_sql("SELECT outcome, detail FROM attempt")
        assert [tuple(row) for row in found] == [("unknown", "the program ended"), ("sent", "")]


async def test_a_lease_does_not_run_out_under_a_live_sender(services: Services) -> None:
    surface = Uneven()
    await enqueue(services, "s", address="slow")
    delivery = delivery_to(services, surface)
    lease = timedelta(seconds=services.settings.delivery.lease_seconds)
    async with working(delivery) as tell:
        await surface.reached.wait()
        for _moment in range(4):
            advance(services, lease * 0.6)
            now = services.clock.now()

            async def renewed(now: Any = now) -> bool:
                async with services.database.read() as connection:
                    until = await connection.execute(select(outbox_table.c.lease_until))
                    return bool(until.scalar_one() > now + lease / 2)

            tell()
            await until(renewed)
            assert await delivery_to(services, Surface()).claim() == []
        surface.released.set()
    assert await counts(services) == {"sent": 1}


async def test_a_retry_is_taken_up_without_news(services: Services) -> None:
    surface = Surface(failures=[DeliveryError("busy")])
    await enqueue(services, "a")

    async def failed() -> bool:
        return await counts(services) == {"pending": 1} and not surface.failures

    async with working(delivery_to(services, surface)):
        await until(failed)
        advance(services, timedelta(seconds=5))
        await until(lambda: len(surface.stored) == 1)


async def test_many_outcomes_are_recorded_by_a_few_statements(services: Services) -> None:
    surface = Surface()
    await enqueue_many(services, "x", channels=BATCH)
    statements: list[str] = []

    @event.listens_for(services.database._engine.sync_engine, "before_cursor_execute")
    def seen(_c: Any, _cursor: Any, text: str, _p: Any, _context: Any, _many: Any) -> None:
        if text.startswith(("UPDATE", "INSERT")):
            statements.append(text)

    assert await delivery_to(services, surface).drain() == BATCH
    assert len(statements) < 12
