"""Hostile bodies: each refused in time and in words, the event loop free all the while."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from bot.errors import SourceError
from bot.model.feed import Entry, Feed, FeedKind, Voice
from bot.releases import parse
from bot.releases.parsed import Parsed
from tests.releases.hostile import HEAD, ITEM, TAIL, bodies, filled, harmless

FEED = Feed("own:1", FeedKind.FEED, Voice.NEWS, "https://fjord.example/feed", "")
SMALL, LARGE = bodies(150_000), bodies(1_000_000)
FEEDS = [harmless(size) for size in (100_000, 1_000_000)]


@pytest.fixture(scope="module", autouse=True)
def child() -> Iterator[None]:
    """One child for all of them, started before anything is measured."""
    parse.read_now(FEED, HEAD + ITEM + TAIL)
    yield
    parse.close()


async def _refusal(body: bytes) -> tuple[str, float]:
    """Why a body is refused, and for how long its reading kept this thread busy."""
    began = time.thread_time()
    with pytest.raises(SourceError) as refused:
        await parse.read(FEED, body)
    return str(refused.value), time.thread_time() - began


@pytest.mark.parametrize("name", LARGE)
async def test_what_is_hostile_is_refused_in_words_without_blocking_the_loop(name: str) -> None:
    for made in (SMALL, LARGE):
        body, words = made[name]
        why, busy = await _refusal(body)
        assert any(word in why for word in words.split("|")), why
        assert "took longer" not in why
        assert "\n" not in why
        assert "lxml" not in why
        assert len(why) < 160
        assert busy < 0.05


@pytest.mark.parametrize("name", FEEDS[0])
async def test_what_is_only_large_is_read(name: str) -> None:
    for made in FEEDS:
        began = time.thread_time()
        parsed = await parse.read(FEED, made[name])
        assert time.thread_time() - began < 0.05
        assert parsed.entries[0].title.startswith("Fjord-3")
        assert len(parsed.entries[0].summary) <= 300
        assert len(parsed.entries[0].id) <= 500


async def test_more_than_five_megabytes_are_not_read() -> None:
    why, _ = await _refusal(filled(ITEM, 5_300_000))
    assert why == "larger than 5 MB"


async def test_a_parser_that_does_not_return_is_ended_and_the_next_body_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = filled(ITEM, 400_000)
    await parse.read(FEED, body)
    running = parse._CHILD._running
    assert running is not None
    process = running.process
    monkeypatch.setattr(parse, "SECONDS", 0.0)
    why, _ = await _refusal(body)
    assert why == "reading it took longer than 0 seconds"
    assert process.returncode is not None
    monkeypatch.undo()
    assert len((await parse.read(FEED, body)).entries) > 1000


async def test_a_child_that_has_died_is_replaced() -> None:
    body = filled(ITEM, 400_000)
    await parse.read(FEED, body)
    running = parse._CHILD._running
    assert running is not None
    process = running.process
    process.kill()
    process.wait()
    assert (await parse.read(FEED, body)).entries[0].title == "Fjord-3"


async def test_a_large_body_is_read_as_a_small_one_is() -> None:
    body = filled(ITEM + b"<item><pubDate>2025-01-20</pubDate></item>", 400_000)
    assert await parse.read(FEED, body) == parse.read_now(FEED, body)


async def test_large_bodies_that_come_together_are_all_read() -> None:
    body = filled(ITEM, 300_000)
    found = await asyncio.gather(*(parse.read(FEED, body) for _ in range(4)))
    assert len({len(one.entries) for one in found}) == 1


def test_no_text_of_an_entry_holds_what_is_not_seen_or_leads_elsewhere() -> None:
    title = "Fjord\u202e-3\u2066\u200b \u0007is\tout \U000e0041@everyone"
    link = "java\nscript:alert(1)"
    body = f"<rss><channel><item><title>{title}</title><link>{link}</link></item></channel></rss>"
    read: Parsed = parse.read_now(FEED, body.encode())
    assert read.entries == (Entry("own:1", "", "Fjord-3 is out @everyone"),)
