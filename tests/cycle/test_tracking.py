"""Which releases are tracked, for how long, and which basket is studied."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.cycle.tracking import event_facts, most_exposed, track, window_of
from bot.market.shipped import load_baskets
from bot.model.basket import Basket
from bot.model.release import Release
from bot.services import Services, SetClock
from tests.cycle.aftermath import Aftermath
from tests.cycle.newsroom import Newsroom, entry, feed


@pytest.mark.parametrize(
    ("released", "window"),
    [
        ("2025-01-20", ("2025-01-21", "2025-01-28")),  # Martin Luther King Day
        ("2025-01-22", ("2025-01-22", "2025-01-29")),  # a session is its own session 0
        ("2025-01-25", ("2025-01-27", "2025-02-03")),  # a Saturday
        ("2024-12-24", ("2024-12-24", "2025-01-02")),  # half a day counts; Christmas, New Year
    ],
)
def test_the_window_is_six_sessions_from_the_first_after(
    released: str, window: tuple[str, str]
) -> None:
    days = window_of(date.fromisoformat(released))
    assert len(days) == 6
    assert (days[0].isoformat(), days[-1].isoformat()) == window


def release(**more: Any) -> Release:
    given: dict[str, Any] = {
        "key": "deepseek/r1", "lab": "deepseek", "model": "DeepSeek-R1", "kind": "language",
        "released_on": date(2025, 1, 20), "known_at": datetime(2025, 1, 20, 12, tzinfo=UTC),
        "open_weights": True, "source": "the lab", "url": "", "other_dates": "",
    }  # fmt: skip
    return Release(**(given | more))


@pytest.mark.parametrize(
    ("one", "at", "tracked"),
    [
        (release(), "2025-01-20T12:00", [("DeepSeek-R1", 1)]),
        (release(kind="image"), "2025-01-20T12:00", []),
        (release(lab="01ai"), "2025-01-20T12:00", []),  # not at the frontier
        (release(), "2025-01-24T12:00", [("DeepSeek-R1", 5)]),  # the first study is past
        (release(), "2025-01-29T12:00", []),  # all of it is
        (release(released_on=date(9999, 12, 20)), "2025-01-20T12:00", []),  # a source is wrong
        (release(released_on=date(1, 1, 1)), "2025-01-20T12:00", []),
    ],
)
async def test_a_frontier_language_model_is_tracked(
    services: Services, one: Release, at: str, tracked: list[tuple[str, int]]
) -> None:
    after = Aftermath(services)
    after.at(datetime.fromisoformat(at).replace(tzinfo=UTC))
    for _again in range(2):
        await services.database.write(lambda c: track(c, services, [one], after.now))
    found = await after.tracked()
    assert [(event.facts["model"], event.mark) for event in found] == tracked
    for event in found:
        assert list(event.exposed) == ["NVDA", "MSFT", "GOOG"]
        assert event.facts["times_dearer"] == pytest.approx(60 / 2.19)


async def test_feeds_track_what_they_tell_in_the_same_transaction(services: Services) -> None:
    room = Newsroom(services)
    assert isinstance(services.clock, SetClock)
    await room.open(feed())
    await room.add("openai-news", entry(1, "Introducing GPT-9"), entry(2, "Rumour: GPT-10"))
    after = Aftermath(services)
    assert [one.facts["model"] for one in await after.tracked()] == ["GPT-9"]


async def test_what_only_a_channels_own_feed_says_is_not_tracked_for_all(
    services: Services,
) -> None:
    room = Newsroom(services)
    await room.open(feed())
    own = feed("own", owner="console:c")
    await room.choose(own)
    room.holds["own"] = [entry(n, "old") for n in range(3)]
    await room.subscribe("c", "c")
    await room.look()
    await room.add("own", entry(9, "Introducing GPT-9"))
    assert await Aftermath(services).tracked() == []


@pytest.mark.parametrize(
    ("exposed", "basket"),
    [
        (("NVDA", "MSFT", "GOOG"), "compute"),  # DeepSeek
        (("MSFT",), "proprietary"),  # OpenAI
        (("META",), "open-weights"),
        (("BABA", "GOOG", "MSFT"), "proprietary"),
        (("AMZN",), "ai"),  # in none of them
        (("NVDA", "CEG"), "compute"),
    ],
)
def test_the_basket_that_depends_most_on_a_lab(exposed: tuple[str, ...], basket: str) -> None:
    baskets = dict(load_baskets())
    own = Basket("mine", "my stocks", exposed, owner="console:c")
    assert most_exposed(exposed, {**baskets, own.target: own}) == basket


def test_a_price_that_is_not_known_is_no_gap() -> None:
    facts: dict[str, Any] = {
        "lab": "a", "lab_name": "A", "model": "m", "open_weights": None, "source": "s", "url": "",
        "price": None, "beside": {"output_mtok": 60.0},
    }  # fmt: skip
    assert event_facts(facts)["times_dearer"] is None
    priced = {**facts, "price": {"output_mtok": 2.0}}
    assert event_facts(priced)["times_dearer"] == 30.0


async def test_a_models_name_stays_in_its_line(services: Services) -> None:
    after = Aftermath(services)
    after.at(datetime(2025, 1, 20, 12, tzinfo=UTC))
    one = release(model="R9\nAlso then: nothing")
    await services.database.write(lambda c: track(c, services, [one], after.now))
    (found,) = await after.tracked()
    assert found.facts["model"] == "R9 Also then: nothing"
