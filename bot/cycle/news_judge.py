"""What is to become of a new entry: a sighting, by what it was judged to be."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.feed import Entry, Feed, Judgement
from bot.releases.corroborate import WAIT
from bot.releases.names import family
from bot.releases.rumour import is_rumour
from bot.releases.seen import Marked
from storage.sightings import HELD, OTHER, RELEASE, RUMOUR, WAITING, Sighting

Judge = Callable[[Entry, Feed], Judgement]
# An entry that was published so long before the last look at its feed is an old one that the feed
# lists only now. Feeds give the first of the month, or of the day, so this has to be generous.
OLD = timedelta(days=45)
# A list of models that has so many new entries at once is not to be believed, whatever they are.
MOST_LISTED = 100
log = logging.getLogger(__name__)


def sighting(
    one: Marked,
    feed: Feed,
    judge: Judge,
    levels: tuple[float, float],
    before: datetime | None,
    now: datetime,
) -> Sighting:
    """The entry as judged; `levels` are from where it is doubtful and from where it is sure.

    `before` is when its feed was last read.
    """
    entry = one.entry
    found = _judgement(entry, feed, judge)
    state, reason = _state(found, levels)
    if state in (RELEASE, WAITING) and not (found.lab and found.model):
        state, reason = OTHER, f"no lab or no model is named; {reason}"
    if (
        state in (RELEASE, WAITING)
        and entry.published is not None
        and before is not None
        and entry.published < before - OLD
    ):
        day = entry.published.date().isoformat()
        state, reason = OTHER, f"it is of {day}, and the feed lists it only now; {reason}"
    given = dict(entry.given)
    if found.open_weights is not None:
        given["open_weights"] = found.open_weights
    return Sighting(
        feed=feed.key,
        digest=one.digest,
        title=entry.title,
        summary=entry.summary,
        url=entry.url,
        published_at=entry.published,
        seen_at=now,
        state=state,
        lab=found.lab,
        model=found.model,
        kind=found.kind,
        confidence=found.confidence,
        reason=reason,
        words=found.words,
        given=given,
        until=now + WAIT if state == WAITING else None,
    )


def _judgement(entry: Entry, feed: Feed, judge: Judge) -> Judgement:
    try:
        return judge(entry, feed)
    except Exception:  # whatever one entry holds, the others are told
        log.exception("an entry of %s could not be judged: %.200r", feed.key, entry.title)
        return Judgement(False, 1.0, "it could not be judged; the log says why")


def subjects(feed: Feed, found: Sequence[Sighting]) -> int:
    """How many things new entries speak of: a list of models has each size of one by itself."""
    if not feed.kind.structured or len(found) > MOST_LISTED:
        return len(found)
    return len({(one.lab, family(one.lab, one.model)) for one in found if one.state != OTHER})


def hold(one: Sighting) -> Sighting:
    """The sighting as one of too many at once.

    One that would not have been told as it is says nothing when many come.
    """
    if one.state == OTHER:
        return one
    state = HELD if one.state == RELEASE else OTHER
    reason = f"one of too many new entries at once; {one.reason}"
    return replace(one, state=state, reason=reason, until=None)


def _state(found: Judgement, levels: tuple[float, float]) -> tuple[str, str]:
    doubtful, sure = levels
    if is_rumour(found):
        named = bool(found.lab and found.model)
        return (RUMOUR if named else OTHER), found.reason
    if found.chance >= sure:
        return RELEASE, found.reason
    return (WAITING if found.chance >= doubtful else OTHER), found.reason
