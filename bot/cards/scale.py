"""The axis of a picture of quantities: from values to pixels, and round values along it. Pure."""

import math
from collections.abc import Sequence
from decimal import Decimal


class Scale:
    """From values to pixels between `left` and `right`: linear from zero, or by powers of ten from
    below the least. Values are not negative; `known` is False where there are none.
    """

    def __init__(self, values: Sequence[float], left: float, right: float, *, log: bool) -> None:
        above = [one for one in values if one > 0]
        self.left, self.right = left, right
        self.known, self.log = bool(above), log and bool(above)
        self.high = max(above, default=1.0)
        # The least has a bar too: a fifth of a power of ten, at least.
        self.low = 10 ** math.floor(math.log10(min(above)) - 0.2) if self.log else 0.0

    def x(self, value: float) -> float:
        """Where a value lies; what lies below the axis is at its beginning."""
        if value <= self.low:
            return self.left
        if self.log:
            part = math.log10(value / self.low) / math.log10(self.high / self.low)
        else:
            part = value / self.high
        return self.left + (self.right - self.left) * part

    def ticks(self) -> list[float]:
        """Round values along the axis, at most nine."""
        if self.log:
            first, last = round(math.log10(self.low)), math.floor(math.log10(self.high) + 1e-9)
            each = math.ceil((last - first + 1) / 9)
            return [10.0**power for power in range(first, last + 1, each)]
        whole = 10.0 ** math.floor(math.log10(self.high))
        step = whole * next(part for part in (0.2, 0.5, 1, 2) if self.high / (whole * part) <= 6)
        return [step * n for n in range(int(self.high / step * (1 + 1e-9)) + 1)]


def numbers(values: Sequence[float], *, log: bool = False) -> list[str]:
    """Round values as an axis has them, in one unit: "0.01", "2,000", "0.5M"."""
    top = max(values, default=0.0)
    return [_number(one, one if log else top) for one in values]


def _number(value: float, top: float) -> str:
    for unit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if top >= unit:
            return f"{value / unit:.6g}{letter}" if value else "0"
    if top >= 1000:
        return f"{value:,.0f}"
    return f"{Decimal(f'{value:.7g}'):f}"
