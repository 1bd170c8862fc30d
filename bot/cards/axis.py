"""Where an axis has its ticks, and how they read. Pure."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from bot.model.wording import MINUS

MOST_TICKS = 7
MOST_DATES = 9
# Over fewer days than this, ticks are days; over more, beginnings of months.
LONG = timedelta(days=70)


def linear_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round figures from `low` to `high`, some `about` of them, evenly spaced."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= rough * 0.999)
    return [
        n * step for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    ]


def log_ticks(low: float, high: float) -> list[float]:
    """Round figures for a logarithmic axis: 1, 2, 5, 10 …, or only powers of ten where those are
    enough; those of a linear axis where the range is too narrow for three.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for parts in ((1, 2, 5), (1, 3), (1,)):
        ticks = [
            part * 10.0**power for power in range(first, last + 1) for part in parts
        ]  # fmt: skip
        found = [tick for tick in ticks if low <= tick <= high]
        if len(found) < 3:
            return linear_ticks(low, high)
        if len(found) <= MOST_TICKS:
            return found
    return found[:: -(-len(found) // MOST_TICKS)]


def tick_labels(ticks: Sequence[float], unit: str) -> list[str]:
    """Ticks as they read in `unit`: "$0.50", "−5%", "1,200"; just the decimals that they need."""
    decimals = max((_decimals(tick) for tick in ticks), default=0)
    even = len({round(b - a, 9) for a, b in pairwise(ticks)}) <= 1
    if unit.startswith("USD") and even:
        decimals = decimals if decimals in (0, 3, 4) else max(decimals, 2)
    return [in_unit(tick, unit, decimals if even else _own(tick, unit)) for tick in ticks]


def in_unit(value: float, unit: str, decimals: int) -> str:
    """A value in `unit`, with a true minus."""
    text = f"{abs(value):,.{decimals}f}"
    if unit.startswith("USD"):
        text = f"${text}"
    elif unit.startswith("%"):
        text = f"{text}%"
    return (MINUS if value < 0 and any(c in "123456789" for c in text) else "") + text


def _own(tick: float, unit: str) -> int:
    decimals = _decimals(tick)
    return max(decimals, 2) if decimals and unit.startswith("USD") else decimals


def _decimals(value: float) -> int:
    return next((n for n in range(9) if math.isclose(value, round(value, n), abs_tol=1e-12)), 9)


def value_label(value: float, unit: str) -> str:
    """A value beside its line: three figures of a price under a dollar, one decimal of percent."""
    if unit.startswith("USD"):
        size = abs(value)
        places = 2 if size >= 1 or not size else max(3, 1 - math.floor(math.log10(size)))
        text = in_unit(value, unit, places)
        return text[:-1] if places > 2 and text.endswith("0") else text
    if unit.startswith("%"):
        return ("+" if round(value, 1) > 0 else "") + in_unit(value, unit, 1)
    return in_unit(value, unit, 0 if abs(value) >= 1000 else 2)


def date_ticks(start: date, end: date) -> list[tuple[date, str]]:
    """At most nine days from `start` to `end` with their words; the year where it changes."""
    if end - start <= LONG:
        whole = (end - start).days
        step = max(-(-(whole + 1) // MOST_DATES), 1)
        days = [start + timedelta(days=n) for n in range(0, whole + 1, step)]
    else:
        first, last = _month(start) + (start.day > 1), _month(end)
        step = next(
            one for one in (1, 2, 3, 6, 12, 24, 60, 120) if (last - first) // one < MOST_DATES
        )
        months = [month for month in range(first, last + 1) if month % step == 0]
        days = [date(month // 12, month % 12 + 1, 1) for month in months]
    found, year = [], None
    for day in days:
        word = f"{day.day} {day:%b}" if end - start <= LONG else f"{day:%b}"
        found.append((day, word if day.year == year else f"{word}\n{day.year}"))
        year = day.year
    return found


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1
