"""When to try a message again, and when to stop trying a receiver. Pure."""

from datetime import datetime, timedelta

PERMANENT_FAILURES = 3
OVER_AT_LEAST = timedelta(minutes=10)


def retry_after(attempts: int, first: timedelta, longest: timedelta, jitter: float) -> timedelta:
    """The pause before the next try: doubling from `first` to `longest`.

    `attempts` counts tries before the one that failed; `jitter` in [0, 1) spreads receivers
    that failed together over the upper half of the pause.
    """
    pause = min(first * 2.0 ** min(attempts, 32), longest)
    return pause * (0.5 + jitter / 2)


def should_disable(failures: int, failing_since: datetime | None, now: datetime) -> bool:
    """Whether a receiver that refused `failures` times in a row is given up for now."""
    if failures < PERMANENT_FAILURES or failing_since is None:
        return False
    return now - failing_since >= OVER_AT_LEAST
