"""What a price did after each of several days."""

from datetime import date, timedelta

from bot.market.after import after

DAYS = [date(2025, 1, 6) + timedelta(days=n) for n in range(30)]
VALUES = [100.0 + n for n in range(30)]


def test_moves_are_counted_from_the_close_of_the_day_to_five_sessions_later() -> None:
    found = after(DAYS, VALUES, DAYS[:5])
    assert found is not None
    assert (found.n, found.median) == (5, 107 / 102 - 1)
    assert found.low == 108 / 103 - 1
    assert found.high == 106 / 101 - 1


def test_fewer_than_five_say_nothing() -> None:
    assert after(DAYS, VALUES, DAYS[:4]) is None
    assert after([], [], DAYS) is None


def test_what_has_not_had_its_five_sessions_does_not_count() -> None:
    assert after(DAYS, VALUES, [*DAYS[:4], *DAYS[-5:]]) is None


def test_a_day_without_a_session_counts_from_the_close_before_and_two_of_one_day_once() -> None:
    days, values = DAYS[:3] + DAYS[5:], VALUES[:3] + VALUES[5:]
    found = after(days, values, [DAYS[4], DAYS[4], *days[:2], *days[3:5]])
    assert after(days, values, [*DAYS[2:5], *days[:2], days[3]]) is None
    assert found is not None
    assert found.n == 5  # the day without a session counts as the one before it did


def test_what_came_before_the_first_close_is_unknown() -> None:
    assert after(DAYS, VALUES, [DAYS[0] - timedelta(days=n) for n in range(1, 9)]) is None
