"""Feeds looked at by the cycle: each release once, soon, and nothing else."""

from datetime import timedelta

import pytest

from bot.cycle.news import hear
from bot.model.feed import FeedKind, Voice
from bot.services import Services
from tests.cycle.newsroom import Newsroom, entry, feed, past


@pytest.fixture
async def room(services: Services) -> Newsroom:
    """A newsroom with OpenAI's feed, seeded, and a channel that subscribed before."""
    found = Newsroom(services)
    await found.subscribe()
    await found.open(feed())
    return found


async def test_a_new_release_is_posted_once_and_the_past_is_not(room: Newsroom) -> None:
    assert await room.posted() == []
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    await room.look()
    await room.look()
    assert await room.models() == ["GPT-9"]
    said = await room.sighting("GPT-9")
    assert (said.state, said.lab, said.words) == ("release", "openai", ("Introducing",))


async def test_what_was_there_at_the_first_look_is_past(services: Services) -> None:
    room = Newsroom(services)
    await room.subscribe()
    room.holds["openai-news"] = [entry(1, "Introducing GPT-9")]
    await room.ship(feed())
    await room.look()
    await room.look()
    assert await room.posted() == []


async def test_an_empty_first_answer_is_not_the_past(services: Services) -> None:
    room = Newsroom(services)
    await room.subscribe()
    room.holds["openai-news"] = []
    await room.ship(feed())
    await room.look()
    room.holds["openai-news"] = [entry(1, "Introducing GPT-9"), *past(3)]
    await room.look()
    assert await room.posted() == []
    await room.add("openai-news", entry(2, "Introducing GPT-10"))
    assert await room.models() == ["GPT-10"]


async def test_a_feed_that_was_emptied_and_filled_again_has_nothing_new(room: Newsroom) -> None:
    before = room.holds["openai-news"]
    room.holds["openai-news"] = []
    await room.look()
    assert "empty" in (await room.state()).detail
    room.holds["openai-news"] = before
    await room.look()
    assert (await room.posted(), (await room.state()).detail) == ([], "")


async def test_one_left_of_many_and_that_one_new_is_still_told(room: Newsroom) -> None:
    before = room.holds["openai-news"]
    room.holds["openai-news"] = [entry(1, "Introducing GPT-9")]
    await room.look()
    assert "1 of the 20" in (await room.state()).detail
    room.holds["openai-news"] = [entry(1, "Introducing GPT-9"), *before]  # type: ignore[misc]
    await room.look()
    assert await room.models() == ["GPT-9"]


async def test_dates_that_are_stamped_anew_change_nothing(room: Newsroom) -> None:
    held = [one._replace(published=room.now) for one in past(20)]
    room.holds["openai-news"] = held
    await room.look()
    assert await room.posted() == []
    with pytest.raises(IndexError):
        await room.sighting("Old news")


async def test_many_at_once_are_one_line(room: Newsroom) -> None:
    many = [entry(n, f"Introducing GPT-{n}") for n in range(100, 282)]
    await room.add("openai-news", *many)
    posted = await room.posted()
    assert len(posted) == 1
    assert "182" in posted[0]
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    assert await room.models() == ["GPT-9"]


async def test_many_at_once_that_nobody_wants_are_not_mentioned(room: Newsroom) -> None:
    await room.add("openai-news", *past(182, begin=100))
    assert await room.posted() == []


async def test_weeks_without_a_look_are_no_burst(room: Newsroom) -> None:
    new = [entry(1, "Introducing GPT-9"), *past(21, begin=100)]
    await room.add("openai-news", *new, days=44)
    assert await room.models() == ["GPT-9"]


async def test_an_old_post_that_is_listed_only_now_is_not_news(room: Newsroom) -> None:
    old = room.now - timedelta(days=400)
    await room.add("openai-news", entry(1, "Introducing GPT-8.1", published=old))
    assert await room.posted() == []
    assert "lists it only now" in (await room.sighting("GPT-8.1")).reason


