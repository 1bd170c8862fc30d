"""`kill -9` at random during a fan-out through the real client: none lost, none twice."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from tests.fanout import Arrived, enqueue, with_channels
from tests.faults.fanout_worker import deliver
from tests.processes import ended, started
from tests.servers.discord import Latency, serving_in_thread

# The limit is raised and the latency lowered for the test's own sake.
REQUESTS = 2_000
LATENCY, JITTER = 0.010, 0.010
NONCES_FORGOTTEN = 600.0


async def _killed_again_and_again(
    folder: Path, channels: int, kills: int, seed: int, *, remembers: bool
) -> Arrived:
    """Deliver to so many channels, killed so many times at random moments, then to the end.

    Unless the server `remembers` nonces from one start to the next, only looking for messages
    that were sent keeps them from being sent twice.
    """
    random = Random(seed)
    server, told = with_channels(channels)
    server.limits.requests = REQUESTS
    server.latency = Latency(LATENCY, JITTER, Random(seed))
    await enqueue(folder, [str(channel.id) for channel in told])

    def arrived() -> int:
        return sum(len(channel.order) for channel in told)

    moments = sorted(random.sample(range(1, channels), kills))
    with serving_in_thread(server):
        for number, moment in enumerate(moments):
            child = started(deliver, folder, server.api_url, server.token, number, REQUESTS)
            try:
                await server.until(lambda moment=moment: arrived() >= moment, "a kill", 60)
                await asyncio.sleep(random.random() * LATENCY)
            finally:
                child.kill()
                await asyncio.to_thread(child.join)
            if not remembers:
                server.clock.advance(NONCES_FORGOTTEN)
        last = (folder, server.api_url, server.token, kills, REQUESTS)
        assert await asyncio.to_thread(ended, deliver, *last) == 0
    return Arrived.at(server, told)


async def test_killed_three_times(tmp_path: Path) -> None:
    found = await _killed_again_and_again(tmp_path, 200, 3, 1, remembers=False)
    assert (found.lost, found.double, found.limited) == (0, 0, 0)


@pytest.mark.faults
@pytest.mark.parametrize("remembers", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_killed_twenty_times(tmp_path: Path, seed: int, remembers: bool) -> None:
    found = await _killed_again_and_again(tmp_path, 2_000, 20, seed, remembers=remembers)
    assert (found.lost, found.double) == (0, 0)
