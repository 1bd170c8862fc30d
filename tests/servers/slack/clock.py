"""Time as the loopback Slack tells it, and the ids and timestamps made of it."""

import time

from tests.servers.discord.clock import Bell

__all__ = ["Bell", "Clock"]

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SPACE = 36**8
_STEP = 1_234_567_890_123  # odd, and no multiple of 3: every number of the space comes once


class Clock:
    """Seconds since 1970, which a test may move ahead; ids and timestamps, none of them twice."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._count = 0
        self._last_us = 0

    def now(self) -> float:
        """Seconds since 1970, as far ahead as the test has moved it."""
        return time.time() + self.ahead

    def advance(self, seconds: float) -> None:
        """Let limits, response_urls and trigger_ids age by so many seconds."""
        self.ahead += seconds

    def ts(self) -> str:
        """A message's timestamp, "1737997200.000100", later than any before."""
        self._last_us = max(int(self.now() * 1_000_000), self._last_us + 1)
        return f"{self._last_us // 1_000_000}.{self._last_us % 1_000_000:06d}"

    def id(self, prefix: str) -> str:
        """The next id: "C0…" for a channel, "U0…" for somebody, and so on."""
        return f"{prefix}0{self.word()}"

    def word(self) -> str:
        """Eight letters and digits that were not used before."""
        self._count += 1
        number = self._count * _STEP % _SPACE
        letters = ""
        for _ in range(8):
            number, digit = divmod(number, 36)
            letters = _DIGITS[digit] + letters
        return letters
