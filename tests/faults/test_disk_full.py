"""A disk that is full: nothing half stored, one sentence in the log, and all is told afterwards."""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.faults.mounted import fill, read_only, small_disk
from tests.faults.pipeline_world import OLD, rss
from tests.faults.programs import Program, programs
from tests.servers.discord import Latency
from tests.servers.feeds import FeedServer, serving

NO_ROOM = "There is no room left to write the database"
NAMES = [f"m{number}" for number in range(5)]
MEGABYTES = 24


async def _full(one: Program, news: FeedServer, looks: int) -> None:
    """The disk fills up in the middle of a fan-out and stays full for so many looks at a feed."""
    await one.enqueue(*NAMES)
    await one.until(lambda: one.channel.sent, "the first message")
    ballast = fill(one.data)
    try:
        news.put("/news.xml", rss([*OLD, "Introducing GPT-9"]))
        await one.until(lambda: NO_ROOM in one.log, "that it says so")
        before = len(news.asked)
        await one.until(lambda: len(news.asked) >= before + looks, "that it goes on looking", 900)
    finally:
        ballast.unlink()
    await one.until(lambda: one.has(*NAMES), "all of them", 90)
    await one.until(lambda: all(one.said("GPT-9").values()), "the release", 90)
    await one.until(lambda: set(one.states()) == {"sent"}, "that all is marked as sent", 90)


@pytest.mark.faults
@pytest.mark.parametrize("looks", [2, 60])
@pytest.mark.timeout(1200)
async def test_full_while_it_sends(
    tmp_path: Path, history_file: Path, figures: Callable[..., None], looks: int
) -> None:
    with small_disk(tmp_path / "disk", MEGABYTES) as disk:
        async with serving() as news, programs(
            tmp_path, history_file, disk,
            AFTERSHOCK_FEEDS__ENABLED="yes",
            feed=news.url("/news.xml"),
        ) as one:  # fmt: skip
            news.put("/news.xml", rss(OLD))
            one.server.latency = Latency(0.2, 0.1, Random(1))
            await one.subscribe()
            one.start()
            await one.begun()
            await one.until(lambda: len(news.asked) > 1, "a look at the feed")
            await _full(one, news, looks)
            assert await one.stop() == 0
            one.start()  # nothing is shown or sent again
            await one.begun()
            assert await one.stop() == 0
            one.told_once(*NAMES)
            assert one.said("GPT-9") == {"console": 1, "discord": 1}
            out = (tmp_path / "out").read_text("utf-8")
            numbers = re.findall(r": message (\d+)", out)
            assert len(numbers) == len(set(numbers)) > len(NAMES)
            assert out.count("GPT-9: a new model") == 1
            said = [line for line in one.log.splitlines() if NO_ROOM in line]
            assert "Traceback" not in one.log
            # Once for what sends and once for each job, and not once a second.
            assert 1 <= len(said) <= 6, said
            figures("disk full", looks_meanwhile=looks, lost=0, double=0, log_lines=len(said))


@pytest.mark.parametrize("how", ["full", "read only"])
async def test_a_disk_that_takes_nothing_at_the_start(
    tmp_path: Path, history_file: Path, how: str
) -> None:
    with small_disk(tmp_path / "disk", MEGABYTES) as disk:
        async with programs(tmp_path, history_file, disk) as one:
            before = one.database.read_bytes()
            if how == "full":
                fill(disk)
            else:
                read_only(disk)
            one.start()
            assert await one.ended(60) == 2
            assert one.database.read_bytes() == before
            (line,) = one.log.splitlines()
            assert str(disk) in line
            assert (NO_ROOM if how == "full" else "Read-only file system") in line
