"""Yahoo's price stream, read with aiohttp and yfinance's own message.

yfinance's own reader hangs the event loop when the server closes, and does not come back after
a drop. This one comes back for ever, with longer and longer pauses; polling goes on meanwhile.
"""

import asyncio
import base64
import json
import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import aiohttp

from bot.failing import WELL, Failing
from bot.lookups import Lookups, connector
from bot.market.yahoo_shapes import SOURCE, micro
from bot.model.bar import Quote

NAME = f"{SOURCE} stream"
URL = "wss://streamer.finance.yahoo.com/?version=2"
CLOSED_SECONDS = 30
OPENING_SECONDS, CLOSING_SECONDS = 20, 2
# While prices come, what could not be told of the stream is told again after so long.
TELL_AGAIN_SECONDS = 60
FIRST, LONGEST = timedelta(seconds=1), timedelta(minutes=2)
# Yahoo's numbers; yfinance has no names for them. Hours: 0 before, 2 after, 3 extended.
REGULAR_MARKET = 1
INDEX = 9
_ENDED = (
    aiohttp.WSMsgType.CLOSE,
    aiohttp.WSMsgType.CLOSED,
    aiohttp.WSMsgType.CLOSING,
    aiohttp.WSMsgType.ERROR,
)
log = logging.getLogger(__name__)


@dataclass
class StreamState:
    """Whether prices come: since when, or why not; how many messages could not be read."""

    works_since: datetime | None = None
    problem: str = ""
    unreadable: int = 0


async def _nobody(_state: StreamState) -> None:
    return


