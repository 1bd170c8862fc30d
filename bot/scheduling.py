"""Runs the jobs: the only place that knows APScheduler."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.failing import WELL, Failing
from bot.jobs import Job, NextTime
from bot.model.measured import JobRuns

log = logging.getLogger(__name__)

# Work that is stopped is waited for so long; what it writes to the database is finished.
STOP_SECONDS = 3.0


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

    def due(self) -> dict[str, datetime | None]:
        """When each job runs next, by name; None where it never will."""
        return {job.id: job.next_run_time for job in self._scheduler.get_jobs()}

    def soon(self, name: str, now: datetime) -> None:
        """Run the job of that name at `now` rather than at its next time."""
        self._scheduler.modify_job(name, next_run_time=now)

    def all_soon(self, now: datetime) -> None:
        """Run every job at `now`: the times they were planned for were those of a wrong clock."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=now)


@asynccontextmanager
async def scheduled(
    jobs: Sequence[Job], now: datetime, runs: MutableMapping[str, JobRuns] | None = None
) -> AsyncIterator[Schedule]:
    """Run the jobs while this context lasts, each for the first time at `now`.

    What becomes of them is counted in `runs`, by their names.
    At its end what is under way is cancelled, and waited for as long as STOP_SECONDS.
    """
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_listener(Report(), _REPORTED)
    running: set[asyncio.Future[None]] = set()
    for job in jobs:
        counted = JobRuns() if runs is None else runs.setdefault(job.name, JobRuns())
        scheduler.add_job(
            _tracked(job, running, counted),
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


def _tracked(
    job: Job, running: set[asyncio.Future[None]], counted: JobRuns
) -> Callable[[], Awaitable[None]]:
    """The job's work as a task of its own, in `running` until it is over."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        counted.runs += 1
        counted.under_way.append(began)
        task = asyncio.ensure_future(job.work())
        running.add(task)
        await asyncio.wait([task])
        running.discard(task)
        counted.under_way.remove(began)
        if task.cancelled():  # being stopped is no failure
            return
        if task.exception() is None:
            counted.succeeded = loop.time()
        else:
            counted.failures += 1
        task.result()

    return run


_REPORTED = EVENT_JOB_MISSED | EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_EXECUTED


class Report:
    """Says in the log that a job was missed or failed; the next run comes all the same.

    What goes on failing in the same way is said once, and once more when it is over.
    """

    def __init__(self) -> None:
        self._failing: dict[str, Failing] = {}

    def __call__(self, event: Any) -> None:
        """As APScheduler tells what became of a run."""
        name, error = event.job_id, getattr(event, "exception", None)
        if event.code == EVENT_JOB_MAX_INSTANCES:
            log.warning("%s still runs; a run of it was left out", name)
        elif event.code == EVENT_JOB_MISSED:
            log.warning(
                "%s was missed at %s; it runs again at its next time",
                name,
                event.scheduled_run_time,
            )
        elif error is not None:
            said = f"{name} failed and is tried again and again", f"{name} works again"
            failing = self._failing.setdefault(name, Failing(log, *said, WELL))
            failing.failed(error, event.scheduled_run_time)
        elif name in self._failing:
            self._failing[name].worked(event.scheduled_run_time)
