"""Forgetting: what is too old to matter is deleted, one statement each."""

from datetime import datetime, timedelta

from sqlalchemy import Delete, delete, exists, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.price_events import BEGUN
from storage.schema import (
    Big,
    attempt,
    decision,
    price_event,
    price_seen,
    quote,
    sighting,
    tracked_event,
)

KEEP_EVERY_QUOTE = timedelta(days=2)
KEEP_QUOTES = timedelta(days=30)
KEEP_DECISIONS = timedelta(days=90)
KEEP_ATTEMPTS = timedelta(days=90)
KEEP_SIGHTINGS = timedelta(days=90)
# Long after what they tell of is too old to be told again.
KEEP_PRICE_EVENTS = timedelta(days=400)
# What is asked for past days is what labs asked themselves, which stays.
KEEP_SELLERS = timedelta(days=400)
KEEP_UNKNOWN = timedelta(days=90)
KEEP_TRACKED = timedelta(days=400)
_DAY_MICROS = 86_400_000_000


def thinned(before: datetime) -> Delete:
    """Deletes quotes before an instant that have a later one of their symbol on their UTC day."""
    later = quote.alias("later")
    own, other = type_coerce(quote.c.as_of, Big), type_coerce(later.c.as_of, Big)
    return delete(quote).where(
        quote.c.as_of < before,
        exists().where(
            later.c.symbol == quote.c.symbol,
            other > own,
            # A range, so that the key finds it.
            other < (own // _DAY_MICROS + 1) * _DAY_MICROS,
        ),
    )


def old_quotes(before: datetime) -> Delete:
    """Deletes quotes before an instant."""
    return delete(quote).where(quote.c.as_of < before)


def old_decisions(before: datetime) -> Delete:
    """Deletes decisions before an instant."""
    return delete(decision).where(decision.c.at < before)


def old_attempts(before: datetime) -> Delete:
    """Deletes attempts to send that began before an instant; a row keeps how many there were."""
    return delete(attempt).where(attempt.c.started_at < before)


def old_sightings(before: datetime) -> Delete:
    """Deletes what was made of entries before an instant that tell of no release.

    That they were seen stays.
    """
    return delete(sighting).where(sighting.c.seen_at < before, sighting.c.release_key.is_(None))


def old_price_events(before: datetime) -> Delete:
    """Deletes events of prices that became true before an instant; that there was a look stays."""
    return delete(price_event).where(
        price_event.c.effective_at < before, price_event.c.kind != BEGUN
    )


def old_unknown_prices(before: datetime) -> Delete:
    """Deletes what was seen asked, until an instant, for what no known model is."""
    return _ended_prices(before).where(price_seen.c.lab == "")


def old_sellers_prices(before: datetime) -> Delete:
    """Deletes what others than a model's own lab were seen to ask until an instant."""
    return _ended_prices(before).where(price_seen.c.provider != price_seen.c.lab)


def _ended_prices(before: datetime) -> Delete:
    """Of rows that ended; what a source had first says since when it is read, and stays."""
    first = price_seen.alias("first")
    begun = select(func.min(first.c.first_seen_at)).group_by(first.c.source)
    return delete(price_seen).where(
        price_seen.c.ended_at < before, price_seen.c.first_seen_at.not_in(begun)
    )


def old_tracked(before: datetime) -> Delete:
    """Deletes releases that were tracked from before an instant."""
    return delete(tracked_event).where(
        tracked_event.c.opened_at < before, tracked_event.c.due_at.is_(None)
    )


async def prune(connection: AsyncConnection, now: datetime) -> int:
    """Forget what is old: how many rows.

    After two days the last quote of a symbol and day stays, after thirty days none; decisions,
    attempts to send and entries of feeds that tell of no release stay for ninety, news of prices
    and releases that were tracked for 400, and so does what resellers asked once they ask something
    else.
    """
    forgotten = 0
    for statement in (
        old_quotes(now - KEEP_QUOTES),
        thinned(now - KEEP_EVERY_QUOTE),
        old_decisions(now - KEEP_DECISIONS),
        old_attempts(now - KEEP_ATTEMPTS),
        old_sightings(now - KEEP_SIGHTINGS),
        old_price_events(now - KEEP_PRICE_EVENTS),
        old_unknown_prices(now - KEEP_UNKNOWN),
        old_sellers_prices(now - KEEP_SELLERS),
        old_tracked(now - KEEP_TRACKED),
    ):
        forgotten += (await connection.execute(statement)).rowcount
    return forgotten
