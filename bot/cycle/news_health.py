"""How a feed does after a look at it. Pure but for the records of storage."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.cycle.news_fetch import Look
from bot.releases.pace import Hours, after_failure, next_look
from bot.releases.seen import New
from storage.feeds import FeedState

# A feed of somebody's own choosing that failed so often, for so long, is switched off.
OFF_AFTER, OFF_AFTER_TIME = 10, timedelta(days=2)


def after_look(
    look: Look, new: New | None, now: datetime, hours: Hours, jitter: float
) -> FeedState:
    """What is kept of a feed now; `new` is None where it said that nothing has changed."""
    state = look.state
    interval = timedelta(seconds=state.feed.interval)
    if look.error:
        return _failed(look, interval, now, jitter)
    changed = state.changed_at
    detail = "; ".join(look.notes)
    if new is not None and new.fresh:
        changed = now
    if new is not None and new.shrunk:
        detail = "; ".join([new.shrunk, *look.notes])
    elif new is None and not state.failures:
        detail = state.detail  # what was noted of it still holds
    seeded = state.seeded_at or (now if new is not None and new.seeding else None)
    return replace(
        state,
        etag=look.etag,
        modified=look.modified,
        seeded_at=seeded,
        next_at=next_look(interval, state.feed.lab, changed, now, hours, jitter),
        ok_at=now,
        changed_at=changed,
        entries=state.entries if new is None else new.size,
        failures=0,
        failing_since=None,
        detail=detail,
    )


def _failed(look: Look, interval: timedelta, now: datetime, jitter: float) -> FeedState:
    state = look.state
    failures, since = state.failures + 1, state.failing_since or now
    off = bool(state.feed.owner) and failures >= OFF_AFTER and now - since >= OFF_AFTER_TIME
    return replace(
        state,
        next_at=after_failure(failures, interval, now, jitter, look.after),
        failures=failures,
        failing_since=since,
        detail=look.error,
        off_at=now if off else state.off_at,
    )
