"""Stress: prices by multiple and earnings, and the growth that a price implies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.stress import grid, implied_growth, price_at

MONEY = st.floats(0.01, 1e13)
MULTIPLE = st.floats(0.5, 500)


def test_nvidia_of_31_january_2025_by_hand() -> None:
    rows = grid(120.07, 4.45, 22.3, (0.0, 0.1, 0.2), "market's")
    assert [row.name for row in rows] == ["today's", "halfway", "market's"]
    # 120.07 / 4.45 = 26.98202; halfway (26.98202 + 22.3) / 2 = 24.64101
    assert [round(row.multiple, 5) for row in rows] == [26.98202, 24.64101, 22.3]
    # 22.3 × 4.45 = 99.235; × 0.9 = 89.3115; × 0.8 = 79.388; 99.235 / 120.07 − 1 = −0.173524
    assert [round(cell.price, 4) for cell in rows[2].cells] == [99.235, 89.3115, 79.388]
    assert [round(cell.change, 6) for cell in rows[2].cells] == [-0.173524, -0.256171, -0.338819]
    assert [round(cell.change, 6) for cell in rows[0].cells] == [0, -0.1, -0.2]
    # 24.64101 × 4.45 × 0.9 = 98.68725
    assert rows[1].cells[1].price == pytest.approx(98.68725)


def test_at_the_multiple_asked_for_there_is_one_row() -> None:
    assert [row.name for row in grid(223.0, 10.0, 22.3, (0.0,), "market's")] == ["today's"]


def test_a_higher_multiple_is_a_gain() -> None:
    assert grid(100.0, 10.0, 15.0, (0.0,), "given")[-1].cells[0].change == pytest.approx(0.5)


def test_a_price_by_hand() -> None:
    # 2 × 1.1³ × 20 / 1.1³ = 40; at 0% growth 2 × 20 / 1.331 = 30.0526
    assert price_at(2.0, 0.1, 3, 20.0, 0.1) == pytest.approx(40)
    assert price_at(2.0, 0.0, 3, 20.0, 0.1) == pytest.approx(30.0526, abs=1e-4)
    # 100 paid for 5 of earnings, two years, 10 times at the end: 100 × 1.21 = 5 × g² × 10
    assert implied_growth(100.0, 5.0, 2, 10.0, 0.1) == pytest.approx(2.42**0.5 - 1)


def test_nvidias_implied_growth_by_hand() -> None:
    # (120.07 × 1.61051 / (4.45 × 22.3)) ^ (1/5) = 1.948646 ^ 0.2 = e ^ (0.667135 / 5)
    assert implied_growth(120.07, 4.45, 5, 22.3, 0.10) == pytest.approx(0.142738, abs=5e-7)


def test_at_the_end_multiple_growth_is_the_return_wanted() -> None:
    assert implied_growth(223.0, 10.0, 5, 22.3, 0.10) == pytest.approx(0.10)


@given(MULTIPLE, MONEY, st.integers(1, 30), MULTIPLE, st.floats(0.0, 0.5))
def test_implied_growth_inverts_the_price(
    today: float, eps: float, years: int, multiple: float, discount: float
) -> None:
    price = today * eps
    growth = implied_growth(price, eps, years, multiple, discount)
    assert price_at(eps, growth, years, multiple, discount) == pytest.approx(price, rel=1e-9)


@given(MONEY, st.floats(-0.5, 2), st.integers(1, 30), MULTIPLE, st.floats(0.0, 0.5))
def test_the_price_inverts_implied_growth(
    eps: float, growth: float, years: int, multiple: float, discount: float
) -> None:
    price = price_at(eps, growth, years, multiple, discount)
    found = implied_growth(price, eps, years, multiple, discount)
    assert found == pytest.approx(growth, rel=1e-9, abs=1e-9)


@given(MULTIPLE, MONEY, MULTIPLE)
def test_a_dearer_price_implies_more_growth(today: float, eps: float, multiple: float) -> None:
    growth = [
        implied_growth(today * eps * factor, eps, 5, multiple, 0.1) for factor in (1, 1.01, 2)
    ]
    assert growth == sorted(set(growth))
