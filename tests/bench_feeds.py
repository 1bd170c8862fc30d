"""How fast feeds are polled, against `reader` 3.26 on the same feeds: `-m tests.bench_feeds`.

The server is a process of its own. Ours runs with every guard, parsing included, in one process;
`reader` runs as it comes, in a process of its own. Where this Python has no `reader`, name one
that has: AFTERSHOCK_READER_PYTHON=/path/to/python. Without it there is nothing to compare with,
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

from bot.model.feed import Feed, FeedKind, Voice
from bot.releases import fetch, parse
from bot.releases.fetch import Fetched, NotModified, Session
from tests.bench_feeds_server import FEEDS, feed

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
        [sys.executable, "-m", "tests.bench_feeds_server"],
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
    python = os.environ.get("AFTERSHOCK_READER_PYTHON", sys.executable)
    command = [python, "-c", _READER, str(port), str(READER_FEEDS), str(workers)]
    said = subprocess.run(command, capture_output=True, text=True)
    if "No module named 'reader'" in said.stderr:
        return None
    if said.returncode:
        raise RuntimeError(said.stderr)
    version, *figures = said.stdout.split()
    cold, cold_work, warm, warm_work = map(float, figures)
    return version, Pace(cold, cold_work), Pace(warm, warm_work)


def _row(name: str, *, wall: float, work: float, unit: str = " ms") -> str:
    return f"{name:<32}{wall:>10.2f}{unit:<4}{work:>10.2f}{unit}"


def main() -> int:
    """Print the table; 1 where a limit is missed."""
    with server() as port:
        colds, warms, entries = asyncio.run(ours(port))
        compared = readers(port)
        # Before and after, since a machine that does something else as well changes its mind.
        more_cold, more_warm, _entries = asyncio.run(ours(port))
    paces = {"cold": [*colds, *more_cold], "warm (304)": [*warms, *more_warm]}
    print(f"{FEEDS} feeds of {len(feed(0)) / 1000:.0f} KB, {entries:,} entries; for one feed:")
    print(f"{'':<32}{'by the clock':>14}{'of its work':>14}")
    ours_of = {
        name: Pace(median(p.wall for p in found), median(p.work for p in found))
        for name, found in paces.items()
    }
    for name, pace in ours_of.items():
        print(_row(name, wall=pace.wall * 1e3, work=pace.work * 1e3))
    if compared is None:
        print("NOT COMPARED: `reader` is not installed here; name a Python that has it in")
        print("AFTERSHOCK_READER_PYTHON (pip install reader==3.26 into a venv of its own)")
        return 0
    version, *its = compared
    met = True
    for (name, our), theirs, least in zip(ours_of.items(), its, (COLD, WARM), strict=True):
        print(_row(f"reader {version}, {name}", wall=theirs.wall * 1e3, work=theirs.work * 1e3))
        good = theirs.wall / our.wall >= least
        met = met and good
        row = _row("  ratio", wall=theirs.wall / our.wall, work=theirs.work / our.work, unit="")
        print(f"{row}  ≥ {least}{'' if good else '  MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
