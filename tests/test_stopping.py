"""When a running program ends."""

import asyncio
import os
import signal
from contextlib import suppress

import pytest

from bot.stopping import end, until_told


async def test_a_signal_ends_it() -> None:
    waiting = asyncio.create_task(until_told(None))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(waiting, 5)


async def test_the_end_of_the_conversation_ends_it() -> None:
    async def talk() -> None:
        pass

    await asyncio.wait_for(until_told(talk()), 5)


async def test_a_conversation_that_fails_says_why() -> None:
    async def talk() -> None:
        raise ValueError("no terminal")

    with pytest.raises(ValueError, match="no terminal"):
        await asyncio.wait_for(until_told(talk()), 5)


async def test_it_does_not_go_on_without_what_is_vital() -> None:
    async def deliver() -> None:
        raise ValueError("a fault of ours")

    with pytest.raises(ValueError, match="a fault of ours"):
        await asyncio.wait_for(until_told(None, asyncio.ensure_future(deliver())), 5)


async def test_what_is_vital_may_not_just_end_either() -> None:
    async def deliver() -> None:
        pass

    with pytest.raises(RuntimeError, match="no use"):
        await asyncio.wait_for(until_told(None, asyncio.ensure_future(deliver())), 5)


async def test_what_overhears_that_it_shall_end_is_told_again() -> None:
    began = asyncio.Event()

    async def overhears() -> None:
        began.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async def at_once() -> None:
        pass

    tasks = [asyncio.create_task(overhears()), asyncio.create_task(at_once())]
    await began.wait()
    await asyncio.wait_for(end(tasks), 10)
    assert [task.cancelled() for task in tasks] == [True, False]
