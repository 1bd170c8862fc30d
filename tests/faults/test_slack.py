"""`kill -9` at random while Slack is told, through the real client: none lost, none twice."""

import asyncio
from functools import partial
from pathlib import Path
from random import Random

import pytest

from tests.faults.slack_worker import deliver
from tests.processes import ended, started
from tests.servers.slack import serving_in_thread
from tests.slack_fanout import Arrived, enqueue, nonce_of, real_now, with_channels

# The pace of the channels, for the test's own sake.
PER_CHANNEL = 0.01


async def _killed_again_and_again(
    folder: Path, channels: int, each: int, kills: int, seed: int
) -> Arrived:
    """Tell so many channels so much, killed so many times at random moments, then to the end."""
    random = Random(seed)
    server, told = with_channels(channels)
    begun = real_now()
    nonces = await enqueue(folder, told, begun, each)

    def arrived(count: int) -> bool:
        return sum(len(channel.messages) for channel in told) >= count

    moments = sorted(random.sample(range(1, channels * each), kills))
    with serving_in_thread(server):
        here = (folder, server.api_url, server.workspace.bot_token, begun)
        for number, moment in enumerate(moments):
            child = started(deliver, *here, number, PER_CHANNEL)
            try:
                await server.until(partial(arrived, moment), "a kill", 60)
                await asyncio.sleep(random.random() * PER_CHANNEL)
            finally:
                child.kill()
                await asyncio.to_thread(child.join)
        assert await asyncio.to_thread(ended, deliver, *here, kills, PER_CHANNEL) == 0
    place = {nonce: number for number, nonce in enumerate(nonces)}
    for channel in told:
        order = [place[nonce_of(message)] for message in channel.messages]
        assert order == sorted(order)
    return Arrived.at(server, told, nonces)


async def test_killed_twice(tmp_path: Path) -> None:
    found = await _killed_again_and_again(tmp_path, channels=20, each=2, kills=2, seed=1)
    assert (found.lost, found.double, found.limited) == (0, 0, 0)


@pytest.mark.faults
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_killed_twenty_times(tmp_path: Path, seed: int) -> None:
    found = await _killed_again_and_again(tmp_path, channels=100, each=5, kills=20, seed=seed)
    assert (found.lost, found.double) == (0, 0)
