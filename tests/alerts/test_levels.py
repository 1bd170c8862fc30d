"""When a level fires and re-arms."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.levels import fold, step
from bot.model.level import RECOVERIES, Change, LevelState, Reading

DAY = date(2025, 1, 1)
CLOSES = 5


def reading(depth: float, day: int = 0, peak: int = -1, first: int = -200) -> Reading:
    """A reading of `depth` percent on the day numbered `day`."""
    on, at, start = (DAY + timedelta(days=offset) for offset in (day, peak, first))
    return Reading(round(depth * 10_000), on, at, start)


def changes(depths: list[float], level: int = 100_000, band: int = 20_000) -> list[Change]:
    """What each close of a series of depths does to one level."""
    state, found = LevelState(level, band), []
    for day, depth in enumerate(depths):
        peak = day if depth == 0 else -1
        state, change = step(state, reading(depth, day, peak), CLOSES)
        found.append(change)
    return found


@pytest.mark.parametrize(
    ("depths", "fired"),
    [
        ([-9.9999, -10], [1]),
        ([-10, -9, -10.5, -9.5, -11, -9.2, -10.1], [0]),
        ([-10, -7, -7, -7, -7, -10], [0]),
        ([-10, -7, -7, -7, -7, -8, -10], [0, 6]),
        ([-10, -7, -7, -7, -8.1, -7, -7, -10], [0]),
        ([-10, 0, -10], [0, 2]),
        ([-25], [0]),
        ([-5, -5, -5], []),
    ],
    ids=[
        "exactly at the level", "oscillating", "four closes above", "five closes above",
        "count interrupted", "new peak", "gap through the level", "never reached",
    ],
)  # fmt: skip
def test_a_level_fires_once(depths: list[float], fired: list[int]) -> None:
    found = changes(depths)
    assert [i for i, change in enumerate(found) if change is Change.FIRED] == fired


@given(st.lists(st.floats(-11.9, -8.1), min_size=2, max_size=60))
def test_oscillation_inside_the_band_gives_one_alert(depths: list[float]) -> None:
    assert changes([-10.5, *depths]).count(Change.FIRED) == 1


def test_a_close_is_counted_once_however_often_it_is_polled() -> None:
    state = LevelState(100_000, 20_000, armed=False, peak_day=DAY)
    for _poll in range(9):
        state, _change = step(state, reading(-5, 1), CLOSES)
    assert (state.closes, state.armed) == (1, False)


def test_a_price_during_the_session_fires_but_never_re_arms() -> None:
    low = Reading(-110_000, DAY, DAY - timedelta(days=9), DAY - timedelta(days=99), final=False)
    assert step(LevelState(100_000, 20_000), low, CLOSES)[1] is Change.FIRED
    high = Reading(0, DAY, DAY, DAY - timedelta(days=99), final=False)
    beyond = LevelState(100_000, 20_000, armed=False)
    assert step(beyond, high, CLOSES) == (beyond, Change.NONE)


def test_a_peak_that_left_the_window_is_no_recovery() -> None:
    state = LevelState(100_000, 20_000, armed=False, peak_day=DAY)
    gone = reading(-3, 300, peak=250, first=50)
    assert step(state, gone, CLOSES)[1] is Change.REARMED_SILENTLY
    still_deep = reading(-9, 300, peak=250, first=50)
    assert step(state, still_deep, CLOSES)[1] is Change.NONE


def test_a_level_within_the_band_re_arms_at_the_peak_only() -> None:
    assert (
        changes([-1, -0.5, -0.5, -0.5, -0.5, -0.5, -0.5, -1], level=10_000).count(Change.FIRED) == 1
    )
    assert changes([-1, 0, -1], level=10_000).count(Change.FIRED) == 2


def test_folding_equals_stepping() -> None:
    depths = [0, -6, -11, -16, -7, -3, -3, -3, -3, -3, 0, -12]
    readings = [reading(d, i, i if d == 0 else 0) for i, d in enumerate(depths)]
    (five, ten, fifteen) = fold(
        ((50_000, 20_000), (100_000, 20_000), (150_000, 20_000)), readings, CLOSES
    )
    assert next(c for _r, c in five[1]) is Change.FIRED
    assert [r.day for r, c in ten[1] if c is Change.FIRED] == [readings[2].day, readings[11].day]
    assert any(c in RECOVERIES for _r, c in fifteen[1])
    assert (five[0].armed, ten[0].armed, fifteen[0].armed) == (False, False, True)


@given(
    st.booleans(), st.integers(0, 4), st.integers(-300_000, 0), st.integers(1, 30),
    st.integers(0, 3),
)  # fmt: skip
def test_what_the_range_query_leaves_out_would_not_change(
    armed: bool, closes: int, depth: int, level: int, band: int
) -> None:
    state = LevelState(level * 10_000, band * 10_000, armed, 0 if armed else closes, None, DAY)
    candidate = depth <= state.next_at if armed else depth >= state.next_at
    after = step(state, Reading(depth, DAY, DAY - timedelta(1), DAY - timedelta(200)), CLOSES)
    assert candidate or after == (state, Change.NONE)
