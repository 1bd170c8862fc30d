"""The whole program in a process of its own, at work all the time: `-m` runs it, in a folder.

Its clock is put to a session of the market, prices are polled every few seconds, and every feed is
always due. Where its loop stands still, what it does then is written to stalls.txt.
"""

import asyncio
import gc
import json
import logging
import sys
import threading
import time
import traceback
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apscheduler.executors.base
import apscheduler.schedulers.base

from bot import hearing, watching
from bot.app import run
from bot.config import load
from bot.model.feed import Feed, FeedKind, Voice
from bot.services import SystemClock
from bot.surfaces.console import Shown
from storage import feeds

POLL = timedelta(seconds=3)
STALL_SECONDS, LOOK_SECONDS = 0.05, 0.01


def put_clock(ahead: timedelta) -> None:
    """Let the program and its schedule read a clock that is so far ahead."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + ahead

    SystemClock.now = lambda self: Ahead.now(UTC)  # type: ignore[method-assign]
    apscheduler.schedulers.base.datetime = Ahead
    apscheduler.executors.base.datetime = Ahead


def always_due(count: int, port: int) -> None:
    """Poll prices every few seconds, and look at so many feeds again and again."""

    def next_poll(
        _exchanges: Collection[str], now: datetime, previous: datetime | None, *_every: timedelta
    ) -> datetime:
        return now if previous is None else max(now, previous + POLL)

    watching.next_poll = next_poll  # type: ignore[assignment, attr-defined]
    all_feeds = {
        f"feed-{n}": Feed(
            f"feed-{n}", FeedKind.FEED, Voice.NEWS, f"http://127.0.0.1:{port}/{n}", f"feed-{n}"
        )
        for n in range(count)
    }
    hearing.load_feeds = lambda: all_feeds  # type: ignore[assignment, attr-defined]
    usual = feeds.due

    async def due(connection: Any, now: datetime, *given: Any, **more: Any) -> Any:
        return await usual(connection, now + timedelta(days=1), *given, **more)

    feeds.due = due


def watch_loop(out: Path) -> None:
    """Write down, from a thread, what the main thread does while its loop stands still."""
    main = threading.get_ident()
    clock = time.pthread_getcpuclockid(main)
    last, worked = time.perf_counter(), time.clock_gettime(clock)
    collected = since = 0.0
    loop = asyncio.get_running_loop()

    def beat() -> None:
        nonlocal last, worked
        last, worked = time.perf_counter(), time.clock_gettime(clock)
        loop.call_later(LOOK_SECONDS, beat)

    def look() -> None:
        seen = 0.0
        with out.open("w", buffering=1) as file:
            while True:
                time.sleep(LOOK_SECONDS)
                before, garbage = worked, collected
                began, late = last, time.perf_counter() - last
                if late > STALL_SECONDS and began != seen:
                    seen = began
                    stack = traceback.extract_stack(sys._current_frames()[main])
                    while last == began:
                        time.sleep(LOOK_SECONDS / 5)
                    places = [f"{one.filename.rsplit('/', 1)[-1]}:{one.lineno} {one.name}"
                              for one in stack[-12:]]  # fmt: skip
                    row = {"seconds": time.perf_counter() - began, "work": worked - before,
                           "garbage": collected - garbage, "at": places}  # fmt: skip
                    file.write(json.dumps(row) + "\n")

    def collecting(phase: str, about: dict[str, Any]) -> None:
        nonlocal collected, since
        if phase == "start":
            since = time.perf_counter()
        else:
            collected += time.perf_counter() - since

    gc.callbacks.append(collecting)
    beat()
    threading.Thread(target=look, daemon=True).start()


async def _show(_shown: Shown) -> None:
    pass


def main() -> None:
    """Run in the folder that is named."""
    folder = Path(sys.argv[1])
    given = json.loads((folder / "given.json").read_text())
    logging.basicConfig(filename=folder / "log", level=logging.INFO)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # as the program does
    put_clock(timedelta(seconds=given["ahead"]))
    always_due(given["feeds"], given["feeds_port"])
    settings = load(None, given["environ"])

    async def live() -> None:
        watch_loop(folder / "stalls.txt")
        await run(settings, _show, None)

    asyncio.run(live())


if __name__ == "__main__":
    main()
