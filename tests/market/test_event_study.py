"""Event studies against statsmodels and matrix algebra, on the shipped history and on made-up."""

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.event_study import session_zero, study
from bot.market.market_model import Pair, pair_of, pair_up
from bot.model.study import TooLittleError
from tests.market.pairs import (
    DAYS,
    LAST,
    SESSIONS,
    added,
    random_pair,
    random_returns,
    scaled,
    shipped_closes,
    shipped_pair,
)
from tests.market.peers import stats, statsmodels

RELEASED, CRASH = date(2025, 1, 20), date(2025, 1, 27)


def by_statsmodels(pair: Pair, zero: int) -> Any:
    """The market model by statsmodels, over sessions −250 to −30."""
    rows = slice(zero - 250, zero - 29)
    market = np.array(pair.market[rows], dtype=float)
    sm = statsmodels()
    return sm.OLS(np.array(pair.returns[rows], dtype=float), sm.add_constant(market)).fit()


@pytest.mark.parametrize("symbol", ["NVDA", "VST", "META"])
async def test_27_january_2025_is_as_statsmodels_has_it(symbol: str) -> None:
    pair = await shipped_pair(symbol)
    at = SESSIONS.index(CRASH)
    found = study(pair, CRASH, (0, 0))
    fitted = by_statsmodels(pair, at)
    predicted = fitted.get_prediction(np.array([[1.0, pair.market[at]]]))
    alpha, beta = fitted.params
    model, zero = found.model, found.last
    assert (model.alpha, model.beta) == pytest.approx((alpha, beta), rel=1e-9)
    assert model.sigma == pytest.approx(math.sqrt(fitted.mse_resid), rel=1e-9)
    assert model.r_squared == pytest.approx(fitted.rsquared, rel=1e-9)
    assert (model.n, model.missing) == (221, 0)
    assert (model.first, model.last) == (SESSIONS[at - 250], SESSIONS[at - 30])
    ar, error = pair.returns[at] - predicted.predicted_mean[0], predicted.se_obs[0]
    assert (zero.ar, zero.car) == pytest.approx((ar, ar), rel=1e-9)
    assert (zero.ar_se, zero.car_se) == pytest.approx((error, error), rel=1e-9)
    assert (zero.ar_t, zero.t) == pytest.approx((ar / error, ar / error), rel=1e-9)
    assert zero.p == pytest.approx(2 * stats().t.sf(abs(ar / error), 219), rel=1e-9)
    half = stats().t.ppf(0.975, 219) * error
    assert (zero.low, zero.high) == pytest.approx((ar - half, ar + half), rel=1e-9)


async def test_nvidia_on_27_january_2025_in_figures() -> None:
    found = study(await shipped_pair("NVDA"), CRASH, (0, 0))
    assert (found.zero, found.last.day, found.last.offset) == (CRASH, CRASH, 0)
    assert round(found.last.ret, 4) == -0.1697
    assert round(found.last.ar, 4) == -0.1295
    assert round(found.last.t, 2) == -4.92


