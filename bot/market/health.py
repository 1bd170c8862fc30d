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
