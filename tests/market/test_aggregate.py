"""A basket's multiple: market values over earnings, by hand."""

from statistics import harmonic_mean

import pytest

from bot.market.aggregate import aggregate
from bot.market.valuation import Valuation, valuation_of
from tests.market.test_valuation import DAY, figures, stock


def member(cap: float, eps: float | None, price: float = 100.0) -> Valuation:
    given = figures(market_cap=cap) | ({} if eps is None else figures(trailing_eps=eps))
    return stock(given, price)


def test_a_basket_is_one_company_and_no_mean_of_multiples() -> None:
    # 900 at P/E 10 and 100 at P/E 100: earnings 90 + 1, so 1000 / 91; the mean would be 55.
    found = aggregate("AB", {"A": member(900, 10), "B": member(100, 1)}, forward=False)
    assert found.pe == pytest.approx(1000 / 91)
    assert found.pe == pytest.approx(harmonic_mean([10, 100], weights=[900, 100]))
    assert (found.cap, found.earnings, found.coverage, found.stands) == (1000, 91, 1.0, True)


def test_losses_are_left_out_and_said_with_the_multiple_that_has_them_in() -> None:
    given = {"A": member(900, 10), "B": member(100, -40)}
    found = aggregate("AB", given, forward=False)
    assert (found.used, found.losses, found.pe) == (("A",), ("B",), 10.0)
    assert found.pe_with_losses == pytest.approx(1000 / 50)  # 90 − 40
    deep = aggregate("AB", {"A": member(100, 10), "B": member(100, -40)}, forward=False)
    assert (deep.pe, deep.pe_with_losses) == (10.0, None)


def test_who_is_missing_and_whether_the_rest_may_stand_for_all() -> None:
    foreign = valuation_of("D", {DAY: 1.0}, "test", "EUR", figures(trailing_eps=1.0), {})
    given = {"A": member(100, 10), "B": member(300, None), "C": stock({}), "D": foreign}
    found = aggregate("ABCDE", given, forward=False)
    assert found.missing == {
        "B": "no earnings", "C": "no market value", "D": "in EUR", "E": "no price",
    }  # fmt: skip
    assert (found.coverage, found.stands) == (0.25, False)
    half = aggregate("AB", {"A": member(300, 10), "B": member(300, None)}, forward=False)
    assert half.stands
    assert not aggregate("AB", {"A": member(290, 10), "B": member(300, None)}, forward=False).stands
    assert aggregate("A", {}, forward=True).pe is None
