"""The index of a basket: equal weight, rebalanced daily. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

START = 100.0


@dataclass(frozen=True, slots=True)
class BasketIndex:
    """One value per session, 100 at the first."""

    days: tuple[date, ...]
    values: tuple[float, ...]


def basket_index(
    closes: Mapping[str, Mapping[date, float]], members: Sequence[str], days: Sequence[date]
) -> BasketIndex:
    """The index over `days` (ascending) of `members`, from their `closes` by day.

    Each day's return is the mean over the members with a close on that day and on the session
    before it; where there is none, the value carries over.
    """
    values: list[float] = []
    for position, day in enumerate(days):
        if position == 0:
            values.append(START)
            continue
        before = days[position - 1]
        returns = [
            closes[member][day] / closes[member][before] - 1
            for member in members
            if member in closes and day in closes[member] and before in closes[member]
        ]
        mean = sum(returns) / len(returns) if returns else 0.0
        values.append(values[-1] * (1 + mean))
    return BasketIndex(tuple(days), tuple(values))
