"""The index of a basket: equal weight, rebalanced daily. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

START = 100.0


@dataclass(frozen=True, slots=True)
class BasketIndex:
    """One value per session, 100 at the first."""

    days: tuple[date, ...]
    values: tuple[float, ...]


def basket_index(
    closes: Mapping[str, Mapping[date, float]],
    members: Sequence[str],
    days: Sequence[date],
    until: Mapping[str, date] | None = None,
) -> BasketIndex:
    """The index over `days` (ascending) of `members`, from their `closes` by day.

    Each day's return is the mean over the members that are part of it. A member is part after its
    first close up to its last, or up to the day that `until` has for it. Where it has no close
    its last one is carried forward: it returns 0, and with its next close all of what it missed.
    Where no member is part, the value carries over.
    """
    sums, counts = [0.0] * len(days), [0] * (len(days) + 1)
    for member in members:
        known = closes.get(member, {})
        before, first, last, end = 0.0, -1, -1, (until or {}).get(member)
        for position, day in enumerate(days):
            close = known.get(day)
            if close is not None:
                if first < 0:
                    first = position
                else:
                    sums[position] += close / before - 1
                before, last = close, position
            elif first >= 0 and end is not None and day <= end:
                last = position
        if first >= 0:  # counted after its first close, and no more after its last
            counts[first + 1] += 1
            counts[last + 1] -= 1
    values: list[float] = []
    for total, count in zip(sums, accumulate(counts), strict=False):
        values.append(values[-1] * (1 + total / count if count else 1) if values else START)
    return BasketIndex(tuple(days), tuple(values))
