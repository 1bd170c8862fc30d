"""/feeds: what is read, how it does, and feeds of one's own, on a server of the test's own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.answers.own_feeds import MOST_FEEDS, feed_of, host_of, same_page
from bot.errors import UserError
from bot.model.card import Card
from bot.model.feed import Voice
from bot.model.receiver import Receiver
from bot.releases.sources import load_feeds
from bot.services import Services
from storage import feeds
from storage.schema import feed
from tests.asking import ask
from tests.servers.feeds import FeedServer, serving

HERE = Receiver(0, "discord", "20", "#alerts", community="10")
BESIDE = replace(HERE, address="21", title="#chat")
AWAY = replace(HERE, address="30", community="11")
ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Model news</title>
<entry><id>a</id><title>Introducing DeepSeek-R9, our new open-weights model</title>
<link href="https://example.org/r9"/><summary>Weights are out today.</summary></entry>
<entry><id>b</id><title>How we hire</title><link href="https://example.org/hire"/></entry>
</feed>"""


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with serving() as found:
        found.put("/atom.xml", ATOM)
        yield found


@pytest.fixture
def allowing(seeded: Services, server: FeedServer) -> Services:
    """Services whose settings let the test's server be read as if it were public."""
    settings = seeded.settings
    allowed = settings.feeds.model_copy(update={"allow": tuple(server.places)})
    return replace(seeded, settings=settings.model_copy(update={"feeds": allowed}))


def rows(card: Card) -> list[tuple[str, ...]]:
    assert card.table is not None
    return list(card.table.rows)


async def test_what_is_read_is_listed_by_lab_before_it_was_ever_looked_at(seeded: Services) -> None:
    card = await ask("/feeds list", seeded, HERE)
    assert card.title == f"{len(load_feeds())} feeds read for new models"
    labs = {row[0]: row[2] for row in rows(card)}
    assert "openai-news" in labs["OpenAI"]
    assert "openrouter" in labs["several labs"]
    one = await ask("/feeds list openai", seeded, HERE)
    assert "openai-news" in [row[0] for row in rows(one)]
    assert {item.lab for item in load_feeds().values() if item.key in
            [row[0] for row in rows(one)]} == {"openai"}  # fmt: skip
    with pytest.raises(UserError, match="did you mean OpenAI"):
        await ask("/feeds list opnai", seeded, HERE)


async def test_health_says_when_and_why_failing_first(seeded: Services) -> None:
    now = seeded.clock.now()
    shipped = load_feeds()
    state = {"ok_at": now - timedelta(minutes=12), "changed_at": now - timedelta(days=3)}
    broken = {
        "ok_at": now - timedelta(hours=30), "failures": 5, "detail": "it answers 403",
        "failing_since": now - timedelta(hours=29), "next_at": now + timedelta(minutes=40),
    }  # fmt: skip

    async def work(connection: object) -> None:
        await feeds.put_shipped(connection, shipped, now)  # type: ignore[arg-type]
        await connection.execute(update(feed).values(**state))  # type: ignore[attr-defined]
        await connection.execute(  # type: ignore[attr-defined]
            update(feed).where(feed.c.key == "openai-news").values(**broken)
        )

    await seeded.database.write(work)
    card = await ask("/feeds health", seeded, HERE)
    assert card.title == f"{len(shipped) - 1} of {len(shipped)} feeds well, 1 feed failing"
    assert card.text == (
        "openai-news: failing since 26 Jan 2025, 17:00 UTC: it answers 403; next look in 40 min"
    )
    assert rows(card)[0] == ("openai-news", "30 h ago", "3 days ago", "in 40 min")
    assert rows(card)[1][1:] == ("12 min ago", "3 days ago", "now")


async def test_feeds_that_are_switched_off_have_no_next_look(seeded: Services) -> None:
    feeds_off = seeded.settings.feeds.model_copy(update={"enabled": False})
    settings = seeded.settings.model_copy(update={"feeds": feeds_off})
    card = await ask("/feeds health openai", replace(seeded, settings=settings), HERE)
    assert card.text == "Feeds are not read: they are switched off in the bot's settings."
    assert {row[3] for row in rows(card)} == {"off"}


async def test_a_feed_of_ones_own_is_read_first_and_only_this_communitys(
    allowing: Services, server: FeedServer
) -> None:
    card = await ask(f"/feeds add {server.url('/atom.xml')} DeepSeek", allowing, HERE)
    assert card.title == "127.0.0.1 is read from now on"
    assert "Atom 1.0, 2 entries" in card.text
    assert "Introducing DeepSeek-R9" in card.text
    assert str(server.port) not in card.text
    with pytest.raises(UserError, match=r"read already, as 127\.0\.0\.1"):
        await ask(f"/feeds add {server.url('/atom.xml/')}", allowing, BESIDE)
    listed = {row[0]: row[2] for row in rows(await ask("/feeds list", allowing, BESIDE))}
    assert "127.0.0.1" in listed["DeepSeek"]
    for line in ("/feeds list", "/feeds health", "/feeds list DeepSeek"):
        assert "127.0.0.1" not in str(await ask(line, allowing, AWAY))
    for line in ("/feeds remove 127.0.0.1", "/feeds test 127.0.0.1"):
        with pytest.raises(UserError, match=r"There is no feed 127\.0\.0\.1"):
            await ask(line, allowing, AWAY)
    removed = await ask("/feeds remove 127.0.0.1", allowing, BESIDE)
    assert removed.title == "127.0.0.1 is not read any more"
    assert "127.0.0.1" not in str(await ask("/feeds list", allowing, HERE))


