"""Delivery: claims rows of the outbox, sends them, and records what became of them.

A row is claimed in one transaction and recorded in another, so a process killed in between
leaves it claimed; its lease runs out and the row is taken up again. Whoever takes it up first
asks the surface whether the message is there already. Each row on its way is a task of its own,
so that a slow channel delays only itself.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.retry import should_disable
from bot.failing import Failing
from bot.model.receiver import Notification, Receiver
from bot.sending import Claimed, Ended, Sending
from storage import attempts, outbox, reach

# How many rows of one surface are claimed together, at most.
BATCH = 64
# A claim waits for this part of a surface's room to be free.
WORTH = 4
# How often the outbox is looked at for retries that are due and leases that ran out.
LOOK_SECONDS = 1.0
# How long what is being sent may take to finish when the program ends.
FINISH_SECONDS = 5.0
log = logging.getLogger(__name__)


Recheck = Callable[[AsyncConnection, Sequence[Notification], datetime], Awaitable[set[int]]]
# Told which receivers were given up, and why. Must return at once and raise nothing.
GaveUp = Callable[[Mapping[Receiver, str]], None]


@dataclass(frozen=True)
class Delivery(Sending):
    """Sends what is in the outbox.

    `start` names this start of the process: leases belong to it. `recheck` gives up claimed rows
    that may not be sent after all, and returns their ids. `gave_up` hears of receivers that are
    sent nothing from now on.
    """

    start: str
    recheck: Recheck | None = None
    gave_up: GaveUp | None = None

    async def drain(self) -> int:
        """Send everything that is due, and wait until it is; how many were sent."""
        flights = Flights(self)
        try:
            while await flights.turn() or flights.tasks:
                await flights.landing()
        finally:
            await flights.abandon()
        return flights.sent

    def resume(self, surface: str) -> None:
        """The surface takes messages again: claim for it."""
        self.services.live.stopped.pop(surface, None)

    def surfaces(self) -> tuple[str, ...]:
        """The surfaces that can be told something now."""
        now, stopped = self.services.clock.now(), self.services.live.stopped
        for surface in [s for s, one in stopped.items() if one.until and one.until <= now]:
            self.resume(surface)
        return tuple(sorted(name for name in self.notifiers if name not in stopped))

    def room(self, surface: str) -> int:
        """How many rows of a surface may be on their way at once."""
        return max(1, self.notifiers[surface].room)

    def lease(self) -> datetime:
        """Until when a lease given now runs."""
        seconds = self.services.settings.delivery.lease_seconds
        return self.services.clock.now() + timedelta(seconds=seconds)

    async def claim(
        self, limits: Mapping[str, int] | None = None, without: Collection[int] = ()
    ) -> list[Claimed]:
        """Claim the next rows, but none of `without`, and begin an attempt at each.

        Of each surface in `limits` at most so many; by default of each a batch.
        """
        now, lease = self.services.clock.now(), self.lease()
        if limits is None:
            limits = dict.fromkeys(self.surfaces(), BATCH)
        async with self.services.database.read() as connection:  # mostly there is nothing
            due = {
                surface: limit
                for surface, limit in limits.items()
                if await outbox.is_due(connection, now, surface, without)
            }
        if not due:
            return []

        async def work(connection: AsyncConnection) -> list[Claimed]:
            while batch := await outbox.claim(connection, now, self.start, lease, due, without):
                held: set[int] = set()
                if self.recheck is not None:
                    held = await self.recheck(connection, batch, now)
                rows = [row for row in batch if row.id not in held]
                if rows:
                    begun = await attempts.begin_attempts(connection, [r.id for r in rows], now)
                    return [Claimed(row, begun[row.id]) for row in rows]
            return []

        return await self.services.database.write(work)

    async def record(self, ended: Sequence[Ended]) -> None:
        """Record what became of rows, in one transaction."""

        async def work(connection: AsyncConnection) -> set[int]:
            await attempts.record(connection, [one.outcome for one in ended])
            arrived = [o.claimed.row.receiver.id for o in ended if o.outcome.ref is not None]
            if arrived:
                await reach.reached(connection, arrived)
            blamed = {o.claimed.row.receiver.id: o.outcome for o in ended if o.blamed}
            if not blamed:
                return set()
            before = await reach.refusals(connection, list(blamed))
            await reach.refused(connection, {key: o.at for key, o in blamed.items()})
            given_up = {
                key: (o.at, o.detail)
                for key, o in blamed.items()
                if should_disable(before[key][0] + 1, before[key][1], o.at)
            }
            await reach.disable(connection, given_up)
            return set(given_up)

        keys = await self.services.database.write(work)
        self.count(ended)
        if keys and self.gave_up is not None:
            told = [o for o in ended if o.blamed and o.claimed.row.receiver.id in keys]
            self.gave_up({o.claimed.row.receiver: o.outcome.detail for o in told})


@dataclass
class Flights:
    """Rows on their way, each in a task. `held` are all those claimed and not yet recorded.

    `hungry` are the surfaces that may have more to claim. Each has room of its own, so that a
    slow one takes no other's.
    """

    delivery: Delivery
    tasks: dict["asyncio.Task[Ended]", Claimed] = field(default_factory=dict)
    held: dict[int, Claimed] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)
    leased: datetime | None = None
    sent: int = 0
    hungry: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.look()

    def look(self) -> None:
        """Something may have fallen due on any surface."""
        self.hungry.update(self.delivery.notifiers)

    async def turn(self) -> bool:
        """Record what has ended, keep the leases, claim what there is room for.

        True if anything was recorded or claimed, so that another turn may find more.
        """
        recorded = await self._record()
        await self._renew()
        if not (limits := self._limits()):
            return recorded
        claimed = await self.delivery.claim(limits, tuple(self.held))
        found = Counter(one.row.receiver.surface for one in claimed)
        self.hungry -= {surface for surface, limit in limits.items() if found[surface] < limit}
        if claimed and self.leased is None:
            self.leased = self.delivery.lease()
        for one in claimed:
            self.held[one.row.id] = one
            self.tasks[asyncio.create_task(self.delivery.deliver(one))] = one
        return recorded or bool(claimed)

    async def landing(self, *others: "asyncio.Future[bool]", seconds: float | None = None) -> None:
        """Wait until a row has ended, or one of `others`, or `seconds` are over."""
        if self._limits():
            await asyncio.sleep(0)  # there is more to claim at once
        elif self.tasks or others:
            waited: list[asyncio.Future[Any]] = [*self.tasks, *others]
            await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in [task for task in self.tasks if task.done()]:
            claimed = self.tasks.pop(task)
            self.ended.append(
                self.delivery.cut_short(claimed) if task.cancelled() else task.result()
            )

    async def abandon(self, seconds: float = 0) -> None:
        """Let what is on its way finish within `seconds`, break off the rest, record it all."""
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=seconds)
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=1)
        self.hungry.clear()
        await self.landing(seconds=0)
        await self._record()

    def _limits(self) -> dict[str, int]:
        """How many rows to claim now, for each surface that has room and may have more."""
        limits = {}
        if self.hungry:
            held = Counter(one.row.receiver.surface for one in self.held.values())
            for surface in sorted(self.hungry.intersection(self.delivery.surfaces())):
                room = self.delivery.room(surface)
                left = room - held[surface]
                # While much is on its way, a claim waits until it is worth its query.
                if left >= max(1, min(BATCH, room // WORTH)):
                    limits[surface] = min(BATCH, left)
        return limits

    async def _record(self) -> bool:
        if not (ended := list(self.ended)):
            return False
        await self.delivery.record(ended)
        del self.ended[: len(ended)]
        for one in ended:
            del self.held[one.claimed.row.id]
            self.sent += one.outcome.ref is not None
            # A receiver that has been told may have its next row.
            self.hungry.add(one.claimed.row.receiver.surface)
        return True

    async def _renew(self) -> None:
        """Prolong the leases once half of the oldest is over."""
        if not self.held:
            self.leased = None
            return
        services, lease = self.delivery.services, self.delivery.lease()
        half = timedelta(seconds=services.settings.delivery.lease_seconds / 2)
        # A clock that was set back makes the old lease the later one; it is replaced all the same.
        if self.leased is None or abs(lease - self.leased) < half:
            return
        rows, start = list(self.held), self.delivery.start
        await services.database.write(lambda c: outbox.renew(c, rows, start, lease))
        self.leased = lease


async def deliver_while(
    delivery: Delivery,
    wait: Callable[[], Awaitable[bool]],
    finish_seconds: float = FINISH_SECONDS,
) -> None:
    """Deliver at each time that `wait()` returns True, and whatever falls due in between; end when
    it returns False, once what is being sent has finished.

    A database that cannot be written for a while is tried again at the next occasion; that is
    logged when it begins and when it is over.
    """
    flights, services = Flights(delivery), delivery.services
    measured, loop = services.live.measured, asyncio.get_running_loop()
    working = Failing(
        log, "the outbox cannot be worked off; trying again and again",
        "the outbox is worked off again",
    )  # fmt: skip
    occasion = asyncio.ensure_future(wait())
    try:
        while True:
            try:
                await flights.turn()
                measured.delivery_turned = loop.time()
                working.worked(services.clock.now())
            except Exception as error:  # noqa: BLE001 - whatever it was, the rows are still in the outbox
                working.failed(error, services.clock.now())
                flights.hungry.clear()
            await flights.landing(occasion, seconds=LOOK_SECONDS)
            if occasion.done():
                if not occasion.result():
                    return
                occasion = asyncio.ensure_future(wait())
            flights.look()
    finally:
        occasion.cancel()
        with suppress(Exception):
            await flights.abandon(finish_seconds)


def next_start(now: datetime, nonce: str) -> str:
    """A name for one start of the process."""
    return f"{now:%Y%m%dT%H%M%S}-{nonce[:12]}"
