"""Forgetting: what stays, and that the statements are portable."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Delete, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.asked import Asked
from bot.model.bar import Quote
from bot.model.rate import Terms
from storage import attempts, market, outbox, price_events, prices, receivers, tracked, trust
from storage.attempts import Outcome
from storage.database import Database
from storage.price_events import FoundEvent
from storage.prune import (
    old_attempts,
    old_decisions,
    old_price_events,
    old_quotes,
    old_sellers_prices,
    old_sightings,
    old_unknown_prices,
    prune,
    thinned,
)
from storage.schema import attempt, decision, quote
from storage.tracked import Tracked
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


async def test_news_of_prices_stays_long_and_that_there_was_a_look_for_ever(
    database: Database,
) -> None:
    events = [
        FoundEvent(str(days), "cut", "openai", "Zeta", NOW - timedelta(days=days), NOW, {})
        for days in (399, 401)
    ]

    async def work(connection: AsyncConnection) -> int:
        await price_events.mark_begun(connection, NOW - timedelta(days=900))
        await price_events.put_events(connection, events)
        return await prune(connection, NOW)

    assert await database.write(work) == 1
    async with database.read() as connection:
        assert await price_events.has_begun(connection)
        kept = await price_events.effective_since(connection, NOW - timedelta(days=999))
    assert [one.key for one in kept] == ["399"]


async def test_of_old_prices_those_of_labs_themselves_stay(database: Database) -> None:
    known = {("openai", "zeta"): ("openai", "Zeta"), ("azure", "zeta"): ("openai", "Zeta")}

    def lines(price: int) -> list[Asked]:
        sold = (*known, ("azure", "nobody/one"))
        return [
            Asked("models.dev", provider, named, Terms(), Decimal(price), None, Decimal(9))
            for provider, named in sold
        ]

    async def work(connection: AsyncConnection) -> int:
        for price, days in enumerate((900, 600, 500, 300, 80, 1), 1):
            at = NOW - timedelta(days=days)
            await prices.put_look(connection, "models.dev", lines(price), known, at)
        return await prune(connection, NOW)

    # One row of a reseller ended before 400 days, two of nobody before ninety; what the first
    # look had stays, for it says since when the list is read.
    assert await database.write(work) == 1 + 2
    async with database.read() as connection:
        kept = await prices.seen_rates(connection)
    assert sorted((one.provider, int(one.input_mtok or 0)) for one in kept) == [
        *(("azure", price) for price in (1, 3, 4, 5, 6)),
        *(("openai", price) for price in (1, 2, 3, 4, 5, 6)),
    ]


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
    [
        old_attempts(NOW),
        thinned(NOW),
        old_quotes(NOW),
        old_decisions(NOW),
        old_sightings(NOW),
        old_price_events(NOW),
        old_unknown_prices(NOW),
        old_sellers_prices(NOW),
    ],
    ids=str,
)
def test_the_statements_compile_for_postgresql(statement: Delete) -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    assert str(statement.compile(dialect=dialect)).startswith("DELETE FROM")


async def test_tracked_releases_stay_for_400_days_and_while_one_is_to_be_studied(
    database: Database,
) -> None:
    day = NOW.date()
    for name, days, due in (("new", 399, None), ("old", 401, None), ("due", 401, NOW)):
        event = Tracked(name, day, day, day, NOW - timedelta(days=days), {}, (), 1, due)
        await database.write(lambda c, event=event: tracked.open_event(c, event))  # type: ignore[misc]
    await database.write(lambda connection: prune(connection, NOW))
    async with database.read() as connection:
        assert [one.key for one in await tracked.newest(connection, NOW)] == ["new", "due"]