async def test_a_community_has_only_so_many(allowing: Services, server: FeedServer) -> None:
    for number in range(MOST_FEEDS):
        server.put(f"/{number}", ATOM)
        await ask(f"/feeds add {server.url(f'/{number}')}", allowing, HERE)
    asked = len(server.asked)
    with pytest.raises(UserError, match="A server has at most 10 feeds of its own"):
        await ask(f"/feeds add {server.url('/more')}", allowing, BESIDE)
    assert len(server.asked) == asked
    names = {row[2] for row in rows(await ask("/feeds list", allowing, HERE))}
    assert any("127.0.0.1-10" in one for one in names)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:1/x", "cannot be read"),
        ("http://169.254.169.254/latest/meta-data", "cannot be read"),
        ("http://[::1]/feed", "cannot be read"),
        ("ftp://example.org/feed", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("https://user:secret@example.org/feed", "no name or password"),
        ("example.org/feed", "begins with https://"),
        ("https://[broken", "begins with https://"),
        (load_feeds()["openai-news"].url, "read already, as openai-news"),
    ],
)
async def test_what_may_not_be_read_is_refused(seeded: Services, url: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        await ask(f'/feeds add "{url}"', seeded, HERE)
    assert "own" not in (await ask("/feeds list", seeded, HERE)).text


async def test_what_is_no_feed_is_refused_and_not_kept(
    allowing: Services, server: FeedServer
) -> None:
    server.put("/page", b"<!doctype html><html><body>Hello</body></html>")
    with pytest.raises(UserError, match=r"127\.0\.0\.1 cannot be read: "):
        await ask(f"/feeds add {server.url('/page')}", allowing, HERE)
    with pytest.raises(UserError, match="it has none"):
        await ask("/feeds remove 127.0.0.1", allowing, HERE)
    with pytest.raises(UserError, match="openai-news ships with the program and stays"):
        await ask("/feeds remove openai-news", allowing, HERE)


async def test_a_test_says_what_entries_would_be_judged_as_and_keeps_nothing(
    allowing: Services, server: FeedServer
) -> None:
    card = await ask(f"/feeds test {server.url('/atom.xml')}", allowing, HERE)
    assert card.text == "Atom 1.0, 2 entries. Nothing is posted."
    (release, other) = card.facts["entries"]
    assert (release["release"], release["lab"]) == (True, "deepseek")
    assert not other["release"]
    assert rows(card)[1][1] == "no release"
    assert "127.0.0.1" not in str(await ask("/feeds list", allowing, HERE))
    with pytest.raises(UserError, match="There is no feed openai-newz; did you mean openai-news"):
        await ask("/feeds test openai-newz", allowing, HERE)


def test_addresses_of_one_page_are_the_same() -> None:
    assert same_page("https://www.Example.org/feed/#top") == same_page("http://example.org/feed")
    assert same_page("https://example.org/feed?a=1") != same_page("https://example.org/feed")
    assert host_of("https://www.Example.org:8443/x") == "example.org"


@pytest.mark.parametrize(
    ("url", "lab", "voice"),
    [
        ("https://mistral.ai/rss", "mistral", Voice.LAB),
        ("https://www.Mistral.ai:443/rss", "mistral", Voice.LAB),
        ("https://api-docs.deepseek.com/feed", "deepseek", Voice.LAB),
        ("https://blog.google/rss", "google", Voice.LAB),
        ("https://github.com/mistralai/models/releases.atom", "mistral", Voice.LAB),
        ("https://github.com/someone/mistral/releases.atom", "mistral", Voice.NEWS),
        ("https://openai.evil.com/feed", "openai", Voice.NEWS),
        ("https://openai.com.evil.com/feed", "openai", Voice.NEWS),
        ("https://evil.com/openai.com", "openai", Voice.NEWS),
        ("https://evil.com/?https://openai.com/feed", "openai", Voice.NEWS),
        ("https://notmistral.ai/rss", "mistral", Voice.NEWS),
        ("https://mistral.ai/rss", "openai", Voice.NEWS),
        ("https://example.org/rss", "mistral", Voice.NEWS),
        ("https://mistral.ai/rss", "", Voice.NEWS),
    ],
)
def test_only_a_labs_own_address_speaks_for_it(url: str, lab: str, voice: Voice) -> None:
    assert feed_of(url, lab, "discord:1").voice is voice
