"""The market model: returns with gaps, portfolios, and the fit against certified values."""

import math
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.event_study import study
from bot.market.market_model import (
    fit,
    market_model,
    pair_of,
    portfolio_returns,
    returns_of,
)
from bot.model.study import TooLittleError
from tests.market.pairs import DAYS, random_pair, random_returns

A, B, C, D = (date(2025, 1, 6) + timedelta(days=n) for n in range(4))


@pytest.mark.parametrize(
    ("closes", "returns"),
    [
        ({A: 100, B: 110, C: 99, D: 99}, [None, 110 / 100 - 1, 99 / 110 - 1, 0]),
        ({A: 100, C: 99, D: 198}, [None, None, None, 1]),
        ({A: 100, B: math.nan, C: 99, D: 198}, [None, None, None, 1]),
        ({A: 100, B: math.inf, C: 99, D: 198}, [None, None, None, 1]),
        ({A: 100, B: 0.0, C: 99, D: 198}, [None, None, None, 1]),
        ({}, [None] * 4),
    ],
)
def test_a_return_needs_both_closes(closes: dict[date, float], returns: list[float | None]) -> None:
    assert returns_of(closes, [A, B, C, D]) == returns


def test_a_portfolio_is_the_mean_of_those_that_have_a_return() -> None:
    closes = {
        "X": {A: 100.0, B: 110.0, C: 121.0},
        "Y": {A: 50.0, B: 45.0, C: math.nan, D: 60.0},
        "Z": {},
    }
    found = portfolio_returns(closes, ["X", "Y", "Z", "unknown"], [A, B, C, D])
    assert found[0] is None
    assert found[1:3] == pytest.approx([(0.1 - 0.1) / 2, 0.1 / 2])  # Y is carried
    assert found[3] is None  # no member has closes on both days: unknown, not 0


# NIST's Statistical Reference Datasets, "Norris": x, then y, in pairs.
NORRIS_X = [
    0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6, 775.5,
    666.9, 338.0, 447.5, 11.6, 556.0, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2,
    999.0, 779.0, 11.1, 118.3, 229.2, 669.1, 448.9, 0.5,
]  # fmt: skip
NORRIS_Y = [
    0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1,
    668.8, 339.3, 448.9, 10.8, 557.7, 228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888.0,
    998.5, 778.9, 10.2, 117.6, 228.9, 668.4, 449.2, 0.2,
]  # fmt: skip


def test_the_fit_and_its_prediction_error_are_nists_certified_values() -> None:
    """Four copies of the 36 observations make an estimation long enough: the line stays, sums of
    squares are four times as large, and so the errors follow from the certified ones."""
    b0, b1, residual_squares = -0.262323073774029, 1.00211681802045, 26.6173985294224
    se_b0, se_b1, r_squared = 0.232818234301152, 0.429796848199937e-3, 0.999993745883712
    variance = residual_squares / 34
    length = 4 * 36
    # 29 sessions lie between the estimation and session 0, where the benchmark does not move.
    market = [*NORRIS_X * 4, *[1.0] * 29, 0.0]
    returns = [*NORRIS_Y * 4, *[1.0] * 29, b0]
    pair = pair_of("y", returns, "x", market, DAYS[: len(market)])
    model, line = market_model(pair, length + 29)
    assert (model.n, model.first, model.last) == (length, DAYS[0], DAYS[length - 1])
    assert model.missing == 221 - length
    assert (model.alpha, model.beta) == pytest.approx((b0, b1), rel=1e-9)
    assert model.r_squared == pytest.approx(r_squared, rel=1e-12)
    assert model.sigma == pytest.approx(math.sqrt(4 * residual_squares / (length - 2)), rel=1e-9)
    assert line.market_squares == pytest.approx(4 * variance / se_b1**2, rel=1e-9)
    of_alpha = model.sigma**2 / variance * se_b0**2 / 4
    zero = study(pair, DAYS[length + 29], (0, 0)).last
    assert zero.ar_se == pytest.approx(math.sqrt(model.sigma**2 + of_alpha), rel=1e-9)
    assert zero.ar == pytest.approx(0, abs=1e-9)


