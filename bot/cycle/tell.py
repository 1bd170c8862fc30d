"""Tell: crossings become stories; a recovery edits what was said."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.stories import Timing, inhibited, on_fired, on_rearmed, widest_first
from bot.cards.marks import lasting
from bot.cycle.board import Board
from bot.cycle.channels import tell_or_hold
from bot.cycle.evaluate import Crossing, daily
from bot.cycle.facts import fallback_text, recovery_facts
from bot.cycle.marks import marks_of
from bot.market.calendar import exchange_of, session_day
from bot.model.basket import Basket
from bot.model.level import REARMS, RECOVERIES, Change
from bot.model.rule import Condition
from bot.model.story import Action, Reason
from bot.services import Services
from storage import levels, outbox, stories
from storage.followers import still_beyond
from storage.levels import Told
from storage.stories import StoredStory

DRAWDOWN = Condition.DRAWDOWN.value
# What was decided: receiver, target, why.
Decided = tuple[int, str, Reason]


async def group(
    connection: AsyncConnection,
    crossings: Sequence[Crossing],
    baskets: Mapping[str, Basket],
    now: datetime,
    timing: Timing,
) -> list[Decided]:
    """Give each fired level to the stories of those who follow it."""
    fired = {c.level.id: c for c in crossings if c.change is Change.FIRED}
    if not fired:
        return []
    told = await levels.told_of(connection, sorted(fired), now)
    members = {target: frozenset(item.members) for target, item in baskets.items()}
    by_receiver: dict[int, dict[str, dict[str, list[tuple[Crossing, Told]]]]] = {}
    topic_of = {key: crossing.topic for key, crossing in fired.items()}
    for item in told:
        crossing = fired[item.level_state_id]
        targets = by_receiver.setdefault(item.receiver_id, {})
        topics = targets.setdefault(crossing.target, {})
        topics.setdefault(topic_of[item.level_state_id], []).append((crossing, item))
    known: dict[int, dict[tuple[str, str], StoredStory]] = {key: {} for key in by_receiver}
    for story in await stories.open_stories(connection, receiver_ids=sorted(by_receiver)):
        known[story.receiver_id][(story.target, story.topic)] = story
    decisions = []
    for receiver_id, targets in sorted(by_receiver.items()):
        await asyncio.sleep(0)  # there may be thousands: all others get their turn
        opened = {target for target, topic in known[receiver_id] if topic == DRAWDOWN}
        for target in widest_first(targets, members):
            for topic, pairs in sorted(targets[target].items(), key=_drawdown_first):
                vias = {item.via for _crossing, item in pairs}
                # A fall says nothing of a day's move, a price or a correlation.
                reason = (
                    inhibited(target, vias, opened - {target}, members)
                    if topic == DRAWDOWN
                    else None
                )
                if reason is None:
                    story_of = known[receiver_id].get((target, topic))
                    reason = await _open(connection, receiver_id, pairs, story_of, now, timing)
                    if topic == DRAWDOWN:
                        opened.add(target)
                decisions.append((receiver_id, target, reason))
    return decisions


def _drawdown_first(topic: tuple[str, object]) -> tuple[bool, str]:
    return topic[0] != DRAWDOWN, topic[0]


async def _open(
    connection: AsyncConnection,
    receiver_id: int,
    pairs: Sequence[tuple[Crossing, Told]],
    story: StoredStory | None,
    now: datetime,
    timing: Timing,
) -> Reason:
    """Open a story with its deepest crossing, or take the crossing into the one that is open."""
    deepest, item = max(pairs, key=lambda pair: pair[0].level.state.level)
    day = deepest.reading.day
    if story is not None and daily(deepest.measure) and _session(story) < day:
        if not story.untold:  # what was held back is told of its own day, whatever came after
            await stories.close_story(connection, story.id, now, stories.SESSION_OVER)
        story = None
    state, reason = on_fired(
        story.state if story else None,
        deepest.level.state.level,
        now,
        timing,
        held=story is not None and story.held_by is not None,
    )
    if story is None:
        await stories.open_story(
            connection,
            receiver_id,
            deepest.target,
            deepest.topic,
            deepest.measure,
            now,
            state,
            item.subscription_id,
            day,
        )
    else:
        crossed_on = day if state.level > story.state.level else None
        await stories.save_story(
            connection, story.id, state, story.root_id, story.held_by, crossed_on=crossed_on
        )
    return reason


def _session(story: StoredStory) -> date:
    """The session that a story of a daily move is about, as its exchange counts days."""
    return story.crossed_on or session_day(exchange_of(story.target), story.opened_at)


async def settle(
    connection: AsyncConnection,
    services: Services,
    crossings: Sequence[Crossing],
    board: Board,
    now: datetime,
) -> list[Decided]:
    """Close the stories whose every level has re-armed; a recovery edits the first message.

    Where that message says other things too, the recovery is a reply to it.
    """
    rearmed = [c for c in crossings if c.change in REARMS]
    if not rearmed:
        return []
    by_story = {(c.target, c.topic) for c in rearmed}
    recovered = {(c.target, c.topic): c for c in rearmed if c.change in RECOVERIES}
    found = [
        story
        for story in await stories.open_stories(
            connection, targets=sorted({t for t, _ in by_story})
        )
        if (story.target, story.topic) in by_story
    ]
    beyond = await still_beyond(connection, [story.id for story in found])
    decisions = []
    for story in found:
        if daily(story.measure):
            today = max(c.reading.day for c in rearmed if c.target == story.target)
            if not story.untold and _session(story) < today:
                await stories.close_story(connection, story.id, now, stories.SESSION_OVER)
                decisions.append((story.receiver_id, story.target, Reason.SESSION_OVER))
            continue
        if beyond[story.id]:
            state = on_rearmed(story.state, beyond[story.id])
            held_by = story.held_by if state.level > state.told_level else None
            await stories.save_story(connection, story.id, state, story.root_id, held_by)
            continue
        crossing = recovered.get((story.target, story.topic))
        reason = _over(story, crossing)
        await stories.close_story(connection, story.id, now, reason.name.lower())
        if crossing is not None and story.state.told_at is not None and story.root_id is not None:
            await _recover(connection, services, story, crossing, board, now)
        decisions.append((story.receiver_id, story.target, reason))
    return decisions


def _over(story: StoredStory, crossing: Crossing | None) -> Reason:
    """Why a story is over; `crossing` is the recovery, if it is one."""
    if story.state.told_at is None:
        return Reason.NEVER_TOLD
    if crossing is not None:
        return Reason.RECOVERED
    return Reason.REARMED_SILENTLY if story.topic == DRAWDOWN else Reason.BACK_INSIDE


async def _recover(
    connection: AsyncConnection,
    services: Services,
    story: StoredStory,
    crossing: Crossing,
    board: Board,
    now: datetime,
) -> None:
    """Edit the story's first message, or answer it where it is a summary or another led it."""
    assert story.root_id is not None
    message = await stories.message_of(connection, story.root_id)
    own = message.story_id == story.id and message.facts["kind"] == DRAWDOWN
    first = message.facts if own or story.facts is None else story.facts
    if first["kind"] != DRAWDOWN:
        return  # written before stories kept their own figures
    facts = recovery_facts(board, story.target, crossing.reading, first)
    if own:
        if marks := lasting(await marks_of(connection, story.root_id), now):
            facts["marks"] = marks
        await outbox.enqueue(
            connection,
            story.receiver_id,
            services.nonce(),
            Action.EDIT,
            facts,
            fallback_text(facts),
            now,
            story_id=story.id,
            subscription_id=story.subscription_id,
            root_id=story.root_id,
        )
    else:
        members = {target: frozenset(item.members) for target, item in board.baskets.items()}
        await tell_or_hold(
            connection, services, story.receiver_id, story.subscription_id, facts, now,
            story_id=story.id, root_id=story.root_id, members=members,
        )  # fmt: skip
