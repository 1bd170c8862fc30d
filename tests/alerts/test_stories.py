"""What a receiver is told of a fall, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts.stories import Timing, inhibited, on_due, on_fired, on_rearmed, widest_first
from bot.model.story import Reason, Story

NOW = datetime(2025, 1, 27, 21, tzinfo=UTC)
TIMING = Timing(timedelta(seconds=60), timedelta(minutes=15))
MEMBERS = {"ai": frozenset({"NVDA", "AMD", "VRT"}), "compute": frozenset({"NVDA", "AMD"})}


def told(level: int, ago: timedelta = timedelta(hours=1)) -> Story:
    """A story that was told a level some time ago."""
    return Story(level, level, NOW - ago, None)


@pytest.mark.parametrize(
    ("story", "level", "reason", "due"),
    [
        (None, 100, Reason.FIRST, NOW + timedelta(seconds=60)),
        (told(100), 150, Reason.DEEPER, NOW),
        (told(100, timedelta(minutes=5)), 150, Reason.DEEPER, NOW + timedelta(minutes=10)),
        (told(100), 100, Reason.SAME, None),
        (told(100), 50, Reason.SAME, None),
        (Story(100, 0, None, NOW + timedelta(seconds=9)), 150, Reason.WAITING,
         NOW + timedelta(seconds=9)),
    ],
    ids=["first", "deeper", "deeper but soon", "same", "shallower", "not yet told"],
)  # fmt: skip
def test_a_level_that_fires(
    story: Story | None, level: int, reason: Reason, due: datetime | None
) -> None:
    after, found = on_fired(story, level, NOW, TIMING)
    assert (found, after.due_at) == (reason, due)


def test_a_due_story_is_told_at_its_deepest() -> None:
    story, _reason = on_fired(Story(100, 0, None, NOW), 200, NOW, TIMING)
    after, reason = on_due(story, NOW, None)
    assert (after.told_level, after.told_at, after.due_at) == (200, NOW, None)
    assert reason is Reason.FIRST
    assert on_due(told(100), NOW, None)[1] is Reason.SAME


def test_a_silence_postpones_and_loses_nothing() -> None:
    until = NOW + timedelta(hours=1)
    story = Story(150, 100, NOW - timedelta(hours=2), NOW)
    after, reason = on_due(story, NOW, until)
    assert (after.due_at, reason) == (until, Reason.SILENCED)
    assert on_due(after, until, until)[1] is Reason.DEEPER


def test_a_level_that_re_armed_is_news_again() -> None:
    after = on_rearmed(told(100), still_beyond=[50])
    assert (after.level, after.told_level) == (50, 50)
    assert on_fired(after, 100, NOW, TIMING)[1] is Reason.DEEPER


def test_a_level_that_re_armed_before_it_was_told_is_not_told() -> None:
    waiting = Story(150, 100, NOW, NOW + timedelta(minutes=9))
    assert on_rearmed(waiting, still_beyond=[100]).due_at is None


@pytest.mark.parametrize(
    ("target", "vias", "open_targets", "reason"),
    [
        ("NVDA", {"ai"}, {"ai"}, Reason.MEMBER_OF_OPEN_BASKET),
        ("NVDA", {"compute"}, {"ai"}, Reason.MEMBER_OF_OPEN_BASKET),
        ("NVDA", {"ai", ""}, {"ai"}, None),
        ("NVDA", {"ai"}, set(), None),
        ("VRT", {"ai"}, {"compute"}, None),
        ("compute", {""}, {"ai"}, Reason.INSIDE_WIDER_BASKET),
        ("ai", {""}, {"compute"}, None),
    ],
)
def test_inhibition(
    target: str, vias: set[str], open_targets: set[str], reason: Reason | None
) -> None:
    assert inhibited(target, vias, open_targets, MEMBERS) is reason


def test_a_basket_is_judged_before_what_is_in_it() -> None:
    assert widest_first({"NVDA", "compute", "ai"}, MEMBERS) == ["ai", "compute", "NVDA"]
