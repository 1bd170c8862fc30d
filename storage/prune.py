"""Forgetting: what is too old to matter is deleted, one statement each."""

from datetime import datetime, timedelta

from sqlalchemy import Delete, delete, exists, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import Big, attempt, decision, quote, sighting

KEEP_EVERY_QUOTE = timedelta(days=2)
KEEP_QUOTES = timedelta(days=30)
KEEP_DECISIONS = timedelta(days=90)
KEEP_ATTEMPTS = timedelta(days=90)
KEEP_SIGHTINGS = timedelta(days=90)
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


async def prune(connection: AsyncConnection, now: datetime) -> int:
    """Forget what is old: how many rows.

    After two days the last quote of a symbol and day stays, after thirty days none; decisions,
    attempts to send and entries of feeds that tell of no release stay for ninety.
    """
    forgotten = 0
    for statement in (
        old_quotes(now - KEEP_QUOTES),
        thinned(now - KEEP_EVERY_QUOTE),
        old_decisions(now - KEEP_DECISIONS),
        old_attempts(now - KEEP_ATTEMPTS),
        old_sightings(now - KEEP_SIGHTINGS),
    ):
        forgotten += (await connection.execute(statement)).rowcount
    return forgotten
