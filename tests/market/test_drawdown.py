"""Drawdown figures against hand-worked cases and an independent implementation."""

import math
from datetime import date, timedelta
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.calendar import NEW_YORK, session_close
from bot.market.drawdown import depth_ppm, measure, underwater
from bot.market.shipped import ShippedHistory

DAYS = [date(2024, 1, 1) + timedelta(days=i) for i in range(400)]
prices = st.lists(st.floats(0.5, 1000), min_size=1, max_size=80)


def test_a_fall_and_a_recovery_by_hand() -> None:
    closes = [100, 80, 100, 120, 90, 60, 84]
    found = measure(DAYS[:7], closes, None)
    assert found is not None
    assert (found.last, found.peak, found.peak_day) == (84, 120, DAYS[3])
    assert found.depth == pytest.approx(-0.3)
    assert found.gain_to_recover == pytest.approx(120 / 84 - 1)
    assert (found.trough, found.trough_day) == (60, DAYS[5])
    assert found.max_depth == pytest.approx(-0.5)
    assert found.max_recovery_day is None
    assert (found.days_under_water, found.sessions_under_water) == (3, 3)


def test_a_recovered_fall_names_the_first_close_back_at_the_peak() -> None:
    found = measure(DAYS[:6], [100, 70, 99, 100, 110, 109], None)
    assert found is not None
    assert found.max_depth == pytest.approx(-0.3)
    assert (found.max_trough_day, found.max_recovery_day) == (DAYS[1], DAYS[3])


@pytest.mark.parametrize(
    ("closes", "depth", "under"),
    [
        ([50.0], 0, 0),
        ([50.0, 50.0, 50.0], 0, 0),
        ([1.0, 2.0, 3.0], 0, 0),
        ([3.0, 2.0, 1.0], 1 / 3 - 1, 2),
    ],
    ids=["one bar", "flat", "rising only", "falling only"],
)
def test_plain_series(closes: list[float], depth: float, under: int) -> None:
    found = measure(DAYS[: len(closes)], closes, None)
    assert found is not None
    assert found.depth == pytest.approx(depth)
    assert found.sessions_under_water == under
    assert found.max_depth == pytest.approx(depth)


def test_gaps_are_left_out_and_counted() -> None:
    closes = [100.0, math.nan, None, math.inf, 0.0, -5.0, 90.0]
    found = measure(DAYS[:7], closes, None)
    assert found is not None
    assert (found.sessions, found.gaps) == (2, 5)
    assert found.depth == pytest.approx(-0.1)


def test_nothing_usable_is_unknown_not_zero() -> None:
    assert measure([], [], None) is None
    assert measure(DAYS[:2], [None, math.nan], 252) is None


def test_a_peak_outside_the_window_does_not_count() -> None:
    found = measure(DAYS[:4], [200, 100, 90, 95], 3)
    assert found is not None
    assert (found.peak, found.first_day) == (100, DAYS[1])


@given(prices, st.sampled_from([None, 1, 5, 21]))
def test_agrees_with_pandas(closes: list[float], window: int | None) -> None:
    found = measure(DAYS[: len(closes)], closes, window)
    assert found is not None
    series = pd.Series(closes, index=DAYS[: len(closes)])
    if window is not None:
        series = series.iloc[-window:]
    under = series / series.cummax() - 1
    assert found.depth == pytest.approx(float(under.iloc[-1]), abs=1e-12)
    assert found.max_depth == pytest.approx(float(under.min()), abs=1e-12)
    days, values, peaks = underwater(DAYS[: len(closes)], closes, window)
    assert days == list(series.index)
    assert values == list(series)
    assert peaks == list(series.cummax())


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(1, 999_999))
def test_a_level_is_reached_exactly_when_the_price_says_so(last: int, peak: int, ppm: int) -> None:
    reached = Fraction(last, peak) <= 1 - Fraction(ppm, 1_000_000)
    assert (depth_ppm(last, peak) <= -ppm) == reached


async def test_nvidia_on_27_january_2025() -> None:
    history = ShippedHistory()
    bars = await history.bars(["NVDA"], {}, session_close(NEW_YORK, date(2025, 1, 27)))
    found = measure([b.day for b in bars], [b.close / 1e6 for b in bars], 252)
    assert found is not None
    assert (found.last, found.peak, found.peak_day) == (118.42, 149.43, date(2025, 1, 6))
    assert round(found.depth, 4) == -0.2075
