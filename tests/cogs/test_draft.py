"""The wizard's draft: what a channel has, and what finishing changes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.model.rule import Condition, Rule
from cogs.draft import FRONTIER, Change, Draft, draft_of, levels_offered, plan, quiet_text
from storage.controls import Wishes
from storage.receivers import Subscription

NOW = datetime(2025, 1, 27, tzinfo=UTC)
OFFERED = ("ai", "chips")
WISHES = Wishes("Asia/Taipei", 1320, 420, None)
USUAL = (5.0, 10.0)


def _alert(number: int, target: str, *levels: int, window: str = "1y") -> Subscription:
    return Subscription(number, 1, "rule", Rule(target, window, levels, 20_000), False, {}, NOW)


def _news(number: int, **filters: object) -> Subscription:
    return Subscription(number, 1, "releases", None, False, filters, NOW)


AI = _alert(1, "ai", 50_000, 125_000)
MOVE = Subscription(
    9, 1, "rule", Rule("chips", "move", (50_000,), 50_000, Condition.MOVE), False, {}, NOW
)


@pytest.mark.parametrize(
    ("found", "wishes", "draft"),
    [
        ((), None, Draft(("ai",), USUAL, (FRONTIER,), "UTC", "off")),
        ((), WISHES, Draft(("ai",), USUAL, (FRONTIER,), "Asia/Taipei", "22:00-07:00")),
        ((AI,), WISHES, Draft(("ai",), (5.0, 12.5), (), "Asia/Taipei", "22:00-07:00")),
        ((_news(2),), None, Draft((), USUAL, (FRONTIER,))),
        ((_news(2, labs=["openai"]),), None, Draft((), USUAL, ("openai",))),
        # What the wizard cannot say stays out of it.
        ((_news(2, labs=["openai"], open_only=True), MOVE), None, Draft((), USUAL, ())),
        ((_alert(1, "ai", 50_000, window="max"), _alert(2, "NVDA", 50_000)), None,
         Draft((), USUAL, ())),
    ],
)  # fmt: skip
def test_the_wizard_begins_with_what_a_channel_has(
    found: tuple[Subscription, ...], wishes: Wishes | None, draft: Draft
) -> None:
    assert draft_of(found, wishes, OFFERED, "1y", USUAL) == draft


def _plan(draft: Draft, found: tuple[Subscription, ...], wishes: Wishes | None) -> list[Change]:
    before = draft_of(found, wishes, OFFERED, "1y", USUAL)
    return plan(draft, before, found, wishes, OFFERED, "1y")


@pytest.mark.parametrize(
    ("found", "chosen", "changes"),
    [
        ((), {}, [Change("add", "ai"), Change("tell", FRONTIER)]),
        ((AI,), {}, []),
        ((AI,), {"levels": (5.0, 12.5)}, []),
        ((AI,), {"levels": (10.0,)}, [Change("levels", "ai", 1)]),
        ((AI,), {"baskets": ("ai", "chips")}, [Change("add", "chips")]),
        ((AI, MOVE), {"baskets": ("chips",)}, [Change("add", "chips"), Change("remove", "ai", 1)]),
        ((AI, _news(2)), {"labs": ("openai",)},
         [Change("tell", "openai"), Change("end", FRONTIER, 2)]),
        ((AI, _news(2, labs=["openai"])), {"labs": ("openai", FRONTIER)},
         [Change("tell", FRONTIER)]),
        ((AI, _news(2, open_only=True)), {"labs": ()}, []),
        ((AI,), {"time_zone": "Europe/Berlin"}, [Change("how")]),
        ((AI,), {"quiet": "23:00-06:00"}, [Change("how")]),
        # Two alerts with levels of their own keep them while nobody touches the levels.
        ((AI, _alert(2, "chips", 200_000)), {}, []),
    ],
)  # fmt: skip
def test_finishing_adds_what_is_missing_and_nothing_twice(
    found: tuple[Subscription, ...], chosen: dict[str, object], changes: list[Change]
) -> None:
    before = draft_of(found, None, OFFERED, "1y", USUAL)
    assert _plan(replace(before, **chosen), found, None) == changes  # type: ignore[arg-type]


def test_what_somebody_else_set_up_meanwhile_stays() -> None:
    before = draft_of((AI,), None, OFFERED, "1y", USUAL)
    now = (AI, _alert(2, "chips", 200_000), _news(3))
    assert plan(before, before, now, WISHES, OFFERED, "1y") == []
    chosen = replace(before, labs=("openai",), time_zone="Europe/Berlin")
    changes = [Change("tell", "openai"), Change("how")]
    assert plan(chosen, before, now, WISHES, OFFERED, "1y") == changes


def test_levels_of_a_channels_own_are_offered_with_the_usual_ones() -> None:
    assert 12.5 in levels_offered(Draft(levels=(12.5,)))
    assert quiet_text(Wishes("UTC", None, None, None)) == "off"
