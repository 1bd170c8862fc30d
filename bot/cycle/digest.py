"""Digests: a basket's table, its movers, what is under way and what was released."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.schedule import LATE, next_digest
from bot.cycle.board import Board
from bot.cycle.facts import DIGEST, VERSION, measured
from bot.cycle.flush import tell_news
from bot.cycle.load import load_board
from bot.releases.wanted import wanted
from bot.services import Services
from storage import controls, receivers, stories
from storage import releases as stored_releases
from storage.receivers import Subscription


async def tell_digests(connection: AsyncConnection, services: Services, now: datetime) -> None:
    """Enqueue the digests that are due, each once; one that is very late is left out."""
    for number in await receivers.due_digests(connection, now):
        subscription = await receivers.subscription_of(connection, number)
        wishes = await controls.wishes(connection, [subscription.receiver_id])
        zone = wishes[subscription.receiver_id].time_zone
        filters, due = subscription.filters, subscription.next_at
        weekly = filters["every"] == "week"
        weekday = filters["weekday"] if weekly else None
        await receivers.set_next(
            connection, number, next_digest(now, zone, filters["minute"], weekday)
        )
        if due is not None and now - due <= LATE:
            facts = await digest_facts(connection, services, subscription, now)
            if facts is not None:
                await tell_news(connection, services, subscription, facts, now)


async def digest_facts(
    connection: AsyncConnection, services: Services, subscription: Subscription, now: datetime
) -> dict[str, Any] | None:
    """What a digest says; None while there are no prices."""
    filters = subscription.filters
    target, weekly = filters["target"], filters["every"] == "week"
    board = await load_board(connection, [target], ["1y"], now)
    days = board.final(target).days
    if len(days) < 2:
        return None
    back = 5 if weekly else 1
    first = days[max(0, len(days) - 1 - back)]
    facts = measured(board, target, "1y")
    members = [{**m, "span_move": _span(board, m["symbol"], first)} for m in facts["members"]]
    since = now - timedelta(days=7 if weekly else 1)
    known = [r for r in await stored_releases.releases(connection, now) if r.known_at > since]
    labs = services.releases.labs
    released = [
        f"{labs[r.lab].name if r.lab in labs else r.lab}: {r.model}"
        for r in known
        if wanted(r, labs, {})
    ]
    opened = await stories.open_stories(connection, receiver_ids=[subscription.receiver_id])
    return {
        **facts,
        "version": VERSION,
        "kind": DIGEST,
        "period": "Weekly" if weekly else "Daily",
        "members": members,
        "span_from": first.isoformat(),
        "span_move": _span(board, target, first),
        "under_way": [
            f"{_name(board, story.target)} since {story.opened_at:%Y-%m-%d}"
            for story in opened
            if story.state.told_at is not None
        ],
        "released": released,
    }


def _span(board: Board, target: str, first: date) -> float | None:
    """The move from the close of `first` to the last; None where either is missing."""
    series = board.final(target)
    if first not in series.days or not series.values:
        return None
    return series.values[-1] / series.values[series.days.index(first)] - 1


def _name(board: Board, target: str) -> str:
    return board.baskets[target].title if target in board.baskets else target
