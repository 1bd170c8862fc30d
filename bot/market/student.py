"""Student's t distribution: two-sided p and its quantile. Pure.

SciPy has both, but would add 100 MB to an installation for these two numbers; the tests hold them
against it. The method is the regularised incomplete beta function by Lentz's continued fraction
(Press et al., "Numerical Recipes", 3rd ed., 6.4; Abramowitz and Stegun 26.5.8, 26.7.1).
"""

import math
from functools import lru_cache

_TINY = 1e-300
_CLOSE = 1e-16
_MOST_STEPS = 10_000
# From here on, the logarithm of a quotient of gamma functions comes from its asymptotic series.
_LARGE = 20.0


def two_sided_p(t: float, df: float) -> float:
    """The chance of a |t| at least as large where there is no effect, with `df` > 0 degrees."""
    if df <= 0:
        raise ValueError("degrees of freedom are positive")
    square = t * t
    if math.isinf(square):
        return 0.0
    return _incomplete_beta(df / (df + square), square / (df + square), df / 2, 0.5)


@lru_cache(maxsize=4096)
def two_sided_quantile(p: float, df: float) -> float:
    """The t that |t| exceeds with chance `p` (0 < p < 1): 0.05 gives the half-width of 95%."""
    if not 0 < p < 1:
        raise ValueError("p is between 0 and 1")
    low, high = 0.0, 1.0
    while two_sided_p(high, df) > p:
        low, high = high, high * 2
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        if two_sided_p(middle, df) > p:
            low = middle
        else:
            high = middle


def _incomplete_beta(x: float, rest: float, a: float, b: float) -> float:
    """I_x(a, b); `rest` is 1 − x, given apart because it may be too small to come by."""
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(a * math.log(x) + b * math.log(rest) - _log_beta(a, b))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(rest, b, a) / b


def _log_beta(a: float, b: float) -> float:
    """ln B(a, b) for b = 1/2: the difference of two large logarithms would lose digits."""
    return math.lgamma(b) - _log_gamma_step(a, b)


def _log_gamma_step(a: float, b: float) -> float:
    """ln Γ(a + b) − ln Γ(a)."""
    if a < _LARGE:
        return math.lgamma(a + b) - math.lgamma(a)
    return (a - 0.5) * math.log1p(b / a) + b * math.log(a + b) - b + _stirling(a + b) - _stirling(a)


def _stirling(z: float) -> float:
    """What Stirling's formula leaves of ln Γ(z): 1/(12 z) − 1/(360 z³) + …"""
    square = z * z
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / z


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of I_x(a, b), by Lentz's method as modified by Thompson."""
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > _TINY else _TINY)
    value = d
    for m in range(1, _MOST_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        step = 1.0
        for term in (even, odd):
            d = 1 + term * d
            c = 1 + term / c
            d = 1 / (d if abs(d) > _TINY else _TINY)
            c = c if abs(c) > _TINY else _TINY
            step = d * c
            value *= step
        if abs(step - 1) < _CLOSE:
            break
    return value
