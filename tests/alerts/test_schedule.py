"""Digests come at the local time that was asked for, whatever the clocks do."""

from datetime import UTC, datetime

import pytest

from bot.alerts.schedule import next_digest


@pytest.mark.parametrize(
    ("after", "zone", "time", "weekday", "due"),
    [
        ("2025-01-27 00:30", "Asia/Taipei", "08:00", None, "2025-01-28 00:00"),
        ("2025-01-26 23:59", "Asia/Taipei", "08:00", None, "2025-01-27 00:00"),
        ("2025-01-27 00:00", "Asia/Taipei", "08:00", None, "2025-01-28 00:00"),
        ("2025-01-29 12:00", "Asia/Taipei", "08:00", "mon", "2025-02-03 00:00"),
        ("2025-03-08 14:00", "America/New_York", "08:00", None, "2025-03-09 12:00"),
        ("2025-03-29 08:00", "Europe/Berlin", "08:00", None, "2025-03-30 06:00"),
        ("2025-03-30 00:00", "Europe/Berlin", "02:30", None, "2025-03-30 01:30"),  # skipped
        ("2025-10-25 23:00", "Europe/Berlin", "02:30", None, "2025-10-26 00:30"),  # twice: first
        ("2025-10-26 00:30", "Europe/Berlin", "02:30", None, "2025-10-27 01:30"),
    ],
)
def test_when(after: str, zone: str, time: str, weekday: str | None, due: str) -> None:
    minute = int(time[:2]) * 60 + int(time[3:])
    found = next_digest(datetime.fromisoformat(after).replace(tzinfo=UTC), zone, minute, weekday)
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)
