"""What is to run again and again, and when."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

NextTime = Callable[[datetime | None, datetime], datetime]


@dataclass(frozen=True)
class Job:
    """Something that runs again and again.

    `next_time(previous, now)` says when next, never earlier than `now`, both in `time_zone`. With
    `coalesce` what was missed while the machine slept becomes one run. A run that starts over
    `grace_seconds` late is reported and left out, as is one that comes while `max_instances` are
    still at it; the next comes all the same.
    """

    name: str
    work: Callable[[], Awaitable[None]]
    next_time: NextTime
    time_zone: tzinfo = UTC
    coalesce: bool = True
    grace_seconds: int = 3600
    max_instances: int = 1


def every(seconds: float) -> NextTime:
    """So many seconds after the run before."""
    pause = timedelta(seconds=seconds)

    def next_time(previous: datetime | None, now: datetime) -> datetime:
        return now if previous is None else max(now, previous + pause)

    return next_time


def daily(hour: int, minute: int = 0) -> NextTime:
    """At once, then each day at that time of the job's own time zone."""

    def next_time(previous: datetime | None, now: datetime) -> datetime:
        if previous is None:
            return now
        at = previous.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return max(now, at if at > previous else at + timedelta(days=1))

    return next_time
