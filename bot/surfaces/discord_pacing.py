"""Pacing for Discord's global limit, which discord.py reacts to but does not keep.

Discord takes fifty requests of a bot in any second, counted when they arrive there. Each of fifty
slots carries one request at a time, and its next one arrives a second after the last. We see
neither arrival, only that the last answer came at `end`, and when the new request leaves, at
`sent`. The last request arrived at `end` minus its way back or before; the new one arrives at
`sent` plus its way there. So they are a second apart where `sent >= end + 1 - there - back`, and
no way there and back has been shorter than the shortest round trip.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from math import inf
from types import SimpleNamespace
from typing import Any

import aiohttp
from discord.http import Route
from yarl import URL

from bot.errors import SurfaceStopped
from bot.surfaces.discord_doubt import doubt
from bot.surfaces.discord_global_wait import GlobalWait

LIMIT, PER_SECONDS = 50, 1.0
# How much of the shortest round trip is counted on: a way there and a way back that belong to two
# requests may both be shorter than those of any one request so far.
CREDIT = 0.8
# Clocks are not infinitely fine.
MARGIN_SECONDS = 0.001
# 10,000 refused requests in ten minutes and Discord blocks the address.
MOST_REFUSED, REFUSED_SECONDS = 8_000, 600.0
BLOCKED_SECONDS = 3600.0
LEAST_BLOCKED_SECONDS = 60.0
# A refused token is tried again after so long.
TOKEN_SECONDS = 300.0

TOKEN_REFUSED = (
    "Discord refuses the bot's token; set AFTERSHOCK_DISCORD_TOKEN to a valid one and start again. "  # noqa: S105 - words, not a token
    "Until then the old one is tried every five minutes."
)
BLOCKED = "Discord has blocked this address for a while; nothing is sent until that is over."
TOO_MANY_REFUSED = (
    "Discord refused so many requests that sending pauses for ten minutes, lest it block this "
    "address; /status names the channels that cannot be reached."
)


class Slots:
    """The slots of the global limit. Pure: moments are seconds of any one clock.

    Whoever takes a slot must say once how that ended, by `answered`, `failed` or `unused`.
    """

    def __init__(self, limit: int = LIMIT, per: float = PER_SECONDS) -> None:
        self._per, self._spacing = per, per / limit
        self._ends: list[float] = []
        self._limit: int | None = limit
        self._last = -inf
        self.round_trip = inf

    def due(self) -> float:
        """From when on the next slot may be taken; infinity while all carry a request."""
        if self._limit is not None:
            return -inf
        if not self._ends:
            return inf
        credit = 0.0 if self.round_trip == inf else CREDIT * self.round_trip
        free = self._ends[0] + self._per - min(credit, self._per) + MARGIN_SECONDS
        # Fifty at once would wait for each other in this process, and their answers with them.
        return max(free, self._last + self._spacing / 4)

    def take(self, now: float) -> float | None:
        """Take a slot, if one is due; what to give back to `unused` if nothing is sent."""
        if self._limit is not None:
            # The slots open one after another: whoever ran here a moment ago may have used them.
            first = now - self._per - MARGIN_SECONDS
            self._ends = [first + number * self._spacing for number in range(self._limit)]
            self._limit = None
        elif self.due() > now:
            return None
        self._last = now
        return heappop(self._ends)

    def unused(self, taken: float) -> None:
        """Nothing was sent in this slot."""
        heappush(self._ends, taken)

    def answered(self, sent: float, end: float) -> None:
        """A request that left at `sent` or later was answered at `end`."""
        self.round_trip = min(self.round_trip, max(0.0, end - sent))
        heappush(self._ends, end)

    def failed(self, end: float) -> None:
        """A request was given up at `end`. It may arrive even later than that."""
        heappush(self._ends, end + self._per)


class Refusals:
    """How many requests were refused of late. Pure."""

    def __init__(self, most: int = MOST_REFUSED, per: float = REFUSED_SECONDS) -> None:
        self._most, self._per = most, per
        self._at: deque[float] = deque()

    def add(self, now: float) -> bool:
        """Count one; True if there are too many, and counting begins anew."""
        self._at.append(now)
        while self._at[0] <= now - self._per:
            self._at.popleft()
        if len(self._at) < self._most:
            return False
        self._at.clear()
        return True


class Pacing:
    """Lets each request of one client wait for its slot, first come, first served.

    Hand `trace` to the client as `http_trace`: aiohttp awaits it before it connects or writes
    anything, for every try. After the token was refused, or the address blocked, requests raise
    SurfaceStopped instead of leaving, until that is over or `resume` is called. `limit` is how
    many may arrive in `per` seconds. `limited` is called whenever Discord asks to wait.
    """

    def __init__(
        self,
        limit: int = LIMIT,
        per: float = PER_SECONDS,
        limited: Callable[[], None] = lambda: None,
    ) -> None:
        self.limit, self._limited = limit, limited
        self._slots, self._refusals = Slots(limit, per), Refusals()
        self._waiting: deque[asyncio.Future[float]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped: str | None = None
        self._until: float | None = None
        self.trace = aiohttp.TraceConfig()
        # First: a request that is cancelled while it reads has not been answered for `_end`.
        self.global_wait = GlobalWait(self.trace)
        self.trace.on_request_start.append(self._start)
        self.trace.on_connection_reuseconn.append(self._connect)
        self.trace.on_connection_create_start.append(self._connect)
        self.trace.on_request_end.append(self._end)
        self.trace.on_request_exception.append(self._failed)

    def check(self) -> None:
        """Raise SurfaceStopped if nothing may be sent."""
        if self._stopped is None:
            return
        if self._until is None:
            raise SurfaceStopped(self._stopped)
        left = self._until - asyncio.get_running_loop().time()
        if left > 0:
            raise _stop(self._stopped, left)
        self.resume()

    def resume(self) -> None:
        """Send again."""
        self._stopped = self._until = None

    def stop(self, why: str, seconds: float | None = None) -> None:
        """Send nothing more, for so long or until `resume`; whoever waits for a slot is told so."""
        now = asyncio.get_running_loop().time()
        self._stopped, self._until = why, None if seconds is None else now + seconds
        for future in self._waiting:
            if not future.done():
                future.set_exception(_stop(why, seconds))
        self._waiting.clear()

    async def _start(
        self, _session: aiohttp.ClientSession, context: SimpleNamespace, params: Any
    ) -> None:
        if not is_paced(params.url, URL(Route.BASE)):
            return
        await self._take(context)
        context.tried = False

    async def _connect(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, params: Any
    ) -> None:
        """aiohttp writes a read a second time, unasked, where a kept connection broke."""
        if not hasattr(context, "sent"):
            return
        if context.tried:
            await self._failed(session, context, params)
            await self._take(context)
        context.tried = True

    async def _take(self, context: SimpleNamespace) -> None:
        """Wait for a slot; while there is none the context has no `sent`."""
        self.check()
        loop = asyncio.get_running_loop()
        if self._waiting or self._slots.take(loop.time()) is None:
            await self._turn(loop)
        context.sent = loop.time()

    async def _turn(self, loop: asyncio.AbstractEventLoop) -> float:
        future: asyncio.Future[float] = loop.create_future()
        self._waiting.append(future)
        self._wake()
        try:
            return await future
        except asyncio.CancelledError:
            # Given a slot and cancelled at once: aiohttp will not tell how it ended.
            if future.done() and not future.cancelled() and future.exception() is None:
                self._slots.unused(future.result())
                self._wake()
            raise

    def _wake(self) -> None:
        """Give slots to those who wait, and see to it that the next is given when it is due."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            if self._waiting[0].done():
                self._waiting.popleft()
                continue
            slot = self._slots.take(loop.time())
            if slot is None:
                break
            self._waiting.popleft().set_result(slot)
        due = self._slots.due()
        if self._waiting and due < inf:
            self._timer = loop.call_at(due, self._wake)

    async def _end(
        self,
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        if params.response.status == 429:
            self._limited()
        if not hasattr(context, "sent"):
            return
        now = asyncio.get_running_loop().time()
        self._slots.answered(context.sent, now)
        response = params.response
        if response.status >= 500:
            doubt()
        if response.status == 401:
            self.stop(TOKEN_REFUSED, TOKEN_SECONDS)
        elif is_block(response.status, response.headers):
            self.stop(BLOCKED, blocked_seconds(response.headers))
        elif response.status in (403, 429) and self._refusals.add(now):
            self.stop(TOO_MANY_REFUSED, REFUSED_SECONDS)
        self._wake()

    async def _failed(
        self, _session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any
    ) -> None:
        if hasattr(context, "sent"):
            del context.sent
            doubt()
            self._slots.failed(asyncio.get_running_loop().time())
            self._wake()


def _stop(why: str, seconds: float | None) -> SurfaceStopped:
    """Whoever tries a refused token again says when that is over; no row is spent on it."""
    return SurfaceStopped(why, seconds=None if why == TOKEN_REFUSED else seconds)


def is_paced(url: URL, api: URL) -> bool:
    """Whether the global limit counts it: answers to commands it does not, nor the gateway.

    `api` is where Discord's API is; a proxy may have it under any path.
    """
    root = api.path.rstrip("/") + "/"
    if url.origin() != api.origin() or not url.path.startswith(root):
        return False
    first = url.path.removeprefix(root).partition("/")[0]
    return first not in ("", "interactions", "webhooks")


def is_block(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer comes from what stands before Discord; discord.py takes it so, too."""
    if status != 429:
        return False
    return headers.get("Content-Type") != "application/json" or not headers.get("Via")


def blocked_seconds(headers: Mapping[str, str]) -> float:
    """How long a block lasts: as it says, else an hour; at least a minute."""
    try:
        seconds = float(headers.get("Retry-After", BLOCKED_SECONDS))
    except ValueError:
        return BLOCKED_SECONDS
    return min(max(seconds, LEAST_BLOCKED_SECONDS), 86_400.0)
