"""Whatever the order in which feeds say things, and whoever chose them: each release once."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.alerts.stories import Timing
from bot.cycle.fetched import Fetched
from bot.cycle.news import Ways, hear
from bot.cycle.news_known import Known
from bot.cycle.tick import judge as judge_fetched
from bot.model.feed import Entry, Feed, FeedKind, Judgement, Voice
from bot.releases import corroborate
from bot.releases.subject import Told
from bot.services import Services
from storage.sightings import Sighting
from tests.cycle.newsroom import Newsroom, entry, feed, judged, past

OWN = feed("own:1", owner="console:shop", lab="")


@pytest.fixture
async def room(services: Services) -> Newsroom:
    """A newsroom with OpenAI's feed and one of a shop's own choosing, both seeded."""
    found = Newsroom(services)
    await found.subscribe()
    await found.subscribe("shop", community="shop")
    await found.open(feed())
    await found.choose(OWN)
    found.holds["own:1"] = past(3)
    await found.look()
    return found


async def listing(room: Newsroom) -> None:
    """A list of models is shipped too, and seeded."""
    await room.ship(feed(), feed("hf", kind=FeedKind.HUGGING_FACE, voice=Voice.REGISTER))
    room.holds["hf"] = past(3)
    await room.look()


async def test_a_feed_of_ones_own_cannot_silence_a_release_by_its_link(room: Newsroom) -> None:
    page = "https://openai.example/1"
    await room.add("openai-news", entry(1, "Introducing GPT-9", url=page))
    await room.add("own:1", entry(2, "Introducing GPT-10", url=page))
    await room.add("openai-news", entry(3, "Introducing GPT-10"))
    assert await room.models() == ["GPT-9", "GPT-10"]


async def test_a_rumour_of_ones_own_feed_is_no_secret_kept_from_others(room: Newsroom) -> None:
    await room.subscribe("gossip", rumours=True)
    await room.add("own:1", entry(1, "Rumour: GPT-9"))
    assert await room.models("gossip") == []
    await room.add("openai-news", entry(2, "Rumour: GPT-9"))
    assert await room.models("gossip") == ["GPT-9"]


async def test_a_channel_that_its_own_feed_did_not_satisfy_hears_it_from_a_shipped_one(
    room: Newsroom,
) -> None:
    await room.subscribe("shop-open", community="shop", labs=["openai"], open_only=True)
    await listing(room)
    await room.add("own:1", entry(1, "Introducing GPT-9"))
    assert (await room.models("shop"), await room.models("shop-open")) == (["GPT-9"], [])
    await room.add("hf", entry(2, "GPT-9", given={"open_weights": True}))
    assert (await room.models("shop"), await room.models("shop-open")) == (["GPT-9"], ["GPT-9"])


async def test_an_entry_that_cannot_be_judged_holds_up_no_other_feed(room: Newsroom) -> None:
    def judge(one: Entry, of: Feed) -> Judgement:
        if one.title == "bad":
            raise ValueError("too deep")
        return judged(one, of)

    room.holds["own:1"] = [entry("b", "bad"), *past(3)]
    room.holds["openai-news"] = [entry(1, "Introducing GPT-9"), *past(20)]
    room.later(hours=7)
    ways = Ways(room.retrieve, room.read, judge, 0.4, 0.8)
    await hear(room.services, ways, room.now)
    assert await room.models() == ["GPT-9"]
    assert (await room.sighting("bad")).reason.startswith("it could not be judged")


async def test_a_clock_that_was_ahead_for_a_moment_silences_no_feed(room: Newsroom) -> None:
    room.later(days=400)
    await room.look()
    room.later(days=-400)
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    assert await room.models() == ["GPT-9"]


async def test_a_feed_that_bursts_at_every_look_is_summed_up_once_a_day(room: Newsroom) -> None:
    for look in range(5):
        many = [entry(f"{look}-{n}", f"Introducing GPT-{look}{n}") for n in range(100, 150)]
        await room.add("openai-news", *many, hours=1)
    assert len([said for said in await room.posted() if said.startswith("news:")]) == 1


async def test_names_that_differ_in_a_plus_are_two_releases(room: Newsroom) -> None:
    both = [entry(1, "Introducing Command R"), entry(2, "Introducing Command R+")]
    await room.add("openai-news", *both)
    await listing(room)
    await room.add("hf", entry(3, "Command R+"), days=30)
    assert sorted(await room.models()) == ["Command R", "Command R+"]


async def test_weights_that_open_a_month_later_are_told_to_who_waits_for_them(
    room: Newsroom,
) -> None:
    await room.subscribe("open", labs=["openai"], open_only=True)
    await listing(room)
    await room.add("openai-news", entry(1, "Introducing GPT-9"))
    await room.add("hf", entry(2, "GPT-9", given={"open_weights": True}), days=30)
    assert (await room.models(), await room.models("open")) == (["GPT-9"], ["GPT-9"])


async def test_many_new_entries_hold_up_nobody_else(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, judging, comparing = 0, list[int](), list[int]()

    async def other() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    def judge(one: Entry, of: Feed) -> Judgement:
        judging.append(turns)
        return judged(one, of)

    find = Known.find

    def found(known: Known, one: Sighting, owner: str = "", *, by_lab: bool = False) -> str | None:
        comparing.append(turns)
        return find(known, one, owner, by_lab=by_lab)

    monkeypatch.setattr(Known, "find", found)
    room.holds["openai-news"] = [entry(n, f"Introducing GPT-{n}") for n in range(100, 300)]
    room.later(hours=7)
    beside = asyncio.create_task(other())
    await hear(room.services, Ways(room.retrieve, room.read, judge, 0.4, 0.8), room.now)
    beside.cancel()
    assert max(Counter(judging).values()) <= 10
    assert max(Counter(comparing).values()) <= 2


async def test_what_waits_is_weighed_again_only_for_what_may_settle_it(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    await room.add("openai-news", *[entry(n, f"Model{n}-9?") for n in range(5)])
    weighed: list[str] = []
    weigh = corroborate.weigh

    def counted(one: Told, *more: Any) -> corroborate.Verdict:
        weighed.append(one.model)
        return weigh(one, *more)

    monkeypatch.setattr(corroborate, "weigh", counted)
    await room.add("openai-news", entry(8, "Introducing GPT-9"), hours=1)
    assert (weighed, await room.models()) == ([], ["GPT-9"])
    await room.add("own:1", entry(9, "Model3-9?"), hours=7)
    assert "Model3-9" in weighed
    assert "Model1-9" not in weighed


async def test_dated_news_after_the_clock_was_ahead_is_news(room: Newsroom) -> None:
    room.later(days=400)
    await room.look()
    room.later(days=-400)
    await room.add("openai-news", entry(1, "Introducing GPT-9", published=room.now))
    assert await room.models() == ["GPT-9"]


async def test_what_a_feed_told_while_the_sources_were_asked_is_not_told_again(
    services: Services,
) -> None:
    room = Newsroom(services)
    await room.subscribe()
    await room.open(feed("deepseek", lab="deepseek"))
    shipped = next(one for one in services.releases.releases if one.model == "DeepSeek-V3")
    fetched = Fetched(releases=[replace(shipped, known_at=room.now + timedelta(hours=8))])
    await room.add("deepseek", entry(1, "Introducing DeepSeek-V3"))
    await judge_fetched(services, Timing(timedelta(0), timedelta(0)), fetched, room.now)
    assert await room.models() == ["DeepSeek-V3"]


@pytest.mark.parametrize(
    ("url", "told"),
    [("https://openai.evil.example/feed", []), ("https://openai.com/other.xml", ["GPT-9"])],
)
async def test_a_feed_that_was_stored_as_a_labs_own_is_judged_by_its_address(
    services: Services, url: str, told: list[str]
) -> None:
    room = Newsroom(services)
    await room.subscribe("shop", community="shop")
    await room.open(feed("paper", lab="", voice=Voice.NEWS))
    await room.choose(replace(OWN, url=url, lab="openai", voice=Voice.LAB))
    room.holds["own:1"] = past(3)
    await room.look()
    heard: list[Voice] = []

    def judge(one: Entry, of: Feed) -> Judgement:
        heard.append(of.voice)
        return replace(judged(one, of), model="GPT-9")

    ways = replace(room.ways, judge=judge)
    for key, title in (("own:1", "GPT-9?"), ("paper", "Has something come out?")):
        page = f"https://{key[:3]}.example/1"
        room.holds[key] = [entry(key, title, url=page), *past(3)]
        room.later(hours=7)
        await hear(services, ways, room.now)
    assert heard == [Voice.LAB if told else Voice.NEWS, Voice.NEWS]
    assert await room.models("shop") == told
