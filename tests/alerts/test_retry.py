"""When a send is tried again, and when a receiver is given up."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts.retry import retry_after, should_disable

CLOSE = datetime(2025, 1, 27, 21, tzinfo=UTC)


def test_pauses_double_up_to_the_longest_with_jitter_below() -> None:
    first, longest = timedelta(seconds=2), timedelta(seconds=600)
    full = [retry_after(n, first, longest, 1.0).total_seconds() for n in range(12)]
    assert full == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]
    assert retry_after(0, first, longest, 0.0).total_seconds() == 1
    assert retry_after(10_000, first, longest, 1.0) == longest


@pytest.mark.parametrize(
    ("failures", "minutes", "disable"),
    [(2, 60, False), (3, 9, False), (3, 10, True), (9, 0, False)],
)
def test_a_receiver_is_given_up_after_three_refusals_over_ten_minutes(
    failures: int, minutes: int, disable: bool
) -> None:
    assert should_disable(failures, CLOSE, CLOSE + timedelta(minutes=minutes)) is disable
    assert not should_disable(failures, None, CLOSE)
