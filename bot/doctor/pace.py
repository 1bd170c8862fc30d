"""Politeness: so many requests a second, and no more."""

import asyncio


class Pace:
    """Lets one through at a time, `per_second` of them at most."""

    def __init__(self, per_second: float) -> None:
        self._pause = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next)
        self._next = at + self._pause
        await asyncio.sleep(at - now)
