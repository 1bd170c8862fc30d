"""How sums and prices read."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.cards.bill_words import (
    clock_lines,
    differing,
    money,
    per_million,
    prices_line,
    rests_on,
    said_of,
    sold_by,
)
from bot.costs.workload import Bill, Workload, bill
from bot.model.rate import Evidence, Rate, Terms
from tests.costs.quoting import NOW, SINCE, quotes, rate

PEAK = Terms("peak", ((60, 240), (360, 600)), weekdays=True)
NIGHT = Terms("off-peak", ((990, 30),))
LONG_SAID = (
    "A request of over 200K input tokens pays the long-context price for all of its tokens; "
    "that price is used."
)
LOAD = Workload(1_000_000, 10_000, 0)


def billed(*rates: Rate, load: Workload = LOAD) -> Bill:
    found = bill(load, quotes(*rates))
    assert isinstance(found, Bill)
    return found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("456.25", "$456.25"),
        ("456.255", "$456.26"),
        ("1234567.891", "$1,234,567.89"),
        ("-1200", "−$1,200.00"),
        ("0", "$0.00"),
        ("0.01", "$0.01"),
        ("0.0099", "$0.0099"),
        ("0.004249", "$0.0042"),
        ("0.00099999", "$0.001"),
        ("0.00000001234", "$0.000000012"),
        ("-0.0005", "−$0.0005"),
        ("12345678.9", "$12,345,679"),
    ],
)
def test_sums_are_in_cents_and_finer_below_one(value: str, text: str) -> None:
    assert money(Decimal(value)) == text


@pytest.mark.parametrize(
    ("price", "text"),
    [("15", "$15"), ("2.5", "$2.50"), ("2.50", "$2.50"), ("0.003625", "$0.003625"), ("0", "$0"),
     ("1000", "$1,000"), ("0.10", "$0.10"), ("1E+2", "$100")],
)  # fmt: skip
def test_prices_keep_every_digit(price: str, text: str) -> None:
    assert per_million(Decimal(price)) == text


def test_hours_are_told_where_they_count() -> None:
    usual, dear = rate("1", "2"), rate("2", "4", None, PEAK)
    (line,) = clock_lines(billed(usual, dear))
    # 10 million tokens a thousand times over: $10,000 a day at $1, 365/12 days
    assert line == (
        "Peak hours are 01:00–04:00 and 06:00–10:00 UTC, Monday to Friday; 20.8% of the requests "
        "fall into them, if spread evenly over the week. All of them at peak hours would cost "
        "$608,333.33 a month, none $304,166.67."
    )
    (line,) = clock_lines(billed(usual, dear, load=Workload(1, 10**6, 0, peak=70)))
    assert "70% of the requests fall into them, as asked for." in line
    (line,) = clock_lines(billed(usual, rate("0.5", "1", None, NIGHT)))
    assert line.startswith("Off-peak hours are 16:30–00:30 UTC; 33.3% of the requests")
    assert "at full price" in line
    assert clock_lines(billed(usual)) == []
    (line,) = clock_lines(billed(usual, load=Workload(1, 1, 1, peak=70)))
    assert line == "Its price does not go by the clock, so the share at peak hours changes nothing."


@pytest.mark.parametrize(
    ("rates", "text"),
    [
        ([rate("1", "2", "0.5")], "Per million tokens: $1 in, $0.50 cached, $2 out."),
        (
            [rate("1", "2"), rate("2", "4", None, PEAK)],
            "Per million tokens: at peak hours $2 in, $4 out; otherwise $1 in, $2 out.",
        ),
        (
            [rate("1", "2"), rate("0.5", "1", None, NIGHT)],
            "Per million tokens: at full price $1 in, $2 out; off-peak $0.50 in, $1 out.",
        ),
    ],
)
def test_prices_are_told_with_their_hours(rates: list[Rate], text: str) -> None:
    assert prices_line(billed(*rates, load=Workload(1, 100, 1, cached=50))) == text


@pytest.mark.parametrize(
    ("load", "rates", "line"),
    [
        (Workload(1, 1, 1, batch=True), [rate("1", "1")],
         "No batch price is known; the usual one is used."),
        (Workload(1, 1, 1, batch=True), [rate("1", "1", None, Terms(batch=True))],
         "The batch price is used."),
        (Workload(1, 10, 1, cached=50), [rate("1", "1")],
         "No price of cached input is known; it is counted like other input."),
        (Workload(1, 300_000, 1), [rate("1", "1", None, Terms(over=200_000))],
         LONG_SAID),
        (Workload(1, 1, 1), [rate("1", "1", note="half of it at night")],
         "Note on the price: half of it at night."),
    ],
)  # fmt: skip
def test_what_was_taken_is_said(load: Workload, rates: list[Rate], line: str) -> None:
    assert said_of(billed(*rates, load=load), NOW, end_told=False) == [line]


def test_a_promotion_is_noted_where_its_end_is_not_told() -> None:
    found = billed(rate("1", "1", note="promotion to 8 Feb 2025, then 2 / 2"))
    assert said_of(found, NOW, end_told=True) == []
    (line,) = said_of(found, NOW, end_told=False)
    assert line.startswith("Note on the price: promotion")


def test_a_note_that_was_written_later_is_not_told() -> None:
    found = billed(rate("1", "1", note="another took its place"))  # read when it began
    assert said_of(found, NOW, end_told=False)
    assert said_of(found, SINCE - timedelta(days=1), end_told=False) == []


def test_sources_and_their_days_are_named() -> None:
    found = billed(
        rate("1", "2"),
        rate("1", "3", source="a list", evidence=Evidence.LISTED),
        rate("1", "2", source="another", evidence=Evidence.CATALOG),
    )
    assert differing(found) == "a list has $1 in, $3 out"
    assert rests_on("Lab", found) == "Lab's price since 1 Jan 2025: the lab, read 1 Jan 2025"
    apart = billed(rate("1", "2"), rate("2", "2", source="a list", evidence=Evidence.LISTED))
    assert rests_on("Lab", apart).endswith("the lab, read 1 Jan 2025; a list, read 1 Jan 2025")
    waiting = billed(rate("1", "1", None, Terms(batch=True)), load=Workload(1, 1, 1, batch=True))
    assert rests_on("Lab", waiting).startswith("Lab's batch price since")
    assert sold_by("Lab", "Lab", 0) == ""
    assert sold_by("Shop", "Lab", 3) == (
        "Lab's own price is not known; this is Shop's price, the cheapest of 3 that sell it."
    )
    assert sold_by("Shop", "Lab", 1).endswith("this is Shop's price, the only one known.")
