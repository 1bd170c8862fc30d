"""Forgetting: what stays, and that the statements are portable."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Delete, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.bar import Quote
from storage import attempts, market, outbox, receivers, trust
from storage.attempts import Outcome
from storage.database import Database
from storage.prune import old_attempts, old_decisions, old_quotes, old_sightings, prune, thinned
from storage.schema import attempt, decision, quote
from storage.trust import Decision

NOW = datetime(2025, 1, 27, 22, tzinfo=UTC)


async def test_old_quotes_are_thinned_to_a_day_s_last_and_then_go(database: Database) -> None:
    times = [NOW - timedelta(days=days, minutes=minutes)
             for days in (0, 1, 3, 4, 31) for minutes in (0, 1, 60)]  # fmt: skip
    quotes = [Quote(symbol, 1, at, at, "test") for symbol in ("AMD", "NVDA") for at in times]
    midnight = datetime(2025, 1, 24, tzinfo=UTC)
    quotes.append(Quote("AMD", 1, midnight - timedelta(microseconds=1), NOW, "test"))
    quotes.append(Quote("AMD", 1, midnight, NOW, "test"))
    await database.write(lambda connection: market.put_quotes(connection, quotes))
    forgotten = await database.write(lambda connection: prune(connection, NOW))
    assert forgotten == 2 * (3 + 2 + 2) + 2
    async with database.read() as connection:
        rows = (await connection.execute(select(quote).order_by(quote.c.as_of))).all()
    kept = [row.as_of for row in rows if row.symbol == "NVDA"]
    assert kept == sorted([*times[:6], times[6], times[9]])
    assert not await database.write(lambda connection: prune(connection, NOW))


async def test_decisions_stay_for_ninety_days(database: Database) -> None:
    rows = [
        Decision(NOW - timedelta(days=days), None, "NVDA", "gate", str(days)) for days in (89, 91)
    ]
    await database.write(lambda connection: trust.record(connection, rows))
    await database.write(lambda connection: prune(connection, NOW))
    async with database.read() as connection:
        assert list((await connection.execute(select(decision.c.reason))).scalars()) == ["89"]


async def test_attempts_stay_for_ninety_days(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        given = await receivers.receiver_of(connection, "console", "local", "console", NOW)
        row = await outbox.enqueue(connection, given.id, "a", "post", {}, "text", NOW)
        for days in (89, 91, 92):
            at = NOW - timedelta(days=days)
            begun = await attempts.begin_attempts(connection, [row], at)
            if days < 92:  # the last was cut off by a kill
                ended = Outcome(row, begun[row], at, attempts.FAILED, str(days), again=NOW)
                await attempts.record(connection, [ended])

    await database.write(work)
    assert await database.write(lambda connection: prune(connection, NOW)) == 2
    async with database.read() as connection:
        found = await connection.execute(select(attempt.c.detail).order_by(attempt.c.id))
        assert list(found.scalars()) == ["89"]


@pytest.mark.parametrize(
    "statement",
    [old_attempts(NOW), thinned(NOW), old_quotes(NOW), old_decisions(NOW), old_sightings(NOW)],
    ids=str,
)
def test_the_statements_compile_for_postgresql(statement: Delete) -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    assert str(statement.compile(dialect=dialect)).startswith("DELETE FROM")
