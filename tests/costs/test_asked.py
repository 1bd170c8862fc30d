"""A day and a mix, as people type them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.costs.asked import Mix, moment_on, parse_day, parse_mix
from bot.errors import UserError

NOW = datetime(2025, 1, 28, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3:1", "3:1"),
        ("75/25", "3:1"),
        ("3 to 1", "3:1"),
        ("3-1", "3:1"),
        ("75%", "3:1"),
        ("75% / 25%", "3:1"),
        ("3", "3:1"),
        ("0.75:0.25", "0.75:0.25"),
        (" 1 : 4 ", "1:4"),
    ],
)
def test_a_mix_is_read_forgivingly(text: str, said: str) -> None:
    assert str(parse_mix(text)) == said


@pytest.mark.parametrize("text", ["0:1", "3:0", "-3:1", "−3:1", "3:-1", "100%", "1:9999999"])
def test_a_mix_of_nothing_is_refused_in_words(text: str) -> None:
    with pytest.raises(UserError, match="both be above zero"):
        parse_mix(text)


@pytest.mark.parametrize("text", ["much", "3:1:1", ":", "1e5:1", "three to one"])
def test_what_is_no_mix_says_how_to_write_one(text: str) -> None:
    with pytest.raises(UserError, match=r"is not a mix; write .* such as 3:1"):
        parse_mix(text)


@pytest.mark.parametrize(
    "text",
    ["2025-01-28", "28 Jan 2025", "28 January 2025", "Jan 28, 2025", "28.01.2025", "2025/01/28"],
)
def test_days_as_people_write_them(text: str) -> None:
    assert parse_day(text, NOW.date()) == date(2025, 1, 28)


def test_today_and_yesterday() -> None:
    assert parse_day("today", NOW.date()) == date(2025, 1, 28)
    assert parse_day("Yesterday", NOW.date()) == date(2025, 1, 27)


@pytest.mark.parametrize("text", ["2025-02-30", "soon", "28", "opus", "2025", "28 Foo 2025"])
def test_what_is_no_day(text: str) -> None:
    assert parse_day(text, NOW.date()) is None


def test_a_day_is_told_at_its_end_and_today_as_of_now() -> None:
    assert moment_on(date(2025, 1, 27), NOW) > datetime(2025, 1, 27, 23, 59, tzinfo=UTC)
    assert moment_on(date(2025, 1, 27), NOW) < datetime(2025, 1, 28, tzinfo=UTC)
    assert moment_on(NOW.date(), NOW) == NOW
    with pytest.raises(UserError, match=r"29 Jan 2025 has not come yet; give today or"):
        moment_on(date(2025, 1, 29), NOW)


def test_a_mix_is_of_tokens() -> None:
    assert parse_mix("3:1") == Mix(Decimal(3), Decimal(1))
