"""What is kept in memory of what is stored: read once, however few symbols a stream tells of."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.cycle.fetched import Stored
from bot.cycle.listen import on_quotes
from bot.model.bar import Quote
from bot.services import Services
from storage import market
from tests.cycle.session import DAYS, SYMBOLS, TIMING, TODAY, Session

TABLES = ("bar", "split", "symbol")


@contextmanager
def bars_read(services: Services) -> Iterator[list[str]]:
    """The statements that read stored closes or splits."""
    found: list[str] = []

    def seen(_c: Any, _cursor: Any, text: str, _p: Any, _context: Any, _many: Any) -> None:
        if text.startswith("SELECT") and any(f"FROM {table}" in text for table in TABLES):
            found.append(text)

    engine = services.database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", seen)
    yield found
    event.remove(engine, "before_cursor_execute", seen)


async def streamed(session: Session, *symbols: str) -> None:
    """A second later, the stream tells of these."""
    now = session.services.clock.now() + timedelta(seconds=1)
    session.at(now)
    prices = [Quote(symbol, 99_900_000, now, now, "Yahoo stream") for symbol in symbols]
    await on_quotes(session.services, TIMING, prices)


async def test_a_stream_that_tells_of_other_symbols_each_second_reads_no_close_again(
    session: Session,
) -> None:
    await session.poll()
    await session.poll()
    await streamed(session, "NVDA")
    with bars_read(session.services) as found:
        for number in range(12):
            await streamed(session, SYMBOLS[number % 2])
            await streamed(session, *SYMBOLS[:2])
        assert found == []
        await session.poll()
    assert found == []


async def test_a_symbol_without_a_close_is_read_once(session: Session) -> None:
    await session.poll()
    with bars_read(session.services) as found:
        await streamed(session, "NEW")
        once = len(found)
        for _second in range(5):
            await streamed(session, "NEW")
            await streamed(session, "NVDA")
        assert len(found) == once
    assert 0 < once < 6


async def test_a_close_that_is_stored_is_known_to_the_next_price(session: Session) -> None:
    await session.poll()
    await streamed(session, "NVDA")
    for listed in session.server.listed.values():
        listed.closes[TODAY] = listed.closes[DAYS[-1]]
    session.at(datetime(2025, 1, 27, 21, 0, tzinfo=UTC))
    await session.poll()
    await streamed(session, "NVDA")
    async with session.services.database.read() as connection:
        now = session.services.clock.now()
        known = await Stored.load(connection, session.services.live, ["NVDA"], now)
    assert known.last["NVDA"] == known.closes["NVDA"].day == TODAY


async def test_what_was_read_while_something_was_stored_is_not_kept(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = session.services
    await session.poll()
    services.live.stored = None
    read = market.last_days

    async def meanwhile(connection: Any) -> Any:
        found = await read(connection)
        services.live.stored = None  # a poll has stored a close
        return found

    monkeypatch.setattr(market, "last_days", meanwhile)
    async with services.database.read() as connection:
        await Stored.load(connection, services.live, SYMBOLS, services.clock.now())
    assert services.live.stored is None
