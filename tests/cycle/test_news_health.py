"""Feeds that fail, come back, move, or are not shipped any more; and those of people's own."""

from datetime import timedelta

import pytest

from bot.errors import SourceError
from bot.services import Services
from tests.cycle.newsroom import Newsroom, entry, feed, past


@pytest.fixture
async def room(services: Services) -> Newsroom:
    """A newsroom with OpenAI's feed, seeded, and a channel that subscribed before."""
    found = Newsroom(services)
    await found.subscribe()
    await found.open(feed())
    return found


OWN = feed("own:1", owner="console:shop", lab="")


async def test_a_day_down_and_back(room: Newsroom) -> None:
    held = room.holds["openai-news"]
    room.holds["openai-news"] = SourceError("its server fails (502)")
    for _hour in range(24):
        await room.look(hours=1)
    state = await room.state()
    assert (state.detail, state.off_at) == ("its server fails (502)", None)
    assert state.failing_since is not None
    assert await room.posted() == []
    room.holds["openai-news"] = [entry(1, "Introducing GPT-9"), *held]  # type: ignore[misc]
    await room.look()
    assert (await room.models(), (await room.state()).failures) == (["GPT-9"], 0)


async def test_a_feed_that_fails_is_asked_less_often(room: Newsroom) -> None:
    room.holds["openai-news"] = SourceError("there is nothing at this address (404)")
    await room.look()
    room.asked.clear()
    for _look in range(24 * 12):
        await room.look(minutes=5)
    assert 6 <= len(room.asked) <= 16


async def test_a_server_that_asks_to_wait_is_left_alone(room: Newsroom) -> None:
    room.holds["openai-news"] = SourceError("asked too often (429)", after=7200)
    await room.look()
    assert (await room.state()).next_at >= room.now + timedelta(hours=2)


async def test_one_feed_that_breaks_holds_up_no_other(room: Newsroom) -> None:
    await room.ship(feed(), feed("broken"))
    room.holds["broken"] = SourceError("it is a web page, no feed")
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    assert await room.models() == ["GPT-9"]
    assert (await room.state("broken")).failures == 1


async def test_a_feed_of_ones_own_is_for_its_own_channels(room: Newsroom) -> None:
    await room.subscribe("shop", community="shop")
    await room.choose(OWN)
    room.holds["own:1"] = past(3)
    await room.look()
    await room.add("own:1", entry(1, "Introducing GPT-9"))
    assert (await room.models(), await room.models("shop")) == ([], ["GPT-9"])
    await room.add("openai-news", entry(2, "Introducing GPT-9"))
    assert (await room.models(), await room.models("shop")) == (["GPT-9"], ["GPT-9"])


async def test_a_feed_of_ones_own_adds_nothing_to_what_others_see(room: Newsroom) -> None:
    await room.choose(OWN)
    room.holds["own:1"] = past(3)
    await room.look()
    await room.add("openai-news", entry(2, "Introducing GPT-9"))
    await room.add("own:1", entry(1, "Introducing GPT-9"))
    assert [row.facts["also"] for row in await room.rows()] == [[]]


async def test_a_feed_of_ones_own_that_stays_broken_is_switched_off_and_said_once(
    room: Newsroom,
) -> None:
    await room.subscribe("shop", community="shop")
    await room.choose(OWN)
    room.holds["own:1"] = SourceError("its address is not public")
    for _hour in range(47):
        await room.look(hours=1)
    state = await room.state("own:1")
    assert (state.off_at, state.failures >= 10) == (None, True)
    for _look in range(20):
        await room.look(hours=6)
    (said,) = await room.posted()
    assert said == "shop: The feed own:1 has been switched off"
    assert (await room.state("own:1")).off_at is not None
    assert (await room.state()).off_at is None


async def test_a_shipped_feed_with_another_address_begins_anew(room: Newsroom) -> None:
    await room.ship(feed(url="https://elsewhere.example/feed"))
    room.holds["openai-news"] = [entry(n, f"Introducing GPT-{n}") for n in range(20, 24)]
    await room.look()
    assert await room.posted() == []
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    assert await room.models() == ["GPT-9"]


async def test_what_is_not_shipped_any_more_is_not_asked_and_comes_back_as_known(
    room: Newsroom,
) -> None:
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    await room.ship(feed("another"))
    room.asked.clear()
    await room.look()
    assert room.asked == ["another"]
    await room.ship(feed(), feed("another"))
    await room.look()
    assert "openai-news" in room.asked
    assert await room.models() == ["GPT-9"]
