"""The price stream against a server on 127.0.0.1 that closes, drops and talks rubbish."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from random import Random

import pytest

from bot.errors import StorageError
from bot.market.stream import PriceStream, StreamState, read_tick
from bot.model.bar import Quote
from tests.servers.yahoo import YahooServer, message, running

NOW = datetime(2025, 1, 27, 18, tzinfo=UTC)


async def _no_pause(_seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
async def server() -> AsyncIterator[YahooServer]:
    async with running(YahooServer()) as it:
        yield it


def _next(quotes: AsyncIterator[Quote]) -> "asyncio.Task[Quote]":
    async def one() -> Quote:
        return await anext(quotes)

    return asyncio.create_task(one())


async def test_prices_come_and_come_back_after_a_drop(server: YahooServer) -> None:
    stream = PriceStream(lambda: NOW, Random(1), server.base_url, pause=_no_pause)
    found = stream.quotes(lambda: ["NVDA", "AMD"])
    first = _next(found)
    await server.connected.wait()
    await server.sockets[0].send_str("rubbish")
    await server.tick("OTHER", 1.0, NOW)
    await server.tick("NVDA", 118.42, NOW)
    quote = await first
    assert (quote.symbol, quote.price, quote.as_of) == ("NVDA", 118_420_000, NOW)
    assert quote.unit == "USD"
    assert stream.state.unreadable == 1
    server.connected.clear()
    again = _next(found)
    await server.sockets[0].close()
    await server.connected.wait()
    await server.tick("AMD", 115.01, NOW)
    assert (await again).price == 115_010_000
    assert server.subscribed[-1] == ["AMD", "NVDA"]
    await found.aclose()


async def test_prices_outside_the_session_and_impossible_ones_are_left_out(
    server: YahooServer,
) -> None:
    stream = PriceStream(lambda: NOW, Random(1), server.base_url, pause=_no_pause)
    found = stream.quotes(lambda: ["NVDA"])
    first = _next(found)
    await server.connected.wait()
    for hours in (0, 2, 3):
        await server.tick("NVDA", 90.0, NOW, market_hours=hours)
    await server.tick("NVDA", float("inf"), NOW)
    await server.tick("NVDA", float("nan"), NOW)
    await server.tick("NVDA", 118.42, NOW)
    assert (await first).price == 118_420_000
    assert stream.state.unreadable == 2
    await found.aclose()


async def test_a_symbol_watched_from_now_on_is_subscribed_although_nothing_comes(
    server: YahooServer,
) -> None:
    watched = ["NVDA"]
    stream = PriceStream(
        lambda: NOW, Random(1), server.base_url, pause=_no_pause, look_seconds=0.01
    )
    found = stream.quotes(lambda: watched)
    first = _next(found)
    await server.connected.wait()
    server.connected.clear()
    watched.append("AMD")
    await asyncio.wait_for(server.connected.wait(), timeout=30)
    await server.tick("AMD", 115.01, NOW)
    assert (await first).symbol == "AMD"
    second = _next(found)
    server.connected.clear()
    watched.remove("NVDA")
    await asyncio.wait_for(server.connected.wait(), timeout=30)
    assert (server.subscribed[-1], server.unsubscribed) == (["AMD"], ["NVDA"])
    second.cancel()
    await asyncio.wait([second])


async def test_what_becomes_of_the_stream_is_told_once_each_time(server: YahooServer) -> None:
    told: list[tuple[str, bool]] = []
    enough = asyncio.Event()

    async def changed(state: StreamState) -> None:
        told.append((state.problem, state.works_since is not None))

    async def pause(_seconds: float) -> None:
        if len(server.sockets) == 1:  # the second time that it cannot be had
            enough.set()
        await asyncio.sleep(0)

    stream = PriceStream(
        lambda: NOW, Random(1), server.base_url, pause=pause, look_seconds=1, changed=changed
    )
    found = stream.quotes(lambda: ["NVDA"])
    first = _next(found)
    await server.connected.wait()
    await server.tick("NVDA", 118.42, NOW)
    await first
    second = _next(found)
    server.down.add("stream")
    await server.sockets[0].close()
    await enough.wait()
    server.down.clear()
    while len(server.sockets) < 2 or not server.subscribed[1:]:
        await asyncio.sleep(0.01)
    await server.tick("NVDA", 118.0, NOW)
    await second
    assert told[0] == ("", True)
    assert told[1] == ("the server closed the stream", False)
    assert told[-1] == ("", True)
    assert len(told) <= 4  # closed, and not to be had: however often it was tried
    await found.aclose()


async def test_a_server_that_opens_no_stream_is_a_problem_and_is_asked_again(
    server: YahooServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.market.stream.OPENING_SECONDS", 0.05)
    told, again = list[str](), asyncio.Event()

    async def changed(state: StreamState) -> None:
        told.append(state.problem)
        again.set()

    server.down.add("stream hangs")
    stream = PriceStream(lambda: NOW, Random(1), server.base_url, pause=_no_pause, changed=changed)
    found = stream.quotes(lambda: ["NVDA"])
    reading = _next(found)
    await asyncio.wait_for(again.wait(), timeout=30)
    server.down.clear()
    await asyncio.wait_for(server.connected.wait(), timeout=30)
    await server.tick("NVDA", 118.42, NOW)
    await reading
    assert told == ["the server did not answer within 0.05 s", ""]
    await found.aclose()


async def test_silence_is_a_problem_and_a_closed_exchange_is_none(server: YahooServer) -> None:
    told: list[str] = []
    opened = True

    async def changed(state: StreamState) -> None:
        nonlocal opened
        told.append(state.problem)
        opened = False

    asleep = asyncio.Event()

    async def pause(seconds: float) -> None:
        if seconds >= 30:
            asleep.set()
        await asyncio.sleep(0)

    stream = PriceStream(
        lambda: NOW, Random(1), server.base_url, 0.02, pause, look_seconds=0.01, changed=changed
    )
    found = stream.quotes(lambda: ["NVDA"] if opened else [])
    reading = _next(found)
    await asyncio.wait_for(asleep.wait(), timeout=30)
    assert told == ["no price came for 0.02 s", ""]
    reading.cancel()
    await asyncio.wait([reading])


async def test_messages_that_cannot_be_read_are_a_problem_as_silence_is(
    server: YahooServer,
) -> None:
    told: list[str] = []
    again = asyncio.Event()

    async def changed(state: StreamState) -> None:
        told.append(state.problem)
        again.set()

    stream = PriceStream(
        lambda: NOW, Random(1), server.base_url, 0.05, _no_pause, look_seconds=0.01, changed=changed
    )
    found = stream.quotes(lambda: ["NVDA"])
    reading = _next(found)
    await asyncio.wait_for(server.connected.wait(), timeout=30)

    async def rubbish() -> None:
        with suppress(ConnectionError):  # it hangs up
            while not again.is_set():
                await server.sockets[0].send_str("rubbish")
                await asyncio.sleep(0)

    await asyncio.wait_for(rubbish(), timeout=30)
    await asyncio.wait_for(again.wait(), timeout=30)
    assert told == ["no message could be read for 0.05 s"]
    while not reading.done():  # it connects anew until there is something to read
        await server.tick("NVDA", 118.42, NOW)
        await asyncio.sleep(0.01)
    assert told[-1] == ""
    await found.aclose()


async def test_what_could_not_be_told_of_the_stream_is_told_later(
    server: YahooServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.market.stream.TELL_AGAIN_SECONDS", 0)
    told: list[str] = []
    full = True

    async def changed(state: StreamState) -> None:
        told.append(state.problem)
        if full:
            raise StorageError("the disk is full")

    stream = PriceStream(lambda: NOW, Random(1), server.base_url, pause=_no_pause, changed=changed)
    found = stream.quotes(lambda: ["NVDA"])
    server.down.add("stream")
    reading = _next(found)
    while len(told) < 3:
        await asyncio.sleep(0.01)
    server.down.clear()
    await asyncio.wait_for(server.connected.wait(), timeout=30)
    await server.tick("NVDA", 118.42, NOW)
    await reading
    full = False
    for _time in range(2):
        before = len(told)
        reading = _next(found)
        await server.tick("NVDA", 118.42, NOW)
        await reading
    assert told == [*["the stream broke (WSServerHandshakeError)"] * (before - 2), "", ""]
    assert len(told) == before
    assert caplog.messages == [
        "how the price stream does cannot be kept: the disk is full",
        "how the price stream does is kept again",
    ]
    await found.aclose()


async def test_a_fault_of_our_own_ends_no_stream(
    server: YahooServer, caplog: pytest.LogCaptureFixture
) -> None:
    calls = 0

    def symbols() -> list[str]:
        nonlocal calls
        calls += 1
        if calls in (1, 2, 4, 6):  # while nothing is connected, and while something is
            raise RuntimeError("a bug")
        return ["NVDA"]

    stream = PriceStream(lambda: NOW, Random(1), server.base_url, pause=_no_pause)
    found = stream.quotes(symbols)
    first = _next(found)
    await asyncio.wait_for(server.connected.wait(), timeout=30)
    await server.tick("NVDA", 118.42, NOW)
    assert (await first).price == 118_420_000
    assert caplog.messages == ["the price stream failed: a bug"]
    await found.aclose()


def test_what_is_no_price_is_no_price() -> None:
    assert read_tick("{}", NOW) is None
    assert read_tick("!!", NOW) is None
    assert read_tick(None, NOW) is None
    assert read_tick(message("NVDA", float("inf"), NOW), NOW) is None
    assert read_tick(message("NVDA", -1.0, NOW), NOW) is None
    assert read_tick(message("NVDA", 1.0, NOW, market_hours=2), NOW) is None
    index = read_tick(message("^GSPC", 6012.28, NOW, quote_type=9), NOW)
    assert index is not None
    assert index.unit == "points"
