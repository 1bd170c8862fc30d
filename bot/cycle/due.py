"""What a story that is due comes to, and the figures to tell it with. Pure."""

import logging
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.alerts.stories import Behind, Due, on_due
from bot.cycle.board import Board
from bot.cycle.facts import condition_facts, drawdown_facts
from bot.cycle.measures import readings
from bot.model.level import Reading
from bot.model.rule import PPM, Condition, condition_of
from bot.model.story import NOTHING, Reason
from storage.followers import Follower
from storage.receivers import Subscription
from storage.stories import StoredStory

log = logging.getLogger(__name__)

# What cannot be measured, or put into words, is looked at again after so long.
UNMEASURED_WAIT = timedelta(hours=6)
FAILED_WAIT = timedelta(hours=1)
_ON_CLOSES = (Condition.CROWDING, Condition.VOLATILITY)


@dataclass(frozen=True)
class Judged:
    """A story that was due: what it comes to, since when, and its figures if it is to be told.

    `late` where they are of a session that is over: nothing more will be said of it.
    """

    story: StoredStory
    due: Due
    at: datetime
    facts: dict[str, Any] | None = None
    late: bool = False

    @property
    def rules(self) -> list[int]:
        """The subscriptions that it is told for."""
        return sorted({one.subscription for one in self.due.by})

    @property
    def before(self) -> dict[str, Any]:
        """How it stood: what a silence set after the claim needs to take the message back."""
        state = self.story.state
        return {
            "story": self.story.id,
            "target": self.story.target,
            "rules": self.rules,
            "level": None if state.told_level == NOTHING else state.told_level,
            "at": state.told_at.isoformat() if state.told_at else None,
            "held_by": self.story.held_by,
        }


def judge_safely(
    story: StoredStory,
    followers: Sequence[Follower],
    subscriptions: Mapping[int, Subscription],
    silenced: Mapping[int, datetime],
    board: Board,
    now: datetime,
) -> Judged:
    """As `judge`; a story that fails waits instead of taking all channels' messages along."""
    try:
        return judge(story, followers, subscriptions, silenced, board, now)
    except Exception:
        log.exception("story %d of %s could not be judged", story.id, story.target)
        state = replace(story.state, due_at=now + FAILED_WAIT)
        return Judged(story, Due(state, Reason.FAILED, state.told_level), story.opened_at)


def judge(
    story: StoredStory,
    followers: Sequence[Follower],
    subscriptions: Mapping[int, Subscription],
    silenced: Mapping[int, datetime],
    board: Board,
    now: datetime,
) -> Judged:
    """Judge a story by the subscriptions behind it; `silenced` are those silenced by number."""
    if condition_of(story.measure) in _ON_CLOSES:
        board = board.once(_closes_only, now)
    late = _late(story, board)
    measured = {
        measure: None if late else board.once(last_reading, story.target, measure)
        for measure in {f.measure for f in followers}
    }
    behind = [
        Behind(
            f.subscription_id,
            f.level,
            (found := measured[f.measure]) is not None and found.value <= -f.level,
            None if late else _repeat(subscriptions.get(f.subscription_id)),
            silenced.get(f.subscription_id),
        )
        for f in followers
    ]
    if followers and not late and not any(measured.values()):
        return _unmeasured(story, now)
    due = on_due(story.state, now, behind)
    if not due.by:
        return Judged(story, due, story.opened_at)
    chosen = {one.subscription for one in due.by}
    lead = next(f for f in followers if f.level == due.level and f.subscription_id in chosen)
    facts = _facts(story, lead, measured[lead.measure], board, late)
    return (
        _unmeasured(story, now) if facts is None else Judged(story, due, lead.fired_at, facts, late)
    )


def _unmeasured(story: StoredStory, now: datetime) -> Judged:
    """A story of which there is no figure now."""
    state = replace(story.state, due_at=now + UNMEASURED_WAIT)
    return Judged(story, Due(state, Reason.UNMEASURED, state.told_level), story.opened_at)


def last_reading(board: Board, target: str, measure: str) -> Reading | None:
    """The reading of the newest session on the board; None where it cannot be measured."""
    days = board.series(target).days
    if not days:
        return None
    found = readings(board, target, measure, after=days[-2] if len(days) > 1 else None)
    return found[-1] if found else None


def _late(story: StoredStory, board: Board) -> bool:
    """Whether it is of a move of a session that is over: only its own figures tell of it."""
    if condition_of(story.measure) is not Condition.MOVE or story.crossed_on is None:
        return False
    days = board.series(story.target).days
    return bool(days) and days[-1] > story.crossed_on


def _repeat(subscription: Subscription | None) -> timedelta | None:
    if subscription is None or subscription.repeat_minutes is None:
        return None
    return timedelta(minutes=subscription.repeat_minutes)


def _facts(
    story: StoredStory, lead: Follower, reading: Reading | None, board: Board, late: bool
) -> dict[str, Any] | None:
    """The facts of a story as the board stands, or of its own session where that is over.

    `crossed_on` is the session that reached the level; `beyond` whether it still is so.
    """
    if late:
        frozen = story.facts
        if frozen is not None and round(frozen["level"] * PPM) >= lead.level:
            return {**frozen, "beyond": False}
        board = board.once(_until, lead.day)
        reading = board.once(last_reading, story.target, lead.measure)
    if reading is None:
        return None
    if condition_of(lead.measure) is Condition.DRAWDOWN:
        facts = board.once(drawdown_facts, story.target, lead.measure, lead.level)
    else:
        facts = board.once(condition_facts, story.target, lead.measure, lead.level, reading)
    beyond = not late and reading.value <= -lead.level
    return {**facts, "crossed_on": lead.day.isoformat(), "beyond": beyond}


def _until(board: Board, day: date) -> Board:
    """The board as it was at the close of that day."""
    closes = dict(board.closes)
    for symbol, by_day in board.closes.items():
        days = board.once(_days, symbol)
        if later := days[bisect_right(days, day) :]:
            closes[symbol] = before = dict(by_day)
            for at in later:
                del before[at]
    return replace(board, closes=closes, partial={}, _series={})


def _days(board: Board, symbol: str) -> list[date]:
    return sorted(board.closes[symbol])


def _closes_only(board: Board, now: datetime) -> Board:
    """The board without the prices of sessions that are not over."""
    return board.priced({}, now)


def mentions(told: Sequence[Judged], subscriptions: Mapping[int, Subscription]) -> str:
    """Whom a message calls that is told for several rules: each once."""
    found = [
        mention
        for one in told
        for number in one.rules
        if number in subscriptions and (mention := subscriptions[number].mention)
    ]
    return " ".join(dict.fromkeys(found))