def test_missing_returns_of_the_estimation_are_left_out_and_counted() -> None:
    whole = random_pair()
    gaps = set(range(120, 150))
    returns = [None if at in gaps else value for at, value in enumerate(whole.returns)]
    pair = pair_of("AAA", returns, "^GSPC", whole.market, DAYS)
    model, _line = market_model(pair, 300)
    assert (model.n, model.missing) == (191, 30)
    assert (model.first, model.last) == (DAYS[50], DAYS[270])
    known = [at for at in range(50, 271) if at not in gaps]
    mean_x = sum(whole.market[at] or 0 for at in known) / 191
    mean_y = sum(returns[at] or 0 for at in known) / 191
    cross = sum(((whole.market[at] or 0) - mean_x) * ((returns[at] or 0) - mean_y) for at in known)
    square = sum(((whole.market[at] or 0) - mean_x) ** 2 for at in known)
    assert model.beta == pytest.approx(cross / square, rel=1e-9)
    assert model.alpha == pytest.approx(mean_y - cross / square * mean_x, abs=1e-12)


def test_a_new_listing_is_told_how_much_it_has_and_needs() -> None:
    listed = 300 - 30 - 84
    returns = [None if at < listed else value for at, value in enumerate(random_returns(4))]
    pair = pair_of("NEWCO", returns, "^GSPC", random_returns(5), DAYS)
    with pytest.raises(TooLittleError) as raised:
        market_model(pair, 300)
    assert str(raised.value) == (
        "NEWCO has 85 daily returns in sessions 250 to 30 before 29 Oct 2023; "
        "120 are needed to tell what is usual."
    )
    assert fit(pair, 300) is None
    assert market_model(pair, 335)[0].n == 120  # 35 sessions later there are enough
    with pytest.raises(TooLittleError, match="119 daily returns"):
        market_model(pair, 334)
    turned = pair_of("AAA", random_returns(5), "NEWCO", returns, DAYS)
    with pytest.raises(TooLittleError, match=r"^NEWCO has 85"):
        market_model(turned, 300)


@pytest.mark.parametrize("still", ["AAA", "^GSPC"])
@pytest.mark.parametrize("level", [0.0, 0.001])
def test_what_never_moved_is_named(still: str, level: float) -> None:
    flat: list[float | None] = [level] * 280
    moving = random_returns(6)
    flat += moving[280:]
    series = (flat, moving) if still == "AAA" else (moving, flat)
    pair = pair_of("AAA", series[0], "^GSPC", series[1], DAYS)
    with pytest.raises(TooLittleError, match=r"did not move from") as raised:
        market_model(pair, 300)
    assert str(raised.value).startswith(still)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(150, 399))
def test_a_fit_by_running_totals_is_one_by_hand(seed: int, zero: int) -> None:
    pair = random_pair(seed)
    line = fit(pair, zero)
    assert line is not None
    rows = [
        (pair.market[at] or 0.0, pair.returns[at] or 0.0)
        for at in range(max(1, zero - 250), zero - 29)
    ]
    mean_x = math.fsum(x for x, _y in rows) / len(rows)
    mean_y = math.fsum(y for _x, y in rows) / len(rows)
    square = math.fsum((x - mean_x) ** 2 for x, _y in rows)
    beta = math.fsum((x - mean_x) * (y - mean_y) for x, y in rows) / square
    left = math.fsum((y - mean_y - beta * (x - mean_x)) ** 2 for x, y in rows)
    assert line.n == len(rows)
    assert line.beta == pytest.approx(beta, rel=1e-9)
    assert line.alpha == pytest.approx(mean_y - beta * mean_x, abs=1e-13)
    assert (line.left, line.market_squares) == pytest.approx((left, square), rel=1e-9)
    assert line.market_mean == pytest.approx(mean_x, abs=1e-13)
