"""What runs when: the only place that knows APScheduler."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

log = logging.getLogger(__name__)

NextTime = Callable[[datetime | None, datetime], datetime]
# Work that is stopped is waited for so long; what it writes to the database is finished.
STOP_SECONDS = 3.0


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


class Trigger(BaseTrigger):  # type: ignore[misc]  # apscheduler 3 has no types
    """A trigger that asks a function of the previous run and of now."""

    def __init__(self, next_time: NextTime, time_zone: tzinfo = UTC) -> None:
        self._next_time = next_time
        self._zone = time_zone

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """As APScheduler asks: when to run next, after `previous`."""
        here = now.astimezone(self._zone)
        before = previous.astimezone(self._zone) if previous is not None else None
        after = self._next_time(before, here).astimezone(UTC)
        # The same instant again would have APScheduler ask for ever.
        return after if before is None else max(after, before.astimezone(UTC) + _INSTANT)


_INSTANT = timedelta(milliseconds=1)


class Schedule:
    """The jobs that run."""

    def __init__(self, scheduler: Any) -> None:
        self._scheduler = scheduler

    def soon(self, name: str, now: datetime) -> None:
        """Run the job of that name at `now` rather than at its next time."""
        self._scheduler.modify_job(name, next_run_time=now)


@asynccontextmanager
async def scheduled(jobs: Sequence[Job], now: datetime) -> AsyncIterator[Schedule]:
    """Run the jobs while this context lasts, each for the first time at `now`.

    At its end what is under way is cancelled, and waited for as long as STOP_SECONDS.
    """
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_listener(_report, EVENT_JOB_MISSED | EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
    running: set[asyncio.Future[None]] = set()
    for job in jobs:
        scheduler.add_job(
            _tracked(job, running),
            Trigger(job.next_time, job.time_zone),
            id=job.name,
            next_run_time=now,
            coalesce=job.coalesce,
            max_instances=job.max_instances,
            misfire_grace_time=job.grace_seconds,
        )
    scheduler.start()
    try:
        yield Schedule(scheduler)
    finally:
        scheduler.pause()
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS)
        scheduler.shutdown(wait=False)


def _tracked(job: Job, running: set[asyncio.Future[None]]) -> Callable[[], Awaitable[None]]:
    """The job's work as a task of its own, in `running` until it is over."""

    async def run() -> None:
        task = asyncio.ensure_future(job.work())
        running.add(task)
        await asyncio.wait([task])
        running.discard(task)
        if not task.cancelled():  # being stopped is no failure
            task.result()

    return run


def _report(event: Any) -> None:
    """Say that a job was missed or failed; the next run comes all the same."""
    error = getattr(event, "exception", None)
    if event.code == EVENT_JOB_MAX_INSTANCES:
        log.warning("%s still runs; a run of it was left out", event.job_id)
    elif error is None:
        log.warning(
            "%s was missed at %s; it runs again at its next time",
            event.job_id,
            event.scheduled_run_time,
        )
    else:
        log.error("%s failed: %s", event.job_id, error, exc_info=error)
