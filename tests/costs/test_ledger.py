"""The ledger: what is asked at a moment, whom it is believed from, and what was known when."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.costs.ledger import Ledger
from bot.model.rate import Evidence, Meter, Rate, Terms

KEY = ("fjord", "Fjord-1")
USUAL = Terms()


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rate(
    price: str,
    source: str,
    evidence: Evidence,
    observed: str,
    since: str = "",
    until: str = "",
    provider: str = "fjord",
    terms: Terms = USUAL,
) -> Rate:
    return Rate(
        KEY, provider, Decimal(price), Decimal(price) * 2, source, day(observed), evidence,
        day(since) if since else None, day(until) if until else None, terms=terms,
    )  # fmt: skip


OLD = rate("4", "the history", Evidence.SHIPPED, "2025-03-01", "2025-01-10", "2025-06-01")
NOW = rate("2", "the history", Evidence.SHIPPED, "2025-07-01", "2025-06-01")
CATALOG = rate("3", "the catalogue", Evidence.CATALOG, "2025-11-03")
SEEN = rate("1", "a list", Evidence.LISTED, "2025-12-01", "2025-12-01")
OTHER = rate("5", "the catalogue", Evidence.CATALOG, "2025-11-03", provider="reseller")
RELEASED = {KEY: day("2025-01-10")}


@pytest.mark.parametrize(
    ("at", "value", "low", "high"),
    [
        ("2025-01-09", None, None, None),  # before its release
        ("2025-01-10", "4", "3", "4"),
        ("2025-05-31", "4", "3", "4"),
        ("2025-06-01", "2", "2", "3"),
        ("2025-11-30", "2", "2", "3"),
        # What a list saw change after the others had been read is what is asked since.
        ("2025-12-01", "1", "1", "3"),
    ],
)
def test_the_price_of_a_day_and_the_range_of_all_sources(
    at: str, value: str | None, low: str | None, high: str | None
) -> None:
    book = Ledger([OLD, NOW, CATALOG, SEEN, OTHER], RELEASED)
    quoted = book.quote(KEY, day(at))
    figure = None if quoted is None else quoted.figure(Meter.INPUT)
    if value is None or low is None or high is None:
        assert figure is None
        return
    assert figure is not None
    assert (figure.value, figure.low, figure.high) == (Decimal(value), Decimal(low), Decimal(high))


def test_what_had_not_been_observed_is_left_out() -> None:
    book = Ledger([OLD, NOW, CATALOG, SEEN], RELEASED)
    assert book.quote(KEY, day("2025-02-01"), known_at=day("2025-02-15")) is None
    quoted = book.quote(KEY, day("2025-12-02"), known_at=day("2025-10-01"))
    assert quoted is not None
    assert quoted.rates == (NOW,)


def test_a_source_without_days_is_told_of_the_past_for_the_lab_s_own_model_alone() -> None:
    book = Ledger([CATALOG, OTHER], RELEASED)
    assert [one.best.provider for one in book.quotes(KEY, day("2025-05-01"))] == ["fjord"]
    assert [one.best.provider for one in book.quotes(KEY, day("2025-11-03"))] == [
        "fjord", "reseller",
    ]  # fmt: skip
    unknown = Ledger([CATALOG])  # nobody knows when it came
    assert unknown.quotes(KEY, day("2025-11-02")) == []
    assert unknown.quote(KEY, day("2025-11-03")) is not None


def test_dated_a_source_without_days_holds_since_it_was_observed() -> None:
    book = Ledger([CATALOG], RELEASED).dated()
    assert book.quote(KEY, day("2025-11-02")) is None
    assert book.quote(KEY, day("2025-11-03")) is not None


def test_terms_are_kept_apart_the_usual_ones_first() -> None:
    night = Terms("off-peak", ((0, 360),))
    cheap = rate("1", "the history", Evidence.SHIPPED, "2025-07-01", "2025-06-01", terms=night)
    book = Ledger([cheap, NOW], RELEASED)
    assert [one.best for one in book.quotes(KEY, day("2025-07-01"))] == [NOW, cheap]
    usual, special = (
        book.quote(KEY, day("2025-07-01")),
        book.quote(KEY, day("2025-07-01"), terms=night),
    )
    assert usual is not None
    assert special is not None
    assert (usual.best, special.best) == (NOW, cheap)
