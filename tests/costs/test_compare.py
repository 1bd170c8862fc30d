"""Blends, the cheapest, steps through time, other sellers: each by hand."""

from decimal import Decimal

import pytest

from bot.costs.asked import parse_mix
from bot.costs.compare import (
    blend,
    blended,
    cheapest,
    differing,
    elsewhere,
    far_apart,
    following,
    steps,
)
from bot.costs.corrected import corrections
from bot.model.rate import Evidence, Terms
from tests.costs.rated import GPT, V3, book, moment, rate

AT = moment("2025-01-28")


@pytest.mark.parametrize(
    ("asked", "mix", "expected"),
    [
        ("2.50/10", "3:1", "4.375"),  # (7.50 + 10) / 4
        ("0.14/0.28", "3:1", "0.175"),  # (0.42 + 0.28) / 4
        ("0.14/0.28", "1:1", "0.21"),
        ("15/60", "9:1", "19.5"),  # (135 + 60) / 10
        ("0/0", "3:1", "0"),
        ("-/10", "3:1", None),
        ("1/-", "3:1", None),
    ],
)
def test_a_blend_by_hand(asked: str, mix: str, expected: str | None) -> None:
    found = blend(rate(asked=asked), parse_mix(mix))
    assert found == (None if expected is None else Decimal(expected))


def test_a_blend_has_the_range_of_its_sources() -> None:
    quoted = book(rate(), rate(asked="0.27/1.10", source="genai-prices",
                               evidence=Evidence.CATALOG)).quote(V3, AT)  # fmt: skip
    assert quoted is not None
    found = blended(quoted, parse_mix("3:1"))
    assert found is not None
    assert (found.value, found.low, found.high) == (
        Decimal("0.175"), Decimal("0.175"), Decimal("0.4775"),
    )  # fmt: skip


def test_the_cheapest_is_asked_something() -> None:
    three = [Decimal(2), None, Decimal(0), Decimal("0.5")]
    assert cheapest(three) == Decimal("0.5")
    assert cheapest([None, Decimal(0)]) is None


@pytest.mark.parametrize(("prices", "far"), [("1 20", False), ("1 20.1", True), ("5", False)])
def test_prices_that_need_a_log_scale(prices: str, far: bool) -> None:
    assert far_apart([Decimal(one) for one in prices.split()] + [None, Decimal(0)]) is far


def test_steps_are_the_changes_known_by_then_each_once() -> None:
    ledger = book(
        rate(asked="5/15", until="2025-02-01"),
        rate(asked="5/15", since="2025-02-01", until="2025-03-01", source="another"),
        rate(asked="2.5/10", since="2025-03-01", until="2025-04-01"),
        rate(asked="9/9", since="2025-01-01", terms=Terms(batch=True)),
        rate(asked="8/8", since="2025-01-15", provider="openrouter"),
    )
    found = [
        (step.since, step.quoted.best.input_mtok if step.quoted else None)
        for step in steps(ledger, V3, moment("2026-01-01"))
    ]
    assert found == [
        (moment("2024-12-26"), Decimal(5)),
        (moment("2025-03-01"), Decimal("2.5")),
        (moment("2025-04-01"), None),
    ]
    assert len(steps(ledger, V3, moment("2025-02-28"))) == 1
    assert [one.since for one in steps(ledger, V3, AT, "openrouter")] == [moment("2025-01-15")]


def test_what_follows_a_price_that_ends() -> None:
    ledger = book(rate(until="2025-02-08"), rate(asked="0.27/1.10", since="2025-02-08"))
    first = ledger.quote(V3, AT)
    assert first is not None
    then = following(ledger, first)
    assert then is not None
    assert then.best.output_mtok == Decimal("1.10")
    assert following(ledger, then) is None


def test_other_sellers_the_cheapest_blend_first_and_only_those_that_ask_something() -> None:
    ledger = book(
        rate(provider="b", asked="1/1"),
        rate(provider="a", asked="0.5/2"),  # 3:1 is 0.875
        rate(provider="free", asked="0/0"),
        rate(provider="half", asked="0.1/-"),
        rate(provider="batch", asked="0.1/0.1", terms=Terms(batch=True)),
        rate(),
    )
    assert [one.best.provider for one in elsewhere(ledger, V3, AT, V3[0])] == ["a", "b"]


def test_sources_that_ask_something_else() -> None:
    low = Evidence.CATALOG
    quoted = book(
        rate(),
        rate(source="same", evidence=low),
        rate(asked="0.27/1.10", source="genai-prices", evidence=low),
        rate(asked="0.14/-", source="half", evidence=low),
    ).quote(V3, AT)
    assert quoted is not None
    assert [one.source for one in differing(quoted)] == ["genai-prices"]


def test_the_often_quoted_figures_are_put_right_where_they_fit() -> None:
    assert corrections(GPT, moment("2024-08-05")) == []
    assert "from 6 Aug 2024 on it is $10" in corrections(GPT, moment("2024-08-06"))[0]
    assert "not R1's ($2.19)" in corrections(V3, moment("2025-01-28"))[0]
    assert corrections(("openai", "o1"), AT) == []
