"""How often a feed is looked at, and how many new entries are too many."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.releases.burst import bound, too_many
from bot.releases.pace import Hours, after_failure, launching, next_look, pause

QUARTER = timedelta(minutes=15)
HOURS = Hours()
SUNDAY = datetime(2025, 6, 1, 12, tzinfo=UTC)
# Tuesday: 10:30 on the Pacific coast, and 01:30 in China.
COAST = datetime(2025, 6, 3, 17, 30, tzinfo=UTC)
# Tuesday: 15:00 in China, and midnight on the Pacific coast.
CHINA = datetime(2025, 6, 3, 7, 0, tzinfo=UTC)


def test_fast_for_an_hour_after_something_new() -> None:
    assert pause(QUARTER, "openai", SUNDAY - timedelta(minutes=59), SUNDAY, HOURS) == timedelta(
        minutes=2
    )
    assert pause(QUARTER, "openai", SUNDAY - timedelta(minutes=61), SUNDAY, HOURS) == QUARTER


@pytest.mark.parametrize(
    ("lab", "now", "launches"),
    [
        ("openai", COAST, True),
        ("deepseek", COAST, False),
        ("deepseek", CHINA, True),
        ("openai", CHINA, False),
        ("", CHINA, True),
        ("", COAST, True),
        ("openai", SUNDAY, False),
        ("", SUNDAY, False),
    ],
)
def test_labs_release_by_their_own_hours(lab: str, now: datetime, launches: bool) -> None:
    assert launching(lab, now, HOURS) is launches
    assert (pause(QUARTER, lab, None, now, HOURS) < QUARTER) is launches


def test_slow_after_days_of_silence_but_never_out_of_bounds() -> None:
    for days, times in ((2, 1), (4, 2), (30, 4)):
        silent = SUNDAY - timedelta(days=days)
        assert pause(QUARTER, "openai", silent, SUNDAY, HOURS) == QUARTER * times
    day = timedelta(days=1)
    assert pause(day, "openai", SUNDAY - 30 * day, SUNDAY, HOURS) == timedelta(hours=6)


def test_looks_are_spread() -> None:
    first, last = (
        next_look(QUARTER, "openai", None, SUNDAY, HOURS, jitter) for jitter in (0.0, 0.99)
    )
    assert timedelta(minutes=13) < first - SUNDAY < last - SUNDAY < timedelta(minutes=17)


def test_failures_are_tried_again_ever_later_up_to_hours() -> None:
    waits = [after_failure(n, QUARTER, SUNDAY, 0.5) - SUNDAY for n in range(1, 40)]
    assert waits[0] == timedelta(minutes=1)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)


def test_what_a_server_asks_is_kept_to_up_to_a_day() -> None:
    assert after_failure(1, QUARTER, SUNDAY, 0.5, 7200) - SUNDAY == timedelta(hours=2)
    assert after_failure(1, QUARTER, SUNDAY, 0.5, 1e12) - SUNDAY == timedelta(days=1)
    assert after_failure(9, QUARTER, SUNDAY, 0.5, 1) > SUNDAY + timedelta(hours=2)


def test_how_many_are_too_many() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert not too_many(8, 0.2, hour)
    assert too_many(9, 0.2, hour)
    assert not too_many(100, 40, day), "a busy site after a day"
    assert too_many(182, 0.5, day)
    assert bound(0.5, 44 * day) == 88
    assert not too_many(22, 0.0, 44 * day)
