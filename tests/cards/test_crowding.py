"""Crowding as a card: what each rank says, what is left out, who is in step."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.cards.crowding import crowding_card
from bot.cards.to_text import to_plain
from bot.market.crowd import Crowd, Member, Ranked
from bot.model.basket import Basket
from bot.model.card import Card

DAYS = tuple(date(2023, 1, 2) + timedelta(days=n) for n in range(504))
USUAL = Ranked(0.45, 0.5, 504, 0.2, 0.4, 0.7)
NAMES = ("NVDA", "AMD", "AVGO", "TSM", "MU", "ARM", "META")
CROWD = Crowd(
    day=DAYS[-1],
    first=DAYS[-22],
    correlation=USUAL,
    dispersion=replace(USUAL, value=0.098),
    beta=replace(USUAL, value=1.62),
    beta_returns=63,
    volatility=replace(USUAL, value=0.381),
    members=tuple(
        Member(name, 0.8 - n / 10, 0.1, 100_000_000, 110_000_000) for n, name in enumerate(NAMES)
    ),
    left_out=(),
    still=(),
    days=DAYS,
    correlations=tuple(0.2 + n / 1000 for n in range(504)),
)


def card(crowd: Crowd, latest: date = DAYS[-1]) -> Card:
    return crowding_card(
        crowd,
        Basket("ai", "AI stocks", NAMES),
        latest=latest,
        as_of=datetime(2024, 5, 20, 20, tzinfo=UTC),
        sources=["a test"],
        adjusted=[],
        benchmark="^GSPC",
    )


@pytest.mark.parametrize(
    ("rank", "title", "meaning"),
    [
        (1.0, "the highest of two years", "more than on any other day of the last two years"),
        (0.9999, "higher than on 99% of days", "more than on 99% of days of the last two years"),
        (0.93, "higher than on 93% of days", "own news matters less"),
        (0.5, "higher than on 50% of days", "about as usual: more than on 50% of days"),
        (0.08, "lower than on 92% of days", "less than on 92% of days of the last two years"),
        (1 / 504, "the lowest of two years", "less than on any other day of the last two years"),
    ],
)
def test_a_rank_in_plain_words(rank: float, title: str, meaning: str) -> None:
    found = card(replace(CROWD, correlation=replace(USUAL, rank=rank)))
    assert found.title == f"AI stocks: correlation 0.45, {title}"
    assert meaning in found.text


def test_fewer_than_two_years_are_never_called_two_years() -> None:
    found = card(replace(CROWD, correlation=replace(USUAL, rank=1.0, n=300)))
    assert found.title.endswith("the highest of 300 days")
    assert "any other day of the 300 that can be measured" in found.text
    assert "two years" not in to_plain(found)


def test_the_table_says_what_each_measure_is() -> None:
    table = card(CROWD).table
    assert table is not None
    assert table.rows == (
        ("correlation", "0.45", "0.40", "50%"),
        ("dispersion", "9.8%", "40.0%", "50%"),
        ("beta", "1.62", "0.40", "50%"),
        ("volatility", "38.1%", "40.0%", "50%"),
    )
    for name in ("Correlation", "Dispersion", "Beta", "Volatility", "Rank"):
        assert f"{name}: " in table.note
    assert "63 sessions" in table.note
    assert "among the last 504 sessions." in table.note


def test_only_what_is_rare_is_named_beside_it() -> None:
    assert "nusual:" not in card(CROWD).text
    rare = replace(CROWD, volatility=replace(USUAL, rank=0.98), beta=replace(USUAL, rank=0.03))
    named = "nusual: beta, lower than on 97% of days; volatility, higher than on 98% of days."
    assert f"\nU{named}" in card(rare).text  # the first figure is as usual: no "also"
    high = replace(rare, correlation=replace(rare.correlation, rank=0.9))
    assert f"Also u{named}" in card(high).text


def test_who_is_in_step_and_who_is_not() -> None:
    most, least = card(CROWD).fields
    assert most.value == "NVDA 0.80, AMD 0.70, AVGO 0.60"
    assert least.value == "META 0.20, ARM 0.30, MU 0.40"
    (all_of_them,) = card(replace(CROWD, members=CROWD.members[:3])).fields
    assert all_of_them.value == "NVDA 0.80, AMD 0.70, AVGO 0.60"


def test_holes_are_named() -> None:
    found = card(
        replace(
            CROWD,
            left_out=tuple((f"S{n}", n) for n in range(9)),
            still=("HALT",),
            beta=Ranked(None, None, 100, 0.1, 0.2, 0.3),
            beta_returns=40,
        ),
        latest=DAYS[-1] + timedelta(days=1),
    )
    assert (
        "There are prices up to 20 May 2024, but not of three stocks without a gap." in found.text
    )
    assert "S0 (has 0), " in found.text
    assert "S5 (has 5) and 3 more." in found.text
    assert "Without a move, so without a correlation: HALT." in found.text
    assert "Beta is unknown: 40 of 63 sessions have a return" in found.text
    assert found.table is not None
    assert found.table.rows[2] == ("beta", "unknown", "unknown", "unknown")
    assert "(beta 100); a rank takes 252" in found.table.note


def test_beta_over_fewer_sessions_says_so() -> None:
    table = card(replace(CROWD, beta_returns=61)).table
    assert table is not None
    assert "61 of 63 sessions" in table.note


def test_opposite_stocks_have_a_true_minus() -> None:
    assert "correlation −0.12" in card(
        replace(CROWD, correlation=replace(USUAL, value=-0.12))
    ).title  # fmt: skip
    assert "correlation 0.00" in card(
        replace(CROWD, correlation=replace(USUAL, value=-0.001))
    ).title  # fmt: skip
