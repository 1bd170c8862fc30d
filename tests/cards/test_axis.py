"""Ticks of axes: round, few, and as they read."""

from datetime import date, timedelta

import pytest

from bot.cards.axis import (
    MOST_DATES,
    MOST_TICKS,
    date_ticks,
    linear_ticks,
    log_ticks,
    tick_labels,
    value_label,
)


@pytest.mark.parametrize(
    ("low", "high", "unit", "labels"),
    [
        (-14.0, 9.0, "%", ["−10%", "−5%", "0%", "5%"]),
        (0, 1.2, "USD", ["$0.00", "$0.25", "$0.50", "$0.75", "$1.00"]),
        (0, 12, "USD", ["$0.00", "$2.50", "$5.00", "$7.50", "$10.00"]),
        (0, 4300, "index", ["0", "1,000", "2,000", "3,000", "4,000"]),
        (0.101, 0.104, "USD", ["$0.101", "$0.102", "$0.103", "$0.104"]),
    ],
)
def test_linear_axes(low: float, high: float, unit: str, labels: list[str]) -> None:
    assert tick_labels(linear_ticks(low, high), unit) == labels


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.13, 17.0, ["$0.20", "$0.50", "$1", "$2", "$5", "$10"]),
        (0.05, 40, ["$0.10", "$0.30", "$1", "$3", "$10", "$30"]),
        (0.002, 3000, ["$0.01", "$0.10", "$1", "$10", "$100", "$1,000"]),
    ],
)
def test_logarithmic_axes(low: float, high: float, labels: list[str]) -> None:
    assert tick_labels(log_ticks(low, high), "USD")[-6:] == labels


@pytest.mark.parametrize("power", range(-8, 9))
@pytest.mark.parametrize("ratio", [1.1, 1.5, 3, 20, 1e3, 1e7])
def test_ticks_lie_within_are_few_and_never_read_the_same(power: int, ratio: float) -> None:
    low = 3.1 * 10.0**power
    for ticks in (linear_ticks(low, low * ratio), log_ticks(low, low * ratio)):
        assert 2 <= len(ticks) <= MOST_TICKS + 1
        assert all(low <= tick * (1 + 1e-9) for tick in ticks)
        assert all(tick <= low * ratio * (1 + 1e-9) for tick in ticks)
        assert len(set(tick_labels(ticks, "USD"))) == len(ticks)


@pytest.mark.parametrize(
    ("value", "unit", "label"),
    [
        (0.175, "USD", "$0.175"),
        (0.96, "USD", "$0.96"),
        (4.375, "USD", "$4.38"),
        (0.0004, "USD", "$0.0004"),
        (0, "USD", "$0.00"),
        (-15.72, "%", "−15.7%"),
        (0.04, "%", "0.0%"),
        (-0.04, "%", "0.0%"),
        (2, "%", "+2.0%"),
        (12.3, "points", "12.30"),
        (12345.6, "points", "12,346"),
    ],
)
def test_values_beside_lines(value: float, unit: str, label: str) -> None:
    assert value_label(value, unit) == label


@pytest.mark.parametrize("length", [0, 1, 8, 9, 20, 69, 70, 71, 100, 365, 1000, 4000, 20000])
def test_dates_are_few_and_within(length: int) -> None:
    start = date(2000, 1, 13)
    end = start + timedelta(days=length)
    ticks = date_ticks(start, end)
    assert 1 <= len(ticks) <= MOST_DATES
    assert all(start <= day <= end for day, _ in ticks)
    assert str(ticks[0][0].year) in ticks[0][1]


def test_the_year_is_named_where_it_changes() -> None:
    words = [word for _, word in date_ticks(date(2024, 10, 20), date(2025, 3, 2))]
    assert words == ["Nov\n2024", "Dec", "Jan\n2025", "Feb", "Mar"]
