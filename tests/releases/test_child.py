"""The reading process: bodies in order, and none pays for what another did to it."""

import asyncio
import sys
from collections.abc import Iterator

import pytest

from bot.errors import SourceError
from bot.model.feed import Feed, FeedKind, Voice
from bot.releases import parse
from bot.releases.child import Child
from tests.releases.hostile import ITEM, filled

FEED = Feed("own:1", FeedKind.FEED, Voice.NEWS, "https://fjord.example/feed", "")
BODY = filled(ITEM, 60_000)


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child()
    yield child
    child.close()


def _numbered(number: int) -> bytes:
    return BODY.replace(b"Fjord-3", b"Fjord-%d" % number)


async def test_each_body_gets_its_own_answer(child: Child) -> None:
    bodies = [_numbered(n) for n in range(12)] + [b"<html>"]
    found = await asyncio.gather(
        *(child.ask(FEED, body, 5.0) for body in bodies), return_exceptions=True
    )
    for body, got in zip(bodies[:-1], found, strict=False):
        assert got == parse.read_now(FEED, body)
    assert isinstance(found[-1], SourceError)
    assert child.waiting == 0


async def test_bodies_behind_one_that_is_given_up_are_read_all_the_same(child: Child) -> None:
    first = asyncio.create_task(child.ask(FEED, filled(ITEM, 4_000_000), 5.0))
    others = [asyncio.create_task(child.ask(FEED, _numbered(n), 5.0)) for n in range(5)]
    while child.waiting < 6:
        await asyncio.sleep(0)
    first.cancel()
    titles = [(await other).entries[0].title for other in others]
    assert titles == [f"Fjord-{n}" for n in range(5)]
    with pytest.raises(asyncio.CancelledError):
        await first
    assert child.waiting == 0


async def test_bodies_behind_one_that_takes_too_long_are_read_all_the_same(child: Child) -> None:
    await child.ask(FEED, BODY, 5.0)
    late = asyncio.create_task(child.ask(FEED, filled(ITEM, 4_000_000), 0.0))
    others = [asyncio.create_task(child.ask(FEED, _numbered(n), 5.0)) for n in range(3)]
    with pytest.raises(SourceError, match="longer than 0 seconds"):
        await late
    assert [(await other).entries[0].title for other in others] == ["Fjord-0", "Fjord-1", "Fjord-2"]


def test_another_event_loop_begins_anew(child: Child) -> None:
    for number in range(2):
        parsed = asyncio.run(child.ask(FEED, _numbered(number), 5.0))
        assert parsed.entries[0].title == f"Fjord-{number}"


async def test_of_many_usual_feeds_some_are_read_here_and_all_are_the_same() -> None:
    bodies = [_numbered(n) for n in range(40)]
    found = await asyncio.gather(*(parse.read(FEED, body) for body in bodies))
    parse.close()
    assert found == [parse.read_now(FEED, body) for body in bodies]


async def test_without_processes_to_hand_a_socket_to_a_thread_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(parse, "_CHILD", None)
    large = filled(ITEM, 400_000)
    assert await parse.read(FEED, large) == parse.read_now(FEED, large)