@pytest.mark.parametrize("window", [(0, 5), (-5, 5), (4, 4), (2, 10), (-29, -1)])
async def test_the_cars_errors_are_those_of_the_whole_covariance(window: tuple[int, int]) -> None:
    pair = await shipped_pair("NVDA")
    zero = SESSIONS.index(date(2025, 1, 21))
    found = study(pair, RELEASED, window)
    fitted = by_statsmodels(pair, zero)
    estimated = fitted.model.exog
    rows = slice(zero + window[0], zero + window[1] + 1)
    ahead = np.column_stack(
        [np.ones(window[1] - window[0] + 1), np.array(pair.market[rows], dtype=float)]
    )
    errors = np.array(pair.returns[rows], dtype=float) - ahead @ fitted.params
    covariance = fitted.mse_resid * (
        np.eye(len(ahead)) + ahead @ np.linalg.inv(estimated.T @ estimated) @ ahead.T
    )
    assert [one.offset for one in found.days] == list(range(window[0], window[1] + 1))
    for count, one in enumerate(found.days, start=1):
        ones = np.ones(count)
        car = errors[:count].sum()
        variance = ones @ covariance[:count, :count] @ ones
        assert one.ar == pytest.approx(errors[count - 1], rel=1e-9)
        assert one.ar_se == pytest.approx(math.sqrt(covariance[count - 1, count - 1]), rel=1e-9)
        assert one.car == pytest.approx(car, rel=1e-9, abs=1e-14)
        assert one.car_se == pytest.approx(math.sqrt(variance), rel=1e-9)
        assert one.t == pytest.approx(car / math.sqrt(variance), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("event", "zero"),
    [
        (date(2025, 1, 20), date(2025, 1, 21)),  # R1: a holiday
        (date(2025, 1, 17), date(2025, 1, 17)),  # a session is its own
        (date(2025, 1, 25), CRASH),  # a Saturday
        (date(2024, 12, 25), date(2024, 12, 26)),
        (LAST, LAST),
        (date(2025, 2, 6), None),  # not over yet
    ],
)
def test_session_zero_is_the_first_that_opens_after_the_release(
    event: date, zero: date | None
) -> None:
    assert session_zero(SESSIONS, event) == zero


async def test_r1_counts_from_the_21st_and_the_crash_is_its_session_4() -> None:
    found = study(await shipped_pair("NVDA"), RELEASED)
    assert (found.event, found.zero, found.whole) == (RELEASED, date(2025, 1, 21), True)
    assert {one.day: one.offset for one in found.days}[CRASH] == 4


async def test_a_window_that_is_not_over_has_the_sessions_that_are() -> None:
    found = study(await shipped_pair("NVDA"), date(2025, 2, 4))
    assert [one.day for one in found.days] == [date(2025, 2, 4), LAST]
    assert (found.window, found.whole) == ((0, 5), False)


@pytest.mark.parametrize(
    ("event", "window", "says"),
    [
        (date(2025, 2, 6), (0, 5), "No session on or after 6 Feb 2025 is over yet."),
        (
            LAST,
            (1, 5),
            "The window begins 1 session after 5 Feb 2025: that session is not over yet.",
        ),
        (
            date(2025, 2, 4),
            (3, 5),
            "The window begins 3 sessions after 4 Feb 2025: that session is not over yet.",
        ),
        (date(2022, 3, 1), (0, 5), "NVDA has 9 daily returns in sessions 250 to 30"),
    ],
)
async def test_what_cannot_be_studied_says_what_is_missing(
    event: date, window: tuple[int, int], says: str
) -> None:
    pair = await shipped_pair("NVDA")
    with pytest.raises(TooLittleError, match=says):
        study(pair, event, window)


@pytest.mark.parametrize("window", [(2, 1), (-30, 5), (-40, -35)])
async def test_a_window_runs_forwards_and_stays_out_of_the_estimation(
    window: tuple[int, int],
) -> None:
    pair = await shipped_pair("NVDA")
    with pytest.raises(ValueError, match="window"):
        study(pair, CRASH, window)


async def test_a_close_missing_inside_the_window_is_named() -> None:
    closes = await shipped_closes(["NVDA", "^GSPC"])
    halted = {day: close for day, close in closes["NVDA"].items() if day != CRASH}
    pair = pair_up("NVDA", halted, "^GSPC", closes["^GSPC"], SESSIONS)
    with pytest.raises(TooLittleError) as raised:
        study(pair, RELEASED)
    assert str(raised.value) == (
        "NVDA has no return on 27 Jan 2025 and 28 Jan 2025, inside the event window: "
        "a close is missing on that day or on the session before."
    )
    assert len(study(pair, RELEASED, (0, 3)).days) == 4  # a window before it is whole
    pair = pair_up("NVDA", closes["NVDA"], "^GSPC", {**closes["^GSPC"], CRASH: math.nan}, SESSIONS)
    with pytest.raises(TooLittleError, match=r"^\^GSPC has no return on 27 Jan 2025"):
        study(pair, RELEASED)


