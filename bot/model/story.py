"""A story: one receiver's view of one falling basket or symbol, and why it is told or not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why a receiver is told, or is not."""

    FIRST = "the first alert of a story: posted after waiting for company"
    DEEPER = "deeper than was told: a reply"
    WAITING = "already about to be told"
    SAME = "not deeper than was told"
    MEMBER_OF_OPEN_BASKET = "appears in the table of the basket's open story"
    INSIDE_WIDER_BASKET = "a wider basket's story is open"
    SILENCED = "silenced"
    QUIET = "quiet hours: summed up afterwards"
    CAPPED = "too many messages this hour: summed up afterwards"
    REPEATED = "still so: said again after the repeat interval"
    NO_LONGER_SO = "not said again: the figure is no longer at the level"
    UNMEASURED = "cannot be measured now: looked at again later"
    FAILED = "could not be put into words: tried again later"
    RECOVERED = "recovered: the first message says so"
    REARMED_SILENTLY = "the old peak left the window: nothing to say"
    BACK_INSIDE = "back inside by the margin: nothing to say"
    SESSION_OVER = "a new session: the move of the one before is over"
    NEVER_TOLD = "over before it was told"


# Below every level: nothing was crossed, or told.
NOTHING = -(2**62)


class Action(StrEnum):
    """What the outbox row asks of the platform."""

    POST = "post"
    REPLY = "reply"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Story:
    """`level`: deepest crossed and not re-armed; `told_level`: deepest told, or NOTHING."""

    level: int
    told_level: int
    told_at: datetime | None
    due_at: datetime | None
