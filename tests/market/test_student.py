"""Student's t against SciPy, and against the tables people have in their books."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.student import two_sided_p, two_sided_quantile
from tests.market.peers import stats

# Nearer to 0 SciPy's own figure is not so exact: the square of t is lost beside the df.
NEAREST = 1e-4


@settings(deadline=None)
@given(st.floats(-60, 60).filter(lambda t: abs(t) >= NEAREST), st.integers(1, 400))
def test_p_is_scipys(t: float, df: int) -> None:
    assert two_sided_p(t, df) == pytest.approx(2 * float(stats().t.sf(abs(t), df)), rel=1e-11)


@pytest.mark.parametrize("df", [1, 2, 7, 39, 40, 41, 119, 219, 1000])
def test_p_is_scipys_to_twelve_digits(df: int) -> None:
    for t in [0.0, 1e-4, 0.01, 0.5, 1, 1.96, 2.5, 4.94, 10]:
        assert two_sided_p(t, df) == pytest.approx(2 * float(stats().t.sf(t, df)), rel=1e-12)


@settings(deadline=None)
@given(st.floats(-NEAREST, NEAREST))
def test_p_near_nought_is_as_by_hand(t: float) -> None:
    assert two_sided_p(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(abs(t)), rel=1e-14)
    assert two_sided_p(t, 2) == pytest.approx(1 - abs(t) / math.sqrt(2 + t * t), rel=1e-14)


@settings(deadline=None)
@given(st.floats(1e-6, 0.999), st.integers(1, 400))
def test_the_quantile_is_scipys_and_undoes_p(p: float, df: int) -> None:
    t = two_sided_quantile(p, df)
    assert t == pytest.approx(float(stats().t.isf(p / 2, df)), rel=1e-9)
    assert two_sided_p(t, df) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(
    ("df", "printed"), [(1, 12.706), (7, 2.365), (30, 2.042), (120, 1.980)]
)  # fmt: skip
def test_the_quantile_is_that_of_printed_tables(df: int, printed: float) -> None:
    assert round(two_sided_quantile(0.05, df), 3) == printed


def test_ends() -> None:
    assert two_sided_p(0, 219) == 1
    assert two_sided_p(math.inf, 219) == 0
    assert two_sided_p(-3, 10) == two_sided_p(3, 10)
    with pytest.raises(ValueError, match="degrees"):
        two_sided_p(1, 0)
    with pytest.raises(ValueError, match="between"):
        two_sided_quantile(0, 10)
