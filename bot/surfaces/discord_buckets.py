"""Discord's limits for each channel: a request that was answered is not held till there is room.

discord.py lets the request that uses a limit up sleep until that is renewed, after its answer came
and before it hands it on. So the fifth message of a channel would be sent, and yet seem under way.
"""

import asyncio
from math import inf
from typing import Any

from discord.http import HTTPClient, Ratelimit

SCAN_SECONDS = 60.0


class PromptLimit(Ratelimit):
    """A limit of discord.py that is waited for by whoever comes next."""

    _renewal: asyncio.Task[None] | None = None

    async def __aexit__(self, *error: Any) -> None:
        used_up = self.remaining - (self.outgoing - 1) <= 0
        if not used_up or self._sleeping.locked():
            await super().__aexit__(*error)
            return
        self.outgoing -= 1
        self._renewal = asyncio.create_task(self._refresh())


def answer_at_once(http: HTTPClient) -> None:
    """Have a client's requests hand on their answers as soon as they have them."""

    def prompt(key: str) -> Ratelimit:
        if key not in http._buckets:
            http._buckets[key] = PromptLimit(http.max_ratelimit_timeout)
            http._try_clear_expired_ratelimits()
        return http._buckets[key]

    http.get_ratelimit = prompt  # type: ignore[method-assign]


def scan_seldom(http: HTTPClient) -> None:
    """Have discord.py look for idle rate-limit buckets once a minute at most.

    By itself it looks through all of them for each channel that is new to it, once there are 256:
    seconds of work in a fan-out to ten thousand channels, and hardly ever a bucket to drop.
    """
    scan, last = http._try_clear_expired_ratelimits, -inf

    def seldom() -> None:
        nonlocal last
        now = asyncio.get_running_loop().time()
        if now - last >= SCAN_SECONDS:
            last = now
            scan()

    http._try_clear_expired_ratelimits = seldom  # type: ignore[method-assign]
