"""Base rates, reactions to releases, days of the whole market."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from statistics import fmean, stdev

import numpy as np
import pytest

from bot.market.base_rates import base_rate
from bot.market.event_study import study
from bot.market.market_model import Pair, pair_of
from bot.market.reactions import reactions
from bot.market.rivals import market_days
from bot.model.release import Release

FIRST = date(2024, 1, 1)


def test_the_median_and_the_middle_half() -> None:
    cars = [-0.09, 0.01, 0.02, -0.01, 0.05, 0.0]
    rate = base_rate(cars)
    assert rate is not None
    low, middle, high = np.percentile(cars, [25, 50, 75])
    assert rate.n == 6
    assert [rate.low, rate.median, rate.high] == pytest.approx([low, middle, high])


@pytest.mark.parametrize("n", range(5))
def test_of_fewer_than_five_nothing_is_said(n: int) -> None:
    assert base_rate([0.01] * n) is None


def pair(sessions: int = 400) -> Pair:
    """Made-up returns on weekdays, 1 January 2024 among them."""
    random = Random(3)
    days = [
        day for day in (FIRST + timedelta(days=n) for n in range(2 * sessions)) if day.weekday() < 5
    ][:sessions]
    market = [random.gauss(0, 0.01) for _ in days]
    returns = [1.5 * x + random.gauss(0, 0.005) for x in market]
    return pair_of("XYZ", returns, "^GSPC", market, days)


def released(day: date, model: str = "M") -> Release:
    """A release of that day."""
    known = datetime.combine(day, time(), UTC)
    return Release(f"lab/{model}/{day}", "lab", model, "language", day, known, True, "test")


def test_releases_that_share_a_session_are_one_reaction() -> None:
    prices = pair()
    friday = date(2025, 3, 7)
    several = [
        released(friday + timedelta(days=2), "Sunday's"),
        released(friday + timedelta(days=3), "Monday's"),
        released(friday, "Friday's"),
        released(date(2024, 2, 1), "too early"),
        released(prices.sessions[-2], "too late"),
        released(prices.sessions[-1] + timedelta(days=9), "yet to come"),
    ]
    found = reactions(prices, several, (0, 5))
    assert [[each.model for each in one.releases] for one in found.found] == [
        ["Friday's"],
        ["Sunday's", "Monday's"],
    ]
    assert found.left_out == 3
    monday = study(prices, friday + timedelta(days=3), (0, 5))
    assert found.found[1].car == monday.last.car
    assert found.found[0].overlaps(monday)
    assert not found.found[0].overlaps(study(prices, friday + timedelta(days=10), (0, 5)))


def test_the_market_beyond_two_standard_deviations() -> None:
    before = [0.01, -0.01, 0.02, -0.02, 0.0]
    usual, mean = stdev(before), fmean(before)
    far, near = mean - 2.01 * usual, mean + 1.99 * usual
    found = market_days([(FIRST, far), (date(2024, 1, 2), near)], before)
    assert [(one.day, one.ret) for one in found] == [(FIRST, far)]
    assert found[0].usual == pytest.approx(usual)
    assert market_days([(FIRST, 1.0)], [0.01]) == []
