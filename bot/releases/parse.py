"""Bodies read without holding the event loop up: small ones here, others in a process of their own.

The guard bounds what a small body can cost. A large one goes to a child that is killed where it
takes too long. What is between goes there while there is room, so that two cores read at once.
"""

import asyncio
import atexit
import sys

from bot.model.feed import Feed
from bot.releases.child import Child
from bot.releases.parsed import Parsed
from bot.releases.reading import read_now

__all__ = ["Parsed", "close", "read", "read_now"]

# Passing less than this to the child would cost more than reading it.
TINY = 32 * 1024
# Read in place up to here: a usual feed takes three milliseconds, the worst that is within these
# bounds some fifteen.
INLINE = 160 * 1024
INLINE_TAGS = 4000
INLINE_ENTRIES = 1000
# No more than so many entries of a tag each, which are empty.
FEW_TAGS = 2000
INLINE_NAMESPACES = 500
# Bodies that wait for the child before small ones are read here as well: one that it reads, one
# that it begins at once, one more while this process is busy.
WAITING = 8
SECONDS = 5.0

_CHILD = Child()


async def read(feed: Feed, body: bytes) -> Parsed:
    """The entries of `body`; raises SourceError with what is wrong in plain words."""
    if _small(body):
        # One after another, so that everybody else has a turn between two of them.
        async with _CHILD.turn():
            if len(body) < TINY or _CHILD.waiting >= WAITING:
                parsed = read_now(feed, body)
                await asyncio.sleep(0)
                return parsed
    if sys.platform == "win32":  # no socket can be handed to a process; the guard alone bounds it
        return await asyncio.to_thread(read_now, feed, body)
    return await _CHILD.ask(feed, body, SECONDS)


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
    # A namespace is given by "=", which is sooner counted.
    few = body.count(b"=") <= INLINE_NAMESPACES or body.count(b"xml") <= INLINE_NAMESPACES
    return tags <= INLINE_TAGS and few


def close() -> None:
    """End the child, where there is one; it starts again when it is needed."""
    _CHILD.close()


atexit.register(close)
