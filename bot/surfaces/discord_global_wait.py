"""Discord's global limit, once it is hit: that all go on when its time is over.

discord.py has every request wait until the one that was told has slept so long. Where that one is
cancelled meanwhile, and a send has a deadline, nobody ends the wait and all wait for ever.
"""

import asyncio
import json
from contextlib import suppress
from math import isfinite
from types import SimpleNamespace
from typing import Any

import aiohttp
from discord.http import HTTPClient


class GlobalWait:
    """Ends the waits of one client, whoever was cancelled. Add it to a trace before its use."""

    def __init__(self, trace: aiohttp.TraceConfig) -> None:
        self._http: HTTPClient | None = None
        self._until = 0.0
        trace.on_request_end.append(self._end)

    def watch(self, http: HTTPClient) -> None:
        """It is this client's requests that wait."""
        self._http = http

    async def _end(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        if params.response.status != 429:
            return
        body = b""
        with suppress(aiohttp.ClientError, OSError):  # discord.py meets it, too
            body = await params.response.read()
        seconds = global_seconds(body)
        if seconds is None:
            return
        loop = asyncio.get_running_loop()
        # An earlier limit whose time is over must not end the wait of a later one.
        self._until = max(self._until, loop.time() + seconds)
        loop.call_at(self._until, self._over)

    def _over(self) -> None:
        if self._http is not None and asyncio.get_running_loop().time() >= self._until:
            self._http._global_over.set()


def global_seconds(body: bytes) -> float | None:
    """How long all must wait, by the body of a 429; None where not all must, or it is no such."""
    try:
        said: Any = json.loads(body)
        seconds = float(said["retry_after"]) if said["global"] else None
    except (ValueError, TypeError, LookupError):
        return None
    return seconds if seconds is not None and isfinite(seconds) else None
