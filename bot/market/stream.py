"""Yahoo's price stream, read with aiohttp and yfinance's own message.

yfinance's own reader hangs the event loop when the server closes, and does not come back after
a drop. This one comes back for ever, with longer and longer pauses; polling goes on meanwhile.
"""

import asyncio
import base64
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import aiohttp

from bot.market.yahoo_shapes import SOURCE
from bot.model.bar import MICRO, Quote

URL = "wss://streamer.finance.yahoo.com/?version=2"
CLOSED_SECONDS = 30
FIRST, LONGEST = timedelta(seconds=1), timedelta(minutes=2)
_ENDED = (
    aiohttp.WSMsgType.CLOSE,
    aiohttp.WSMsgType.CLOSED,
    aiohttp.WSMsgType.CLOSING,
    aiohttp.WSMsgType.ERROR,
)
log = logging.getLogger(__name__)


@dataclass
class StreamState:
    """For /status: connected since when, or why not; how many messages could not be read."""

    connected_at: datetime | None = None
    problem: str = ""
    unreadable: int = 0


class PriceStream:
    """Prices as they are traded. `pause` waits; a test hands in one that does not."""

    def __init__(
        self,
        now: Callable[[], datetime],
        random: Random,
        base_url: str = "",
        idle_seconds: float = 90,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = URL
        if base_url:
            self._url = base_url.replace("http", "ws", 1).rstrip("/") + "/" + URL.split("://")[1]
        self._now, self._random, self._idle, self._pause = now, random, idle_seconds, pause
        self.state = StreamState()

    async def quotes(self, symbols: Callable[[], Sequence[str]]) -> AsyncGenerator[Quote, None]:
        """Every price of `symbols()`, until cancelled. What is subscribed follows `symbols()`."""
        failures = 0
        while True:
            if not symbols():  # no exchange is open
                await self._pause(CLOSED_SECONDS)
                continue
            try:
                async for quote in self._connection(symbols):
                    failures = 0
                    yield quote
                self.state.problem = "the server closed the stream"
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self.state.problem = f"the stream broke ({type(error).__name__})"
            self.state.connected_at = None
            wait = min(FIRST * 2.0 ** min(failures, 10), LONGEST).total_seconds()
            failures += 1
            log.info("%s; connecting again", self.state.problem)
            await self._pause(wait * (0.5 + self._random.random() / 2))

    async def _connection(
        self, symbols: Callable[[], Sequence[str]]
    ) -> AsyncGenerator[Quote, None]:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, connect=20)) as session,
            session.ws_connect(self._url, heartbeat=30, max_msg_size=1_000_000) as socket,
        ):
            self.state.connected_at, self.state.problem = self._now(), ""
            asked: list[str] = []
            while True:
                wanted = sorted(symbols())
                if wanted != asked:
                    gone = [symbol for symbol in asked if symbol not in wanted]
                    if gone:
                        await socket.send_json({"unsubscribe": gone})
                    await socket.send_json({"subscribe": wanted})
                    asked = wanted
                async with asyncio.timeout(self._idle):
                    message = await socket.receive()
                if message.type in _ENDED:
                    return
                quote = read_tick(message.data, self._now())
                if quote is None:
                    self.state.unreadable += 1
                elif quote.symbol in wanted:
                    yield quote


def read_tick(text: Any, now: datetime) -> Quote | None:
    """A message of the stream as a quote; None where it is none.

    Its prices are 32-bit floats, good for seven digits: read to seven, 118.42 is 118.42 again.
    """
    from google.protobuf.message import DecodeError
    from yfinance.pricing_pb2 import PricingData

    with suppress(ValueError, TypeError, KeyError, DecodeError):
        if isinstance(text, str) and text.startswith("{"):
            text = json.loads(text)["message"]
        data = PricingData()
        data.ParseFromString(base64.b64decode(text))
        price = _micro(data.price)
        if not data.id or price is None:
            return None
        return Quote(
            data.id,
            price,
            datetime.fromtimestamp(data.time / 1000, UTC),
            now,
            f"{SOURCE} stream",
            _micro(data.previous_close),
            _micro(data.day_low),
            _micro(data.day_high),
        )
    return None


def _micro(value: float) -> int | None:
    """Millionths; None for 0, which stands for a field that was not sent."""
    return round(float(f"{value:.7g}") * MICRO) if value > 0 else None
