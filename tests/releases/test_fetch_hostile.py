"""Hostile feeds: each ends early, with its reason, and never stops anything else meanwhile."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from bot.errors import SourceError
from bot.releases import fetch
from bot.releases.fetch import Limits, Session
from tests.servers import feeds
from tests.servers.feeds import Behaviour, FeedServer, serving_apart
from tests.watcher import MOST_SECONDS, watching

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
# As in use, but for the times.
LIMITS = Limits(connect=0.5, whole=0.8)
# For what is waited out.
SHORT = Limits(connect=0.5, whole=0.3)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serving_apart() as server:
        yield server


@pytest.fixture
async def session(server: FeedServer) -> AsyncIterator[Session]:
    async with fetch.session(server.places, LIMITS) as session:
        yield session


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (feeds.bomb, "the answer is larger than 5 MB"),
        (feeds.empty_parts, "the answer is packed in too many parts"),
        (feeds.endless, "the answer is larger than 5 MB"),
        (feeds.crumbs, "no whole answer within 0.3 seconds"),
        (feeds.drip, "no whole answer within 0.3 seconds"),
        (feeds.drip_head, "no whole answer|not HTTP"),
        (feeds.flood_head, "what it answers is not HTTP"),
        (feeds.go_on, "no whole answer|not HTTP"),
        (feeds.silent, "no whole answer within 0.3 seconds"),
        (feeds.reset, "the connection broke|broke off in the middle"),
        (feeds.hang_up, "it closed the connection without an answer"),
        (feeds.short, "the answer broke off in the middle"),
        (feeds.garbage, "what it answers is not HTTP"),
    ],
)
async def test_a_hostile_feed_ends_within_its_time_and_stops_nobody(
    server: FeedServer, session: Session, behaviour: Behaviour, reason: str
) -> None:
    server.do("/f", behaviour)
    server.put("/good", b"<rss/>")
    begun = time.perf_counter()
    limits = SHORT if "no whole answer" in reason else LIMITS
    async with fetch.session(server.places, limits) as hostile, watching() as watch:
        with pytest.raises(SourceError, match=reason):
            await fetch.get(hostile, server.url("/f"), own=True, now=NOW)
    assert time.perf_counter() - begun < LIMITS.whole + 5  # on a busy machine too
    assert watch.longest < MOST_SECONDS
    await fetch.get(session, server.url("/good"), own=True, now=NOW)


async def test_cookies_are_not_even_looked_at(server: FeedServer, session: Session) -> None:
    server.do("/f", feeds.cookies)
    async with watching() as watch:
        await fetch.get(session, server.url("/f"), own=True, now=NOW)
    assert watch.longest < MOST_SECONDS


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Content-Length": "5000000000"}, "the answer is larger than 5 MB"),
        ({"Content-Length": "-1"}, "not HTTP"),
        ({"Content-Length": "many"}, "not HTTP"),
        ({"Content-Encoding": "br"}, "packed as br, which is not read"),
        ({"Content-Encoding": "zstd"}, "packed as zstd, which is not read"),
        ({"Content-Encoding": "gzip, gzip"}, "packed as gzip, gzip, which is not read"),
        ({"Content-Encoding": "gzip"}, "cannot be unpacked; it is damaged"),
        ({"Content-Encoding": "deflate"}, "cannot be unpacked; it is damaged"),
    ],
)
async def test_lies_in_headers_are_found_out(
    server: FeedServer, session: Session, headers: dict[str, str], reason: str
) -> None:
    server.put("/f", b"<rss>" * 20, headers=headers)
    with pytest.raises(SourceError, match=reason):
        await fetch.get(session, server.url("/f"), own=True, now=NOW)


async def test_a_packed_feed_that_breaks_off_is_not_taken_for_whole(
    server: FeedServer, session: Session
) -> None:
    server.put("/f", gzip.compress(b"<rss>" * 500)[:-12], headers={"Content-Encoding": "gzip"})
    with pytest.raises(SourceError, match="broke off in the middle"):
        await fetch.get(session, server.url("/f"), own=True, now=NOW)


async def test_a_tag_too_long_to_keep_is_not_kept(server: FeedServer, session: Session) -> None:
    server.put("/f", b"<rss/>", etag='"' + "a" * 4000 + '"')
    got = await fetch.get(session, server.url("/f"), own=True, now=NOW)
    assert isinstance(got, fetch.Fetched)
    assert got.etag == ""


async def test_a_large_honest_feed_stops_nobody(server: FeedServer, session: Session) -> None:
    body = b"<item>" + bytes(range(32, 127)) * 52_000
    server.put("/f", body[:4_900_000], packed="gzip")
    async with watching() as watch:
        got = await fetch.get(session, server.url("/f"), own=True, now=NOW)
    assert isinstance(got, fetch.Fetched)
    assert len(got.body) == 4_900_000
    assert watch.longest < MOST_SECONDS


async def test_one_hostile_feed_does_not_keep_the_others_waiting(server: FeedServer) -> None:
    server.do("/slow", feeds.silent)
    server.put("/good", b"<rss/>")
    async with fetch.session(server.places, LIMITS) as session:
        slow = [
            asyncio.create_task(fetch.get(session, server.url("/slow"), own=True, now=NOW))
            for _ in range(10)
        ]
        begun = time.perf_counter()
        await fetch.get(session, server.url("/good"), own=True, now=NOW)
        assert time.perf_counter() - begun < LIMITS.whole
        for error in await asyncio.gather(*slow, return_exceptions=True):
            assert isinstance(error, SourceError)
