"""Valuation: multiples of a stock and of a basket, each by hand."""

from datetime import date, timedelta

import pandas as pd
import pytest

from bot.market.valuation import (
    Figure,
    Valuation,
    current,
    rank,
    ratio,
    valuation_of,
)

DAY = date(2025, 1, 28)
Figures = dict[tuple[str, str], Figure]


def figure(value: float, name: str = "", period: str = "", day: date = DAY) -> Figure:
    return Figure(value, day, "test", name, period)


def figures(**values: float) -> Figures:
    """By name; `eps_estimate_1` is the next fiscal year's."""
    found: Figures = {}
    for key, value in values.items():
        name, _, last = key.rpartition("_")
        period = {"0": "0y", "1": "+1y", "2": "+2y"}.get(last, "")
        name = name if period else key
        found[name, period] = figure(value, name, period)
    return found


def stock(given: Figures, price: float = 100.0, past: dict[date, float] | None = None) -> Valuation:
    return valuation_of("A", {DAY: price}, "test", "USD", given, past or {})


def test_nvidia_of_28_january_2025_by_hand() -> None:
    one = stock(
        figures(eps_estimate_1=4.45, eps_growth_1=0.51, eps_estimate_2=5.61, trailing_eps=2.44),
        128.99,
    )
    assert one.forward_pe == pytest.approx(28.98652, abs=1e-5)  # 128.99 / 4.45
    assert one.trailing_pe == pytest.approx(52.86475, abs=1e-5)  # 128.99 / 2.44
    assert one.peg == pytest.approx(28.98652 / 51, abs=1e-6)
    assert [e.period for e in one.estimates] == ["+1y", "+2y"]


@pytest.mark.parametrize(
    ("given", "peg"),
    [
        ({"forward_eps": 5.0, "eps_growth_1": 0.20}, 1.0),
        # Without a growth, of the estimates of the two years: 5 / 4 − 1 = 25%.
        ({"eps_estimate_0": 4.0, "eps_estimate_1": 5.0}, 0.8),
        ({"eps_estimate_0": -4.0, "eps_estimate_1": 5.0}, None),
        ({"forward_eps": 5.0, "eps_growth_1": -0.20}, None),
        ({"forward_eps": 5.0, "eps_growth_1": 0.0}, None),
        ({"forward_eps": -5.0, "eps_growth_1": 0.20}, None),
        ({"forward_eps": 5.0}, None),
        ({}, None),
    ],
)
def test_peg(given: dict[str, float], peg: float | None) -> None:
    assert stock(figures(**given)).peg == (None if peg is None else pytest.approx(peg))


def test_ev_sales() -> None:
    one = stock(figures(enterprise_value=3731694026752, revenue=395760009216))
    assert one.ev_sales == pytest.approx(9.429, abs=5e-4)  # as Yahoo has it of Apple
    assert stock(figures(enterprise_value=1e12)).ev_sales is None
    assert stock(figures(enterprise_value=1e12, revenue=0.0)).ev_sales is None


@pytest.mark.parametrize(
    ("quoted", "eps", "flagged"),
    [(20.0, 5.0, False), (20.9, 5.0, False), (21.1, 5.0, True), (18.9, 5.0, True),
     (50.0, 5.0, True), (20.0, -5.0, False)],
)  # fmt: skip
def test_a_forward_pe_that_price_and_eps_do_not_bear_out(
    quoted: float, eps: float, flagged: bool
) -> None:
    one = stock(figures(forward_pe=quoted, forward_eps=eps), past={DAY: eps})
    assert one.disagrees is flagged
    if eps > 0:
        assert one.forward_pe == 20.0


def test_a_quoted_multiple_is_held_against_the_price_of_its_own_day() -> None:
    given = figures(forward_pe=20.0, forward_eps=5.0)
    closes = {DAY: 100.0, DAY + timedelta(1): 60.0}
    one = valuation_of("A", closes, "test", "USD", given, {DAY: 5.0})
    assert (one.forward_pe, one.disagrees) == (12.0, False)
    # The session is not over: yesterday's close says nothing of it.
    yesterday = {DAY - timedelta(1): 160.0}
    assert not valuation_of("A", yesterday, "test", "USD", given, {DAY: 5.0}).disagrees


