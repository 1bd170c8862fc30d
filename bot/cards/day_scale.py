"""From days and values to pixels, on a linear or a logarithmic axis. Pure."""

import math
from dataclasses import dataclass
from datetime import date

from bot.model.card import LinesChart

# Where a panel lies in the picture, in pixels; its top depends on what stands above.
LEFT, RIGHT, BOTTOM = 76.0, 824.0, 66.0


@dataclass(frozen=True, slots=True)
class Scale:
    """`first` to `last` lie from `LEFT` to `RIGHT`, `low` to `high` from `BOTTOM` to `top`."""

    first: date
    last: date
    low: float
    high: float
    log: bool
    top: float

    def x(self, when: date) -> float:
        """A day's place; a single day is in the middle."""
        whole = (self.last - self.first).days
        if not whole:
            return (LEFT + RIGHT) / 2
        return LEFT + (RIGHT - LEFT) * (when - self.first).days / whole

    def y(self, value: float) -> float:
        """A value's height; `shows` says whether it has one."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return BOTTOM + (self.top - BOTTOM) * (value - low) / (high - low)

    def shows(self, value: float | None) -> bool:
        """Whether there is a height for it: a logarithmic axis has none for 0 and below."""
        return value is not None and math.isfinite(value) and (value > 0 or not self.log)


def fitting(chart: LinesChart, span: tuple[date, date], top: float) -> Scale:
    """All values and bands, with room above and below."""
    values = [
        value
        for line in chart.lines
        for value in (*line.values, *(edge for band in line.band for edge in band))
        if value is not None and math.isfinite(value) and (value > 0 or not chart.log)
    ] or [1.0]
    low, high = min(values), max(values)
    if chart.log:
        # A narrow range is widened: a flat line does not lie on the edge.
        room = max((high / low) ** 0.12, 1.25)
        return Scale(*span, low / room, high * room, log=True, top=top)
    room = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    floor = 0.0 if 0 <= low < room * 3 and high > 0 else low - room
    return Scale(*span, floor, high + room, log=False, top=top)
