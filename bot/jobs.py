"""What runs when: the only place that knows APScheduler."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """Something that runs every so many seconds, and once at the start."""

    name: str
    work: Callable[[], Awaitable[None]]
    seconds: int


@asynccontextmanager
async def scheduled(jobs: Sequence[Job], now: datetime) -> AsyncIterator[None]:
    """Run the jobs while this context lasts, each for the first time at `now`.

    A job never overlaps itself; runs missed while the machine slept become one run.
    """
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_listener(_report, EVENT_JOB_MISSED | EVENT_JOB_ERROR)
    for job in jobs:
        scheduler.add_job(
            job.work,
            IntervalTrigger(seconds=job.seconds, timezone=UTC),
            id=job.name,
            next_run_time=now,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=max(job.seconds, 60),
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
