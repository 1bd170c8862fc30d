"""What the running program holds in memory: when ready, once everything was used, after a week."""

import asyncio
from collections.abc import Iterator

from tests.bench.rows import Row, at_most
from tests.bench_memory import week

MOST_MEGABYTES = 260.0


def rows() -> Iterator[Row]:
    """The bot's process alone; what its child that reads feeds adds stands beside it."""
    for name, held in asyncio.run(week()).items():
        more = f"{held.whole:.0f} MB with its child, {held.peak:.0f} at most"
        if name == "ready":
            yield Row(name, f"{held.alone:.0f} MB", more)
        else:
            yield at_most(name, held.alone, MOST_MEGABYTES, " MB", more)
