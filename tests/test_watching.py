"""Watching: what is polled, looked up and listened to follows what people ask for."""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from threading import current_thread, main_thread
from typing import Any

import pytest
from sqlalchemy import event

from bot.alerts.stories import Timing
from bot.errors import SourceError, UserError
from bot.failing import WELL
from bot.market.calendar import load
from bot.market.shipped import ShippedHistory
from bot.market.source import Instrument
from bot.model.trust import Health
from bot.scheduling import Schedule
from bot.services import Services, SetClock
from bot.watching import STREAM, Watching
from bot.working import follow
from storage import market, trust
from storage.database import Database
from tests.asking import ask
from tests.delivering import until
from tests.known import known_at
from tests.refusing import read_only
from tests.servers.yahoo import Listed, YahooServer
from tests.watched_yahoo import flat, on_yahoo

OPEN = datetime(2025, 1, 27, 15, tzinfo=UTC)
SATURDAY = datetime(2025, 2, 1, 15, tzinfo=UTC)
COIN = Listed({date(2025, 1, 26): 3300.0}, 3100.0, more={"quoteType": "CRYPTOCURRENCY"})
TIMING = Timing(timedelta(0), timedelta(minutes=15))


@pytest.fixture(scope="session")
def opening_file(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all that ships and is known while the exchange is open, made once."""
    return known_at(tmp_path_factory, blank, "opening.db", OPEN)


@pytest.fixture
async def database(tmp_path: Path, opening_file: Path) -> AsyncIterator[Database]:
    """A database that need not be filled."""
    copyfile(opening_file, tmp_path / "test.db")
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/test.db", durable=False)
    yield database
    await database.close()


@pytest.fixture
async def yahoo(services: Services, tmp_path: Path) -> AsyncIterator[tuple[Services, YahooServer]]:
    listed = {"ETH-USD": COIN, "ORCL": flat(180, shortName="Oracle")}
    async with on_yahoo(services, tmp_path, OPEN, **listed) as found:
        yield found


def _watching(services: Services) -> Watching:
    return Watching(services, TIMING, lambda: None)


def _naming(services: Services, *symbols: str) -> Services:
    """With these symbols in the settings."""
    named = services.settings.market.model_copy(update={"watch": symbols})
    return replace(services, settings=services.settings.model_copy(update={"market": named}))


async def _health(services: Services, source: str) -> Health | None:
    async with services.database.read() as connection:
        return (await trust.sources(connection)).get(source)


async def test_a_symbol_added_on_a_weekend_is_listened_to_and_polled_at_once(
    yahoo: tuple[Services, YahooServer],
) -> None:
    services, _server = yahoo
    assert isinstance(services.clock, SetClock)
    services.clock.moment = SATURDAY
    watching = _watching(services)
    await watching.begin()
    assert watching.next_poll(SATURDAY, SATURDAY) == datetime(2025, 2, 3, 5, tzinfo=UTC)
    assert not await watching.refresh()
    assert watching.trading() == []
    await ask("/alert add ETH-USD", services)
    assert await watching.refresh()  # the next poll was planned without it
    assert watching.trading() == ["ETH-USD"]
    minute = SATURDAY + timedelta(seconds=60)
    assert watching.next_poll(SATURDAY, SATURDAY) == minute
    assert not await watching.refresh()


async def test_what_a_command_adds_is_polled_without_a_restart(
    yahoo: tuple[Services, YahooServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    services, _server = yahoo
    watching = _watching(services)
    await watching.begin()
    watching.next_poll(None, OPEN)
    polled = asyncio.Event()

    class Planned(Schedule):
        def soon(self, name: str, now: datetime) -> None:
            assert name == "poll"
            watching.next_poll(now, now)  # as the scheduler asks
            polled.set()

    monkeypatch.setattr("bot.working.FOLLOW_SECONDS", 0.01)
    following = asyncio.create_task(follow(services, watching, Planned(None)))
    await watching.refresh()
    assert not polled.is_set()
    await ask("/alert add ETH-USD", services)
    await asyncio.wait_for(polled.wait(), timeout=30)
    following.cancel()
    await asyncio.wait([following])


async def test_calendars_are_read_beside_the_event_loop(
    yahoo: tuple[Services, YahooServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    services, _server = yahoo
    found: list[tuple[bool, set[str]]] = []

    def loading(exchanges: Collection[str]) -> None:
        found.append((current_thread() is main_thread(), set(exchanges)))
        load(exchanges)

    monkeypatch.setattr("bot.watching.load", loading)
    monkeypatch.setattr("bot.cycle.begin.load", loading)
    await ask("/alert add ETH-USD", services)
    await _watching(services).begin()
    assert found == [(False, {"24/7"}), (False, {"24/7", "XNYS"})]


async def test_a_basket_may_hold_a_symbol_that_nobody_has_asked_for_before(
    yahoo: tuple[Services, YahooServer],
) -> None:
    services, server = yahoo
    card = await ask("/basket add mine eth-usd,ORCL,NVDA", services)
    assert card.title == "Basket mine holds ETH-USD, ORCL and NVDA"
    async with services.database.read() as connection:
        assert (await market.symbol_rows(connection))["ORCL"]["name"] == "Oracle"
        assert "ETH-USD" in await market.last_days(connection)
    assert server.asked.count("v7/finance/quote") == 1
    with pytest.raises(UserError, match="Yahoo does not know GONE and LOST; write a symbol"):
        await ask("/basket add more NVDA,GONE,LOST", services)
    server.faults = [503] * 9
    with pytest.raises(UserError, match="cannot be looked up now: Yahoo answered 503"):
        await ask("/basket add more NVDA,GONE", services)
    with pytest.raises(UserError, match='"NV DA" is not a symbol'):
        await ask('/basket add more "NV DA,AMD"', services)


async def test_a_symbol_of_the_settings_is_known_although_no_exchange_is_open(
    yahoo: tuple[Services, YahooServer],
) -> None:
    services, server = yahoo
    assert isinstance(services.clock, SetClock)
    services.clock.moment = SATURDAY
    services = _naming(services, "ORCL", "GONE")
    watching = _watching(services)
    status = {f.name: f.value for f in (await ask("/status", services)).fields}
    assert status["No price yet"] == "GONE, ORCL"
    server.faults = [503] * 2
    await watching.poll()
    with pytest.raises(UserError, match="ORCL is not a symbol"):
        await ask("/drawdown ORCL", services)
    await watching.poll()
    assert (await ask("/drawdown ORCL", services)).title.startswith("Oracle (ORCL)")
    assert (await ask("/status", services)).facts["no_price_yet"] == ["GONE"]
    looked_up = server.asked.count("v7/finance/quote")
    await watching.poll()
    assert server.asked.count("v7/finance/quote") == looked_up  # GONE is left alone for hours


async def test_what_waits_is_looked_at_only_while_it_may_come(
    yahoo: tuple[Services, YahooServer],
) -> None:
    services, server = yahoo
    assert isinstance(services.clock, SetClock)
    watching = _watching(services)
    await watching.begin()
    close = datetime(2025, 1, 27, 21, tzinfo=UTC)
    asked = []
    for at in (SATURDAY, close + timedelta(minutes=46), close + timedelta(minutes=44), OPEN):
        services.clock.moment = at
        services.live.waiting = True
        server.asked.clear()
        await watching.recheck()
        asked.append(bool(server.asked))
    assert asked == [False, False, True, True]


async def test_ticks_do_not_overlap(yahoo: tuple[Services, YahooServer]) -> None:
    services, server = yahoo
    watching = _watching(services)
    server.faults = ["hang"] * 2
    polling = asyncio.create_task(watching.poll())
    while not server.asked:
        await asyncio.sleep(0.01)
    services.live.waiting = True
    await watching.recheck()
    await watching.tell()
    assert len(server.asked) == 1
    server.faults = []
    server.released.set()
    await polling


async def test_a_source_that_cannot_list_its_symbols_is_shown_and_ends_nothing(
    services: Services,
) -> None:
    class Broken(ShippedHistory):
        name = "CSV folder"

        async def known(self) -> dict[str, Instrument]:
            raise SourceError("symbols.csv, line 3: 'odd' is not a basis of closes")

    broken = replace(services, history=Broken())
    await _watching(broken).poll()
    status = {f.name: f.value for f in (await ask("/status", broken)).fields}
    assert "symbols.csv, line 3" in status["CSV folder"]
    measured = broken.live.measured
    assert (sum(measured.cycles.counts), measured.failed_cycles) == (1, 1)


async def test_status_says_that_the_stream_broke_and_that_it_works_again(
    yahoo: tuple[Services, YahooServer],
) -> None:
    services, server = yahoo
    watching = _watching(services)
    await watching.begin()
    listening = asyncio.create_task(watching.listen())
    await asyncio.wait_for(server.connected.wait(), timeout=30)
    await server.tick("NVDA", 100.0, OPEN)
    while (health := await _health(services, STREAM)) is None or health.ok_at is None:
        await asyncio.sleep(0.01)
    assert "fails" not in (await ask("/status", services)).title
    server.connected.clear()
    await server.sockets[0].close()
    while (health := await _health(services, STREAM)) is None or not health.failures:
        await asyncio.sleep(0.01)
    card = await ask("/status", services)
    assert card.title == "Yahoo stream fails; polling goes on"
    status = {f.name: f.value for f in card.fields}
    assert status["Yahoo stream"] == (
        "failing since 27 Jan 2025, 15:00 UTC: the server closed the stream; polling goes on; "
        "last good answer 27 Jan 2025, 15:00 UTC"
    )
    await asyncio.wait_for(server.connected.wait(), timeout=30)
    await server.tick("NVDA", 100.0, OPEN)
    while (health := await _health(services, STREAM)) is None or health.failures:
        await asyncio.sleep(0.01)
    listening.cancel()
    await asyncio.wait([listening])


async def test_while_nothing_can_be_stored_the_stream_says_so_once(
    yahoo: tuple[Services, YahooServer],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    services, server = yahoo
    assert isinstance(services.clock, SetClock)
    monkeypatch.setattr("bot.cycle.listen.GATHER_SECONDS", 0.01)
    monkeypatch.setattr("bot.market.stream.TELL_AGAIN_SECONDS", 0)
    judged = asyncio.Event()
    watching = Watching(services, TIMING, judged.set)
    await watching.begin()
    listening = asyncio.create_task(watching.listen())
    await asyncio.wait_for(server.connected.wait(), timeout=30)

    async def trade() -> None:
        judged.clear()
        await server.tick("NVDA", 100.0, OPEN)
        await asyncio.wait_for(judged.wait(), timeout=30)

    with read_only(services.database):
        for _time in range(5):
            await trade()
    services.clock.moment += WELL
    await trade()
    health = await _health(services, STREAM)
    assert health is not None
    assert health.ok_at == OPEN + WELL  # what could not be kept was not forgotten
    listening.cancel()
    await asyncio.wait([listening])
    place = services.database._engine.url.database
    why = f"The database {place} cannot be written; check the folder and its permissions."
    assert sorted(caplog.messages) == [
        "how the price stream does cannot be kept: " + why,
        "how the price stream does is kept again",
        "prices of the stream are judged again",
        "prices of the stream cannot be judged: " + why,
    ]
    assert "Traceback" not in caplog.text


async def test_what_is_watched_cannot_be_read_is_said_once(
    yahoo: tuple[Services, YahooServer],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    services, _server = yahoo
    watching = _watching(services)
    await watching.begin()
    watching.next_poll(None, OPEN)
    failures, works = 0, asyncio.Event()

    def asking(_c: Any, _u: Any, statement: str, found: Any, *_more: Any) -> tuple[str, Any]:
        nonlocal failures
        if failures == 5:
            works.set()
            return statement, found
        failures += 1
        return f"SELECT {failures} FROM gone", ()  # what is asked is part of SQLAlchemy's words

    engine = services.database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", asking, retval=True)
    monkeypatch.setattr("bot.working.FOLLOW_SECONDS", 0.01)
    following = asyncio.create_task(follow(services, watching, Schedule(None)))
    await asyncio.wait_for(works.wait(), timeout=30)
    await until(lambda: len(caplog.messages) > 1)
    following.cancel()
    await asyncio.wait([following])
    failed, again = caplog.messages
    assert failed.startswith("what is watched cannot be read: ")
    assert "no such table: gone" in failed
    assert again == "what is watched is read again"


async def test_listening_begins_again_whatever_happens_and_says_so_once(
    yahoo: tuple[Services, YahooServer],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    services, server = yahoo
    watching = _watching(services)
    await watching.begin()
    begun = 0

    async def failing(*_arguments: object) -> None:
        nonlocal begun
        begun += 1
        if begun == 3:
            monkeypatch.undo()
        raise RuntimeError("a bug")

    async def no_pause(_seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr("bot.watching.listen", failing)
    listening = asyncio.create_task(watching.listen(no_pause))
    await asyncio.wait_for(server.connected.wait(), timeout=30)
    assert begun == 3
    listening.cancel()
    await asyncio.wait([listening])
    failed = [said for said in caplog.messages if "listening failed" in said]
    assert failed == ["listening failed and begins again every 30 s: a bug"]


async def test_a_stream_that_broke_in_an_earlier_run_is_past(
    yahoo: tuple[Services, YahooServer],
) -> None:
    services, _server = yahoo
    broken = Health(STREAM, OPEN, 3, OPEN, None, "the server closed the stream")
    await services.database.write(lambda connection: trust.put_source(connection, broken))
    await _watching(services).begin()
    assert await _health(services, STREAM) == Health(STREAM, OPEN)
