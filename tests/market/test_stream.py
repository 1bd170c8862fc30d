"""The price stream against a server on 127.0.0.1 that closes, drops and talks rubbish."""

from datetime import UTC, datetime
from random import Random

from bot.market.stream import PriceStream, read_tick
from tests.servers.yahoo import YahooServer, running

NOW = datetime(2025, 1, 27, 18, tzinfo=UTC)


async def _no_pause(_seconds: float) -> None:
    return


async def test_prices_come_and_come_back_after_a_drop() -> None:
    async with running(YahooServer()) as server:
        stream = PriceStream(lambda: NOW, Random(1), server.base_url, pause=_no_pause)
        found = stream.quotes(lambda: ["NVDA", "AMD"])
        reading = anext(found)
        import asyncio

        first = asyncio.ensure_future(reading)
        await server.connected.wait()
        await server.sockets[0].send_str("rubbish")
        await server.tick("OTHER", 1.0, NOW)
        await server.tick("NVDA", 118.42, NOW)
        quote = await first
        assert (quote.symbol, quote.price, quote.as_of) == ("NVDA", 118_420_000, NOW)
        assert stream.state.unreadable == 1
        server.connected.clear()
        again = asyncio.ensure_future(anext(found))
        await server.sockets[0].close()
        await server.connected.wait()
        await server.tick("AMD", 115.01, NOW)
        assert (await again).price == 115_010_000
        assert server.subscribed[-1] == ["AMD", "NVDA"]
        await found.aclose()


def test_what_is_no_price_is_no_price() -> None:
    assert read_tick("{}", NOW) is None
    assert read_tick("!!", NOW) is None
    assert read_tick(None, NOW) is None
