"""A doubtful headline: does anybody else say so? Pure.

Who is doubtful waits. A list of models that has the name within 48 hours settles it, and so does
the lab itself; of those who only write about models two others are needed, each by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from bot.model.feed import Feed, Voice
from bot.model.wording import listing
from bot.releases.links import same_page
from bot.releases.same import likeness, overlap
from bot.releases.subject import RELEASE, WAITING, Told, names_of

# How long a doubtful headline waits, and how far apart what bears it out may be.
WAIT = timedelta(hours=48)
NEEDED = 2


class Outcome(StrEnum):
    """What becomes of a doubtful headline."""

    RELEASE = "release"
    WAIT = "wait"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, what decided in words, and who bore it out."""

    outcome: Outcome
    reason: str
    by: tuple[Told, ...] = ()


def weigh(
    doubtful: Told, others: Iterable[Told], feeds: Mapping[str, Feed], now: datetime
) -> Verdict:
    """What becomes of a doubtful headline, given what all feeds told."""
    listed, told = [], []
    for one in others:
        feed = feeds.get(one.feed)
        sure = one.state == RELEASE
        if feed is not None and feed.kind.structured and sure:
            listed.append(one)
        elif sure or one.state == WAITING:
            told.append(one)
    return _weigh(doubtful, listed, told, feeds, now)


def _weigh(
    doubtful: Told,
    listed: Iterable[Told],
    told: Iterable[Told],
    feeds: Mapping[str, Feed],
    now: datetime,
) -> Verdict:
    if names_of(doubtful):
        for one in listed:
            if _bears_out(doubtful, one):
                reason = f"{_title(one, feeds)} lists {_shown(one)}"
                return Verdict(Outcome.RELEASE, reason, (one,))
    voices = [one for one in told if _bears_out(doubtful, one)]
    for one in voices:
        if one.state == RELEASE or _is_lab(one, feeds):
            who = "the lab itself" if _is_lab(one, feeds) else _title(one, feeds)
            return Verdict(Outcome.RELEASE, f"{who} tells of {_shown(one)}", (one,))
    alone = _independent(doubtful, voices)
    needed = 1 if _is_lab(doubtful, feeds) else NEEDED
    if len(alone) >= needed:
        who = listing([_title(one, feeds) for one in alone])
        return Verdict(Outcome.RELEASE, f"{who} told of it too", tuple(alone))
    if abs(now - doubtful.seen_at) >= WAIT:  # either way: the clock may have been ahead
        return Verdict(Outcome.DROP, "nobody else told of it within 48 hours", tuple(alone))
    return Verdict(Outcome.WAIT, "waits for a second source", tuple(alone))


def concerns(doubtful: Told, new: Iterable[Told]) -> bool:
    """Whether any of these new ones may settle it; only time can, where none does."""
    return any(_bears_out(doubtful, one) for one in new)


def _bears_out(doubtful: Told, other: Told) -> bool:
    """Whether the other, from another feed and of these two days, means the same release."""
    if other.feed == doubtful.feed or abs(other.seen_at - doubtful.seen_at) > WAIT:
        return False
    return likeness(_as_release(doubtful), _as_release(other)).tie > 0


@dataclass(frozen=True, slots=True)
class _Taken:
    """A sighting, taken for a release to compare it as one."""

    feed: str
    lab: str
    model: str
    title: str
    url: str
    published_at: datetime | None
    seen_at: datetime
    state: str = RELEASE


def _as_release(one: Told) -> Told:
    # Both were just seen; what a feed says of its dates decides nothing here.
    return _Taken(one.feed, one.lab, one.model, one.title, one.url, None, one.seen_at)


def _independent(doubtful: Told, voices: Iterable[Told]) -> list[Told]:
    """One voice for all that share a link, a site or a title: they copy one another."""
    kept: list[Told] = []
    for one in voices:
        if not any(_copies(one, other) for other in (doubtful, *kept)):
            kept.append(one)
    return kept


def _copies(one: Told, other: Told) -> bool:
    page = same_page(one.url)
    return (
        one.feed == other.feed
        or bool(page and page == same_page(other.url))
        or bool(_site(one) and _site(one) == _site(other))
        or overlap(one.title, other.title) >= 0.75
    )


def _site(one: Told) -> str:
    try:
        return urlsplit(one.url).netloc.lower().removeprefix("www.")
    except ValueError:
        return ""


def _is_lab(one: Told, feeds: Mapping[str, Feed]) -> bool:
    feed = feeds.get(one.feed)
    return feed is not None and feed.voice is Voice.LAB and (not one.lab or feed.lab == one.lab)


def _title(one: Told, feeds: Mapping[str, Feed]) -> str:
    return feeds[one.feed].title if one.feed in feeds else "a list of models"


def _shown(one: Told) -> str:
    return one.model or f"“{one.title}”"
