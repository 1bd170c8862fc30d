"""A workload's bill: by hand, above thresholds, in batch, by the clock, where sources differ."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.costs.amount import Amount, Period, first_year
from bot.costs.workload import Bill, Unpriced, Workload, bill, cheapest, ends
from bot.model.rate import Evidence, Meter, Rate, Terms
from tests.costs.quoting import NOW, quotes, rate

LONG = Terms(over=200_000)
BATCH = Terms(batch=True)
PEAK = Terms("peak", ((60, 240), (360, 600)), weekdays=True)  # 7 hours of 5 days
NIGHT = Terms("off-peak", ((990, 30),))  # 8 hours, past midnight


def billed(load: Workload, *rates: Rate) -> Bill:
    found = bill(load, quotes(*rates))
    assert isinstance(found, Bill)
    return found


@pytest.mark.parametrize(
    ("load", "rates", "day"),
    [
        # 1,000 × (2,000 × $2.50 + 500 × $10) / 1e6
        (Workload(1_000, 2_000, 500), [rate("2.50", "10")], "10"),
        # 1,000 × (1,200 × 2.50 + 800 × 1.25 + 500 × 10) / 1e6
        (Workload(1_000, 2_000, 500, cached=40), [rate("2.50", "10", "1.25")], "9"),
        # a third of a request's 100 tokens is 33 on average of 100 × 33%
        (Workload(1_000_000, 1, 0, cached=33), [rate("1", "1", "0")], "0.67"),
        # no price of cached input: it counts like other input
        (Workload(1_000, 2_000, 500, cached=40), [rate("2.50", "10")], "10"),
        (Workload(1_000, 2_000, 500, batch=True), [rate("2", "8"), rate("1", "4", None, BATCH)],
         "4"),
        # at the threshold the usual price, above it the other one for every token
        (Workload(1, 200_000, 1_000), [rate("1", "10"), rate("2", "20", None, LONG)], "0.21"),
        (Workload(1, 200_001, 1_000), [rate("1", "10"), rate("2", "20", None, LONG)], "0.420002"),
        # a million tokens in small requests never pay the price of long ones
        (Workload(1_000, 1_000, 0), [rate("1", "10"), rate("2", "20", None, LONG)], "1"),
        # free is a price
        (Workload(1_000, 1_000, 10), [rate("0", "0")], "0"),
        # what is not used need not be known
        (Workload(1_000, 1_000, 0), [rate("1", None)], "1"),
    ],
)  # fmt: skip
def test_a_day_is_as_by_hand(load: Workload, rates: list[Rate], day: str) -> None:
    assert billed(load, *rates).day.value == Decimal(day)


def test_a_month_is_a_twelfth_of_365_days() -> None:
    found = billed(Workload(1_000, 2_000, 500), rate("2.50", "10"))
    assert found.per(Period.YEAR).value == 3650
    assert found.per(Period.MONTH).value == Decimal(3650) / 12
    assert found.part(Meter.INPUT) == 5
    assert found.part(Meter.OUTPUT, Period.YEAR) == 5 * 365
    assert found.part(Meter.CACHED) == 0


@pytest.mark.parametrize(
    ("peak", "terms", "price", "day"),
    [
        (None, PEAK, "2", Decimal(1) + Decimal(2100) / 10080),  # 35 of 168 hours at double
        (100, PEAK, "2", Decimal(2)),
        (0, PEAK, "2", Decimal(1)),
        (30, PEAK, "2", Decimal("1.3")),
        # where only the cheap hours are named, all others are the dear ones
        (None, NIGHT, "0.5", Decimal(2) / 3 + Decimal(1) / 6),
        (100, NIGHT, "0.5", Decimal(1)),
        (0, NIGHT, "0.5", Decimal("0.5")),
    ],
)
def test_the_hours_of_the_requests_count(
    peak: int | None, terms: Terms, price: str, day: Decimal
) -> None:
    load = Workload(1_000, 1_000, 0, peak=peak)
    found = billed(load, rate("1", "1"), rate(price, "1", None, terms))
    assert abs(found.day.value - day) < Decimal("1e-20")
    assert found.by_clock
    assert not found.peak_idle
    dear, cheap = (found.if_all(dear=one).value for one in (True, False))
    assert {dear, cheap} == {Decimal(price), Decimal(1)}
    assert dear > cheap


def test_a_peak_share_changes_nothing_without_peak_hours() -> None:
    found = billed(Workload(1_000, 1_000, 0, peak=50), rate("1", "1"))
    assert found.day.value == 1
    assert found.peak_idle
    assert not found.by_clock


def test_sources_that_name_the_hours_one_by_one_are_not_counted_twice() -> None:
    one, two = (Terms("peak", (hours,)) for hours in PEAK.hours)
    several = [
        rate("1", "1"),
        rate("2", "2", None, PEAK),
        rate("2", "2", None, one, source="a catalogue", evidence=Evidence.CATALOG),
        rate("2.2", "2", None, two, source="a catalogue", evidence=Evidence.CATALOG),
    ]
    found = billed(Workload(1_000, 1_000, 0, peak=100), *several)
    assert len(found.slices) == 2
    assert found.day == Amount(Decimal(2), Decimal(2), Decimal("2.2"))
    alone = billed(
        Workload(1_000, 1_000, 0),
        *(
            rate(price, "1", None, terms, source="a catalogue", evidence=Evidence.CATALOG)
            for price, terms in (("1", Terms()), ("2", one), ("2", two))
        ),
    )
    assert [one.slot.minutes for one in alone.slices] == [7 * 420, 7 * 1020]


def test_hours_of_a_weaker_source_than_the_usual_price_are_not_believed() -> None:
    night = rate("0.1", "1", None, NIGHT, source="a catalogue", evidence=Evidence.CATALOG)
    assert billed(Workload(1_000, 1_000, 0), rate("1", "1"), night).day == Amount(
        Decimal(1), Decimal(1), Decimal(1)
    )
    usual = rate("1", "1", source="a list", evidence=Evidence.LISTED)
    assert billed(Workload(1_000, 1_000, 0), usual, night).by_clock


@pytest.mark.parametrize(
    ("load", "rates", "unknown"),
    [
        (Workload(1, 1, 1, batch=True), [rate("1", "1")], True),
        (Workload(1, 1, 1, batch=True), [rate("1", "1"), rate("1", "1", None, BATCH)], False),
        # a batch price of short requests says nothing of long ones
        (
            Workload(1, 300_000, 1, batch=True),
            [rate("1", "1"), rate("2", "2", None, LONG), rate("1", "1", None, BATCH)],
            True,
        ),
        (Workload(1, 1, 1), [rate("1", "1")], False),
    ],
)
def test_a_batch_price_that_is_not_known_is_said(
    load: Workload, rates: list[Rate], unknown: bool
) -> None:
    assert billed(load, *rates).batch_unknown is unknown


def test_where_sources_differ_the_bill_has_a_range() -> None:
    load = Workload(1_000, 1_000, 1_000, cached=50)
    found = billed(
        load,
        rate("2", "10", "1"),
        rate("3", "8", source="a catalogue", evidence=Evidence.CATALOG),
        rate(None, "12", source="a list", evidence=Evidence.LISTED),
    )
    # 1 + 0.5 + 10; 1.5 + 0.5 + 8 (no cached price of its own); 1 + 0.5 + 12
    assert found.day.value == Decimal("11.5")
    assert (found.day.low, found.day.high) == (Decimal("10.0"), Decimal("13.5"))
    assert found.day.differs


@pytest.mark.parametrize(
    ("rates", "missing"),
    [
        ([], ()),
        ([rate(None, "1")], (Meter.INPUT,)),
        ([rate("1", None)], (Meter.OUTPUT,)),
        ([rate(None, None)], (Meter.INPUT, Meter.OUTPUT)),
        # only the night is known
        ([rate("1", "1", None, NIGHT)], ()),
    ],
)
def test_what_is_unknown_makes_no_bill(rates: list[Rate], missing: tuple[Meter, ...]) -> None:
    assert bill(Workload(1, 1, 1), quotes(*rates)) == Unpriced(missing)


def test_the_lab_is_asked_first_then_whoever_is_cheapest() -> None:
    load = Workload(1_000, 1_000, 0)
    own, dear, cheap = (
        rate(price, "1", provider=provider)
        for price, provider in (("5", "lab"), ("4", "dear"), ("3", "cheap"))
    )
    found, chosen_from = cheapest(load, quotes(own, dear, cheap), "lab")
    assert isinstance(found, Bill)
    assert (found.provider, chosen_from) == ("lab", 0)
    found, chosen_from = cheapest(load, quotes(dear, cheap), "lab")
    assert isinstance(found, Bill)
    assert (found.provider, chosen_from) == ("cheap", 2)
    assert found.day.value == 3
    assert cheapest(load, quotes(), "lab") == (Unpriced(), 0)


def test_only_the_end_of_a_promotion_was_said_beforehand() -> None:
    end = datetime(2025, 2, 8, 16, tzinfo=UTC)
    load = Workload(1, 1, 1)
    assert ends(billed(load, rate("1", "1", until=end, note="promotion to 8 Feb 2025"))) == end
    assert ends(billed(load, rate("1", "1", until=end))) is None


def test_the_first_year_changes_when_the_price_does() -> None:
    end = datetime(2025, 2, 7, 12, tzinfo=UTC)  # 10 days on
    assert first_year([(Decimal(1), end), (Decimal(2), None)], NOW) == 10 + 2 * 355
    far = datetime(2030, 1, 1, tzinfo=UTC)
    assert first_year([(Decimal(1), far), (Decimal(2), None)], NOW) == 365
