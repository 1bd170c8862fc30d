"""Retrieve: one feed over HTTP, under every guard. What the bytes mean is the parser's affair.

Redirects are followed here, so that each address on the way is judged like the first. Cookies are
never kept, credentials and referrers never sent.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from bot.errors import SourceError
from bot.lookups import Lookup, look_up
from bot.releases.addresses import Address, read
from bot.releases.resolver import RefusedError, connector
from bot.releases.unpack import Unpacking, too_large

USER_AGENT = "aftershock/0.1 (reads feeds of AI model releases; conditional requests)"
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/json;q=0.9, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
REDIRECTS = frozenset((301, 302, 303, 307, 308))
LONGEST_WAIT = 86_400.0
LONGEST_TAG = 512


@dataclass(frozen=True, slots=True)
class Limits:
    """What one feed may cost. Sizes in bytes, times in seconds."""

    size: int = 5_000_000
    connect: float = 10
    whole: float = 30
    redirects: int = 5
    at_once: int = 64


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed as it was given; `etag` and `modified` are to be sent back the next time.

    `url` is where it was found in the end. `moved` is that address where every step to it was said
    to be for good, else "".
    """

    body: bytes
    etag: str
    modified: str
    content_type: str
    url: str
    moved: str = ""


@dataclass(frozen=True, slots=True)
class NotModified:
    """Nothing is new since `etag` and `modified`, which stand."""

    etag: str
    modified: str


