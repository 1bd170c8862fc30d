"""One story, one message: what a receiver is told of a fall, and when. Pure.

A story is one receiver's view of one basket or lone symbol, open from its first alert to its
recovery. Its first message is a post; a deeper level is a reply; its recovery edits the post.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.model.story import NOTHING, Reason, Story


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a first message waits for company, and replies keep apart."""

    group_wait: timedelta
    reply_gap: timedelta


@dataclass(frozen=True, slots=True)
class Behind:
    """A subscription behind a level (ppm) that has fired and not re-armed.

    `holds` says whether the last reading is at the level or beyond; `repeat` how often it asked
    to be told again meanwhile; `silenced_until` until when it is silenced by its number.
    """

    subscription: int
    level: int
    holds: bool = True
    repeat: timedelta | None = None
    silenced_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What a story that is due comes to: its state once done, why, and for which subscriptions.

    `level` is the one to tell; `by` is empty where nothing is to be told.
    """

    state: Story
    reason: Reason
    level: int
    by: tuple[Behind, ...] = ()


def on_fired(
    story: Story | None, level: int, now: datetime, timing: Timing, *, held: bool = False
) -> tuple[Story, Reason]:
    """The receiver's story after `level` (ppm) fired.

    One that is `held`, or waits for long, is judged again: what it waits for may not concern
    this level.
    """
    if story is None:
        return Story(level, NOTHING, None, now + timing.group_wait), Reason.FIRST
    deepest = max(story.level, level)
    if deepest <= story.told_level:
        return replace(story, level=deepest), Reason.SAME
    soon = now + max(timing.group_wait, timing.reply_gap)
    waiting = story.due_at is not None and story.due_at <= soon
    if waiting and story.level > story.told_level and not held:
        return replace(story, level=deepest), Reason.WAITING
    # A due moment left now is that of a repeat or a hold, and neither keeps deeper news waiting.
    due = now if story.told_at is None else max(now, story.told_at + timing.reply_gap)
    return replace(story, level=deepest, due_at=due), Reason.DEEPER


def on_rearmed(story: Story, still_beyond: Sequence[int]) -> Story:
    """The story after levels re-armed; `still_beyond` are those that have not (ppm).

    A level that re-armed may be told again, so what counts as told shrinks to what still holds.
    Its due moment stays: it may be that of a repeat.
    """
    level = max(still_beyond, default=NOTHING)
    told = max((beyond for beyond in still_beyond if beyond <= story.told_level), default=NOTHING)
    return replace(story, level=level, told_level=told)


def on_due(story: Story, now: datetime, behind: Sequence[Behind]) -> Due:
    """What to do with a story that is due: tell it, say it again, or wait for a silence to end.

    It is told by the subscriptions that are not silenced, at the deepest of their levels; said
    again only while the reading is at the level or beyond.
    """
    free = [one for one in behind if one.silenced_until is None]
    silenced = [
        one.silenced_until
        for one in behind
        if one.silenced_until is not None and one.level > story.told_level
    ]
    fresh = tuple(one for one in free if one.level > story.told_level)
    if fresh:
        level = max(one.level for one in fresh)
        told = Story(story.level, level, now, None)
        reason = Reason.FIRST if story.told_at is None else Reason.DEEPER
        return Due(_again(told, free, silenced), reason, level, fresh)
    pauses = {
        one: one.repeat
        for one in free
        if one.repeat is not None and story.told_at is not None and one.level <= story.told_level
    }
    over = [one for one, pause in pauses.items() if (story.told_at or now) + pause <= now]
    holding = tuple(one for one in over if one.holds)
    if holding:
        level = max(one.level for one in holding)
        told = replace(story, told_at=now)
        return Due(_again(told, free, silenced), Reason.REPEATED, level, holding)
    if over:
        later = now + min(pauses[one] for one in over)
        state = replace(story, due_at=min([later, *silenced]))
        return Due(state, Reason.NO_LONGER_SO, story.told_level)
    reason = Reason.SILENCED if silenced else Reason.SAME
    return Due(_again(story, free, silenced), reason, story.told_level)


def _again(story: Story, free: Sequence[Behind], silenced: Sequence[datetime]) -> Story:
    """The story with the moment to look at it again: a repeat's, or the end of a silence."""
    moments = list(silenced)
    if story.told_at is not None:
        moments += [
            story.told_at + one.repeat
            for one in free
            if one.repeat is not None and one.level <= story.told_level
        ]
    return replace(story, due_at=min(moments, default=None))


def inhibited(
    target: str,
    vias: Collection[str],
    open_targets: Collection[str],
    members: Mapping[str, frozenset[str]],
) -> Reason | None:
    """Why a fall of `target` is not told on its own, or None.

    `vias` holds, per subscription that it came by, the basket through which the target is
    followed ("" for a rule of its own); `open_targets` the receiver's other open stories of a
    fall; `members` the symbols of each basket.
    """
    if target in members:
        inside = members[target]
        wider = any(inside < members[other] for other in open_targets if other in members)
        return Reason.INSIDE_WIDER_BASKET if wider else None
    if "" in vias:
        return None
    if any(target in members[other] for other in open_targets if other in members):
        return Reason.MEMBER_OF_OPEN_BASKET
    return None


def widest_first(targets: Collection[str], members: Mapping[str, frozenset[str]]) -> list[str]:
    """Targets in the order they are judged: a basket before its sub-baskets and members."""
    return sorted(targets, key=lambda target: (-len(members.get(target, ())), target))