async def test_a_long_halt_names_five_days_and_counts_the_rest() -> None:
    closes = await shipped_closes(["NVDA", "^GSPC"])
    halted = {day: close for day, close in closes["NVDA"].items() if day < RELEASED}
    pair = pair_up("NVDA", halted, "^GSPC", closes["^GSPC"], SESSIONS)
    with pytest.raises(TooLittleError, match=r"27 Jan 2025 and 3 more, inside"):
        study(pair, RELEASED, (0, 7))


async def test_the_benchmark_itself_has_no_abnormal_return() -> None:
    closes = await shipped_closes(["^GSPC"])
    pair = pair_up("^GSPC", closes["^GSPC"], "^GSPC", closes["^GSPC"], SESSIONS)
    for one in study(pair, RELEASED).days:
        assert one.ar == pytest.approx(0, abs=1e-12)
        assert (one.t, one.p, one.car_se) == (0, 1, 0)


def test_a_target_that_always_moved_as_the_benchmark_and_then_did_not_cannot_be_judged() -> None:
    market = random_returns(3)
    returns = scaled(market, 2.0)
    returns[300] = 0.5
    pair = pair_of("DOUBLE", returns, "^GSPC", market, DAYS)
    with pytest.raises(TooLittleError, match="DOUBLE moved exactly as \\^GSPC did"):
        study(pair, DAYS[300])


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(280, 390), st.floats(0.01, 50))
def test_twice_the_return_is_twice_the_car_and_as_unusual(
    seed: int, zero: int, factor: float
) -> None:
    pair = random_pair(seed)
    larger = pair_of(
        pair.target, scaled(pair.returns, factor), pair.benchmark, pair.market, pair.sessions
    )
    one, other = study(pair, DAYS[zero]).last, study(larger, DAYS[zero]).last
    assert other.car == pytest.approx(factor * one.car, rel=1e-7, abs=1e-12)
    assert other.car_se == pytest.approx(factor * one.car_se, rel=1e-7)
    assert (other.t, other.p) == pytest.approx((one.t, one.p), rel=1e-6, abs=1e-9)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.floats(-0.02, 0.02), st.floats(-3, 3))
def test_what_every_session_has_and_what_the_market_adds_is_not_abnormal(
    seed: int, shift: float, more: float
) -> None:
    pair = random_pair(seed)
    returns = added(scaled(pair.returns, 1, shift), scaled(pair.market, more))
    moved = pair_of(pair.target, returns, pair.benchmark, pair.market, pair.sessions)
    for one, other in zip(study(pair, DAYS[300]).days, study(moved, DAYS[300]).days, strict=True):
        assert (other.ar, other.car) == pytest.approx((one.ar, one.car), abs=1e-10)
        assert (other.ar_se, other.t) == pytest.approx((one.ar_se, one.t), rel=1e-6, abs=1e-8)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.floats(-0.5, 0.5))
def test_a_jump_on_session_zero_is_abnormal_by_its_whole_size(seed: int, jump: float) -> None:
    pair = random_pair(seed)
    returns = [
        value + jump if at == 300 and value is not None else value
        for at, value in enumerate(pair.returns)
    ]
    jumped = pair_of(pair.target, returns, pair.benchmark, pair.market, pair.sessions)
    one, other = study(pair, DAYS[300]), study(jumped, DAYS[300])
    assert other.model == one.model or other.model.beta == pytest.approx(one.model.beta, rel=1e-9)
    for before, after in zip(one.days, other.days, strict=True):
        assert after.car - before.car == pytest.approx(jump, abs=1e-10)


def test_where_nothing_happened_one_t_in_twenty_is_over_its_limit() -> None:
    """The errors are right if chance alone crosses the 5% limit one time in twenty."""
    ps = [study(random_pair(seed), DAYS[300]).last.p for seed in range(400)]
    assert 0.03 < sum(p < 0.05 for p in ps) / len(ps) < 0.07
