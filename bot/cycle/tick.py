"""One tick of the cycle: poll → gate → evaluate → group → enqueue.

State changes and the rows of the outbox commit together, or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.gate import Verdict
from bot.alerts.stories import Timing
from bot.config import Settings
from bot.cycle import tell
from bot.cycle.evaluate import evaluate
from bot.cycle.facts import fallback_text, release_facts
from bot.cycle.load import load_board
from bot.cycle.poll import Fetched, fetch, store
from bot.model.bar import Bar
from bot.model.receiver import Receiver
from bot.model.story import Action, Reason
from bot.releases.wanted import wanted
from bot.services import Services
from storage import levels, market, outbox, receivers, stories


@dataclass(frozen=True)
class Tick:
    """What one tick did: bars stored and held, and what was decided for whom."""

    stored: int
    held: Sequence[tuple[Bar, Verdict]]
    decisions: Sequence[tuple[int, str, Reason]]


def timing_of(settings: Settings) -> Timing:
    """The timing that the settings ask for."""
    return Timing(
        timedelta(seconds=settings.alerts.group_wait_seconds),
        timedelta(minutes=settings.alerts.reply_minutes),
    )


async def tick(services: Services, timing: Timing) -> Tick:
    """Fetch what is new, judge it, and enqueue what is to be told."""
    now = services.clock.now()
    fetched = await fetch(services, now)

    async def work(connection: AsyncConnection) -> Tick:
        return await _judge(connection, services, fetched, now, timing)

    return await services.database.write(work)


async def _judge(
    connection: AsyncConnection,
    services: Services,
    fetched: Fetched,
    now: datetime,
    timing: Timing,
) -> Tick:
    await store(connection, fetched, now)
    if not fetched.first:
        await _tell_releases(connection, services, fetched, now)
    decisions: list[tuple[int, str, Reason]] = []
    due = await stories.open_stories(connection, due=now)
    if fetched.bars or due:
        keys = await levels.watched(connection)
        windows = {key.window for key in keys} | {story.window for story in due}
        seeding = any(key.day is None for key in keys)
        baskets = await market.baskets(connection)
        targets = {key.target for key in keys} | {story.target for story in due}
        board = await load_board(
            connection, targets, {"max"} if seeding else windows, now, baskets=baskets
        )
        needed = services.settings.alerts.rearm_closes
        crossings = await evaluate(connection, keys, board, now, needed)
        decisions += await tell.group(connection, crossings, baskets, now, timing)
        decisions += await tell.settle(connection, services, crossings, board, now)
        due = await stories.open_stories(connection, due=now)
        decisions += await tell.flush(connection, services, due, board, now)
    return Tick(len(fetched.bars), fetched.held, decisions)


async def _tell_releases(
    connection: AsyncConnection, services: Services, fetched: Fetched, now: datetime
) -> None:
    """Enqueue each new release for those who subscribed to its like."""
    if not fetched.releases:
        return
    subscriptions = await receivers.subscriptions(connection, kind="releases")
    for release in sorted(fetched.releases, key=lambda r: (r.known_at, r.key)):
        facts = release_facts(release, services.releases.labs, services.releases.exposures)
        for subscription in subscriptions:
            if wanted(release, services.releases.labs, subscription.filters):
                await outbox.enqueue(
                    connection,
                    subscription.receiver_id,
                    services.nonce(),
                    Action.POST,
                    facts,
                    fallback_text(facts),
                    now,
                    subscription_id=subscription.id,
                )


async def subscribe_releases(
    connection: AsyncConnection, receiver: Receiver, now: datetime
) -> None:
    """Subscribe a receiver to the releases of frontier labs' language models."""
    found = await receivers.subscriptions(connection, receiver.id, "releases")
    if not found:
        await receivers.add_subscription(connection, receiver.id, now, kind="releases")


async def tell_due(services: Services, timing: Timing) -> Tick:
    """Enqueue what has waited long enough, without asking any source."""
    now = services.clock.now()

    async def work(connection: AsyncConnection) -> Tick:
        return await _judge(connection, services, Fetched(), now, timing)

    return await services.database.write(work)
