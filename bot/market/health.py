"""When a source that failed may be asked again. Pure."""

from datetime import datetime, timedelta

from bot.model.trust import Health

FIRST, LONGEST = timedelta(seconds=60), timedelta(minutes=30)


def after_success(health: Health, now: datetime) -> Health:
    """It answered."""
    return Health(health.source, ok_at=now)


def after_failure(health: Health, now: datetime, detail: str, jitter: float) -> Health:
    """It failed: the pause doubles from a minute to half an hour; `jitter` in [0, 1)."""
    pause = min(FIRST * 2.0 ** min(health.failures, 16), LONGEST) * (0.75 + jitter / 2)
    return Health(
        health.source,
        health.ok_at,
        health.failures + 1,
        health.failing_since or now,
        now + pause,
        detail,
    )


def of_stream(health: Health, now: datetime, problem: str, *, works: bool) -> Health:
    """How a stream does: prices come, or there is a problem, or (neither) nobody listens.

    It comes back by itself, so it is given no pause.
    """
    if works:
        return Health(health.source, ok_at=now)
    if not problem:
        return Health(health.source, health.ok_at)
    since = health.failing_since or now
    return Health(health.source, health.ok_at, health.failures + 1, since, None, problem)
