"""Jobs: when they run, and what a sleep of the machine does to them."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent

from bot.errors import UserError
from bot.jobs import Job, daily, every
from bot.market.calendar import next_poll
from bot.model.measured import JobRuns
from bot.scheduling import Report, Trigger, scheduled

NOW = datetime(2025, 1, 27, 15, tzinfo=UTC)
MINUTE, HALF_HOUR = timedelta(minutes=1), timedelta(minutes=30)


def test_a_job_runs_at_its_interval() -> None:
    trigger = Trigger(every(60))
    assert trigger.get_next_fire_time(None, NOW) == NOW
    assert trigger.get_next_fire_time(NOW, NOW + timedelta(seconds=1)) == NOW + MINUTE


def test_two_days_asleep_are_one_run() -> None:
    trigger = Trigger(every(60))
    woken = NOW + timedelta(hours=48)
    fired, previous = [], NOW
    # As APScheduler collects what was missed: until the next time lies in the future.
    while (following := trigger.get_next_fire_time(previous, woken)) <= woken:
        fired.append(following)
        previous = following
        assert len(fired) < 5
    assert fired == [woken]


def test_polling_after_two_days_asleep_is_one_poll() -> None:
    def next_time(previous: datetime | None, now: datetime) -> datetime:
        return next_poll({"XNYS"}, now, previous, MINUTE, HALF_HOUR)

    trigger = Trigger(next_time)
    woken = datetime(2025, 1, 29, 15, 0, 30, tzinfo=UTC)
    first = trigger.get_next_fire_time(NOW, woken)
    assert first == woken
    assert trigger.get_next_fire_time(first, woken) > woken


def test_a_daily_job_keeps_its_local_time_when_the_clocks_change() -> None:
    trigger = Trigger(daily(18, 30), ZoneInfo("America/New_York"))
    before = datetime(2025, 3, 8, 23, 30, tzinfo=UTC)  # 18:30 in winter
    assert trigger.get_next_fire_time(None, before) == before
    assert trigger.get_next_fire_time(before, before) == datetime(2025, 3, 9, 22, 30, tzinfo=UTC)
    started = datetime(2025, 3, 10, 12, tzinfo=UTC)
    assert trigger.get_next_fire_time(started, started) == datetime(2025, 3, 10, 22, 30, tzinfo=UTC)


async def test_a_run_that_is_left_out_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    release, reported = asyncio.Event(), asyncio.Event()

    class Listening(logging.Handler):
        def emit(self, _record: logging.LogRecord) -> None:
            reported.set()

    logger = logging.getLogger("bot.scheduling")
    handler = Listening()
    logger.addHandler(handler)

    async def slow() -> None:
        await release.wait()

    try:
        async with scheduled([Job("slow", slow, every(0.01))], datetime.now(UTC)):
            await asyncio.wait_for(reported.wait(), timeout=30)
            release.set()
    finally:
        logger.removeHandler(handler)
    assert "slow still runs; a run of it was left out" in caplog.text


async def test_what_runs_is_stopped_before_the_context_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def hangs() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with scheduled([Job("hangs", hangs, every(3600))], datetime.now(UTC)):
        await asyncio.wait_for(begun.wait(), timeout=30)
    assert ended.is_set()
    await asyncio.sleep(0)
    assert caplog.text == ""


async def test_a_job_can_be_had_sooner(caplog: pytest.LogCaptureFixture) -> None:
    runs = 0
    twice = asyncio.Event()
    once = asyncio.Event()

    async def work() -> None:
        nonlocal runs
        runs += 1
        once.set()
        if runs == 2:
            twice.set()

    async with scheduled([Job("work", work, every(3600))], datetime.now(UTC)) as schedule:
        await asyncio.wait_for(once.wait(), timeout=30)
        schedule.soon("work", datetime.now(UTC))
        await asyncio.wait_for(twice.wait(), timeout=30)


async def test_what_becomes_of_runs_is_counted() -> None:
    runs: dict[str, JobRuns] = {}
    third = asyncio.Event()

    async def work() -> None:
        if runs["work"].runs == 2:
            raise ValueError("the second fails")
        if runs["work"].runs == 3:
            third.set()
            await asyncio.Event().wait()

    now = datetime.now(UTC)
    async with asyncio.timeout(10), scheduled([Job("work", work, every(0.01))], now, runs) as plan:
        await third.wait()
        counted = runs["work"]
        assert (counted.runs, counted.failures, len(counted.under_way)) == (3, 1, 1)
        assert counted.succeeded is not None
        assert counted.succeeded <= counted.under_way[0] <= asyncio.get_running_loop().time()
        due = plan.due()["work"]
        assert due is not None
        assert due > now
    assert (counted.failures, counted.under_way) == (1, [])  # being stopped is no failure


FULL, LOCKED = UserError("the disk is full"), UserError("it is locked")


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        # (minutes, what the run failed with)
        ([(0, None), (1, None)], []),
        ([(0, FULL), (1, FULL), (300, FULL)], [(0, "full")]),
        # Runs in between that have nothing to write succeed, and mean nothing.
        ([(0, FULL), (1, None), (2, FULL), (3, None), (4, FULL)], [(0, "full")]),
        ([(0, FULL), (5, FULL), (14, None), (15, None), (16, None)], [(0, "full"), (15, "works")]),
        ([(0, FULL), (1, LOCKED), (2, FULL)], [(0, "full"), (1, "locked")]),
        ([(0, FULL), (10, None), (11, FULL)], [(0, "full"), (10, "works"), (11, "full")]),
    ],
)
def test_what_goes_on_failing_is_said_once(
    caplog: pytest.LogCaptureFixture,
    runs: list[tuple[int, Exception | None]],
    said: list[tuple[int, str]],
) -> None:
    report, heard = Report(), []
    for minutes, error in runs:
        code = EVENT_JOB_EXECUTED if error is None else EVENT_JOB_ERROR
        at = NOW + timedelta(minutes=minutes)
        report(JobExecutionEvent(code, "feeds", "default", at, exception=error))
        for word in ("full", "locked", "works"):
            heard += [(minutes, word) for line in caplog.messages if word in line]
        caplog.clear()
    assert heard == said
