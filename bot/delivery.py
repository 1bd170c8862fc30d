"""Delivery: claims rows of the outbox, sends them, and marks what became of them.

A row is claimed in one transaction and marked in another, so a process killed in between
leaves it claimed; its lease runs out and the row is taken up again. Whoever takes it up first
asks the surface whether the message is there already.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.retry import retry_after, should_disable
from bot.errors import DeliveryError
from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification
from bot.services import Services
from storage import outbox, receivers

BATCH = 50
log = logging.getLogger(__name__)


class Notifier(Protocol):
    """A surface that can be told something."""

    async def find(self, notification: Notification) -> MessageRef | None:
        """The message of this notification if the surface has it already, else None."""
        ...

    async def send(self, notification: Notification, card: Card) -> MessageRef:
        """Post, reply or edit, and say where the message is.

        Raises DeliveryError where the surface refuses it; any other error leaves it unknown.
        """
        ...


Recheck = Callable[[AsyncConnection, Sequence[Notification], datetime], Awaitable[set[int]]]
Compose = Callable[[Notification], Awaitable[Card]]


@dataclass(frozen=True)
class Delivery:
    """Sends what is in the outbox to the surfaces that it is handed.

    `start` names this start of the process: leases belong to it. `compose` renders a row's
    facts into a card at the moment of sending. `recheck` gives up claimed rows that may not be
    sent after all, and returns their ids.
    """

    services: Services
    notifiers: Mapping[str, Notifier]
    compose: Compose
    start: str
    recheck: Recheck | None = None

    async def drain(self) -> int:
        """Send everything that is due, one batch after another; how many were sent."""
        sent = 0
        while batch := await self.claim():
            # A batch holds one row per receiver at most, so these do not overtake each other.
            sent += sum(await asyncio.gather(*map(self.deliver, batch)))
        return sent

    async def claim(self) -> list[Notification]:
        """Claim the next batch."""
        now = self.services.clock.now()
        lease = now + timedelta(seconds=self.services.settings.delivery.lease_seconds)

        async def work(connection: AsyncConnection) -> list[Notification]:
            surfaces = tuple(sorted(self.notifiers))
            while batch := await outbox.claim(connection, now, self.start, lease, BATCH, surfaces):
                if self.recheck is None:
                    return batch
                held = await self.recheck(connection, batch, now)
                if len(held) < len(batch):
                    return [one for one in batch if one.id not in held]
            return []

        return await self.services.database.write(work)

    async def deliver(self, notification: Notification) -> bool:
        """Send one claimed row and record what became of it; True if it was sent."""
        write, clock = self.services.database.write, self.services.clock
        begun = clock.now()
        if notification.action == "edit" and notification.root is None:
            return await self._pointless(notification, begun)
        attempt = await write(lambda c: outbox.begin_attempt(c, notification.id, begun))
        try:
            ref = await self._send(notification)
        except DeliveryError as error:
            detail = str(error)
            if error.permanent:
                await self._refused(notification, attempt, detail)
            else:
                await self._again(notification, attempt, "failed", detail)
            return False
        except (TimeoutError, OSError) as error:
            await self._again(notification, attempt, "unknown", type(error).__name__)
            return False
        except Exception as error:  # a message that cannot be rendered must not stop the others
            log.exception("could not send outbox row %d", notification.id)
            await self._again(notification, attempt, "failed", type(error).__name__)
            return False
        ended = clock.now()

        async def work(connection: AsyncConnection) -> None:
            await outbox.mark_sent(connection, notification.id, attempt, ref, ended)
            await receivers.record_success(connection, notification.receiver.id)

        await write(work)
        return True

    async def _send(self, notification: Notification) -> MessageRef:
        """Send once. An earlier attempt may have arrived although nobody heard of it."""
        notifier = self.notifiers[notification.receiver.surface]
        deadline = self.services.settings.delivery.send_seconds
        async with asyncio.timeout(deadline):
            if notification.attempts:
                found = await notifier.find(notification)
                if found is not None:
                    return found
            return await notifier.send(notification, await self.compose(notification))

    async def _again(
        self, notification: Notification, attempt: int, outcome: str, detail: str
    ) -> None:
        now, settings = self.services.clock.now(), self.services.settings.delivery
        wait = retry_after(
            notification.attempts,
            timedelta(seconds=settings.retry_first_seconds),
            timedelta(seconds=settings.retry_longest_seconds),
            self.services.random.random(),
        )
        await self.services.database.write(
            lambda c: outbox.mark_retry(
                c, notification.id, attempt, now, now + wait, outcome, detail
            )
        )

    async def _pointless(self, notification: Notification, now: datetime) -> bool:
        """Give up an edit of a message that never arrived; the receiver is not to blame."""

        async def work(connection: AsyncConnection) -> None:
            attempt = await outbox.begin_attempt(connection, notification.id, now)
            detail = "the message to edit never arrived"
            await outbox.mark_dead(connection, notification.id, attempt, now, detail)

        await self.services.database.write(work)
        return False

    async def _refused(self, notification: Notification, attempt: int, detail: str) -> None:
        """Give this row up; a receiver that only refuses is disabled after a while."""
        now, receiver = self.services.clock.now(), notification.receiver

        async def work(connection: AsyncConnection) -> None:
            await outbox.mark_dead(connection, notification.id, attempt, now, detail)
            failures, since = await receivers.failures(connection, receiver.id)
            disable = detail if should_disable(failures + 1, since, now) else None
            await receivers.record_failure(connection, receiver.id, now, disable=disable)

        await self.services.database.write(work)


async def deliver_while(delivery: Delivery, wait: Callable[[], Awaitable[bool]]) -> None:
    """Drain the outbox each time that `wait()` returns True; end when it returns False.

    A database that cannot be written for a while is tried again at the next occasion.
    """
    while await wait():
        try:
            await delivery.drain()
        except Exception:  # whatever it was, the rows are still in the outbox
            log.exception("the outbox could not be drained; trying again")


def next_start(now: datetime, nonce: str) -> str:
    """A name for one start of the process."""
    return f"{now:%Y%m%dT%H%M%S}-{nonce[:12]}"
