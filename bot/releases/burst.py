"""Are these too many new entries at once to be news? Pure."""

from datetime import timedelta

# So many at once are never too many.
FEW = 8
# More than so many times what usually comes in the time between two looks is too many.
TIMES = 4
# So many a day a feed may always have: perhaps it has not been asked for weeks.
A_DAY = 1.0
_DAY = timedelta(days=1)


def bound(per_day: float, pause: timedelta) -> int:
    """How many new entries are let through, `pause` after the look before."""
    days = max(pause / _DAY, 0.0)
    return max(FEW, int(max(TIMES * per_day, A_DAY) * days))


def too_many(count: int, per_day: float, pause: timedelta) -> bool:
    """Whether `count` new entries are held, in a feed that has `per_day` usually."""
    return count > bound(per_day, pause)