async def test_a_date_two_days_old_is_news(room: Newsroom) -> None:
    late = room.now - timedelta(hours=47)
    await room.add("openai-news", entry(1, "Introducing GPT-9", published=late))
    assert await room.models() == ["GPT-9"]


async def test_two_feeds_at_the_same_moment_are_one_message(services: Services) -> None:
    room = Newsroom(services)
    await room.subscribe()
    news = feed("the-news", lab="", voice=Voice.NEWS)
    await room.open(news, feed())
    room.holds["the-news"] = [entry("n", "Introducing GPT-9", url="https://n.example/1")]
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    (row,) = await room.rows()
    assert (row.facts["source"], row.facts["also"]) == ("openai-news", ["the-news"])


async def test_a_later_source_is_added_and_not_posted(services: Services) -> None:
    room = Newsroom(services)
    await room.subscribe()
    await room.open(feed(), feed("the-news", lab="", voice=Voice.NEWS))
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    await room.add("the-news", entry(2, "Introducing GPT 9"))
    assert await room.models() == ["GPT-9"]
    assert (await room.rows())[-1].facts["also"] == ["the-news"]


async def test_models_of_one_day_are_one_message(room: Newsroom) -> None:
    new = [entry(1, "Introducing GPT-9 mini"), entry(2, "Introducing GPT-9")]
    await room.add("openai-news", *new)
    await room.add("openai-news", entry(3, "Introducing GPT-9 nano"), hours=1)
    assert len([row for row in await room.rows() if row.action == "post"]) == 1
    last = (await room.rows())[-1].facts
    assert [one["model"] for one in last["models"]] == ["GPT-9", "GPT-9 mini", "GPT-9 nano"]


async def test_a_doubtful_headline_waits_for_a_list_of_models(services: Services) -> None:
    room = Newsroom(services)
    await room.subscribe()
    await room.subscribe("open", labs=["openai"], open_only=True)
    listed = feed("hf", lab="openai", kind=FeedKind.HUGGING_FACE, voice=Voice.REGISTER)
    await room.open(feed("the-news", voice=Voice.NEWS), listed)
    await room.add("the-news", entry(1, "GPT-9?"))
    assert await room.posted() == []
    await room.add("hf", entry(2, "GPT-9", given={"open_weights": True}))
    assert (await room.models(), await room.models("open")) == (["GPT-9"], ["GPT-9"])
    assert (await room.sighting("GPT-9?")).state == "release"


async def test_two_other_voices_bear_a_doubtful_headline_out(services: Services) -> None:
    room = Newsroom(services)
    await room.subscribe()
    papers = ("one", "two", "three")
    await room.open(*(feed(key, lab="", voice=Voice.NEWS) for key in papers))
    await room.add("one", entry(1, "GPT-9?", url="https://one.example/a"))
    await room.add("two", entry(2, "GPT 9?", url="https://two.example/b"), hours=1)
    assert await room.posted() == []
    await room.add("three", entry(3, "gpt-9?", url="https://three.example/c"), hours=1)
    assert len(await room.models()) == 1
    assert (await room.sighting("GPT-9?")).state == "release"


async def test_a_lab_may_renew_a_model_and_keep_its_name(seeded: Services) -> None:
    room = Newsroom(seeded)
    await room.subscribe()
    await room.open(feed("deepseek", lab="deepseek"), feed("news", lab="", voice=Voice.NEWS))
    renewed = entry(1, "Introducing DeepSeek-V3 new", given={"lab": "deepseek"})
    await room.add("news", renewed)
    assert await room.posted() == []
    await room.add("deepseek", renewed)
    assert len(await room.posted()) == 1


async def test_a_doubtful_headline_alone_is_never_posted(room: Newsroom) -> None:
    await room.add("openai-news", entry(1, "GPT-9?"))
    assert (await room.sighting("GPT-9?")).state == "waiting"
    await room.look(hours=49)
    said = await room.sighting("GPT-9?")
    assert (said.state, await room.posted()) == ("other", [])
    assert "no other source" in said.reason


