"""Feeds that list too much at once: what is new in it is named in a line, sooner or later."""

from typing import Any

import pytest

from bot.model.feed import Entry
from bot.services import Services
from storage.sightings import HELD
from tests.asking import ask
from tests.cycle.newsroom import Newsroom, entry, feed

FEED = "openai-news"


@pytest.fixture
async def room(services: Services) -> Newsroom:
    """A newsroom with OpenAI's feed, which has told of sixteen models."""
    found = Newsroom(services)
    await found.subscribe()
    await found.open(feed())
    for begin in (100, 108):
        await found.add(FEED, *flood("told", begin, 8), days=2)
    await found.look(days=2)
    assert len(await found.posted()) == len(await found.models())
    return found


def flood(kind: str, begin: int, count: int = 12) -> list[Entry]:
    """Entries of so many models, each with an id and a link that the feed had for nothing yet."""
    numbers = range(begin, begin + count)
    return [entry(f"{kind}-{n}", f"Introducing Model{n}-9") for n in numbers]


async def lines(room: Newsroom) -> list[list[str]]:
    """The models that each line about a flood names, and how many of them."""
    bursts = [row.facts for row in await room.rows() if row.facts["kind"] == "burst"]
    return [sorted(one["models"]) for one in bursts]


def names(*begins: int) -> list[str]:
    return sorted(one.title.split()[1] for begin in begins for one in flood("", begin))


async def test_new_models_after_a_flood_of_known_ones_are_named_at_once(room: Newsroom) -> None:
    await room.add(FEED, *flood("renamed", 100), hours=7)
    assert (await room.sighting("Model105-9")).state == HELD
    assert await lines(room) == []
    await room.add(FEED, *flood("new", 200), hours=5)
    assert await lines(room) == [names(200)]


async def test_a_second_flood_of_new_models_is_named_when_the_feed_has_rested(
    room: Newsroom,
) -> None:
    await room.add(FEED, *flood("a", 200), hours=7)
    await room.add(FEED, *flood("b", 300), hours=2)
    await room.add(FEED, *flood("c", 400), hours=2)
    assert await lines(room) == [names(200)]
    await room.look(hours=3)  # there is nothing new, and seven hours have passed
    assert await lines(room) == [names(200), names(300, 400)]
    for _look in range(30):
        await room.look(hours=1)
    assert len(await lines(room)) == 2


async def test_only_what_was_not_named_yet_is_named(room: Newsroom) -> None:
    await room.add(FEED, *flood("a", 200), hours=7)
    await room.add(FEED, *flood("again", 200), *flood("b", 300), hours=2)
    await room.look(hours=5)
    assert await lines(room) == [names(200), names(300)]


async def test_what_was_posted_while_it_waited_is_not_named_too(room: Newsroom) -> None:
    await room.add(FEED, *flood("a", 200), hours=7)
    await room.add(FEED, *flood("b", 300), hours=2)
    await room.add(FEED, entry("post", "Introducing Model300-9"), hours=1)
    assert (await room.models())[-1] == "Model300-9"
    await room.look(hours=5)
    assert await lines(room) == [names(200), [one for one in names(300) if one != "Model300-9"]]


async def test_a_channel_that_came_meanwhile_is_not_told_what_was_listed_before(
    room: Newsroom,
) -> None:
    await room.add(FEED, *flood("a", 200), hours=7)
    await room.add(FEED, *flood("b", 300), hours=2)
    room.later(hours=1)
    await room.subscribe("late")
    await room.look(hours=5)
    posted = [one for one in await room.posted() if " at once from " in one]
    assert [one.split(":")[0] for one in posted] == ["news", "news"]


async def test_what_waits_to_be_named_says_so_when_asked(room: Newsroom) -> None:
    await room.add(FEED, *flood("a", 200), hours=7)
    await room.add(FEED, *flood("b", 300), hours=2)

    async def said() -> str:
        card: Any = await ask("/alert explain Model305-9", room.services)
        return "\n".join(one.value for one in card.fields)

    assert "waits to be named with others until" in await said()
    await room.look(hours=5)
    assert "waits" not in await said()


async def test_a_feed_that_has_other_names_at_every_look_has_four_lines_a_day(
    room: Newsroom,
) -> None:
    for look in range(24):
        await room.add(FEED, *flood(f"{look}", 1000 + 20 * look), hours=1)
    assert len(await lines(room)) == 4
    told = [name for line in await lines(room) for name in line]
    assert len(told) == len(set(told))
    await room.look(hours=7)
    told = [name for line in await lines(room) for name in line]
    assert sorted(told) == names(*(1000 + 20 * look for look in range(24)))
