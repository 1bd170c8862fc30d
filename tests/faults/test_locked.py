"""Another program holds the database: commands are answered, nothing is lost, nothing twice."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.faults.programs import Program, programs
from tests.servers.discord import Latency

IN_USE = "is in use by another program"
STOP_SECONDS = 10
NAMES = [f"m{number}" for number in range(5)]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else may write to the database."""
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@pytest.mark.faults
async def test_locked_for_ever_at_the_start(tmp_path: Path, history_file: Path) -> None:
    async with programs(tmp_path, history_file) as one:
        with locked(one.database):
            one.start()
            assert await one.ended(30) == 2
        assert one.log == (
            f"The database {one.database} is in use by another program; stop that one first.\n"
        )


@pytest.mark.parametrize(
    "seconds",
    [
        1.0,
        pytest.param(10.0, marks=pytest.mark.faults),
        pytest.param(60.0, marks=pytest.mark.faults),
    ],
)
@pytest.mark.timeout(300)
async def test_locked_while_it_sends(
    tmp_path: Path, history_file: Path, figures: Callable[..., None], seconds: float
) -> None:
    """Leases are shorter than the lock: what one process holds it does not send again."""
    lease = "5"
    async with programs(
        tmp_path, history_file,
        AFTERSHOCK_DELIVERY__LEASE_SECONDS=lease, AFTERSHOCK_DELIVERY__SEND_SECONDS="4",
    ) as one:  # fmt: skip
        assert one.channel.guild is not None
        ann = one.channel.guild.add_member("Ann")
        one.server.latency = Latency(0.2, 0.1, Random(1))
        one.start()
        await one.begun()
        await one.enqueue(*NAMES)
        await one.until(lambda: one.channel.sent, "the first message")
        begun = asyncio.get_running_loop().time()
        with locked(one.database):
            asked = one.server.interact("status", {}, by=ann, where=one.channel)
            answer = await asked.response(10)
            left = seconds - (asyncio.get_running_loop().time() - begun)
            await asyncio.sleep(max(0.0, left))
        await one.until(lambda: one.has(*NAMES), "all of them", 60)
        await one.until(lambda: set(one.states()) == {"sent"}, "that all is marked as sent")
        assert await one.stop() == 0
        one.told_once(*NAMES)
        assert answer is not None
        assert "Traceback" not in one.log
        assert one.log.count(IN_USE) <= 3
        figures(f"locked for {seconds:g} s", lost=0, double=0, log_lines=one.log.count(IN_USE))


@pytest.mark.faults
async def test_stopped_while_it_is_locked(
    tmp_path: Path, history_file: Path, figures: Callable[..., None]
) -> None:
    async with programs(tmp_path, history_file) as one:
        one.server.latency = Latency(0.2, 0.1, Random(1))
        one.start()
        await one.begun()
        await one.enqueue(*NAMES)
        await one.until(lambda: one.channel.sent, "the first message")
        with locked(one.database):
            begun = asyncio.get_running_loop().time()
            assert await one.stop(seconds=30) == 0
            took = asyncio.get_running_loop().time() - begun
        assert took < STOP_SECONDS
        assert "Traceback" not in one.log
        _due_now(one)
        one.start()
        await one.until(lambda: one.has(*NAMES), "all of them")
        await one.until(lambda: set(one.states()) == {"sent"}, "that all is marked as sent")
        one.told_once(*NAMES)
        assert await one.stop() == 0
    figures("stopped while locked", stopped_in_seconds=round(took, 1), lost=0, double=0)


@pytest.mark.faults
async def test_a_command_that_changes_something_while_it_is_locked(
    tmp_path: Path, history_file: Path
) -> None:
    """It waits for a lock that is given up soon, and says plainly that one is not."""
    async with programs(tmp_path, history_file) as one:
        assert one.channel.guild is not None
        owner = one.channel.guild.members[one.server.owner.id]
        one.start()
        await one.begun()

        async def answer(symbol: str) -> str:
            given = {"target": symbol}
            asked = one.server.interact("alert add", given, by=owner, where=one.channel)
            return await one.said_to(asked)

        with locked(one.database):
            refused = await answer("NVDA")
        assert "database cannot be used at the moment, so nothing was changed" in refused
        assert str(one.database) not in refused
        assert IN_USE in one.log
        with locked(one.database):
            waiting = asyncio.create_task(answer("AMD"))
            await asyncio.sleep(1.0)
        assert "AMD" in await waiting
        assert await one.stop() == 0
        assert "Traceback" not in one.log


def _due_now(one: Program) -> None:
    """The leases of the one that was stopped are over."""
    connection = sqlite3.connect(one.database)
    with connection:
        connection.execute("UPDATE outbox SET lease_until = 0 WHERE state = 'claimed'")
    connection.close()
