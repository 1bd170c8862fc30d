"""Watches the event loop: how long it was kept from everything else at most."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

MOST_SECONDS = 0.050
EVERY_SECONDS = 0.002


@dataclass(slots=True)
class Watch:
    """`longest` is in seconds, of this process's own work: what other processes take is not ours.

    `longest_wall` is by the clock on the wall.
    """

    longest: float = 0.0
    longest_wall: float = 0.0


@asynccontextmanager
async def watching() -> AsyncIterator[Watch]:
    """Look in every two milliseconds; a blocked loop is one that does not let us."""
    watch = Watch()

    async def look() -> None:
        cpu, wall = time.thread_time(), time.perf_counter()
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            now_cpu, now_wall = time.thread_time(), time.perf_counter()
            watch.longest = max(watch.longest, now_cpu - cpu)
            watch.longest_wall = max(watch.longest_wall, now_wall - wall - EVERY_SECONDS)
            cpu, wall = now_cpu, now_wall

    # Collecting the garbage of a whole test run takes longer than anything that is watched here.
    gc.collect()
    gc.freeze()
    looking = asyncio.create_task(look())
    try:
        yield watch
    finally:
        gc.unfreeze()
        await asyncio.sleep(0)
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
