"""One tick of the cycle: poll → gate → evaluate → group → enqueue.

State changes and the rows of the outbox commit together, or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.stories import Timing
from bot.config import Settings
from bot.cycle import tell
from bot.cycle.aftershocks import tell_studies
from bot.cycle.board import Board, needed
from bot.cycle.digest import tell_digests
from bot.cycle.evaluate import Crossing, evaluate, evaluate_prices, pending
from bot.cycle.fetched import Fetched
from bot.cycle.flush import flush, tell_news
from bot.cycle.load import load_board
from bot.cycle.news_known import unheard
from bot.cycle.poll import fetch, store
from bot.cycle.release_facts import told_facts
from bot.cycle.rescale import rescale
from bot.cycle.tell import Decided
from bot.cycle.tracking import track
from bot.market.calendar import exchange_of, session_day
from bot.model.bar import Basis, Quote
from bot.model.basket import Basket
from bot.model.receiver import Receiver
from bot.model.trust import Held
from bot.releases.together import told_together
from bot.releases.wanted import wanted
from bot.services import Services
from storage import controls, ended, levels, market, receivers, stories, trust
from storage.levels import WatchedKey
from storage.receivers import Subscription
from storage.stories import StoredStory
from storage.trust import Decision


@dataclass(frozen=True)
class Tick:
    """What one tick did: bars stored and held, and what was decided for whom.

    `waiting` where a session is not judged yet, because a price of it is late or held.
    """

    stored: int
    held: Sequence[Held]
    decisions: Sequence[Decided]
    waiting: bool = False


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
    if any(health.failures for health in fetched.health):
        services.live.measured.failed_cycles += 1
    return await judge(services, timing, fetched, now)


async def judge(services: Services, timing: Timing, fetched: Fetched, now: datetime) -> Tick:
    """Store what was fetched, and enqueue what is to be told of it."""

    live = services.live
    before = None

    async def work(connection: AsyncConnection) -> Tick:
        nonlocal before
        before = dict(live.prices), live.waiting
        return await _judge(connection, services, fetched, now, timing)

    def undo() -> None:
        """What was not kept is not remembered either, and is asked for again."""
        if before is None:  # it had not begun
            return
        live.prices, live.waiting = before
        live.board = None
        for bar in (*fetched.bars, *fetched.rewritten):
            live.tried.pop(bar.symbol, None)

    done = await services.database.write(work, undo)
    if fetched.changes:  # only now: who reads before the commit reads what was before
        live.stored = None
    return done


async def _judge(
    connection: AsyncConnection,
    services: Services,
    fetched: Fetched,
    now: datetime,
    timing: Timing,
) -> Tick:
    if fetched.releases:  # a feed may have told of one while the sources were asked
        fetched = replace(fetched, releases=await unheard(connection, fetched.releases))
    await store(connection, fetched, now)
    doubtful = services.live.doubtful_until
    if doubtful is None or doubtful <= now:  # what is over by a wrong clock may not be over
        await ended.remove_expired(connection, now)
    await tell_digests(connection, services, now)
    if not fetched.first:
        await _tell_releases(connection, services, fetched, now)
    await rescale(connection, fetched.splits, now)
    live = services.live
    if fetched.rewritten or fetched.splits or any(b.basis is Basis.RAW for b in fetched.bars):
        live.board = None
    elif live.board is not None:
        live.board = live.board.extended(fetched.bars).estimated(fetched.batch.measures)
    live.take((_day(quote), quote) for quote in fetched.quotes)
    baskets = await market.baskets(connection)
    keys = await levels.watched(connection)
    due = await stories.open_stories(connection, due=now)
    last = {**fetched.last, **{bar.symbol: bar.day for bar in fetched.bars}}
    members = {key.target: needed([key.target], baskets, ()) for key in keys}
    closes = pending(keys, last, members)
    decisions: list[Decided] = []
    waiting = fetched.waiting
    if closes or fetched.quotes or due:
        board = await _board(connection, services, keys, due, baskets, now)
        count = services.settings.alerts.rearm_closes
        crossings: list[Crossing] = []
        if closes:
            crossings += await evaluate(connection, keys, board, now, count)
            keys = await levels.watched(connection)
            # A key without any reading waits for a past that may be long in coming.
            waiting = waiting or pending([k for k in keys if k.day is not None], last, members)
        running = board.priced(live.running(), now)
        if fetched.quotes:
            crossings += await evaluate_prices(connection, keys, running, now, count)
        decisions += await tell.group(connection, crossings, baskets, now, timing)
        decisions += await tell.settle(connection, services, crossings, running, now)
        due = await stories.open_stories(connection, due=now)
        decisions += await flush(connection, services, due, running, baskets, now)
    elif await controls.due_news(connection, now):
        empty = Board.of([], baskets)
        decisions += await flush(connection, services, [], empty, baskets, now)
    await tell_studies(connection, services, now)
    await trust.record(
        connection,
        [
            Decision(now, receiver_id, target, "told", reason.value)
            for receiver_id, target, reason in decisions
        ],
    )
    if fetched.asked or closes:
        live.waiting = waiting
    return Tick(len(fetched.bars), fetched.held, decisions, waiting)


def _day(quote: Quote) -> date:
    return session_day(exchange_of(quote.symbol), quote.as_of)


async def _board(
    connection: AsyncConnection,
    services: Services,
    keys: Sequence[WatchedKey],
    due: Sequence[StoredStory],
    baskets: Mapping[str, Basket],
    now: datetime,
) -> Board:
    """The board of closes, from memory where neither bars nor rules have changed."""
    measures = {key.measure for key in keys} | {story.measure for story in due}
    if any(key.day is None for key in keys):
        measures.add("max")
    targets = {key.target for key in keys} | {story.target for story in due}
    wanted = sorted({(target, "") for target in targets} | {("", m) for m in measures | {"1y"}})
    live = services.live
    if live.board is None or not set(wanted) <= set(live.board_of) or live.board.baskets != baskets:
        live.board = await load_board(connection, targets, measures | {"1y"}, now, baskets=baskets)
        live.board_of = wanted
    board: Board = live.board
    return board


async def _tell_releases(
    connection: AsyncConnection, services: Services, fetched: Fetched, now: datetime
) -> None:
    """Enqueue each new release for those who subscribed to its like."""
    if not fetched.releases:
        return
    subscriptions = await receivers.subscriptions(connection, kind="releases")
    labs = services.releases.labs
    for together in told_together(fetched.releases):
        await track(connection, services, together, now)
        to: dict[int, Subscription] = {}  # a channel whose filters overlap is told once
        for subscription in subscriptions:
            # What is past is not posted, though we learn of it only now.
            new = [one for one in together if subscription.created_at < one.known_at]
            if any(wanted(one, labs, subscription.filters) for one in new):
                to.setdefault(subscription.receiver_id, subscription)
        if not to:
            continue  # what nobody is told needs no figures
        facts = await told_facts(connection, services, together, now)
        for subscription in to.values():
            await tell_news(connection, services, subscription, facts, now)


async def subscribe_releases(
    connection: AsyncConnection, receiver: Receiver, now: datetime
) -> None:
    """Subscribe a receiver to the releases of frontier labs' language models."""
    found = await receivers.subscriptions(connection, receiver.id, "releases")
    if not found:
        await receivers.add_subscription(connection, receiver.id, now, kind="releases")


async def is_due(services: Services) -> bool:
    """Whether anything has waited long enough; cheap enough to ask every second."""
    async with services.database.read() as connection:
        at = await stories.next_due(connection)
    return at is not None and at <= services.clock.now()


async def tell_due(services: Services, timing: Timing) -> Tick:
    """Enqueue what has waited long enough, without asking any source."""
    return await judge(services, timing, Fetched(), services.clock.now())
