"""Waiting for what a fault run is about, and how long that took."""

import asyncio
from collections.abc import Awaitable, Callable


async def eventually(
    fact: Callable[[], Awaitable[bool] | bool], what: str, seconds: float = 20
) -> float:
    """Wait until `fact()` holds, asked every few milliseconds; the seconds it took.

    Raises AssertionError, naming `what`, where it never does.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while True:
        found = fact()
        if found if isinstance(found, bool) else await found:
            return loop.time() - begun
        if loop.time() - begun > seconds:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        await asyncio.sleep(0.02)