class Session:
    """Connections for feeds, kept open between polls. Use it as an async context manager.

    There are two sorts, and a connection of one is never used for the other: guarded ones, which
    reach public addresses and the `allowed` ones alone, and open ones for what is shipped.
    """

    def __init__(self, allowed: frozenset[str], limits: Limits, look_up: Lookup) -> None:
        self.allowed = allowed
        self.limits = limits
        self.slots = asyncio.Semaphore(limits.at_once)
        self.guarded, self.open = (
            aiohttp.ClientSession(
                connector=connector(
                    guard=guard, allowed=allowed, seconds=limits.connect, look_up=look_up
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={
                    "User-Agent": USER_AGENT,
                    "Accept": ACCEPT,
                    "Accept-Encoding": "gzip, deflate",
                },
                auto_decompress=False,
                read_bufsize=64 * 1024,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect),
            )
            for guard in (True, False)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self.guarded.close()
        await self.open.close()


def session(
    allowed: frozenset[str] = frozenset(),
    limits: Limits | None = None,
    look_up: Lookup = look_up,
) -> Session:
    """A session. `allowed` are places ("host:port", exactly) that may be read though not public."""
    return Session(frozenset(name.lower() for name in allowed), limits or Limits(), look_up)


async def get(
    session: Session, url: str, *, etag: str = "", modified: str = "", own: bool, now: datetime
) -> Fetched | NotModified:
    """Fetch a feed, if it has changed since `etag` and `modified` were given.

    `own` is True for a feed of somebody's choosing: only public addresses then, at each step.
    Raises SourceError with the reason in plain words.
    """
    asked = {}
    if etag:
        asked["If-None-Match"] = etag
    if modified:
        asked["If-Modified-Since"] = modified
    limits = session.limits
    async with session.slots:  # the clock starts when it is this feed's turn
        try:
            async with asyncio.timeout(limits.whole):
                return await _follow(session, url, asked, own, now)
        except aiohttp.ClientError as error:  # some of them are TimeoutErrors as well
            raise _in_words(error, limits) from error
        except TimeoutError:
            raise SourceError(f"no whole answer within {limits.whole:g} seconds") from None
        except (OSError, ValueError) as error:
            raise _in_words(error, limits) from error


async def _follow(
    session: Session, url: str, asked: Mapping[str, str], own: bool, now: datetime
) -> Fetched | NotModified:
    address = first = read(url, own=own, allowed=session.allowed)
    for_good = True
    for step in range(session.limits.redirects + 1):
        # Where a shipped address lies is the operator's affair; where it sends us is not.
        guarded = own or address.host != first.host
        client = session.guarded if guarded else session.open
        async with client.get(_as_given(address), headers=asked, allow_redirects=False) as answer:
            if answer.status not in REDIRECTS:
                got = await _read(session.limits, answer, address, asked, now)
                if step and for_good and isinstance(got, Fetched):
                    return replace(got, moved=address.url)
                return got
            # What else it says is not read: the connection is given up.
            answer.close()
            for_good = for_good and answer.status in (301, 308)
            address = _next(session, address, first, answer.headers.get("Location", ""), own)
    raise SourceError(f"it redirects more than {session.limits.redirects} times")


@lru_cache(2048)
def _as_given(address: Address) -> URL:
    """The address as the client library reads it, which has to be as it was judged."""
    url = URL(address.url)
    if (url.raw_host, url.port, url.scheme) != (address.host, address.port, address.scheme):
        raise SourceError("the address can be read in two ways", refused=True)
    return url


def _next(session: Session, here: Address, first: Address, location: str, own: bool) -> Address:
    if not location:
        raise SourceError("it redirects to nowhere")
    try:
        target = urljoin(here.url, location)
    except ValueError:
        raise SourceError("it redirects to what is no web address") from None
    try:
        there = read(target, own=own, allowed=session.allowed)
        if there.host != first.host:
            there = read(target, own=True, allowed=session.allowed)
    except SourceError as error:
        raise SourceError(f"it redirects, but {error}", refused=True) from None
    if own and here.scheme == "https" and there.scheme == "http":
        raise SourceError("it redirects from https to http", refused=True)
    return there


async def _read(
    limits: Limits,
    answer: aiohttp.ClientResponse,
    address: Address,
    asked: Mapping[str, str],
    now: datetime,
) -> Fetched | NotModified:
    if answer.status == 304 and asked:
        return NotModified(asked.get("If-None-Match", ""), asked.get("If-Modified-Since", ""))
    if answer.status != 200:
        answer.close()
        raise _status(answer.status, answer.headers.get("Retry-After", ""), now)
    if (answer.content_length or 0) > limits.size:
        answer.close()
        raise too_large(limits.size)
    return Fetched(
        body=await _body(limits, answer),
        etag=_short(answer.headers.get("ETag", "")),
        modified=_short(answer.headers.get("Last-Modified", "")),
        content_type=answer.headers.get("Content-Type", "")[:200],
        url=address.url,
    )


async def _body(limits: Limits, answer: aiohttp.ClientResponse) -> bytes:
    """The body, unpacked, a step at a time: others have their turn between two steps."""
    unpacking = Unpacking(answer.headers.get("Content-Encoding", ""), limits.size)
    pieces: list[bytes] = []
    taken = 0
    try:
        async for chunk in answer.content.iter_any():
            taken += len(chunk)
            if taken > limits.size:
                raise too_large(limits.size)
            for step, piece in enumerate(unpacking.take(chunk)):
                pieces.append(piece)
                if step:
                    await asyncio.sleep(0)
        unpacking.end()
    except SourceError:
        answer.close()  # what else comes is not wanted
        raise
    return b"".join(pieces)


def _short(tag: str) -> str:
    return tag if len(tag) <= LONGEST_TAG else ""


def _status(status: int, retry_after: str, now: datetime) -> SourceError:
    after = _seconds(retry_after, now)
    if status == 304:
        return SourceError("it says that nothing changed, but was not asked for changes")
    if status in (429, 503):
        wait = "" if after is None else f" and asks to wait {after:,.0f} seconds"
        what = "it has been asked too often" if status == 429 else "it is not available"
        return SourceError(f"{what} ({status}){wait}", after=after, status=status)
    if status in (404, 410):
        return SourceError(f"there is nothing at this address ({status})", status=status)
    if status in (401, 402, 403, 407, 451):
        return SourceError(f"it does not let us read it ({status})", status=status)
    if status >= 500:
        return SourceError(f"its server fails ({status})", after=after, status=status)
    return SourceError(f"it answers with status {status} instead of a feed", status=status)


def _seconds(retry_after: str, now: datetime) -> float | None:
    """Seconds to wait as a Retry-After asks, a day at most; None where it asks for nothing."""
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), LONGEST_WAIT)


def _in_words(error: Exception, limits: Limits) -> SourceError:
    """What went wrong, in words that do not show the program's inside."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RefusedError):
            return SourceError(str(cause), refused=True)
        cause = cause.__cause__ or cause.__context__
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return SourceError(words.format(connect=limits.connect))
    return SourceError("it could not be read")


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ServerTimeoutError, "no connection within {connect:g} seconds"),
    (aiohttp.ClientConnectorDNSError, "there is no such host"),
    (aiohttp.ClientConnectorCertificateError, "its certificate is not valid"),
    (aiohttp.ClientSSLError, "no secure connection to it can be made"),
    (aiohttp.ClientConnectorError, "no connection to it can be made"),
    (aiohttp.ServerDisconnectedError, "it closed the connection without an answer"),
    (aiohttp.ClientPayloadError, "the answer broke off in the middle"),
    (aiohttp.ClientOSError, "the connection broke"),
    (aiohttp.InvalidURL, "this is no web address"),
    (aiohttp.ClientResponseError, "what it answers is not HTTP"),
)
