"""The pulse: what it notices of a stall and of a clock that was set, and whom it tells."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import StorageError
from bot.pulse import DOUBTFUL, FAR, Pulse, jump, spoken
from bot.services import Live
from tests.delivering import until

NOW = datetime(2025, 1, 27, 15, tzinfo=UTC)


class Shifted:
    """A clock that goes on as time does, from a moment that a test sets."""

    def __init__(self) -> None:
        self.begun, self.moment = time.monotonic(), NOW

    def now(self) -> datetime:
        """As `Clock.now`."""
        return self.moment + timedelta(seconds=time.monotonic() - self.begun)


@asynccontextmanager
async def beating(
    jumped: Callable[[timedelta, bool], Awaitable[None]],
    stall_seconds: float = 60,
    replan: Callable[[], None] = lambda: None,
) -> AsyncIterator[tuple[Pulse, Shifted]]:
    clock = Shifted()
    pulse = Pulse(clock, Live(), jumped, replan, beat_seconds=0.01, stall_seconds=stall_seconds,
                  again_seconds=(0.1,))  # fmt: skip
    task = asyncio.create_task(pulse.beat())
    await asyncio.sleep(0)
    try:
        yield pulse, clock
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.mark.parametrize(
    ("wall", "passed", "expected"),
    [
        (timedelta(seconds=1), 1.0, timedelta(0)),
        (timedelta(seconds=4), 1.0, timedelta(0)),  # a clock that is being corrected
        (timedelta(seconds=31), 31.0, timedelta(0)),  # a stall is no jump
        (timedelta(hours=1, seconds=1), 1.0, timedelta(hours=1)),
        (timedelta(hours=-1, seconds=1), 1.0, timedelta(hours=-1)),
        (timedelta(seconds=11), 1.0, timedelta(seconds=10)),
    ],
)
def test_a_jump_is_what_the_clock_shows_and_no_time_has_passed(
    wall: timedelta, passed: float, expected: timedelta
) -> None:
    assert jump(wall, passed) == expected


@pytest.mark.parametrize(
    ("by", "said"),
    [
        (timedelta(days=400), "400 d"),
        (timedelta(days=1, hours=2, minutes=3), "1 d 2 h"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(seconds=12.4), "12 s"),
    ],
)
def test_how_far_is_said_in_whole_units(by: timedelta, said: str) -> None:
    assert spoken(by) == said


async def test_a_clock_set_back_is_told_once_and_told_again_where_that_failed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[timedelta] = []
    before: list[bool] = []

    async def jumped(by: timedelta, again: bool) -> None:
        told.append(by)
        before.append(again)
        if len(told) == 1:
            raise OSError("the disk is busy")

    async with beating(jumped) as (pulse, clock):
        clock.moment -= timedelta(hours=1)
        await until(lambda: len(told) == 3 and not pulse.behind)
        await asyncio.sleep(0.05)
    # It failed, it was told, and told again for what was under way meanwhile.
    assert [round(by.total_seconds()) for by in told] == [-3600] * 3
    assert before == [False, False, True]
    assert caplog.text.count("the clock was set back by 1 h") == 1


async def test_while_nothing_can_be_put_right_jobs_are_planned_anew_once_and_it_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As on a full disk: each try is a beat later."""
    done: list[str] = []
    outcomes = iter([False, False, False, True, False, False, True, True])

    async def jumped(_by: timedelta, again: bool) -> None:
        done.append("again" if again else "tried")
        if not next(outcomes):
            raise StorageError("the disk is full")

    async with beating(jumped, replan=lambda: done.append("planned")) as (pulse, clock):
        clock.moment -= timedelta(hours=1)
        await until(lambda: done.count("again") == 3)
        clock.moment += timedelta(hours=2)
        await until(lambda: done[-1] == "tried" and not pulse.behind)
    assert done == [
        *("tried", "planned", "tried", "tried", "tried", "planned"),
        *("again", "again", "again", "planned"),
        "tried",  # a clock that goes forward: all is due by itself
    ]
    said = [line for line in caplog.messages if "put right" in line]
    failed = "what the clock's jump left behind cannot be put right yet: the disk is full"
    assert said == [failed, "what the clock's jump left behind is put right"] * 2
    assert "Traceback" not in caplog.text


async def test_nothing_is_forgotten_for_a_day_after_a_far_leap_unless_it_goes_back() -> None:
    told: list[timedelta] = []

    async def jumped(by: timedelta, _again: bool) -> None:
        told.append(by)

    async with beating(jumped) as (pulse, clock):
        clock.moment += FAR * 400
        await until(lambda: len(told) == 1)
        found = pulse.live.doubtful_until
        assert found is not None
        assert abs(found - clock.now() - DOUBTFUL) < timedelta(minutes=1)
        clock.moment -= FAR * 400
        await until(lambda: len(told) == 3)
        assert pulse.live.doubtful_until is None


async def test_a_stall_is_logged_once_with_its_length(caplog: pytest.LogCaptureFixture) -> None:
    async def jumped(_by: timedelta, _again: bool) -> None:
        raise AssertionError("a stall is no jump")

    caplog.set_level(logging.WARNING)
    async with beating(jumped, stall_seconds=0.2) as (pulse, _clock):
        await asyncio.sleep(0.05)
        assert pulse.live.stalled_seconds == 0.0
        time.sleep(0.4)
        await until(lambda: pulse.live.stalled_seconds > 0)
        await asyncio.sleep(0.05)
        assert 0.3 <= pulse.live.stalled_seconds < 5
    assert caplog.text.count("the program stood still for") == 1
