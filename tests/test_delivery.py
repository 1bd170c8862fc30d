"""Delivery: order, retries, unknown outcomes, receivers and surfaces that refuse."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.errors import DeliveryError, SurfaceStopped
from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification
from bot.services import Services
from storage import reach, receivers
from storage.schema import outbox as outbox_table
from tests.asking import ask
from tests.delivering import (
    Surface,
    advance,
    counts,
    delivery_to,
    enqueue,
)


async def test_messages_of_one_receiver_keep_their_order(services: Services) -> None:
    surface = Surface(failures=[DeliveryError("busy")])
    await enqueue(services, "a", "b", "c")
    delivery = delivery_to(services, surface)
    assert await delivery.drain() == 0  # a waits for its retry, and b waits for a
    advance(services, timedelta(seconds=5))
    assert await delivery.drain() == 3
    assert [nonce for nonce, _a, _r in surface.stored] == ["a", "b", "c"]


async def test_a_failing_receiver_does_not_hold_up_another(services: Services) -> None:
    surface = Surface(failures=[DeliveryError("busy")])
    await enqueue(services, "a")
    await enqueue(services, "x", "y", address="other")
    await delivery_to(services, surface).drain()
    assert [nonce for nonce, _a, _r in surface.stored] == ["x", "y"]


async def test_a_reply_and_an_edit_know_the_message_they_belong_to(services: Services) -> None:
    surface = Surface()
    root = await enqueue(services, "a")
    await enqueue(services, "b", action="reply", root_id=root)
    await enqueue(services, "c", action="edit", root_id=root)
    await enqueue(services, "d", action="edit", root_id=root)  # merges into c
    assert await delivery_to(services, surface).drain() == 3
    assert surface.stored == [("a", "post", None), ("b", "reply", "a"), ("c", "edit", "a")]


async def test_a_surface_that_asks_to_wait_is_waited_for_and_that_was_no_try(
    services: Services,
) -> None:
    asked: list[str] = []

    class Asked(Surface):
        async def find(self, notification: Notification) -> MessageRef | None:
            asked.append(notification.nonce)
            return await super().find(notification)

    surface = Asked(failures=[DeliveryError("slow down", after=30.0)] * 20)
    await enqueue(services, "a")
    await enqueue(services, "x", address="other")
    delivery = delivery_to(services, surface)
    for _try in range(10):
        assert await delivery.drain() == 0
        advance(services, timedelta(seconds=29))
        assert await delivery.drain() == 0  # not before it may
        advance(services, timedelta(seconds=1))
    assert not surface.failures  # each was asked once each time
    assert await delivery.drain() == 2
    assert not asked  # nothing had left, so nothing was looked for
    async with services.database.read() as connection:
        ids = [one.id for one in await receivers.receivers(connection)]
        assert set((await reach.refusals(connection, ids)).values()) == {(0, None)}


async def test_a_surface_that_asks_to_wait_for_no_time_is_not_asked_without_end(
    services: Services,
) -> None:
    surface = Surface(failures=[DeliveryError("slow down", after=0.0)])
    await enqueue(services, "a")
    delivery = delivery_to(services, surface)
    assert await delivery.drain() == 0
    assert await delivery.drain() == 0
    advance(services, timedelta(seconds=1))
    assert await delivery.drain() == 1


async def test_what_is_put_off_after_an_unknown_end_is_still_looked_for(services: Services) -> None:
    surface = Surface(failures=[TimeoutError(), DeliveryError("slow down", after=5.0)])
    surface.store_before_failing = False
    await enqueue(services, "a")
    delivery = delivery_to(services, surface)
    for _try in range(2):
        assert await delivery.drain() == 0
        advance(services, timedelta(seconds=5))
    surface.stored.append(("a", "post", None))  # the first had arrived after all
    assert await delivery.drain() == 1
    assert [nonce for nonce, _a, _r in surface.stored] == ["a"]


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError()])
@pytest.mark.parametrize("arrived", [True, False])
async def test_an_unknown_outcome_is_looked_up_before_a_resend(
    services: Services, error: Exception, arrived: bool
) -> None:
    surface = Surface(failures=[error], store_before_failing=arrived)
    await enqueue(services, "a")
    delivery = delivery_to(services, surface)
    await delivery.drain()
    assert await counts(services) == {"pending": 1}
    advance(services, timedelta(seconds=5))
    await delivery.drain()
    assert [nonce for nonce, _a, _r in surface.stored] == ["a"]
    assert await counts(services) == {"sent": 1}


async def test_a_send_that_hangs_is_cut_off_and_unknown(services: Services) -> None:
    class Hanging(Surface):
        async def send(self, notification: Notification, card: Card) -> MessageRef:
            await asyncio.Event().wait()
            raise AssertionError

    quick = services.settings.delivery.model_copy(update={"send_seconds": 0})
    settings = services.settings.model_copy(update={"delivery": quick})
    await enqueue(services, "a")
    await delivery_to(replace(services, settings=settings), Hanging()).drain()
    async with services.database.read() as connection:
        found = await connection.exec_driver_sql("SELECT outcome, detail FROM attempt")
        assert [tuple(row) for row in found] == [("unknown", "TimeoutError")]


async def test_a_message_that_cannot_be_rendered_stops_nobody(services: Services) -> None:
    async def compose(notification: Notification) -> Card:
        if notification.nonce == "a":
            raise KeyError("depth")
        return Card(title="a card")

    surface = Surface()
    await enqueue(services, "a")
    await enqueue(services, "x", address="other")
    await delivery_to(services, surface, compose).drain()
    assert [nonce for nonce, _a, _r in surface.stored] == ["x"]
    assert await counts(services) == {"pending": 1, "sent": 1}


async def test_a_message_that_can_never_be_rendered_is_told_plainly_and_holds_nobody_up(
    services: Services,
) -> None:
    cards: list[Card] = []

    class Kept(Surface):
        async def send(self, notification: Notification, card: Card) -> MessageRef:
            cards.append(card)
            return await super().send(notification, card)

    async def compose(notification: Notification) -> Card:
        if notification.nonce == "a":
            raise KeyError("depth")
        return Card(title="a card")

    await enqueue(services, "a", "b")
    delivery = delivery_to(services, Kept(), compose)
    for _try in range(4):
        await delivery.drain()
        advance(services, timedelta(minutes=10))
    assert [card.title for card in cards] == ["text", "a card"]


async def test_a_message_that_can_never_be_sent_is_given_up(services: Services) -> None:
    class Broken(Surface):
        async def send(self, notification: Notification, card: Card) -> MessageRef:
            if notification.nonce == "a":
                raise KeyError("row")
            return await super().send(notification, card)

    await enqueue(services, "a", "b")
    surface = Broken()
    delivery = delivery_to(services, surface)
    for _try in range(12):
        await delivery.drain()
        advance(services, timedelta(minutes=10))
    assert [nonce for nonce, _a, _r in surface.stored] == ["b"]
    assert await counts(services) == {"dead": 1, "sent": 1}


async def test_a_receiver_is_disabled_after_three_refusals_over_ten_minutes(
    services: Services,
) -> None:
    surface = Surface(failures=[DeliveryError("unknown channel", permanent=True)] * 3)
    delivery = delivery_to(services, surface)
    for nonce in ("a", "b", "c"):
        await enqueue(services, nonce)
        await delivery.drain()
        advance(services, timedelta(minutes=6))
    await enqueue(services, "d")
    assert await delivery.drain() == 0
    async with services.database.read() as connection:
        (receiver,) = await receivers.receivers(connection)
    assert receiver.disabled_reason == "unknown channel"
    assert await counts(services) == {"dead": 3, "pending": 1}
    for line in ("/alert list", "/channel", "/subscribe releases"):
        assert (await ask(line, services)).text.startswith("Nothing is sent here: unknown channel")


async def test_a_receiver_that_is_reached_again_is_not_told_of_long_ago(services: Services) -> None:
    surface = Surface()
    await enqueue(services, "a")
    async with services.database.read() as connection:
        (given,) = await receivers.receivers(connection)
    gone = {given.id: (services.clock.now(), "unknown channel")}
    await services.database.write(lambda c: reach.disable(c, gone))
    advance(services, timedelta(days=2))
    await enqueue(services, "b")
    delivery = delivery_to(services, surface)
    assert await delivery.drain() == 0
    await services.database.write(lambda c: reach.enable(c, given.id, services.clock.now()))
    assert await delivery.drain() == 1
    assert [nonce for nonce, _a, _r in surface.stored] == ["b"]
    assert await counts(services) == {"dead": 1, "sent": 1}


async def test_one_success_forgives_earlier_refusals(services: Services) -> None:
    refused = DeliveryError("missing access", permanent=True)
    surface = Surface(failures=[refused, refused])
    delivery = delivery_to(services, surface)
    for nonce in ("a", "b", "c"):
        await enqueue(services, nonce)
        await delivery.drain()
        advance(services, timedelta(minutes=20))
    async with services.database.read() as connection:
        (receiver,) = await receivers.receivers(connection)
        assert await reach.refusals(connection, [receiver.id]) == {receiver.id: (0, None)}


async def test_a_claim_is_free_again_once_its_lease_runs_out(services: Services) -> None:
    surface = Surface()
    await enqueue(services, "a")
    delivery = delivery_to(services, surface)
    assert [one.row.nonce for one in await delivery.claim()] == ["a"]
    assert await delivery.claim() == []
    advance(services, timedelta(seconds=services.settings.delivery.lease_seconds))
    assert await delivery.drain() == 1


async def test_an_edit_of_a_message_that_never_arrived_is_given_up(services: Services) -> None:
    surface = Surface(failures=[DeliveryError("too long", permanent=True)])
    root = await enqueue(services, "a")
    await enqueue(services, "b", action="edit", root_id=root)
    await delivery_to(services, surface).drain()
    await enqueue(services, "c", action="reply", root_id=root)
    assert await delivery_to(services, surface).drain() == 1
    assert surface.stored == [("c", "reply", None)]
    assert await counts(services) == {"dead": 2, "sent": 1}


async def test_a_surface_that_stops_harms_no_row_and_no_receiver(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    surface = Surface(failures=[SurfaceStopped("The token was refused; set another.")] * 2)
    await enqueue(services, "a", "b")
    await enqueue(services, "x", address="other")
    delivery = delivery_to(services, surface)
    assert await delivery.drain() == 0
    assert await counts(services) == {"pending": 3}
    assert await delivery.drain() == 0  # not claimed for again
    assert caplog.text.count("The token was refused") == 1
    answer = await ask("/status", services)
    assert answer.title == "Console takes no messages"
    assert (
        "The token was refused; set another." in {f.name: f.value for f in answer.fields}["Console"]
    )
    async with services.database.read() as connection:
        assert set((await connection.execute(select(outbox_table.c.attempts))).scalars()) == {0}
        ids = [one.id for one in await receivers.receivers(connection)]
        assert set((await reach.refusals(connection, ids)).values()) == {(0, None)}
    delivery.resume("console")
    assert await delivery.drain() == 3


async def test_a_block_ends_by_itself(services: Services) -> None:
    surface = Surface(failures=[SurfaceStopped("blocked", seconds=600)])
    await enqueue(services, "a")
    delivery = delivery_to(services, surface)
    assert await delivery.drain() == 0
    advance(services, timedelta(seconds=599))
    assert await delivery.drain() == 0
    advance(services, timedelta(seconds=1))
    assert await delivery.drain() == 1


async def test_a_message_at_fault_does_not_disable_its_channel(services: Services) -> None:
    surface = Surface(failures=[DeliveryError("too long", permanent=True, blames=False)] * 3)
    delivery = delivery_to(services, surface)
    for nonce in ("a", "b", "c", "d"):
        await enqueue(services, nonce)
        await delivery.drain()
        advance(services, timedelta(minutes=6))
    assert await counts(services) == {"dead": 3, "sent": 1}
