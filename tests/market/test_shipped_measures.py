"""The valuations that ship: figures of a day with their sources, only of the baskets' stocks."""

from datetime import UTC, date, datetime

from bot.market.shipped import load_baskets
from bot.market.shipped_measures import load_measures, remarks


def test_nvidias_often_quoted_revenue_is_earnings_per_share() -> None:
    found = {(m.name, m.period): m for m in load_measures() if m.symbol == "NVDA"}
    assert found["eps_estimate", "+1y"].value == 4_450_000
    assert found["eps_estimate", "+2y"].value == 5_610_000
    assert found["eps_growth", "+1y"].value == 510_000
    assert found["eps_growth", "+2y"].value == 260_000
    assert not [key for key in found if key[0] == "revenue_estimate"]
    said = remarks()["NVDA", "eps_estimate", "+1y", date(2025, 1, 28)]
    assert said.fiscal == 2026
    assert "earnings per share" in said.note
    # The quoted growth and the two estimates agree.
    assert round(5.61 / 4.45 - 1, 2) == 0.26


def test_what_ships_is_of_the_baskets_with_day_and_source() -> None:
    every = load_measures()
    assert {m.symbol for m in every} <= set(load_baskets()["ai"].members)
    assert all(m.source for m in every)
    known = [m for m in every if m.symbol == "NVDA" and m.name == "trailing_eps"]
    assert [(m.value, m.as_of) for m in known] == [
        (2_440_000, datetime(2025, 1, 31, 21, tzinfo=UTC))
    ]


def test_trailing_multiples_are_price_over_earnings() -> None:
    """Checked against the list's own P/E, whose price is the close of that day."""
    by_key = {(m.symbol, m.name): m.value / 1e6 for m in load_measures() if not m.period}
    assert round(120.07 / by_key["NVDA", "trailing_eps"], 3) == round(
        by_key["NVDA", "trailing_pe"], 3
    )
