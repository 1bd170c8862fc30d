"""Volatility, correlation and ranks against numpy and pandas; highs and moves by hand."""

import math
from datetime import date, timedelta
from random import Random

import numpy as np
import pandas as pd
import pytest

from bot.market.trend import (
    above_high_ppm,
    below_low_ppm,
    crowding,
    move_ppm,
    percentiles,
    volatility,
)

RANDOM = Random(7)
DAYS = [date(2022, 1, 3) + timedelta(days=n) for n in range(600)]


def walk() -> list[int]:
    """600 closes of a random walk, in millionths."""
    value, found = 100.0, []
    for _day in DAYS:
        value *= 1 + RANDOM.gauss(0, 0.02)
        found.append(round(value * 1e6))
    return found


def test_volatility_is_that_of_pandas() -> None:
    values = walk()
    mine = volatility(values)
    logs = pd.Series(np.log(np.array(values, dtype=float))).diff()
    theirs = logs.rolling(21).std(ddof=1) * math.sqrt(252)
    assert mine[:21] == [None] * 21
    np.testing.assert_allclose([v for v in mine if v is not None], theirs[21:], rtol=1e-9)


def test_crowding_is_the_mean_of_numpys_correlations() -> None:
    frames = {name: dict(zip(DAYS, walk(), strict=True)) for name in "ABCD"}
    mine = crowding(frames, list("ABCD"), DAYS)
    returns = pd.DataFrame(frames).pct_change().iloc[1:]
    for at in (21, 100, 599):
        matrix = np.corrcoef(returns.iloc[at - 21 : at].to_numpy().T)
        expected = matrix[np.triu_indices(4, 1)].mean()
        assert mine[at] == pytest.approx(expected, rel=1e-9)


def test_crowding_needs_three_members_that_trade_and_move() -> None:
    frames = {name: dict(zip(DAYS, walk(), strict=True)) for name in "AB"}
    frames["C"] = dict.fromkeys(DAYS, 100)
    assert set(crowding(frames, list("ABC"), DAYS)) == {None}


def test_ranks_are_among_two_years_and_need_one() -> None:
    ranks = percentiles([float(n) for n in range(600)])
    assert ranks[250] is None
    assert ranks[251] == 1_000_000
    falling = percentiles([float(-n) for n in range(600)])
    assert falling[599] == 1_000_000 // 504


@pytest.mark.parametrize(
    ("last", "before", "move"), [(95, 100, -50_000), (105, 100, 50_000), (100, 100, 0)]
)
def test_moves(last: int, before: int, move: int) -> None:
    assert move_ppm(last, before) == move


def test_a_high_must_be_higher_and_a_low_lower() -> None:
    assert above_high_ppm(10**9, [10**9]) == 0
    assert above_high_ppm(10**9 + 1, [10**9]) == 1  # by a billionth: still a new high
    assert above_high_ppm(98, [100, 99]) == -20_000
    assert below_low_ppm(10**9 - 1, [10**9]) == 1
    assert below_low_ppm(102, [100, 110]) == -20_000