class PriceStream:
    """Prices as they are traded.

    `changed` is called when prices begin to come, and when the stream breaks in a new way; where
    it raises, again later.
    `look_seconds` pass at most before a change of what is watched is seen. `pause` waits; a test
    hands in one that does not.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        random: Random,
        base_url: str = "",
        idle_seconds: float = 90,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        look_seconds: float = 3,
        changed: Callable[[StreamState], Awaitable[None]] = _nobody,
    ) -> None:
        self._url = URL
        if base_url:
            self._url = base_url.replace("http", "ws", 1).rstrip("/") + "/" + URL.split("://")[1]
        self._now, self._random, self._idle, self._pause = now, random, idle_seconds, pause
        self._look, self._changed = look_seconds, changed
        self.state, self._lookups = StreamState(), Lookups()
        self._reading = Failing(
            log, "the price stream failed", "the price stream works again", WELL
        )
        self._telling = Failing(
            log,
            "how the price stream does cannot be kept",
            "how the price stream does is kept again",
        )
        self._untold: float | None = None  # when to tell again, in seconds of the event loop

    async def quotes(self, symbols: Callable[[], Sequence[str]]) -> AsyncGenerator[Quote, None]:
        """Every price of `symbols()`, until cancelled. What is subscribed follows `symbols()`."""
        failures = 0
        while True:
            if not self._wanted(symbols):
                await self._rests()
                await self._pause(CLOSED_SECONDS)
                continue
            problem = ""
            try:
                async for quote in self._connection(symbols):
                    failures = 0
                    self._reading.worked(self._now())
                    await self._works()
                    yield quote
                if self._wanted(symbols):
                    problem = "the server closed the stream"
            except _UnansweredError:
                problem = f"the server did not answer within {OPENING_SECONDS:g} s"
            except TimeoutError:
                problem = f"no price came for {self._idle:g} s"
            except (aiohttp.ClientError, OSError) as error:
                problem = f"the stream broke ({type(error).__name__})"
            except _UnreadableError:
                problem = f"no message could be read for {self._idle:g} s"
            except Exception as error:  # noqa: BLE001 - whatever it is, prices must come again
                self._reading.failed(error, self._now())
                problem = f"the stream failed ({type(error).__name__})"
            self.state.works_since = None
            if not problem:  # the exchanges closed
                continue
            await self._broke(problem)
            wait = min(FIRST * 2.0 ** min(failures, 10), LONGEST).total_seconds()
            failures += 1
            await self._pause(wait * (0.5 + self._random.random() / 2))

    @staticmethod
    def _wanted(symbols: Callable[[], Sequence[str]]) -> bool:
        """Whether there is anything to listen to; a fault in `symbols` is met while connected."""
        with suppress(Exception):
            return bool(symbols())
        return True

    async def _works(self) -> None:
        if self.state.works_since is None:
            self.state.works_since, self.state.problem = self._now(), ""
            await self._tell()
        elif self._untold is not None and self._untold <= asyncio.get_running_loop().time():
            await self._tell()

    async def _broke(self, problem: str) -> None:
        if problem != self.state.problem:
            log.info("%s; connecting again", problem)
        elif self._untold is None:
            return
        self.state.problem = problem
        await self._tell()

    async def _rests(self) -> None:
        """No exchange is open: what went wrong before is no trouble any more."""
        if self.state.problem or self._untold is not None:
            self.state.problem = ""
            await self._tell()

    async def _tell(self) -> None:
        try:
            await self._changed(self.state)
            self._untold = None
            self._telling.worked(self._now())
        except Exception as error:  # noqa: BLE001 - prices matter more than what is said of them
            self._untold = asyncio.get_running_loop().time() + TELL_AGAIN_SECONDS
            self._telling.failed(error, self._now())

    async def _connection(
        self, symbols: Callable[[], Sequence[str]]
    ) -> AsyncGenerator[Quote, None]:
        """The prices of one connection, until it ends or nothing is watched any more."""
        async with (
            aiohttp.ClientSession(
                connector=connector(self._lookups), timeout=aiohttp.ClientTimeout()
            ) as session,
            await self._opened(session) as socket,
        ):
            asked: list[str] = []
            loop = asyncio.get_running_loop()
            heard, garbled = loop.time(), False
            while wanted := sorted(symbols()):
                if wanted != asked:
                    gone = [symbol for symbol in asked if symbol not in wanted]
                    if gone:
                        await socket.send_json({"unsubscribe": gone})
                    await socket.send_json({"subscribe": wanted})
                    asked = wanted
                data = None
                with suppress(TimeoutError):
                    message = await socket.receive(timeout=self._look)
                    if message.type in _ENDED:
                        return
                    if (data := _parsed(message.data)) is None:
                        self.state.unreadable += 1
                        garbled = True
                if data is None:
                    if loop.time() - heard >= self._idle:
                        raise _UnreadableError if garbled else TimeoutError
                    continue
                heard, garbled = loop.time(), False
                if data.id in wanted and (quote := _quote(data, self._now())) is not None:
                    yield quote

    async def _opened(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        """A connection. Raises _UnansweredError where none is there in time."""
        closing = aiohttp.ClientWSTimeout(ws_close=CLOSING_SECONDS)
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                return await session.ws_connect(
                    self._url, heartbeat=30, max_msg_size=1_000_000, timeout=closing
                )
        except TimeoutError:
            raise _UnansweredError from None


class _UnansweredError(Exception):
    """The server did not open the stream in time."""


class _UnreadableError(Exception):
    """What the server sends can no longer be read."""


def read_tick(text: Any, now: datetime) -> Quote | None:
    """A message of the stream as a quote; None where it is none of a regular session.

    Its prices are 32-bit floats, good for seven digits: read to seven, 118.42 is 118.42 again.
    """
    data = _parsed(text)
    return None if data is None else _quote(data, now)


def _parsed(text: Any) -> Any:
    """The message with a symbol, a price and a time that are possible; otherwise None."""
    from google.protobuf.message import DecodeError
    from yfinance.pricing_pb2 import PricingData

    with suppress(ValueError, TypeError, KeyError, OverflowError, OSError, DecodeError):
        if isinstance(text, str) and text.startswith("{"):
            text = json.loads(text)["message"]
        data = PricingData()
        data.ParseFromString(base64.b64decode(text))
        datetime.fromtimestamp(data.time / 1000, UTC)
        if data.id and _micro(data.price) is not None:
            return data
    return None


def _quote(data: Any, now: datetime) -> Quote | None:
    """None for a price before the open or after the close: nobody can trade much at it."""
    if data.market_hours != REGULAR_MARKET:
        return None
    price = _micro(data.price)
    assert price is not None
    return Quote(
        data.id,
        price,
        datetime.fromtimestamp(data.time / 1000, UTC),
        now,
        NAME,
        _micro(data.previous_close),
        _micro(data.day_low),
        _micro(data.day_high),
        "points" if data.quote_type == INDEX or data.id.startswith("^") else data.currency,
    )


def _micro(value: float) -> int | None:
    """Millionths; None for 0, which stands for a field that was not sent, for no number, and for
    one that is larger than the database can keep.
    """
    if not math.isfinite(value) or value <= 0:
        return None
    return micro(f"{value:.7g}")
