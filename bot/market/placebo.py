"""A placebo: the same statistic where nothing in particular happened. Pure.

A t asks how unusual a move would be if returns were normal, and they are not. The placebo asks
the past: of all other sessions, fitted each by its own estimation window, how many had a CAR as
large. Their windows overlap one another, so `n` sessions are fewer than `n` independent draws.
"""

from bisect import bisect_left
from dataclasses import dataclass

from bot.market.market_model import Pair, fit
from bot.model.study import Placebo, Study

# With fewer, a share would be coarser than one in a hundred.
FEWEST = 100


@dataclass(frozen=True, slots=True)
class Past:
    """The CAR over `window` from every session of `pair` that has one.

    `cars` has an entry per session, None where the model or a return is missing; `sizes` are their
    absolute values, ascending.
    """

    pair: Pair
    window: tuple[int, int]
    cars: tuple[float | None, ...]
    sizes: tuple[float, ...]


def past(pair: Pair, window: tuple[int, int]) -> Past:
    """The past of a pair, once for all events: each session costs one fit by running totals."""
    length = window[1] - window[0] + 1
    cars: list[float | None] = []
    for zero in range(len(pair.sessions)):
        begin, end = zero + window[0], zero + window[1] + 1
        inside = begin >= 0 and end <= len(pair.sessions)
        line = fit(pair, zero) if inside else None
        if line is None:
            cars.append(None)
            continue
        there, x, y, *_squares = pair.sums(begin, end)
        if there < length:
            cars.append(None)
            continue
        market, ret = x + length * pair.centre[0], y + length * pair.centre[1]
        cars.append(ret - length * line.alpha - line.beta * market)
    sizes = sorted(abs(car) for car in cars if car is not None)
    return Past(pair, window, tuple(cars), tuple(sizes))


def placebo(before: Past, found: Study) -> Placebo | None:
    """How `found`'s CAR ranks among those of all other sessions that are over, before and after
    it, whose windows do not overlap its own; None with fewer than 100 of them.

    ValueError where `before` is another pair's, or of another window than is over of `found`'s.
    """
    pair, window = before.pair, (found.window[0], found.last.offset)
    if (pair.target, pair.benchmark, before.window) != (found.target, found.benchmark, window):
        raise ValueError(f"a placebo of {found.target} over {window} needs its own past")
    zero = bisect_left(pair.sessions, found.zero)
    length = window[1] - window[0] + 1
    near = [
        abs(car)
        for car in before.cars[max(0, zero - length + 1) : zero + length]
        if car is not None
    ]
    n = len(before.sizes) - len(near)
    if n < FEWEST:
        return None
    size = abs(found.last.car)
    as_large = len(before.sizes) - bisect_left(before.sizes, size)
    return Placebo(n, (as_large - sum(one >= size for one in near)) / n)
