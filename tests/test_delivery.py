"""Delivery: order, retries, unknown outcomes, receivers that refuse."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery import Delivery, deliver_while
from bot.errors import DeliveryError
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


async def _card(_notification: Notification) -> Card:
    return Card(title="a card")


def _delivery(services: Services, surface: Surface, compose: Any = _card) -> Delivery:
    return Delivery(services, {"console": surface}, compose, "start-1")


async def _enqueue(services: Services, *nonces: str, address: str = "local", **more: Any) -> int:
    now = services.clock.now()
    row = 0

    async def work(connection: AsyncConnection) -> None:
        nonlocal row
        receiver = await receivers.receiver_of(connection, "console", address, address, now)
        for nonce in nonces:
            row = await outbox.enqueue(
                connection, receiver.id, nonce, more.get("action", "post"), FACTS, "text", now,
                root_id=more.get("root_id"),
            )  # fmt: skip

    await services.database.write(work)
    return row


async def _counts(services: Services) -> dict[str, int]:
    async with services.database.read() as connection:
        return await outbox.counts(connection)


def _advance(services: Services, by: timedelta) -> None:
    assert isinstance(services.clock, SetClock)
    services.clock.moment += by


async def test_messages_of_one_receiver_keep_their_order(services: Services) -> None:
    surface = Surface(failures=[DeliveryError("busy")])
    await _enqueue(services, "a", "b", "c")
    delivery = _delivery(services, surface)
    assert await delivery.drain() == 0  # a waits for its retry, and b waits for a
    _advance(services, timedelta(seconds=5))
    assert await delivery.drain() == 3
    assert [nonce for nonce, _a, _r in surface.stored] == ["a", "b", "c"]


async def test_a_failing_receiver_does_not_hold_up_another(services: Services) -> None:
    surface = Surface(failures=[DeliveryError("busy")])
    await _enqueue(services, "a")
    await _enqueue(services, "x", "y", address="other")
    await _delivery(services, surface).drain()
    assert [nonce for nonce, _a, _r in surface.stored] == ["x", "y"]


async def test_a_reply_and_an_edit_know_the_message_they_belong_to(services: Services) -> None:
    surface = Surface()
    root = await _enqueue(services, "a")
    await _enqueue(services, "b", action="reply", root_id=root)
    await _enqueue(services, "c", action="edit", root_id=root)
    await _enqueue(services, "d", action="edit", root_id=root)  # merges into c
    assert await _delivery(services, surface).drain() == 3
    assert surface.stored == [("a", "post", None), ("b", "reply", "a"), ("c", "edit", "a")]


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError()])
@pytest.mark.parametrize("arrived", [True, False])
async def test_an_unknown_outcome_is_looked_up_before_a_resend(
    services: Services, error: Exception, arrived: bool
) -> None:
    surface = Surface(failures=[error], store_before_failing=arrived)
    await _enqueue(services, "a")
    delivery = _delivery(services, surface)
    await delivery.drain()
    assert await _counts(services) == {"pending": 1}
    _advance(services, timedelta(seconds=5))
    await delivery.drain()
    assert [nonce for nonce, _a, _r in surface.stored] == ["a"]
    assert await _counts(services) == {"sent": 1}


async def test_a_send_that_hangs_is_cut_off_and_unknown(services: Services) -> None:
    class Hanging(Surface):
        async def send(self, notification: Notification, card: Card) -> MessageRef:
            await asyncio.Event().wait()
            raise AssertionError

    quick = services.settings.delivery.model_copy(update={"send_seconds": 0})
    settings = services.settings.model_copy(update={"delivery": quick})
    await _enqueue(services, "a")
    await _delivery(replace(services, settings=settings), Hanging()).drain()
    async with services.database.read() as connection:
        found = await connection.exec_driver_sql("SELECT outcome, detail FROM attempt")
        assert [tuple(row) for row in found] == [("unknown", "TimeoutError")]


async def test_a_message_that_cannot_be_rendered_stops_nobody(services: Services) -> None:
    async def compose(notification: Notification) -> Card:
        if notification.nonce == "a":
            raise KeyError("depth")
        return Card(title="a card")

    surface = Surface()
    await _enqueue(services, "a")
    await _enqueue(services, "x", address="other")
    await _delivery(services, surface, compose).drain()
    assert [nonce for nonce, _a, _r in surface.stored] == ["x"]
    assert await _counts(services) == {"pending": 1, "sent": 1}


async def test_a_receiver_is_disabled_after_three_refusals_over_ten_minutes(
    services: Services,
) -> None:
    surface = Surface(failures=[DeliveryError("unknown channel", permanent=True)] * 3)
    delivery = _delivery(services, surface)
    for nonce in ("a", "b", "c"):
        await _enqueue(services, nonce)
        await delivery.drain()
        _advance(services, timedelta(minutes=6))
    await _enqueue(services, "d")
    assert await delivery.drain() == 0
    async with services.database.read() as connection:
        (receiver,) = await receivers.receivers(connection)
    assert receiver.disabled_reason == "unknown channel"
    assert await _counts(services) == {"dead": 3, "pending": 1}


async def test_one_success_forgives_earlier_refusals(services: Services) -> None:
    refused = DeliveryError("missing access", permanent=True)
    surface = Surface(failures=[refused, refused])
    delivery = _delivery(services, surface)
    for nonce in ("a", "b", "c"):
        await _enqueue(services, nonce)
        await delivery.drain()
        _advance(services, timedelta(minutes=20))
    async with services.database.read() as connection:
        (receiver,) = await receivers.receivers(connection)
        assert await receivers.failures(connection, receiver.id) == (0, None)


async def test_a_claim_is_free_again_once_its_lease_runs_out(services: Services) -> None:
    surface = Surface()
    await _enqueue(services, "a")
    delivery = _delivery(services, surface)
    assert [n.nonce for n in await delivery.claim()] == ["a"]
    assert await delivery.claim() == []
    _advance(services, timedelta(seconds=services.settings.delivery.lease_seconds))
    assert await delivery.drain() == 1


async def test_an_edit_of_a_message_that_never_arrived_is_given_up(services: Services) -> None:
    surface = Surface(failures=[DeliveryError("too long", permanent=True)])
    root = await _enqueue(services, "a")
    await _enqueue(services, "b", action="edit", root_id=root)
    await _delivery(services, surface).drain()
    await _enqueue(services, "c", action="reply", root_id=root)
    assert await _delivery(services, surface).drain() == 1
    assert surface.stored == [("c", "reply", None)]
    assert await _counts(services) == {"dead": 2, "sent": 1}


async def test_the_worker_outlives_a_database_that_fails_for_a_while(services: Services) -> None:
    surface = Surface()
    delivery = _delivery(services, surface)
    occasions = iter([True, True, False])

    class FailsOnce(Delivery):
        async def drain(self) -> int:
            if not surface.failures:
                surface.failures.append(OSError())
                raise OSError("disk full")
            surface.failures.clear()
            return await super().drain()

    await _enqueue(services, "a")

    async def wait() -> bool:
        return next(occasions)

    failing = FailsOnce(services, {"console": surface}, delivery.compose, "start-1")
    await deliver_while(failing, wait)
    assert await _counts(services) == {"sent": 1}
