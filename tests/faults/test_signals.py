"""Told to stop at any moment the program ends by itself, in time, and loses nothing."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.faults.programs import Program, programs
from tests.servers.discord import Latency

BOTH = (signal.SIGTERM, signal.SIGINT)
NAMES = [f"m{number}" for number in range(6)]
# So long a program takes to begin, at most, where it is stopped while it does.
BEGIN_SECONDS = 4.0


@pytest.mark.parametrize(
    "how", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.faults)]
)
async def test_stopped_in_the_middle_of_a_send(
    tmp_path: Path, history_file: Path, how: signal.Signals
) -> None:
    async with programs(tmp_path, history_file) as one:
        one.server.latency = Latency(0.2, 0.1, Random(1))
        one.start()
        await one.begun()
        await one.enqueue(*NAMES)
        await one.until(lambda: one.channel.sent, "the first message")
        assert await one.stop(how) == 0
        await _told_once(one)


@pytest.mark.parametrize("how", BOTH)
async def test_stopped_while_it_begins(
    tmp_path: Path, history_file: Path, how: signal.Signals
) -> None:
    async with programs(tmp_path, history_file) as one:
        one.start()
        await one.until((one.data / "aftershock.lock").exists, "that it opens its database")
        assert await one.stop(how) == 0
        assert "Traceback" not in one.log
        assert "watching;" not in one.log


async def test_a_second_one_on_the_same_folder_is_refused(
    tmp_path: Path, history_file: Path
) -> None:
    async with programs(tmp_path, history_file) as one:
        one.start()
        await one.begun()
        first, said = one.process, one.log
        one.start()
        assert await one.ended(30) == 2
        assert one.log.removeprefix(said).splitlines()[-1] == (
            f"Aftershock already runs on {one.data}; stop that one, or set AFTERSHOCK_DATA to "
            "another folder."
        )
        one.process = first
        await one.enqueue("m0")
        await one.until(lambda: one.has("m0"), "the message")
        assert await one.stop() == 0


@pytest.mark.faults
@pytest.mark.timeout(1200)
async def test_stopped_at_any_moment(
    tmp_path: Path, history_file: Path, figures: Callable[..., None]
) -> None:
    random, longest, times = Random(3), 0.0, 40
    loop = asyncio.get_running_loop()
    async with programs(tmp_path, history_file) as one:
        one.server.latency = Latency(0.05, 0.05, Random(1))
        for number in range(times):
            await one.enqueue(f"n{number}")
            one.start()
            await one.until(one.stoppable.exists, "that it begins", 60)
            await asyncio.sleep(random.uniform(0.0, BEGIN_SECONDS))
            begun = loop.time()
            assert await one.stop(random.choice(BOTH), 20) == 0, one.log[-3000:]
            longest = max(longest, loop.time() - begun)
        await _told_once(one, [f"n{number}" for number in range(times)])
        lost_and_double = one.arrived()
    figures(
        "stopped at any moment", stops=times, longest_seconds=round(longest, 1),
        lost=sum(times - len(found) for found in lost_and_double.values()),
        double=sum(sum(found.values()) - len(found) for found in lost_and_double.values()),
    )  # fmt: skip
    assert "Exception ignored" not in one.log
    assert longest < 10


async def _told_once(one: Program, names: list[str] = NAMES) -> None:
    """Started again, it tells what is left, and nothing twice."""
    one.start()
    await one.until(one.stoppable.exists, "that it begins", 60)
    await one.until(lambda: one.has(*names), "all of them", 90)
    assert await one.stop() == 0
    for surface, found in one.arrived().items():
        assert found == dict.fromkeys(names, 1), surface
    assert "Traceback" not in one.log
