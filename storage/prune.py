"""Forgetting: what is too old to matter is deleted, some at a time, so that others can write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, func, select

from storage.database import Database
from storage.feeds import forget_seen
from storage.price_events import BEGUN
from storage.prune_messages import forget_alerts, forget_messages, forget_stories
from storage.schema import (
    attempt,
    decision,
    held_news,
    price_event,
    price_seen,
    quote,
    receiver,
    room,
    sighting,
    silence,
    tracked_event,
    valuation,
)
from storage.slices import forget
from storage.thin import Adjust, surplus_quotes, surplus_snapshots, thin_bars

Old = tuple[Table, Sequence[ColumnElement[bool]]]
KEEP_EVERY_QUOTE = timedelta(days=2)
# Long after what they tell of is too old to be told again.
KEEP_PRICE_EVENTS = timedelta(days=400)
# What is asked for past days is what labs asked themselves, which stays.
KEEP_SELLERS = timedelta(days=400)
KEEP_UNKNOWN = timedelta(days=90)
KEEP_TRACKED = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long what is past is kept, as the settings have it under [retention]."""

    daily_bars: timedelta = timedelta(days=3660)
    quotes: timedelta = timedelta(days=30)
    snapshots: timedelta = timedelta(days=400)
    messages: timedelta = timedelta(days=400)
    attempts: timedelta = timedelta(days=90)
    decisions: timedelta = timedelta(days=90)
    entries: timedelta = timedelta(days=90)
    seen: timedelta = timedelta(days=1100)


def old_prices(now: datetime) -> Mapping[str, Old]:
    """Of the prices of models what is old, by what it is called.

    Of news of them that there was a look stays; of prices that ended, what a source had first,
    which says since when it is read.
    """
    first = price_seen.alias("first")
    begun = select(func.min(first.c.first_seen_at)).group_by(first.c.source)
    later = price_seen.c.first_seen_at.not_in(begun)
    asked, ended = price_seen.c, price_seen.c.ended_at
    return {
        "price news": (
            price_event,
            (price_event.c.effective_at < now - KEEP_PRICE_EVENTS, price_event.c.kind != BEGUN),
        ),
        "prices of unknown models": (
            price_seen,
            (ended < now - KEEP_UNKNOWN, asked.lab == "", later),
        ),
        "resellers' prices": (
            price_seen,
            (ended < now - KEEP_SELLERS, asked.provider != asked.lab, later),
        ),
    }


def old(now: datetime, keep: Keep) -> Mapping[str, Old]:
    """What is old by one condition each, by what it is called: tables and conditions."""
    cut_off = select(receiver.c.id).where(receiver.c.disabled_at < now - keep.messages)
    return {
        "quotes": (quote, (quote.c.as_of < now - keep.quotes,)),
        "quotes within a day": (quote, surplus_quotes(now - min(KEEP_EVERY_QUOTE, keep.quotes))),
        "snapshots": (valuation, surplus_snapshots((now - keep.snapshots).date())),
        "decisions": (decision, (decision.c.at < now - keep.decisions,)),
        "attempts": (attempt, (attempt.c.started_at < now - keep.attempts,)),
        # That they were seen stays.
        "entries": (
            sighting,
            (sighting.c.seen_at < now - keep.entries, sighting.c.release_key.is_(None)),
        ),
        **old_prices(now),
        # Those that are still to be studied stay.
        "tracked releases": (
            tracked_event,
            (tracked_event.c.opened_at < now - KEEP_TRACKED, tracked_event.c.due_at.is_(None)),
        ),
        "silences": (silence, (silence.c.until < now - keep.decisions,)),
        "codes of rooms": (
            room,
            (room.c.expires_at < now - keep.decisions, room.c.linked_at.is_(None)),
        ),
        # For channels that cannot be reached: nobody would want it any more.
        "held news": (
            held_news,
            (held_news.c.created_at < now - keep.messages, held_news.c.receiver_id.in_(cut_off)),
        ),
    }


async def prune(database: Database, now: datetime, keep: Keep, adjust: Adjust) -> dict[str, int]:
    """Forget what is old: how many rows of each kind, those of which there were any.

    Settings of channels and servers, marks that feeds still list, what an open story began with
    and what labs themselves asked for models are never forgotten. `adjust` divides closes from
    before a split.
    """
    forgotten = {}
    for name, (table, conditions) in old(now, keep).items():
        forgotten[name] = await forget(database, table, *conditions)
    forgotten["messages"] = await forget_messages(database, now - keep.messages)
    forgotten["stories"] = await forget_stories(database, now - keep.messages)
    forgotten["alerts"] = await forget_alerts(database, now - keep.messages)
    forgotten["closes"] = await thin_bars(database, (now - keep.daily_bars).date(), adjust)
    forgotten["marks of entries"] = await forget_seen(database, now, keep.seen)
    await database.tidy()
    return {name: number for name, number in forgotten.items() if number}
