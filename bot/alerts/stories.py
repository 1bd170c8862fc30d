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


def on_fired(
    story: Story | None, level: int, now: datetime, timing: Timing
) -> tuple[Story, Reason]:
    """The receiver's story after `level` (ppm) fired."""
    if story is None:
        return Story(level, NOTHING, None, now + timing.group_wait), Reason.FIRST
    deepest = max(story.level, level)
    if deepest <= story.told_level:
        return Story(deepest, story.told_level, story.told_at, story.due_at), Reason.SAME
    if story.due_at is not None:
        return Story(deepest, story.told_level, story.told_at, story.due_at), Reason.WAITING
    due = now if story.told_at is None else max(now, story.told_at + timing.reply_gap)
    return Story(deepest, story.told_level, story.told_at, due), Reason.DEEPER


def on_rearmed(story: Story, still_beyond: Sequence[int]) -> Story:
    """The story after levels re-armed; `still_beyond` are those that have not (ppm).

    A level that re-armed may be told again, so what counts as told shrinks to what still holds.
    """
    level = max(still_beyond, default=NOTHING)
    told = max((beyond for beyond in still_beyond if beyond <= story.told_level), default=NOTHING)
    return Story(level, told, story.told_at, story.due_at if level > told else None)


def on_due(
    story: Story,
    now: datetime,
    held_until: datetime | None = None,
    repeat: timedelta | None = None,
) -> tuple[Story, Reason]:
    """What to do with a story that is due: tell it, say it again, or wait for a hold to end.

    Once told it is due again after `repeat`, if that is given.
    """
    if held_until is not None and held_until > now:
        return replace(story, due_at=held_until), Reason.SILENCED
    again = None if repeat is None else now + repeat
    if story.level <= story.told_level:
        if repeat is None or story.told_at is None or now < story.told_at + repeat:
            return replace(story, due_at=None), Reason.SAME
        return replace(story, told_at=now, due_at=again), Reason.REPEATED
    told = Story(story.level, story.level, now, again)
    return told, Reason.FIRST if story.told_at is None else Reason.DEEPER


def inhibited(
    target: str,
    vias: Collection[str],
    open_targets: Collection[str],
    members: Mapping[str, frozenset[str]],
) -> Reason | None:
    """Why an alert on `target` is not told on its own, or None.

    `vias` holds, per subscription that it came by, the basket through which the target is
    followed ("" for a rule of its own); `open_targets` the receiver's other open stories;
    `members` the symbols of each basket.
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
