"""How fast feeds are polled, against `reader` 3.26 and against plain downloads of the same feeds.

The server is a process of its own. Ours runs with every guard, parsing included, in one process;
`reader` runs as it comes, in a process of its own. Where this Python has no `reader`, name one
that has: READER_PYTHON=/path/to/python. Without it there is nothing to compare with,
and the bench says so.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

import aiohttp

from bot.model.feed import Feed, FeedKind, Voice
from bot.releases import fetch, parse
from bot.releases.fetch import Fetched, NotModified, Session
from tests.bench.feeds_server import FEEDS
from tests.bench.rows import Row, ratio_at_least

NOW = datetime(2025, 2, 1, 12, 0, tzinfo=UTC)
READER_FEEDS = 100  # it takes its time, and its rate does not depend on how many there are
AT_ONCE = 16
RUNS = 3
COLD, WARM = 25, 10

_READER = """
import sys, tempfile, time, logging
import reader as library
logging.disable(logging.CRITICAL)
port, count, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with tempfile.TemporaryDirectory() as folder:
    reader = library.make_reader(folder + "/reader.db")
    for number in range(count):
        reader.add_feed(f"http://127.0.0.1:{port}/{number}")
    begun, worked = time.perf_counter(), time.process_time()
    reader.update_feeds(workers=workers)
    cold, cold_work = time.perf_counter() - begun, time.process_time() - worked
    assert reader.get_feed_counts(broken=True).total == 0
    entries = reader.get_entry_counts().total
    begun, worked = time.perf_counter(), time.process_time()
    reader.update_feeds(workers=workers, scheduled=False)
    warm, warm_work = time.perf_counter() - begun, time.process_time() - worked
    assert reader.get_entry_counts().total == entries
    each = (cold, cold_work, warm, warm_work)
    print(library.__version__, *(seconds / count for seconds in each))
    reader.close()
"""


@contextmanager
def server() -> Iterator[int]:
    """The server's port, while it runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.feeds_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.communicate()


def _feeds(port: int) -> list[Feed]:
    return [
        Feed(f"own:{n}", FeedKind.FEED, Voice.NEWS, f"http://127.0.0.1:{port}/{n}", "", owner="s")
        for n in range(FEEDS)
    ]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for one feed: by the clock on the wall, and of work by the process that polls.

    What our reading child works at the same time is not in the latter.
    """

    wall: float
    work: float


async def _poll(session: Session, feeds: list[Feed], tags: dict[str, str]) -> tuple[Pace, int]:
    """How long a poll of all took, and how many entries came of it."""
    waiting = iter(feeds)
    entries = 0

    async def some() -> None:
        nonlocal entries
        for one in waiting:
            tag = tags.get(one.key, "")
            got = await fetch.get(session, one.url, etag=tag, own=True, now=NOW)
            if isinstance(got, Fetched):
                parsed = await parse.read(one, got.body)
                entries += len(parsed.entries)
                tags[one.key] = got.etag
            else:
                assert isinstance(got, NotModified)

    begun, worked = time.perf_counter(), time.process_time()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    wall, work = time.perf_counter() - begun, time.process_time() - worked
    return Pace(wall / len(feeds), work / len(feeds)), entries


async def ours(port: int) -> tuple[list[Pace], list[Pace], int]:
    """Polls, cold (new connections, nothing known) and warm (304), and the entries of one."""
    cold, warm, entries = [], [], 0
    feeds = _feeds(port)
    for _run in range(RUNS):
        async with fetch.session(frozenset((f"127.0.0.1:{port}",))) as session:
            tags: dict[str, str] = {}
            pace, entries = await _poll(session, feeds, tags)
            cold.append(pace)
            pace, more = await _poll(session, feeds, tags)
            assert more == 0
            warm.append(pace)
    return cold, warm, entries


def readers(port: int, workers: int = 1) -> tuple[str, Pace, Pace] | None:
    """Its version and pace, cold and warm; None where there is no reader."""
    python = os.environ.get("READER_PYTHON", sys.executable)
    command = [python, "-c", _READER, str(port), str(READER_FEEDS), str(workers)]
    said = subprocess.run(command, capture_output=True, text=True)
    if "No module named 'reader'" in said.stderr:
        return None
    if said.returncode:
        raise RuntimeError(said.stderr)
    version, *figures = said.stdout.split()
    cold, cold_work, warm, warm_work = map(float, figures)
    return version, Pace(cold, cold_work), Pace(warm, warm_work)


async def raw(port: int) -> float:
    """Seconds for one feed by aiohttp alone: nothing guarded, nothing parsed."""
    addresses = iter([f"http://127.0.0.1:{port}/{number}" for number in range(FEEDS)])
    size = 0

    async def some(session: aiohttp.ClientSession) -> None:
        nonlocal size
        for address in addresses:
            async with session.get(address) as answer:
                body = await answer.read()
            size += len(body)  # after the wait, else others' would be forgotten

    async with aiohttp.ClientSession() as session:
        begun = time.perf_counter()
        await asyncio.gather(*(some(session) for _ in range(AT_ONCE)))
        taken = time.perf_counter() - begun
    assert size >= FEEDS * 100_000
    return taken / FEEDS


def rows() -> Iterator[Row]:
    """Cold and warm against `reader`, and cold against plain downloads."""
    with server() as port:
        colds, warms, entries = asyncio.run(ours(port))
        plain = [asyncio.run(raw(port)) for _run in range(RUNS)]
        compared = readers(port)
        # Before and after, since a machine that does something else as well changes its mind.
        more_cold, more_warm, again = asyncio.run(ours(port))
        plain += [asyncio.run(raw(port)) for _run in range(RUNS)]
    assert entries == again > FEEDS
    paces = (("cold", [*colds, *more_cold], COLD), ("warm (304)", [*warms, *more_warm], WARM))
    for place, (name, found, least) in enumerate(paces):
        what, our = f"a feed of 100 KB, {name}", median(pace.wall for pace in found)
        value = f"{our * 1e3:.2f} ms"
        if compared is None:
            yield Row(what, value, "NOT COMPARED: no `reader` here")
        else:
            version, *its = compared
            beside = f"{its[place].wall * 1e3:.1f} ms reader {version}"
            yield ratio_at_least(what, value, beside, its[place].wall / our, least)
    cold = median(pace.wall for pace in paces[0][1])
    yield Row(
        "  cold beside plain downloads",
        f"{cold * 1e3:.2f} ms",
        f"{median(plain) * 1e3:.2f} ms aiohttp, nothing parsed",
        f"{median(plain) / cold:.0%}",
    )
