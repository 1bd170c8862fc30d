"""Figures of the database for /metrics."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.trust import Health
from storage import outbox, receivers, trust
from storage.database import Database
from storage.gauges import Gauges, answers, gauges
from storage.schema import feed, held_price, receiver
from storage.schema import outbox as rows

NOW = datetime(2025, 1, 27, 22, tzinfo=UTC)
FEED: dict[str, Any] = {
    "kind": "rss", "voice": "lab", "url": "u", "title": "t", "lab": "", "interval": 60,
    "next_at": NOW,
}  # fmt: skip


async def found(database: Database) -> Gauges:
    async with database.read() as connection:
        return await gauges(connection, NOW, 3, {"Yahoo"})


async def test_an_empty_database_knows_little(database: Database) -> None:
    async with database.read() as connection:
        await answers(connection)
    empty = await found(database)
    assert (empty.size or 0) > 100_000
    assert empty == Gauges(
        {}, {"on": 0, "failing": 0, "off": 0}, None, {}, {}, 0, {}, {}, empty.size
    )


async def test_what_waits_and_what_fails_is_counted(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        ids = {}
        for surface, address in (("slack", "a"), ("slack", "b"), ("discord", "c")):
            made = await receivers.receiver_of(connection, surface, address, "t", NOW)
            ids[address] = made.id
        for number, address in enumerate("aabc"):
            at = NOW - timedelta(hours=4 - number)
            await outbox.enqueue(connection, ids[address], f"n{number}", "post", {}, "t", at)
        later = {"next_attempt_at": NOW + timedelta(minutes=1)}
        await connection.execute(update(rows).where(rows.c.nonce == "n0").values(later))
        await connection.execute(update(rows).where(rows.c.nonce == "n3").values(state="sent"))
        # Nobody sends to a channel that was given up, so what waits for it is not late.
        given_up = update(receiver).where(receiver.c.id == ids["b"]).values(disabled_at=NOW)
        await connection.execute(given_up)
        await connection.execute(
            insert(feed),
            [
                FEED | {"key": "good", "ok_at": NOW - timedelta(minutes=5), "failures": 2},
                FEED | {"key": "bad", "ok_at": NOW - timedelta(days=5), "failures": 3},
            ],
        )
        await connection.execute(insert(feed), [FEED | {"key": "off", "off_at": NOW}])
        held = {
            "symbol": "NVDA", "day": date(2025, 1, 27), "price": 1, "final": True, "reason": "x",
            "since": NOW, "seen_at": NOW, "polls": 1,
        }  # fmt: skip
        await connection.execute(insert(held_price), [held])
        await trust.put_source(connection, Health("Yahoo", NOW, 0))
        await trust.put_source(connection, Health("one of other settings", NOW, 9))

    await database.write(work)
    seen = await found(database)
    assert seen.waiting == {("slack", "pending"): 3}
    assert seen.oldest_due == {"slack": NOW - timedelta(hours=3)}
    assert seen.receivers == {"slack": (2, 1), "discord": (1, 0)}
    assert seen.feeds == {"on": 2, "failing": 1, "off": 1}
    assert seen.looked_at == NOW - timedelta(minutes=5)
    assert seen.held == 1
    assert seen.sources == {"Yahoo": (NOW, 0)}