def test_the_newer_of_two_forward_eps_is_taken() -> None:
    given = figures(forward_eps=5.0, eps_estimate_1=4.0)
    assert stock(given).forward_pe == 20.0
    given["eps_estimate", "+1y"] = figure(4.0, "eps_estimate", "+1y", DAY + timedelta(1))
    assert stock(given).forward_pe == 25.0


def test_a_rank_needs_sixty_snapshots() -> None:
    past = {DAY - timedelta(n): 100 / (10 + n) for n in range(59)}
    closes = {DAY - timedelta(n): 100.0 for n in range(60)}
    given = figures(forward_eps=100 / 24)
    one = valuation_of("A", closes, "test", "USD", given, past)
    assert (len(one.history), one.percentile) == (59, None)
    past[DAY - timedelta(59)] = 100 / 69
    one = valuation_of("A", closes, "test", "USD", given, past)
    ranks = pd.Series(dict(one.history)).rank(pct=True, method="max")
    assert one.percentile == pytest.approx(ranks[DAY - timedelta(14)])
    assert one.percentile == pytest.approx(15 / 60)  # 10 to 24 of 10 to 69


def test_where_old_snapshots_were_thinned_all_weeks_weigh_the_same() -> None:
    days = [DAY - timedelta(n) for n in range(140)]
    # Dear in the ten weeks of which every day is kept, cheap in the ten before.
    past = {day: 100 / (30 if n < 70 else 10) for n, day in enumerate(days)}
    given = figures(forward_eps=100 / 20)
    closes = dict.fromkeys(days, 100.0)
    thinned = {day: eps for day, eps in past.items() if day > days[70] or day.weekday() == 6}
    assert len(thinned) < 90
    whole = valuation_of("A", closes, "test", "USD", given, past, weekly=True)
    few = valuation_of("A", closes, "test", "USD", given, thinned, weekly=True)
    assert few.history == whole.history
    assert few.percentile == whole.percentile == pytest.approx(0.5, abs=0.05)


def test_a_loss_is_no_snapshot_and_a_week_end_has_fridays_price() -> None:
    friday, saturday = date(2025, 1, 24), date(2025, 1, 25)
    one = valuation_of(
        "A", {friday: 142.62}, "test", "USD", {}, {friday: -1.0, saturday: 4.45, DAY: 4.0}
    )
    assert [day for day, _value in one.history] == [saturday, DAY]
    assert one.history[0][1] == pytest.approx(32.04944, abs=1e-5)


def test_ratio_and_rank() -> None:
    assert (ratio(10, 2), ratio(10, 0), ratio(10, -1), ratio(10, None)) == (5, None, None, None)
    assert (rank(1, [1, 2, 3, 4]), rank(0, [1]), rank(9, [1, 2])) == (0.25, 0, 1)


def test_what_is_too_old_is_left_out() -> None:
    given = {
        ("trailing_eps", ""): figure(1.0, "trailing_eps", "", DAY - timedelta(120)),
        ("revenue", ""): figure(1.0, "revenue", "", DAY - timedelta(121)),
        ("eps_estimate", "+1y"): figure(5.0, "eps_estimate", "+1y", DAY),
        ("eps_growth", "+1y"): figure(0.1, "eps_growth", "+1y", DAY - timedelta(7)),
        # Of another look: its fiscal years may be other ones.
        ("eps_estimate", "+2y"): figure(6.0, "eps_estimate", "+2y", DAY - timedelta(8)),
    }
    fresh, old = current(given, DAY)
    assert set(fresh) == {("trailing_eps", ""), ("eps_estimate", "+1y"), ("eps_growth", "+1y")}
    assert old == DAY - timedelta(121)
    assert current({}, DAY) == ({}, None)


def test_a_market_value_moves_with_the_price_since() -> None:
    given = {("market_cap", ""): figure(1000.0, "market_cap", "", DAY)}
    closes = {DAY: 100.0, DAY + timedelta(3): 80.0}
    one = valuation_of("A", closes, "test", "USD", given, {})
    assert (one.cap and one.cap.value, one.cap_now) == (1000.0, 800.0)
