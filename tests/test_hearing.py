"""Feeds on a real server, through fetching, reading and judging, to the outbox."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config import Settings
from bot.hearing import Hearing, hearing
from bot.model.feed import Feed, FeedKind, Voice
from bot.services import Services
from storage.schema import feed as feed_table
from tests.cycle.newsroom import Newsroom
from tests.delivering import until
from tests.living import live, with_history
from tests.servers.feeds import FeedServer, serving


def rss(*titles: str, stamp: str = "Mon, 27 Jan 2025 00:00:00 +0000") -> bytes:
    """A feed as scrapers write them: no ids, all dates the same."""
    items = "".join(
        f"<item><title>{escape(one)}</title><link>https://openai.com/index/{_slug(one)}/</link>"
        f"<description>{escape(one)}</description><pubDate>{stamp}</pubDate></item>"
        for one in titles
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>OpenAI</title><link>https://openai.com/news/</link>{items}</channel></rss>"
    ).encode()


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower())


PAST = tuple(f"How customer {n} uses our platform" for n in range(54))


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with serving() as found:
        yield found


def shipped(server: FeedServer) -> Feed:
    """The feed of that server."""
    url = server.url("/news.xml")
    return Feed("openai", FeedKind.FEED, Voice.LAB, url, "OpenAI news", "openai")


@asynccontextmanager
async def heard(services: Services, server: FeedServer) -> AsyncIterator[tuple[Newsroom, Hearing]]:
    """The program's hearing of one shipped feed on that server, and a channel that subscribed."""
    room = Newsroom(services)
    await room.subscribe()
    server.put("/news.xml", rss(*PAST))
    async with hearing(services, lambda: None, {"openai": shipped(server)}) as hearer:
        await hearer.look()
        yield room, hearer


async def look(room: Newsroom, hearer: Hearing) -> None:
    room.later(hours=7)
    await hearer.look()


async def test_from_a_server_to_the_outbox(services: Services, server: FeedServer) -> None:
    async with heard(services, server) as (room, hearer):
        assert await room.posted() == []
        server.put("/news.xml", rss("Introducing GPT-5.9", *PAST))
        await look(room, hearer)
        await look(room, hearer)
        assert await room.models() == ["GPT-5.9"]
        assert "if-none-match" in server.asked[-1].headers
        assert (await room.state("openai")).detail == ""


async def test_emptied_filled_stamped_anew_and_one_left(
    services: Services, server: FeedServer
) -> None:
    async with heard(services, server) as (room, hearer):
        for body in (
            rss(), rss(*PAST), rss(*PAST[-1:]), rss(*PAST, stamp="Tue, 28 Jan 2025 12:00:00 +0000"),
        ):  # fmt: skip
            server.put("/news.xml", body)
            await look(room, hearer)
        assert await room.posted() == []


async def test_182_at_once_are_one_line_and_the_next_is_told(
    services: Services, server: FeedServer
) -> None:
    async with heard(services, server) as (room, hearer):
        many = [f"Introducing GPT-{n}" for n in range(20, 202)]
        server.put("/news.xml", rss(*many, *PAST))
        await look(room, hearer)
        (line,) = await room.posted()
        assert "182" in line
        server.put("/news.xml", rss("Introducing GPT-5.9", *many, *PAST))
        await look(room, hearer)
        assert await room.models() == ["GPT-5.9"]


async def test_what_is_no_feed_is_told_to_nobody_and_noted(
    services: Services, server: FeedServer
) -> None:
    async with heard(services, server) as (room, hearer):
        server.put("/news.xml", b"<html><body>Just a moment...</body></html>")
        await look(room, hearer)
        state = await room.state("openai")
        assert (await room.posted(), state.failures) == ([], 1)
        assert state.detail
        bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><rss><channel><title>&a;</title></channel></rss>'
        server.put("/news.xml", bomb)
        await look(room, hearer)
        assert (await room.state("openai")).failures == 2
        server.put("/news.xml", rss("Introducing GPT-5.9", *PAST))
        await look(room, hearer)
        assert await room.models() == ["GPT-5.9"]


async def test_a_chosen_feed_on_a_private_address_is_never_asked(
    services: Services, server: FeedServer
) -> None:
    async with heard(services, server) as (room, hearer):
        asked = len(server.asked)
        await room.choose(
            Feed("own:1", FeedKind.FEED, Voice.NEWS, server.url("/x"), "x", owner="console:a")
        )
        await hearer.look()
        assert len(server.asked) == asked
        assert (await room.state("own:1")).failures == 1


async def test_the_running_program_hears(
    settings: Settings,
    server: FeedServer,
    tmp_path: Path,
    history_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_history(tmp_path, history_file)
    monkeypatch.setattr("bot.hearing.LOOK_SECONDS", 0.02)
    monkeypatch.setattr("bot.hearing.load_feeds", lambda: {"openai": shipped(server)})
    server.put("/news.xml", rss(*PAST, stamp=""))
    async with live(settings, hears=True) as services:
        room = Newsroom(services)

        async def seeded() -> bool:
            return (await room.state("openai")).seeded_at is not None

        await until(seeded)
        server.put("/news.xml", rss("Introducing GPT-5.9", *PAST, stamp=""))

        async def due(connection: AsyncConnection) -> None:
            await connection.execute(update(feed_table).values(next_at=services.clock.now()))

        await services.database.write(due)

        async def told() -> bool:
            return await room.models("console") == ["GPT-5.9"]

        await until(told)
