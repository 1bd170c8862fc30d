"""Sending one claimed row of the outbox: once, within a deadline, and what became of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.alerts.retry import retry_after
from bot.errors import DeliveryError, SurfaceStopped
from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification
from bot.services import Services
from storage import attempts
from storage.attempts import Outcome

# A row that cannot be rendered holds up its receiver's later ones. After so many tries it is told
# in its plain words; one that cannot be sent even so is given up after more.
PLAIN_AFTER, GIVEN_UP_AFTER = 3, 10
# A surface that asks to wait for no time at all is not asked again and again.
LEAST_WAIT_SECONDS = 1.0
log = logging.getLogger(__name__)


class Notifier(Protocol):
    """A surface that can be told something."""

    @property
    def room(self) -> int:
        """How many of its rows may be on their way at once: as many as leave within seconds, so
        that none waits its deadline out before it leaves.
        """
        ...

    async def find(self, notification: Notification) -> MessageRef | None:
        """The message of this notification if the surface has it already, else None."""
        ...

    async def send(self, notification: Notification, card: Card) -> MessageRef:
        """Post, reply or edit, and say where the message is.

        Raises DeliveryError where the surface refuses it or asks to wait, and SurfaceStopped where
        it refuses everything; any other error leaves it unknown.
        """
        ...


Compose = Callable[[Notification], Awaitable[Card]]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claimed row, and the record of this attempt at it."""

    row: Notification
    attempt: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A claimed row and what became of it; `blamed` is its receiver, where that is at fault."""

    claimed: Claimed
    outcome: Outcome
    blamed: bool = False


@dataclass(frozen=True)
class Sending:
    """Sends rows to the surfaces that it is handed.

    `compose` renders a row's facts into a card at the moment of sending.
    """

    services: Services
    notifiers: Mapping[str, Notifier]
    compose: Compose

    async def deliver(self, claimed: Claimed) -> Ended:
        """Send one claimed row; what became of it, not yet recorded. Raises nothing."""
        row = claimed.row
        if row.action == "edit" and row.root is None:
            # What never arrived cannot be edited; the receiver is not to blame.
            return self._ended(claimed, attempts.REFUSED, "the message to edit never arrived")
        try:
            ref = await self._send(row)
        except DeliveryError as error:
            if error.permanent:
                return self._ended(claimed, attempts.REFUSED, str(error), blamed=error.blames)
            if error.after is not None:
                return self._put_off(claimed, str(error), error.after)
            return self._ended(claimed, attempts.FAILED, str(error))
        except SurfaceStopped as error:
            self._stop(row.receiver.surface, error)
            return self._ended(claimed, attempts.STOPPED, str(error))
        except (TimeoutError, OSError) as error:
            return self._ended(claimed, attempts.UNKNOWN, type(error).__name__)
        except Exception as error:  # a message that cannot be rendered must not stop the others
            log.exception("could not send outbox row %d", row.id)
            if row.attempts >= GIVEN_UP_AFTER:
                return self._ended(claimed, attempts.REFUSED, type(error).__name__)
            return self._ended(claimed, attempts.FAILED, type(error).__name__)
        now = self.services.clock.now()
        return Ended(claimed, Outcome(row.id, claimed.attempt, now, attempts.SENT, ref=ref))

    def count(self, ended: Iterable[Ended]) -> None:
        """Count attempts that were recorded, for /metrics."""
        measured = self.services.live.measured
        for one in ended:
            surface, outcome = one.claimed.row.receiver.surface, one.outcome
            measured.outcomes[surface, outcome.how] += 1
            if outcome.how == attempts.SENT:
                waited = outcome.at - one.claimed.row.created_at
                measured.delays[surface].add(waited.total_seconds())

    async def _send(self, row: Notification) -> MessageRef:
        """Send once. An earlier attempt may have arrived although nobody heard of it."""
        notifier = self.notifiers[row.receiver.surface]
        deadline = self.services.settings.delivery.send_seconds
        async with asyncio.timeout(deadline):
            if row.attempts:
                found = await notifier.find(row)
                if found is not None:
                    return found
            return await notifier.send(row, await self._card(row))

    async def _card(self, row: Notification) -> Card:
        """The card of a row, or its plain words where one could not be made again and again."""
        try:
            return await self.compose(row)
        except Exception:
            if row.attempts < PLAIN_AFTER:
                raise
            log.exception("outbox row %d is told in plain words", row.id)
            return Card(title=row.fallback)

    def _ended(self, claimed: Claimed, how: str, detail: str, *, blamed: bool = False) -> Ended:
        now, settings = self.services.clock.now(), self.services.settings.delivery
        again = None
        if how == attempts.STOPPED:
            again = now
        elif how in (attempts.FAILED, attempts.UNKNOWN):
            again = now + retry_after(
                claimed.row.attempts,
                timedelta(seconds=settings.retry_first_seconds),
                timedelta(seconds=settings.retry_longest_seconds),
                self.services.random.random(),
            )
        outcome = Outcome(claimed.row.id, claimed.attempt, now, how, detail, again=again)
        return Ended(claimed, outcome, blamed)

    def _put_off(self, claimed: Claimed, detail: str, seconds: float) -> Ended:
        """The surface took nothing and asks to wait: due again by then, and that was no try."""
        now, settings = self.services.clock.now(), self.services.settings.delivery
        least = min(LEAST_WAIT_SECONDS, settings.retry_first_seconds)
        again = now + timedelta(seconds=max(seconds, least))
        how = attempts.PUT_OFF
        return Ended(
            claimed, Outcome(claimed.row.id, claimed.attempt, now, how, detail, again=again)
        )

    def cut_short(self, claimed: Claimed) -> Ended:
        """A send that was broken off: it may have arrived, and is due again at once."""
        now, detail = self.services.clock.now(), "the program ended"
        outcome = Outcome(claimed.row.id, claimed.attempt, now, attempts.UNKNOWN, detail, again=now)
        return Ended(claimed, outcome)

    def _stop(self, surface: str, error: SurfaceStopped) -> None:
        if self.services.live.stop(surface, str(error), self.services.clock.now(), error.seconds):
            log.error("%s is told nothing more: %s", surface, error)
