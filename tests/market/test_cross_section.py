"""The test across a basket's members against numpy, and by the published formulas."""

import math
from datetime import date
from random import Random

import numpy as np
import pytest

from bot.market.cross_section import cross_section
from bot.market.event_study import study
from bot.market.market_model import Pair, pair_of, pair_up
from bot.market.shipped import load_baskets
from bot.model.study import TooLittleError
from tests.market.pairs import DAYS, SESSIONS, added, random_returns, scaled, shipped_closes
from tests.market.peers import stats

CRASH = date(2025, 1, 27)


def members(seed: int, number: int = 10, common: float = 0.0) -> list[Pair]:
    """Members with noise of their own and, by `common`, noise they share besides the market."""
    random = Random(seed)
    market, shared = random_returns(seed), random_returns(seed + 500, sigma=0.02)
    return [
        pair_of(
            f"S{one}",
            added(
                scaled(market, random.uniform(0.5, 2)),
                scaled(shared, common),
                random_returns(seed * 1000 + one, sigma=random.uniform(0.01, 0.04)),
            ),
            "^GSPC",
            market,
            DAYS,
        )
        for one in range(number)
    ]


@pytest.mark.parametrize("window", [(0, 0), (0, 5)])
async def test_the_ai_basket_on_27_january_2025_is_as_numpy_has_it(window: tuple[int, int]) -> None:
    names = load_baskets()["ai"].members
    closes = await shipped_closes([*names, "^GSPC"])
    pairs = [pair_up(one, closes[one], "^GSPC", closes["^GSPC"], SESSIONS) for one in names]
    found = cross_section(pairs, CRASH, window)
    zero = SESSIONS.index(CRASH)
    rows = slice(zero - 250, zero - 29)
    market = np.array(pairs[0].market[rows], dtype=float)
    returns = np.array([pair.returns[rows] for pair in pairs], dtype=float)
    design = np.column_stack([np.ones_like(market), market])
    residuals = returns.T - design @ np.linalg.lstsq(design, returns.T, rcond=None)[0]
    n = len(names)
    correlation = np.corrcoef(residuals.T)[np.triu_indices(n, 1)].mean()
    cars = np.array([study(pair, CRASH, window).last.car for pair in pairs])
    scaled_cars = cars / [study(pair, CRASH, window).last.car_se for pair in pairs]
    plain = stats().ttest_1samp(scaled_cars, 0).statistic
    adjusted = plain * math.sqrt((1 - correlation) / (1 + (n - 1) * correlation))
    assert (found.n, found.left_out) == (n, ())
    assert found.mean_car == pytest.approx(cars.mean(), rel=1e-9)
    assert found.correlation == pytest.approx(correlation, rel=1e-9)
    assert (found.unadjusted, found.statistic) == pytest.approx((plain, adjusted), rel=1e-9)
    assert found.p == pytest.approx(2 * stats().t.sf(abs(adjusted), n - 1), rel=1e-9)


def test_members_that_cannot_be_studied_are_named() -> None:
    pairs = members(1)
    new = [None if at < 250 else value for at, value in enumerate(pairs[0].returns)]
    pairs.append(pair_of("NEWCO", new, "^GSPC", pairs[0].market, DAYS))
    pairs.append(pair_of("^GSPC", pairs[0].market, "^GSPC", pairs[0].market, DAYS))
    found = cross_section(pairs, DAYS[300])
    assert found.n == 10
    reasons = dict(found.left_out)
    assert reasons.keys() == {"NEWCO", "^GSPC"}
    assert "21 daily returns" in reasons["NEWCO"]
    assert reasons["^GSPC"] == "^GSPC moves exactly as ^GSPC does."
    alone = cross_section(pairs[:10], DAYS[300])
    assert (found.statistic, found.p) == (alone.statistic, alone.p)


def test_gaps_are_left_out_of_a_correlation_pair_by_pair() -> None:
    pairs = members(2, common=1.0)
    gaps = [None if 100 <= at < 130 else value for at, value in enumerate(pairs[0].returns)]
    pairs[0] = pair_of("S0", gaps, "^GSPC", pairs[0].market, DAYS)
    found = cross_section(pairs, DAYS[300])
    assert found.n == 10
    assert 0.2 < found.correlation < 1


@pytest.mark.parametrize(("number", "can"), [(7, "7 stocks can"), (1, "1 stock can"), (0, "0 st")])
def test_it_needs_eight(number: int, can: str) -> None:
    with pytest.raises(TooLittleError, match=f"needs 8 of them; {can}"):
        cross_section(members(3, number), DAYS[300])
    assert cross_section(members(3, 8), DAYS[300]).n == 8


def test_members_that_are_one_and_the_same_are_refused() -> None:
    with pytest.raises(TooLittleError, match="told from one another"):
        cross_section(members(3, 1) * 8, DAYS[300])


def test_stocks_that_move_together_are_not_taken_for_that_many_witnesses() -> None:
    """Where nothing happened the adjusted test crosses its 5% limit about that often; the plain
    one, which takes members for independent, does so several times as often."""
    found = [cross_section(members(seed, common=1.0), DAYS[300], (0, 0)) for seed in range(100)]
    plain = [2 * stats().t.sf(abs(one.unadjusted), one.n - 1) for one in found]
    assert 0.01 < sum(one.p < 0.05 for one in found) / 100 < 0.10
    assert sum(p < 0.05 for p in plain) / 100 > 0.3
