"""What runs when: the only place that knows APScheduler."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

log = logging.getLogger(__name__)

NextTime = Callable[[datetime | None, datetime], datetime]


@dataclass(frozen=True)
class Job:
    """Something that runs again and again.

    `next_time(previous, now)` says when next, never earlier than `now`, so that what was missed
    while the machine slept becomes one run. A run that starts over `grace_seconds` late is
    reported and left out; the next comes all the same. Times are UTC: local times of channels
    and exchanges are worked out by whoever says when.
    """

    name: str
    work: Callable[[], Awaitable[None]]
    next_time: NextTime
    grace_seconds: int = 3600


def every(seconds: float) -> NextTime:
    """So many seconds after the run before."""
    pause = timedelta(seconds=seconds)

    def next_time(previous: datetime | None, now: datetime) -> datetime:
        return now if previous is None else max(now, previous + pause)

    return next_time


class Trigger(BaseTrigger):  # type: ignore[misc]  # apscheduler 3 has no types
    """A trigger that asks a function of the previous run and of now."""

    def __init__(self, next_time: NextTime) -> None:
        self._next_time = next_time

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """As APScheduler asks: when to run next, after `previous`."""
        utc = now.astimezone(UTC)
        before = previous.astimezone(UTC) if previous is not None else None
        after = self._next_time(before, utc)
        # The same instant again would have APScheduler ask for ever.
        return after if before is None else max(after, before + timedelta(milliseconds=1))


@asynccontextmanager
async def scheduled(jobs: Sequence[Job], now: datetime) -> AsyncIterator[None]:
    """Run the jobs while this context lasts, each for the first time at `now`.

    A job never overlaps itself.
    """
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_listener(_report, EVENT_JOB_MISSED | EVENT_JOB_ERROR)
    for job in jobs:
        scheduler.add_job(
            job.work,
            Trigger(job.next_time),
            id=job.name,
            next_run_time=now,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=job.grace_seconds,
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


def _report(event: Any) -> None:
    """Say that a job was missed or failed; the next run comes all the same."""
    error = getattr(event, "exception", None)
    if error is None:
        log.warning(
            "%s was missed at %s; it runs again at its next time",
            event.job_id,
            event.scheduled_run_time,
        )
    else:
        log.error("%s failed: %s", event.job_id, error, exc_info=error)
