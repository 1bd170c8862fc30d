"""Ask feeds for what they have now: several at once, but a host never for two at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.model.feed import Entry, Feed
from storage.feeds import FeedState

log = logging.getLogger(__name__)
AT_ONCE = 16


class Answer(Protocol):
    """What a server sent: the feed itself, and what to send with the next request."""

    @property
    def body(self) -> bytes: ...
    @property
    def etag(self) -> str: ...
    @property
    def modified(self) -> str: ...


class Listed(Protocol):
    """What a feed was read as."""

    @property
    def entries(self) -> Sequence[Entry]: ...
    @property
    def notes(self) -> Sequence[str]: ...


# None where nothing has changed since the last time.
Retrieve = Callable[[FeedState, datetime], Awaitable[Answer | None]]
Read = Callable[[Feed, bytes], Awaitable[Listed]]


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a feed. `entries` is None where it has not changed, or failed: see `error`.

    `after` is how many seconds a server that refused asked to wait.
    """

    state: FeedState
    entries: Sequence[Entry] | None = None
    etag: str = ""
    modified: str = ""
    notes: Sequence[str] = ()
    error: str = ""
    after: float | None = None


async def look_at(
    states: Sequence[FeedState], retrieve: Retrieve, read: Read, now: datetime
) -> list[Look]:
    """Look at each of these feeds; what is wrong with one is in its own look."""
    room = asyncio.Semaphore(AT_ONCE)
    hosts: dict[str, asyncio.Lock] = {}

    async def one(state: FeedState) -> Look:
        host = hosts.setdefault(_host(state.feed.url), asyncio.Lock())
        async with host, room:
            try:
                return await _look(state, retrieve, read, now)
            except SourceError as error:
                after = getattr(error, "after", None)
                return Look(state, error=str(error) or "it cannot be read", after=after)
            except Exception:  # whatever one feed does, the others are looked at
                log.exception("%s could not be looked at", state.feed.key)
                return Look(state, error="looking at it failed; the log says how")

    return list(await asyncio.gather(*map(one, states)))


async def _look(state: FeedState, retrieve: Retrieve, read: Read, now: datetime) -> Look:
    answer = await retrieve(state, now)
    if answer is None:
        return Look(state, etag=state.etag, modified=state.modified)
    listed = await read(state.feed, answer.body)
    return Look(state, tuple(listed.entries), answer.etag, answer.modified, tuple(listed.notes))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url
