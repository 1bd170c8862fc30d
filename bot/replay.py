"""Replay: the production cycle over stored history, bar by bar, with no look-ahead.

It runs on a temporary database and never through the scheduler: for each instant, tick, drain
the outbox with one worker, advance the clock. Nothing in it is random, so that two runs say
the same to the byte.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.stories import Timing
from bot.config import Settings
from bot.cycle.compose import compose
from bot.cycle.recheck import silenced
from bot.cycle.seed import seed_shipped
from bot.cycle.tick import subscribe_releases, tell_due, tick, timing_of
from bot.cycle.watch import subscribe
from bot.delivery import Delivery
from bot.errors import UserError
from bot.market.calendar import NEW_YORK, session_close
from bot.market.source import PastHistory
from bot.model.card import Card
from bot.model.receiver import Notification, Receiver
from bot.model.rule import PPM, Rule
from bot.model.wording import day as day_text
from bot.sending import Notifier
from bot.services import ReleaseFacts, Services, SetClock
from storage import market, receivers, stories
from storage.database import Database

SEED = 20250127
SURFACE, ADDRESS = "console", "local"
# Every final bar is polled twice, as a live day would.
SECOND_POLL = timedelta(minutes=5)
RECHECKS = 3
RELEASES_KNOWN = time(23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True)
class Plan:
    """What to replay: the days, the targets (None: the basket `ai` and releases), the levels.

    `levels` in parts per million, ascending; `window` is a window's name.
    """

    first: date
    last: date
    targets: tuple[str, ...] | None
    levels: tuple[int, ...]
    window: str


@dataclass(frozen=True)
class Running:
    """A replay that has been set up: its services, its receiver, and the instants to come."""

    services: Services
    delivery: Delivery
    receiver: Receiver
    instants: Sequence[datetime]
    timing: Timing

    async def steps(self) -> AsyncIterator[datetime]:
        """Step through every instant, yielding each once its messages are sent."""
        clock = self.services.clock
        assert isinstance(clock, SetClock)
        for position, instant in enumerate(self.instants):
            following = self.instants[position + 1] if position + 1 < len(self.instants) else None
            at, again = instant, 0
            while True:
                clock.moment = at
                done = await tick(self.services, self.timing)
                await self.delivery.drain()
                # What is held or late is looked at again soon, as it would be live.
                at, again = at + SECOND_POLL, again + 1
                if not done.waiting or again > RECHECKS or (following and at >= following):
                    break
            while due := await self._due_before(following):
                clock.moment = due
                await tell_due(self.services, self.timing)
                await self.delivery.drain()
            yield instant

    async def _due_before(self, following: datetime | None) -> datetime | None:
        """When something that waits is due, if that is before the next instant."""
        async with self.services.database.read() as connection:
            at = await stories.next_due(connection)
        now = self.services.clock.now()
        return at if at and following and now < at < following else None


@asynccontextmanager
async def replaying(
    plan: Plan,
    settings: Settings,
    history: PastHistory,
    releases: ReleaseFacts,
    notifier: Callable[[Path, Services], Notifier],
) -> AsyncIterator[Running]:
    """Set up a replay on a temporary database that lasts as long as this context.

    `notifier` is given the temporary folder and the services. Raises UserError for days outside
    the history and targets that it does not have.
    """
    sessions = await _sessions(plan, history)
    with TemporaryDirectory(prefix="aftershock-replay-") as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{folder}/replay.db", durable=False)
        try:
            before = datetime.combine(plan.first - timedelta(days=1), RELEASES_KNOWN)
            services = Services(
                settings,
                database,
                history,
                releases,
                SetClock(before),
                Random(SEED),  # noqa: S311 - replays must be equal
            )
            receiver = await _prepare(services, plan, before)
            wait = Timing(timedelta(0), timing_of(settings).reply_gap)

            async def render(notification: Notification) -> Card:
                return await compose(services, notification)

            surfaces = {SURFACE: notifier(Path(folder), services)}
            delivery = Delivery(services, surfaces, render, "replay", silenced)
            instants = _instants(plan, sessions, releases)
            yield Running(services, delivery, receiver, instants, wait)
        finally:
            await database.close()


async def _sessions(plan: Plan, history: PastHistory) -> list[date]:
    if plan.first > plan.last:
        raise UserError(
            f"--from {plan.first} is after --to {plan.last}; put the earlier day first."
        )
    every = await history.sessions(date.min, date.max)
    if plan.first < every[0] or plan.last > every[-1]:
        raise UserError(
            f"The history runs from {day_text(every[0])} to {day_text(every[-1])}; "
            "choose days inside it."
        )
    return [day for day in every if plan.first <= day <= plan.last]


def _instants(plan: Plan, sessions: Sequence[date], known: ReleaseFacts) -> list[datetime]:
    """The polls of every session, the moments at which releases become known, and the end."""
    closes = [session_close(NEW_YORK, day) for day in sessions]
    last = datetime.combine(plan.last, RELEASES_KNOWN)
    first = datetime.combine(plan.first, time.min, tzinfo=UTC)
    released = {r.known_at for r in known.releases if first <= r.known_at <= last}
    return sorted({*closes, *(close + SECOND_POLL for close in closes), *released, last})


async def _prepare(services: Services, plan: Plan, before: datetime) -> Receiver:
    """Store what was known before the first day, silently, and subscribe the console."""
    await seed_shipped(services, before)
    known = await services.history.known() or {}

    async def work(connection: AsyncConnection) -> Receiver:
        receiver = await receivers.receiver_of(connection, SURFACE, ADDRESS, "console", before)
        baskets = await market.baskets(connection)
        seen: set[str] = set()
        for name in plan.targets or ("ai",):
            target = name.lower() if name.lower() in baskets else name.upper()
            if target not in baskets and target not in known:
                near = get_close_matches(name.upper(), known, 1)
                advice = f"did you mean {near[0]}?" if near else "/basket list shows what is."
                raise UserError(f"{name} is not in the history; {advice}")
            if target in seen:
                continue  # "NVDA,nvda" is one alert
            seen.add(target)
            rule = Rule(target, plan.window, plan.levels, _band(services.settings))
            closes = services.settings.alerts.rearm_closes
            await subscribe(connection, receiver.id, rule, before, closes)
        if plan.targets is None:
            await subscribe_releases(connection, receiver, before)
        return receiver

    return await services.database.write(work)


def _band(settings: Settings) -> int:
    return round(settings.alerts.rearm_percent * PPM / 100)
