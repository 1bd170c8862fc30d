"""Correlation and beta by numpy, dispersion by pandas and by hand; ranks; holes."""

from datetime import date, timedelta
from random import Random

import numpy as np
import pandas as pd
import pytest

from bot.market.crowd import Crowd, beta, dispersion, measure, quantile, ranked

DAYS = [date(2022, 1, 3) + timedelta(days=n) for n in range(600)]
NAMES = list("ABCDE")


def walks(days: list[date] = DAYS) -> tuple[dict[str, dict[date, int]], dict[date, int]]:
    """Five stocks that share a market, and that market, in millionths."""
    chance = Random(3)
    values = dict.fromkeys([*NAMES, "market"], 1e8)
    found: dict[str, dict[date, int]] = {name: {} for name in values}
    for day in days:
        shared = chance.gauss(0, 0.01)
        for number, name in enumerate(values):
            own = 0.0 if name == "market" else chance.gauss(0, 0.004 * (number + 1))
            values[name] *= 1 + shared * (1 if name == "market" else 1.4) + own
            found[name][day] = round(values[name])
    return {name: found[name] for name in NAMES}, found["market"]


def index_of(closes: dict[str, dict[date, int]]) -> list[int]:
    """Equal weight, rebalanced daily, by pandas."""
    returns = pd.DataFrame(closes).pct_change().mean(axis=1).fillna(0)
    return [round(value) for value in 1e8 * (1 + returns).cumprod()]


def crowd(closes: dict[str, dict[date, int]], market: dict[date, int]) -> Crowd:
    found = measure(closes, list(closes), DAYS, index_of(closes), market)
    assert found is not None
    return found


def test_each_member_and_their_mean_are_numpys_correlations() -> None:
    closes, market = walks()
    found = crowd(closes, market)
    returns = pd.DataFrame(closes).pct_change().iloc[-21:]
    matrix = np.corrcoef(returns.to_numpy().T)
    assert found.correlation.value == pytest.approx(matrix[np.triu_indices(5, 1)].mean(), rel=1e-9)
    for one in found.members:
        row = matrix[NAMES.index(one.symbol)]
        assert one.correlation == pytest.approx((row.sum() - 1) / 4, rel=1e-9)
    assert [m.correlation for m in found.members] == sorted(
        (m.correlation for m in found.members), reverse=True
    )
    assert (found.first, found.day) == (DAYS[-22], DAYS[-1])


def test_beta_is_that_of_numpys_least_squares() -> None:
    closes, market = walks()
    index = index_of(closes)
    mine = beta(DAYS, index, market)
    x = pd.Series(market).pct_change().to_numpy()
    y = pd.Series(index).pct_change().to_numpy()
    for at in (63, 300, 599):
        columns = np.column_stack([np.ones(63), x[at - 62 : at + 1]])
        fit = np.linalg.lstsq(columns, y[at - 62 : at + 1])[0]
        assert mine[at][0] == pytest.approx(fit[1], rel=1e-9)
        assert mine[at][1] == 63
    assert mine[56] == (None, 56)  # one return short
    assert mine[57][0] is not None


def test_beta_bears_a_few_holes_of_the_benchmark_and_says_how_many_are_left() -> None:
    closes, market = walks()
    index = index_of(closes)
    for day in (DAYS[560], DAYS[570], DAYS[580]):
        del market[day]
    slope, returns = beta(DAYS, index, market)[-1]
    assert slope is not None
    assert returns == 57
    del market[DAYS[590]]
    assert beta(DAYS, index, market)[-1] == (None, 55)
    assert beta(DAYS, index, {})[-1] == (None, 0)
    assert beta(DAYS, index, dict.fromkeys(DAYS, 10**8))[-1] == (None, 63)


def test_dispersion_by_hand() -> None:
    days = DAYS[:22]
    ends = {"A": 110, "B": 90, "C": 130}
    closes = {m: dict.fromkeys(days, 100) | {days[-1]: end} for m, end in ends.items()}
    # Returns +10%, −10%, +30%: mean 10%, squares 0, 4%², 4%²: √(0.08 / 2) = 20%.
    assert dispersion(closes, list(ends), days)[-1] == pytest.approx(0.2)
    del closes["C"][days[5]]
    assert dispersion(closes, list(ends), days)[-1] is None


def test_dispersion_is_that_of_pandas_at_each_day() -> None:
    closes, _ = walks()
    theirs = pd.DataFrame(closes).pct_change(21).std(axis=1, ddof=1)
    mine = dispersion(closes, NAMES, DAYS)
    assert mine[:21] == [None] * 21
    np.testing.assert_allclose([v for v in mine if v is not None], theirs[21:], rtol=1e-9)


def test_a_measure_is_ranked_among_504_and_only_from_252_on() -> None:
    series: list[float | None] = [float(n % 100) for n in range(600)]
    found = ranked(series, 599)
    past = [value for value in series[96:] if value is not None]
    assert (found.n, found.value, found.rank) == (504, 99.0, 1.0)
    assert found.low == pytest.approx(np.quantile(past, 0.05))
    assert found.median == pytest.approx(np.quantile(past, 0.5))
    assert found.high == pytest.approx(np.quantile(past, 0.95))
    young = ranked(series, 250)
    assert (young.n, young.rank) == (251, None)
    assert ranked(series, 251).rank is not None
    assert ranked([None] * 300, 299).value is None
    assert quantile([], 0.5) is None


def test_who_has_a_hole_or_did_not_move_is_left_out_by_name() -> None:
    closes, market = walks()
    whole = crowd(closes, market)
    del closes["A"][DAYS[-5]]
    closes["B"] = {day: close for day, close in closes["B"].items() if day >= DAYS[-10]}
    closes["F"] = dict.fromkeys(DAYS, 10**8)
    found = crowd(closes, market)
    assert found.left_out == (("A", 21), ("B", 10))
    assert found.still == ("F",)
    assert {m.symbol for m in found.members} == {"C", "D", "E"}
    assert found.correlation.value != whole.correlation.value


def test_the_last_day_is_one_on_which_three_members_have_closes() -> None:
    closes, market = walks()
    for name in NAMES[1:]:
        del closes[name][DAYS[-1]]
    found = crowd(closes, market)
    assert (found.day, found.days[-1]) == (DAYS[-2], DAYS[-2])
    assert len(found.days) == len(found.correlations) == 504


def test_two_stocks_or_three_weeks_are_no_crowd() -> None:
    closes, market = walks()
    two = {name: closes[name] for name in "AB"}
    assert measure(two, "AB", DAYS, index_of(two), market) is None
    assert measure(closes, NAMES, DAYS[:21], index_of(closes)[:21], market) is None
    assert measure({}, NAMES, [], [], {}) is None
