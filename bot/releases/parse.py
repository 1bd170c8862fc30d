"""Bodies read without holding the event loop up: small ones here, others in a child process.

The guard bounds what a small body can cost. A large one goes to a child that is kept warm and is
killed where it takes too long, since neither a thread nor a time limit stops a parser in C.
"""

import asyncio
import atexit
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.errors import SourceError
from bot.model.feed import Entry, Feed, FeedKind
from bot.releases.parsed import Parsed
from bot.releases.reading import read_now

__all__ = ["Parsed", "close", "read", "read_now"]

# Read in place up to here: a usual feed takes three milliseconds, the worst that is within these
# bounds some fifteen. Passing it to the child would cost more than reading it.
INLINE = 160 * 1024
INLINE_TAGS = 4000
INLINE_ENTRIES = 1000
# No more than so many entries of a tag each, which are empty.
FEW_TAGS = 2000
INLINE_NAMESPACES = 500
SECONDS = 5.0


async def read(feed: Feed, body: bytes) -> Parsed:
    """The entries of `body`; raises SourceError with what is wrong in plain words."""
    if _small(body):
        return read_now(feed, body)
    return await asyncio.get_running_loop().run_in_executor(_WAITING, _CHILD.ask, feed, body)


def _small(body: bytes) -> bool:
    """Whether reading it in place cannot take long; each count costs as much as some entries."""
    if len(body) > INLINE:
        return False
    if not body.startswith(b"<"):
        return body.count(b"<") + body.count(b"[") <= INLINE_TAGS and (
            body.count(b"<item") + body.count(b"<entry") + body.count(b"{") <= INLINE_ENTRIES
            and body.count(b"xml") <= INLINE_NAMESPACES
        )
    tags = body.count(b"<")
    if tags > FEW_TAGS and body.count(b"<item") + body.count(b"<entry") > INLINE_ENTRIES:
        return False
    return tags <= INLINE_TAGS and body.count(b"xml") <= INLINE_NAMESPACES


def close() -> None:
    """End the child, where there is one; it starts again when it is needed."""
    _CHILD.close()


class _Child:
    """The process that reads large bodies, one at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, feed: Feed, body: bytes) -> Parsed:
        with self._turn:
            process = self._process
            if process is None or process.poll() is not None:
                self._end()
                process = self._process = self._started()
            # The only way to end a parser that does not return: its pipe breaks, and so the wait.
            timer = threading.Timer(SECONDS, process.kill)
            timer.start()
            try:
                return _exchange(process, feed, body)
            except (OSError, ValueError):
                late = not timer.is_alive()
                self._end()
                why = (
                    f"reading it took longer than {SECONDS:.0f} seconds"
                    if late
                    else ("it could not be read")
                )
                raise SourceError(why) from None
            finally:
                timer.cancel()

    def _started(self) -> "subprocess.Popen[bytes]":
        # Nothing of the environment that could hold a token reaches a process that reads what
        # strangers wrote.
        kept = {k: v for k, v in os.environ.items() if k in _KEPT or k.startswith("LC_")}
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        return subprocess.Popen(
            [sys.executable, "-m", "bot.releases.parse_child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept,
        )  # fmt: skip

    def close(self) -> None:
        with self._turn:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue


_KEPT = frozenset({"PATH", "LANG", "HOME", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH"})
_CHILD = _Child()
# One thread of its own waits for the child: bodies that take long must not use up the threads that
# names are looked up in.
_WAITING = ThreadPoolExecutor(1, "feeds")
atexit.register(close)


def _exchange(process: "subprocess.Popen[bytes]", feed: Feed, body: bytes) -> Parsed:
    """Ask, and read the answer line by line, so that the loop has its turn between two lines."""
    to_child, from_child = process.stdin, process.stdout
    assert to_child is not None
    assert from_child is not None
    to_child.write(json.dumps([asdict(feed), len(body)]).encode() + b"\n")
    to_child.write(body)
    to_child.flush()
    head: dict[str, Any] = json.loads(from_child.readline())
    if "refused" in head:
        raise SourceError(head["refused"])
    entries = tuple(_entry(json.loads(from_child.readline())) for _ in range(head["entries"]))
    return Parsed(
        entries, head["title"], head["dialect"], tuple(head["notes"]), FeedKind(head["kind"])
    )


def _entry(row: list[Any]) -> Entry:
    feed, id_, title, url, summary, published, given = row
    moment = datetime.fromisoformat(published) if published else None
    return Entry(feed, id_, title, url, summary, moment, given)
