"""Forgetting: what stays, and that the statements are portable."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.market.splits import adjust
from bot.model.asked import Asked
from bot.model.bar import Quote
from bot.model.rate import Terms
from bot.sections import RetentionSettings
from storage import (
    attempts,
    controls,
    market,
    outbox,
    price_events,
    prices,
    receivers,
    tracked,
    trust,
)
from storage.attempts import Outcome
from storage.database import Database
from storage.price_events import FoundEvent
from storage.prune import Keep, old, prune
from storage.schema import attempt, decision, held_news, quote, receiver, room
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
    forgotten = await prune(database, NOW, Keep(), adjust)
    assert sum(forgotten.values()) == 2 * (3 + 2 + 2) + 2
    async with database.read() as connection:
        rows = (await connection.execute(select(quote).order_by(quote.c.as_of))).all()
    kept = [row.as_of for row in rows if row.symbol == "NVDA"]
    assert kept == sorted([*times[:6], times[6], times[9]])
    assert not await prune(database, NOW, Keep(), adjust)


async def test_decisions_stay_for_ninety_days(database: Database) -> None:
    rows = [
        Decision(NOW - timedelta(days=days), None, "NVDA", "gate", str(days)) for days in (89, 91)
    ]
    await database.write(lambda connection: trust.record(connection, rows))
    await prune(database, NOW, Keep(), adjust)
    async with database.read() as connection:
        assert list((await connection.execute(select(decision.c.reason))).scalars()) == ["89"]


async def test_news_of_prices_stays_long_and_that_there_was_a_look_for_ever(
    database: Database,
) -> None:
    events = [
        FoundEvent(str(days), "cut", "openai", "Zeta", NOW - timedelta(days=days), NOW, {})
        for days in (399, 401)
    ]

    async def work(connection: AsyncConnection) -> None:
        await price_events.mark_begun(connection, NOW - timedelta(days=900))
        await price_events.put_events(connection, events)

    await database.write(work)
    assert await prune(database, NOW, Keep(), adjust) == {"price news": 1}
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

    async def work(connection: AsyncConnection) -> None:
        for price, days in enumerate((900, 600, 500, 300, 80, 1), 1):
            at = NOW - timedelta(days=days)
            await prices.put_look(connection, "models.dev", lines(price), known, at)

    await database.write(work)
    # One row of a reseller ended before 400 days, two of nobody before ninety; what the first
    # look had stays, for it says since when the list is read.
    gone = {"resellers' prices": 1, "prices of unknown models": 2}
    assert await prune(database, NOW, Keep(), adjust) == gone
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
    assert await prune(database, NOW, Keep(), adjust) == {"attempts": 2}
    async with database.read() as connection:
        found = await connection.execute(select(attempt.c.detail).order_by(attempt.c.id))
        assert list(found.scalars()) == ["89"]


@pytest.mark.parametrize("name", sorted(old(NOW, Keep())))
def test_the_statements_compile_for_postgresql(name: str) -> None:
    table, conditions = old(NOW, Keep())[name]
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    text = str(delete(table).where(*conditions).compile(dialect=dialect))
    assert text.startswith(f"DELETE FROM {table.name}")


async def test_what_is_over_for_channels_goes_and_what_they_set_stays(database: Database) -> None:
    long_ago, lately = NOW - timedelta(days=401), NOW - timedelta(days=89)

    async def work(connection: AsyncConnection) -> None:
        for name in ("gone", "here"):
            at = NOW - timedelta(days=900)
            given = await receivers.receiver_of(connection, "console", name, name, at)
            for until in (NOW - timedelta(days=91), lately, NOW + timedelta(days=1)):
                await controls.add_silence(connection, given.id, "", at, until, "me")
            for made in (long_ago, lately):
                news = {
                    "receiver_id": given.id, "facts": {}, "fallback": "", "held_by": "quiet",
                    "until": made, "created_at": made,
                }  # fmt: skip
                await controls.hold_news(connection, news)
            for number, (expires, linked) in enumerate(
                [(long_ago, None), (lately, None), (long_ago, long_ago)]
            ):
                await connection.execute(
                    insert(room).values(
                        inviter_id=given.id, code_digest=f"{name}{number}", invited_by="me",
                        created_at=long_ago, expires_at=expires, linked_at=linked,
                    )
                )  # fmt: skip
        off = update(receiver).where(receiver.c.address == "gone")
        await connection.execute(off.values(disabled_at=long_ago))

    await database.write(work)
    found = await prune(database, NOW, Keep(), adjust)
    assert found == {"silences": 2, "codes of rooms": 2, "held news": 1}
    async with database.read() as connection:
        assert len((await connection.execute(select(receiver.c.id))).all()) == 2
        waiting = (await connection.execute(select(held_news.c.created_at))).scalars().all()
    # News that waits for a channel that can be reached is told however late it is.
    assert sorted(waiting) == [long_ago, lately, lately]


def test_there_is_a_setting_for_each_time_that_things_are_kept() -> None:
    days = RetentionSettings().model_dump()
    assert Keep(**{name: timedelta(days=number) for name, number in days.items()}) == Keep()


async def test_tracked_releases_stay_for_400_days_and_while_one_is_to_be_studied(
    database: Database,
) -> None:
    day = NOW.date()
    for name, days, due in (("new", 399, None), ("old", 401, None), ("due", 401, NOW)):
        event = Tracked(name, day, day, day, NOW - timedelta(days=days), {}, (), 1, due)
        await database.write(lambda c, event=event: tracked.open_event(c, event))  # type: ignore[misc]
    await prune(database, NOW, Keep(), adjust)
    async with database.read() as connection:
        assert [one.key for one in await tracked.newest(connection, NOW)] == ["new", "due"]
