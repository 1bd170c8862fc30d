"""Digests: a basket's table, its movers, what is under way, what was released or repriced."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.schedule import LATE, next_digest
from bot.cycle.board import Board
from bot.cycle.digest_prices import price_facts
from bot.cycle.facts import DIGEST, DRAWDOWN, VERSION, measured, title_of
from bot.cycle.flush import tell_news
from bot.cycle.load import load_board
from bot.cycle.measures import drawdowns
from bot.market.calendar import exchange_of, session_day
from bot.model.rule import PPM
from bot.releases.wanted import wanted
from bot.services import Services
from storage import controls, receivers, stories
from storage import releases as stored_releases
from storage.receivers import Subscription
from storage.stories import StoredStory

log = logging.getLogger(__name__)


async def tell_digests(connection: AsyncConnection, services: Services, now: datetime) -> None:
    """Enqueue the digests that are due, each once; one that is very late is left out."""
    for number in await receivers.due_digests(connection, now):
        subscription = await receivers.subscription_of(connection, number)
        wishes = await controls.wishes(connection, [subscription.receiver_id])
        zone = wishes[subscription.receiver_id].time_zone
        filters, due = subscription.filters, subscription.next_at
        weekday = filters["weekday"] if filters["every"] == "week" else None
        await receivers.set_next(
            connection, number, next_digest(now, zone, filters["minute"], weekday)
        )
        if due is None or now - due > LATE:
            continue
        try:
            facts = await digest_facts(connection, services, subscription, now)
        except (LookupError, ValueError, TypeError, ArithmeticError):
            # One digest that cannot be put together must not take all channels' messages along.
            log.exception("digest %d could not be put together", number)
            continue
        if facts is not None:
            await tell_news(connection, services, subscription, facts, now)


async def digest_facts(
    connection: AsyncConnection, services: Services, subscription: Subscription, now: datetime
) -> dict[str, Any] | None:
    """What a digest says; None while there are no prices.

    Its releases are those known since the last digest that was told; `under_way` are the told
    falls of its own basket and members: `title`, `depth` (a fraction), and `since`, a day.
    """
    filters = subscription.filters
    target, weekly = filters["target"], filters["every"] == "week"
    opened = [
        story
        for story in await stories.open_stories(connection, receiver_ids=[subscription.receiver_id])
        if story.topic == DRAWDOWN and story.state.told_at is not None
    ]
    measures = sorted({"1y", *(story.measure for story in opened)})
    board = await load_board(connection, [target], measures, now)
    days = board.final(target).days
    if len(days) < 2:
        return None
    back = 5 if weekly else 1
    first = days[max(0, len(days) - 1 - back)]
    facts = measured(board, target, "1y")
    members = [{**m, "span_move": _span(board, m["symbol"], first)} for m in facts["members"]]
    since = subscription.told_until or now - timedelta(days=7 if weekly else 1)
    known = [r for r in await stored_releases.releases(connection, now) if r.known_at > since]
    labs = services.releases.labs
    released = [
        f"{labs[r.lab].name if r.lab in labs else r.lab}: {r.model}"
        for r in known
        if wanted(r, labs, {})
    ]
    prices = await price_facts(connection, services, since, now)
    return {
        **facts,
        "version": VERSION,
        "kind": DIGEST,
        "period": "Weekly" if weekly else "Daily",
        "members": members,
        "span_from": first.isoformat(),
        "span_move": _span(board, target, first),
        "under_way": _under_way(board, target, opened),
        "released": released,
        "token_prices": prices,
        "since": since.isoformat(),
        "until": now.isoformat(),
    }


def _under_way(board: Board, target: str, opened: Sequence[StoredStory]) -> list[dict[str, Any]]:
    found = []
    for story in opened:
        if story.target != target and story.target not in board.symbols(target):
            continue
        series = board.final(story.target)
        if not series.days:
            continue
        reading = drawdowns(series, story.measure)[-1]
        since = session_day(exchange_of(story.target), story.opened_at)
        found.append(
            {
                "title": title_of(board, story.target),
                "depth": reading.value / PPM,
                "since": since.isoformat(),
            }
        )
    return found


def _span(board: Board, target: str, first: date) -> float | None:
    """The move from the close of `first` to the last; None where either is missing."""
    series = board.final(target)
    if first not in series.days or not series.values:
        return None
    return series.values[-1] / series.values[series.days.index(first)] - 1
