"""Time as the loopback Discord tells it, ids made of it, and waiting until something is so."""

import asyncio
import time
from collections.abc import Callable

EPOCH_MS = 1_420_070_400_000


class Clock:
    """Seconds since 1970, which a test may move ahead; and snowflakes, which only ever grow."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._ms = 0
        self._count = 0

    def now(self) -> float:
        """Seconds since 1970, as far ahead as the test has moved it."""
        return time.time() + self.ahead

    def advance(self, seconds: float) -> None:
        """Let nonces, tokens and deadlines age by so many seconds."""
        self.ahead += seconds

    def snowflake(self, *, own_ms: bool = False) -> int:
        """The next id; with `own_ms` of a millisecond of its own, so that shards share them."""
        ms = int(self.now() * 1000) - EPOCH_MS
        if ms > self._ms:
            self._ms, self._count = ms, 0
        elif own_ms or self._count >= 4000:
            self._ms, self._count = self._ms + 1, 0
        else:
            self._count += 1
        return (self._ms << 22) | self._count


class Bell:
    """Rung whenever something has changed; whoever waits, in any thread, then looks again.

    What changes in the client rings no bell, so who waits also looks 20 times a second.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    def ring(self) -> None:
        """Wake everybody."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for loop, future in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_wake, future)

    async def until(self, fact: Callable[[], object], what: str, seconds: float = 20) -> None:
        """Wait until `fact` holds; `TimeoutError` naming `what` after so many seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not fact():
            future = loop.create_future()
            self._waiting.append((loop, future))
            if fact():
                return
            try:
                await asyncio.wait_for(future, min(0.05, end - loop.time()))
            except TimeoutError:
                if loop.time() >= end and not fact():
                    raise TimeoutError(f"after {seconds} s still not: {what}") from None


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
