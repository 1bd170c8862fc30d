"""What every part of the examination is handed: settings, the clock, what others have found out."""

from bisect import insort
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any

import aiohttp

from bot.config import Settings
from bot.doctor.stored import Stored
from bot.services import Clock


@dataclass
class Examination:
    """One run. `stored` is what the database holds, None where it could not be read.

    `offsets` are by how many seconds servers' clocks were ahead of ours, ascending. `runs` says
    whether a program runs on the same data, None where that is not known.
    """

    settings: Settings
    clock: Clock
    stored: Stored | None = None
    runs: bool | None = None
    offsets: list[float] = field(default_factory=list)

    def trace(self) -> aiohttp.TraceConfig:
        """What takes note of the time in every answer of an aiohttp session."""
        made = aiohttp.TraceConfig()

        async def ended(
            _session: aiohttp.ClientSession,
            _context: SimpleNamespace,
            given: aiohttp.TraceRequestEndParams,
        ) -> None:
            ahead = ahead_of(given.response.headers, self.clock.now())
            if ahead is not None:
                insort(self.offsets, ahead)

        made.on_request_end.append(ended)
        return made


def ahead_of(headers: Any, now: datetime) -> float | None:
    """By how many seconds the clock behind an answer is ahead; None where it tells no time.

    An answer out of a cache is as old as it says.
    """
    try:
        date = parsedate_to_datetime(headers["Date"])
        age = float(headers.get("Age") or 0)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    # It tells whole seconds, so it is half a second behind on average.
    return (date - now).total_seconds() + age + 0.5
