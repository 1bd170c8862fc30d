"""A year of a busy bot, forgotten day by day: the file stops growing."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.market.splits import adjust
from bot.model.bar import Measure, Quote
from bot.model.feed import Feed, FeedKind, Voice
from storage import attempts, feeds, market, receivers, valuations
from storage.database import Database
from storage.prune import Keep, prune
from storage.schema import decision, feed_seen, metadata, outbox, story

BEGUN = datetime(2026, 1, 1, 9, tzinfo=UTC)
DAYS, WARM = 365, 183
# A fourth of the usual times, so that a year holds more than all of them.
KEEP = Keep(
    quotes=timedelta(days=10), snapshots=timedelta(days=60), messages=timedelta(days=100),
    attempts=timedelta(days=30), decisions=timedelta(days=30), entries=timedelta(days=30),
    seen=timedelta(days=120),
)  # fmt: skip
CHANNELS, SYMBOLS, LISTED = 20, 10, 40
FEED = Feed("lab", FeedKind.FEED, Voice.LAB, "https://lab.test/feed", "Lab", "lab")
FACTS = {"kind": "drawdown", "target": "ai", "members": ["x" * 30] * 40}


async def _day(connection: AsyncConnection, number: int, random: Random) -> None:
    """What a day leaves behind: each channel is told of a fall, its deepening and its end."""
    now = BEGUN + timedelta(days=number)
    told: list[dict[str, Any]] = []
    stories: list[dict[str, Any]] = []
    first = number * CHANNELS * 3 + 1
    for channel in range(1, CHANNELS + 1):
        opened, root = number * CHANNELS + channel, first + (channel - 1) * 3
        stories.append(
            {
                "id": opened, "receiver_id": channel, "target": "ai", "window": "1y",
                "opened_at": now, "level": 1, "told_level": 1, "closed_at": now,
                "close_reason": "recovered", "root_id": root,
            }
        )  # fmt: skip
        told += [
            {
                "id": root + at, "receiver_id": channel, "surface": "console", "story_id": opened,
                "kind": "drawdown", "facts": FACTS, "fallback": "x" * 200, "created_at": now,
                "next_attempt_at": now, "sent_at": now, "nonce": f"{random.getrandbits(96):024x}",
                "action": action, "root_id": root if at else None,
                "state": "sent" if random.random() < 0.98 else "dead",
            }
            for at, action in enumerate(("post", "reply", "edit"))
        ]  # fmt: skip
    await connection.execute(insert(story), stories)
    await connection.execute(insert(outbox), told)
    await attempts.begin_attempts(connection, [row["id"] for row in told], now)
    why = [
        {"at": now, "receiver_id": 1 + n % CHANNELS, "target": "ai", "step": "tell", "reason": "w"}
        for n in range(200)
    ]
    await connection.execute(insert(decision), why)
    prices = [
        Quote(f"S{symbol}", 1, now + timedelta(minutes=n), now, "test")
        for symbol in range(SYMBOLS)
        for n in range(10)
    ]
    await market.put_quotes(connection, prices)
    figures = [
        Measure(f"S{symbol}", now.date(), name, "", number, now, "test")
        for symbol in range(SYMBOLS)
        for name in ("forward_eps", "market_cap", "eps_estimate")
    ]
    await valuations.put_measures(connection, figures)
    # Five entries a day come, and as many go.
    listed = {str(n) for n in range(number * 5, number * 5 + LISTED)}
    known = await feeds.known(connection, "lab")
    marks = sorted(listed - known.keys())
    marks += feeds.to_renew(known, sorted(listed & known.keys()), now.date())
    await feeds.put_seen(connection, {"lab": marks}, now)


@pytest.mark.faults
async def test_a_year_ends_with_the_file_of_half_a_year(
    tmp_path: Path, blank: Path, figures: Callable[..., None]
) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(blank.read_bytes())
    database = await Database.open(f"sqlite+aiosqlite:///{path}", durable=False)
    random, loop = Random(5), asyncio.get_running_loop()
    held: list[float] = []
    write = database.write

    async def timed(work: Any) -> Any:
        async def measured(connection: AsyncConnection) -> Any:
            begun = loop.time()
            try:
                return await work(connection)
            finally:
                held.append(loop.time() - begun)

        return await write(measured)

    async def work(connection: AsyncConnection) -> None:
        for number in range(CHANNELS):
            await receivers.receiver_of(connection, "console", str(number), "c", BEGUN)
        await feeds.add_feed(connection, FEED, BEGUN)

    await database.write(work)
    pages, logs = [], []
    for number in range(DAYS):
        await write(lambda c, number=number: _day(c, number, random))  # type: ignore[misc]
        database.write = timed  # type: ignore[method-assign, assignment]
        await prune(database, BEGUN + timedelta(days=number, hours=12), KEEP, adjust)
        database.write = write  # type: ignore[method-assign]
        async with database.read() as connection:
            pages.append(int((await connection.execute(text("PRAGMA page_count"))).scalar_one()))
        logs.append(path.with_name("a.db-wal").stat().st_size)
    async with database.read() as connection:
        last = await _rows(connection)
        listed = (await connection.execute(select(func.max(feed_seen.c.last_seen)))).scalar_one()
    await database.close()
    # Pages that are freed are used again: nothing grows but the weekly estimates.
    assert pages[-1] <= pages[WARM] * 1.05
    assert max(logs) == 0
    assert last["outbox"] <= 3 * CHANNELS * 101
    assert last["story"] <= CHANNELS * 101
    assert last["attempt"] <= 3 * CHANNELS * 31
    assert last["decision"] <= 200 * 31
    assert last["quote"] <= SYMBOLS * (10 * 3 + 9)
    assert last["valuation"] <= 3 * SYMBOLS * (61 + (DAYS - 60) // 7 + 2)
    # That a mark is still listed is noted after 30 to 45 days.
    assert last["feed_seen"] <= 5 * (120 + 45 + 2) + LISTED
    assert listed >= (BEGUN + timedelta(days=DAYS - 31)).date()
    figures(
        "a year, forgotten daily", half_year_pages=pages[WARM], year_pages=pages[-1],
        rows=sum(last.values()), longest_hold_ms=round(max(held) * 1000),
    )  # fmt: skip


async def _rows(connection: AsyncConnection) -> dict[str, int]:
    return {
        table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        for table in metadata.sorted_tables
    }
