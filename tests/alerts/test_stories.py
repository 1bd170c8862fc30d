"""What a receiver is told of a fall, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts.stories import Behind, Timing, inhibited, on_due, on_fired, on_rearmed, widest_first
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
    due = on_due(story, NOW, [Behind(1, 100), Behind(1, 200)])
    assert (due.level, due.state.told_level, due.state.told_at) == (200, 200, NOW)
    assert (due.state.due_at, due.reason) == (None, Reason.FIRST)
    assert on_due(told(100), NOW, [Behind(1, 100)]).reason is Reason.SAME


def test_a_silence_of_one_rule_holds_its_level_and_no_other() -> None:
    until = NOW + timedelta(hours=1)
    story = Story(300, 100, NOW - timedelta(hours=2), NOW)
    behind = [Behind(1, 100), Behind(2, 200), Behind(3, 300, silenced_until=until)]
    due = on_due(story, NOW, behind)
    assert (due.level, due.reason, due.state.due_at) == (200, Reason.DEEPER, until)
    assert [one.subscription for one in due.by] == [2]
    waits = on_due(due.state, NOW, behind)
    assert (waits.reason, waits.by, waits.state.due_at) == (Reason.SILENCED, (), until)
    ended = on_due(due.state, until, [Behind(1, 100), Behind(2, 200), Behind(3, 300)])
    assert (ended.level, ended.reason) == (300, Reason.DEEPER)


DAILY = timedelta(days=1)


def test_a_repeat_timer_keeps_no_deeper_level_waiting() -> None:
    repeating = replace(told(100), due_at=NOW + DAILY)
    assert on_fired(repeating, 200, NOW, TIMING)[1] is Reason.DEEPER
    assert on_fired(repeating, 200, NOW, TIMING)[0].due_at == NOW
    assert on_fired(repeating, 100, NOW, TIMING)[0].due_at == NOW + DAILY
    assert on_rearmed(replace(repeating, level=200), [100]).due_at == NOW + DAILY


def test_it_is_said_again_only_while_it_is_so() -> None:
    story = replace(told(200, ago=DAILY), due_at=NOW)
    behind = [Behind(1, 100, True, DAILY), Behind(1, 200, False, DAILY)]
    again = on_due(story, NOW, behind)
    assert (again.reason, again.level, again.state.due_at) == (Reason.REPEATED, 100, NOW + DAILY)
    assert again.state.told_level == 200
    over = on_due(story, NOW, [Behind(1, 200, False, DAILY)])
    assert (over.reason, over.by) == (Reason.NO_LONGER_SO, ())
    assert over.state.due_at == NOW + DAILY
    early = on_due(told(200), NOW, behind)
    assert (early.reason, early.state.due_at) == (Reason.SAME, NOW - timedelta(hours=1) + DAILY)


def test_what_a_hold_waits_for_need_not_concern_a_deeper_level() -> None:
    held = Story(200, 100, NOW - DAILY, NOW + 9 * DAILY)
    assert on_fired(held, 300, NOW, TIMING, held=True)[0].due_at == NOW
    assert on_fired(held, 300, NOW, TIMING)[0].due_at == NOW  # nor what waits for long
    soon = replace(held, due_at=NOW + timedelta(minutes=3))
    assert on_fired(soon, 300, NOW, TIMING)[1] is Reason.WAITING
    assert on_fired(soon, 300, NOW, TIMING, held=True)[0].due_at == NOW


def test_a_level_that_re_armed_is_news_again() -> None:
    after = on_rearmed(told(100), still_beyond=[50])
    assert (after.level, after.told_level) == (50, 50)
    assert on_fired(after, 100, NOW, TIMING)[1] is Reason.DEEPER


def test_a_level_that_re_armed_before_it_was_told_is_not_told() -> None:
    waiting = Story(150, 100, NOW, NOW + timedelta(minutes=9))
    after = on_rearmed(waiting, still_beyond=[100])
    assert on_due(after, NOW + timedelta(minutes=9), [Behind(1, 100)]).reason is Reason.SAME


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
