"""Silences, quiet hours and caps: when a channel may be told."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts.holds import cap_until, covers, quiet_until

MEMBERS = {"ai": {"NVDA", "AMD", "META"}, "compute": {"NVDA", "AMD"}, "power": {"VRT"}}


@pytest.mark.parametrize(
    ("silenced", "target", "rule", "holds"),
    [
        ("", "NVDA", None, True),
        ("NVDA", "NVDA", None, True),
        ("NVDA", "AMD", None, False),
        ("NVDA", "ai", None, False),
        ("ai", "ai", None, True),
        ("ai", "NVDA", None, True),
        ("ai", "compute", None, True),
        ("compute", "ai", None, False),
        ("power", "NVDA", None, False),
        ("rule:3", "NVDA", 3, True),
        ("rule:3", "NVDA", 33, False),
        ("lab:openai", "lab:openai", None, True),
    ],
)
def test_what_a_silence_covers(silenced: str, target: str, rule: int | None, holds: bool) -> None:
    assert covers(silenced, target, rule, MEMBERS) is holds


@pytest.mark.parametrize(
    ("now", "zone", "start", "end", "until"),
    [
        ("2025-01-27 23:30", "UTC", "22:00", "07:00", "2025-01-28 07:00"),  # over midnight
        ("2025-01-28 06:59", "UTC", "22:00", "07:00", "2025-01-28 07:00"),
        ("2025-01-28 07:00", "UTC", "22:00", "07:00", None),
        ("2025-01-28 12:00", "UTC", "22:00", "07:00", None),
        ("2025-01-28 12:30", "UTC", "12:00", "13:00", "2025-01-28 13:00"),
        ("2025-01-27 15:00", "Asia/Taipei", "22:00", "07:00", "2025-01-27 23:00"),
        # The night in which Berlin's clocks go forward has an hour less.
        ("2025-03-29 22:00", "Europe/Berlin", "22:00", "07:00", "2025-03-30 05:00"),
        # The hour 02:00 to 03:00 does not exist that night; it ends as soon as it would have.
        ("2025-03-30 00:30", "Europe/Berlin", "22:00", "02:30", "2025-03-30 01:30"),
        # Clocks go back: 07:00 comes an hour later.
        ("2025-10-25 22:00", "Europe/Berlin", "22:00", "07:00", "2025-10-26 06:00"),
    ],
)
def test_quiet_hours(now: str, zone: str, start: str, end: str, until: str | None) -> None:
    def minutes(text: str) -> int:
        hours, rest = text.split(":")
        return int(hours) * 60 + int(rest)

    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    found = quiet_until(at(now), zone, minutes(start), minutes(end))
    assert found == (None if until is None else at(until))


def test_no_quiet_hours_and_no_cap_reached() -> None:
    now = datetime(2025, 1, 27, tzinfo=UTC)
    assert quiet_until(now, "UTC", None, None) is None
    told = [now - timedelta(minutes=m) for m in (59, 40, 20)]
    assert cap_until(told, 4, now) is None
    assert cap_until(told, 3, now) == told[0] + timedelta(hours=1)
    assert cap_until(told, 2, now) == told[1] + timedelta(hours=1)


@pytest.mark.parametrize(
    ("now", "start", "end", "until"),
    [
        ("00:15", 22 * 60, 150, "00:30"),  # 02:15 for the first time
        ("01:15", 22 * 60, 150, None),  # 02:15 again: it is over
        ("00:45", 150, 420, "06:00"),  # began at 02:30, the first time
        ("01:15", 150, 420, "06:00"),  # 02:15 again, after it began
    ],
)
def test_an_hour_that_comes_twice_is_quiet_once(
    now: str, start: int, end: int, until: str | None
) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(f"2025-10-26 {text}").replace(tzinfo=UTC)

    found = quiet_until(at(now), "Europe/Berlin", start, end)
    assert found == (None if until is None else at(until))
