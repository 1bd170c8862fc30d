"""Another day, for tests of what is paid for the shipped history."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.services import Services, SetClock


def at(services: Services, year: int, month: int, day: int) -> Services:
    """The same at the end of that day."""
    return replace(services, clock=SetClock(datetime(year, month, day, 23, 59, tzinfo=UTC)))