async def test_rumours_only_for_those_who_asked(room: Newsroom) -> None:
    await room.subscribe("gossip", rumours=True)
    await room.add("openai-news", entry(1, "Rumour: GPT-9"))
    await room.add("openai-news", entry(2, "Rumour: GPT 9"))
    assert (await room.models(), await room.models("gossip")) == ([], ["GPT-9"])
    assert (await room.rows())[0].facts["rumour"] is True
    await room.add("openai-news", entry(3, "Introducing GPT-9"))
    assert (await room.models(), await room.models("gossip")) == (["GPT-9"], ["GPT-9", "GPT-9"])


async def test_weights_that_open_later_are_told_to_who_waits_for_them(services: Services) -> None:
    room = Newsroom(services)
    await room.subscribe()
    await room.subscribe("open", labs=["openai"], open_only=True)
    listed = feed("hf", kind=FeedKind.HUGGING_FACE, voice=Voice.REGISTER)
    await room.open(feed(), listed)
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    assert (await room.models(), await room.models("open")) == (["GPT-9"], [])
    await room.add("hf", entry(2, "GPT-9", given={"open_weights": True}))
    assert (await room.models(), await room.models("open")) == (["GPT-9"], ["GPT-9"])


async def test_what_ships_as_known_is_not_told_again(seeded: Services) -> None:
    room = Newsroom(seeded)
    await room.subscribe()
    await room.open(feed("deepseek", lab="deepseek"))
    await room.add("deepseek", entry(1, "Introducing DeepSeek-R1"))
    assert await room.posted() == []


async def test_what_was_out_before_a_channel_subscribed_is_not_told(room: Newsroom) -> None:
    room.later(days=10)
    await room.subscribe("late")
    out = room.now - timedelta(days=5)
    await room.add("openai-news", entry(1, "Introducing GPT-9", published=out), hours=1)
    assert (await room.models(), await room.models("late")) == (["GPT-9"], [])


async def test_a_look_again_after_a_restart_tells_nothing_twice(room: Newsroom) -> None:
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    again = Newsroom(room.services, dict(room.holds))
    await again.ship(feed())
    await again.look()
    assert await again.models() == ["GPT-9"]


async def test_nothing_due_is_nothing_asked(room: Newsroom) -> None:
    room.asked.clear()
    assert await hear(room.services, room.ways, room.now) == 0
    assert room.asked == []


async def test_a_list_of_models_may_have_many_sizes_of_one(services: Services) -> None:
    room = Newsroom(services)
    await room.subscribe(labs=["alibaba"])
    await room.open(feed("hf", lab="alibaba", kind=FeedKind.HUGGING_FACE, voice=Voice.REGISTER))
    sizes = [entry(n, f"Qwen9-{n}B", given={"open_weights": True}) for n in range(1, 21)]
    await room.add("hf", *sizes)
    (told,) = await room.models()
    assert told.startswith("Qwen9-1B")
    await room.add("hf", *[entry(f"x{n}", f"Model{n}-{n}") for n in range(1, 21)])
    assert len(await room.posted()) == 2
    assert "20" in (await room.posted())[1]


async def test_a_dated_snapshot_is_the_same_while_new_and_another_later(room: Newsroom) -> None:
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    await room.add("openai-news", entry(2, "Introducing gpt-9-2025-01-28"))
    assert await room.models() == ["GPT-9"]
    await room.add("openai-news", entry(3, "Introducing gpt-9-2025-05-06"), days=100)
    assert await room.models() == ["GPT-9", "gpt-9-2025-05-06"]


async def test_weights_of_a_model_that_was_closed_for_long_are_news(seeded: Services) -> None:
    room = Newsroom(seeded)
    await room.subscribe(labs=["openai"])
    await room.open(feed("hf", kind=FeedKind.HUGGING_FACE, voice=Voice.REGISTER))
    await room.add("hf", entry(1, "GPT-4o", given={"open_weights": False}))
    assert await room.models() == []
    await room.add("hf", entry(2, "GPT-4o", given={"open_weights": True}))
    assert await room.models() == ["GPT-4o"]
