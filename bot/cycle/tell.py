"""Tell: crossings become stories, stories that are due become rows of the outbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.stories import (
    Timing,
    inhibited,
    on_due,
    on_fired,
    on_rearmed,
    widest_first,
)
from bot.cycle.board import Board
from bot.cycle.evaluate import Crossing
from bot.cycle.facts import drawdown_facts, fallback_text, recovery_facts
from bot.model.basket import Basket
from bot.model.level import REARMS, RECOVERIES, Change
from bot.model.story import Action, Reason
from bot.services import Services
from storage import levels, outbox, receivers, stories
from storage.levels import Told
from storage.stories import StoredStory


async def group(
    connection: AsyncConnection,
    crossings: Sequence[Crossing],
    baskets: Mapping[str, Basket],
    now: datetime,
    timing: Timing,
) -> list[tuple[int, str, Reason]]:
    """Give each fired level to the stories of those who follow it.

    Returns what was decided: receiver, target, reason.
    """
    fired = {c.level.id: c for c in crossings if c.change is Change.FIRED}
    if not fired:
        return []
    told = await levels.told_of(connection, sorted(fired))
    members = {target: frozenset(item.members) for target, item in baskets.items()}
    by_receiver: dict[int, dict[str, list[tuple[Crossing, Told]]]] = {}
    for item in told:
        crossing = fired[item.level_state_id]
        targets = by_receiver.setdefault(item.receiver_id, {})
        targets.setdefault(crossing.target, []).append((crossing, item))
    known: dict[int, dict[str, StoredStory]] = {key: {} for key in by_receiver}
    for story in await stories.open_stories(connection, receiver_ids=sorted(by_receiver)):
        known[story.receiver_id][story.target] = story
    decisions = []
    for receiver_id, targets in sorted(by_receiver.items()):
        opened = set(known[receiver_id])
        for target in widest_first(targets, members):
            vias = {item.via for _crossing, item in targets[target]}
            reason = inhibited(target, vias, opened - {target}, members)
            if reason is None:
                deepest, item = max(targets[target], key=lambda pair: pair[0].level.state.level)
                told_story = known[receiver_id].get(target)
                state, reason = on_fired(
                    told_story.state if told_story else None, deepest.level.state.level, now, timing
                )
                if told_story is None:
                    await stories.open_story(
                        connection,
                        receiver_id,
                        target,
                        deepest.window,
                        now,
                        state,
                        item.subscription_id,
                    )
                    opened.add(target)
                else:
                    await stories.save_story(connection, told_story.id, state, told_story.root_id)
            decisions.append((receiver_id, target, reason))
    return decisions


async def settle(
    connection: AsyncConnection,
    services: Services,
    crossings: Sequence[Crossing],
    board: Board,
    now: datetime,
) -> list[tuple[int, str, Reason]]:
    """Close the stories whose every level has re-armed; a recovery edits the first message."""
    rearmed = [c for c in crossings if c.change in REARMS]
    if not rearmed:
        return []
    targets = sorted({c.target for c in rearmed})
    recovered = {c.target: c for c in rearmed if c.change in RECOVERIES}
    found = await stories.open_stories(connection, targets=targets)
    beyond = await stories.still_beyond(connection, [story.id for story in found])
    decisions = []
    for story in found:
        state = on_rearmed(story.state, beyond[story.id])
        if beyond[story.id]:
            await stories.save_story(connection, story.id, state, story.root_id)
            continue
        reason = Reason.REARMED_SILENTLY
        if story.target in recovered:
            reason = Reason.RECOVERED if story.root_id is not None else Reason.NEVER_TOLD
        await stories.close_story(connection, story.id, now, reason.name.lower())
        if reason is Reason.RECOVERED and story.root_id is not None:
            first = await stories.facts_of(connection, story.root_id)
            facts = recovery_facts(board, story.target, recovered[story.target].reading, first)
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
        decisions.append((story.receiver_id, story.target, reason))
    return decisions


async def flush(
    connection: AsyncConnection,
    services: Services,
    due: Sequence[StoredStory],
    board: Board,
    now: datetime,
) -> list[tuple[int, str, Reason]]:
    """Enqueue what is due to be told: a story's first message, or a reply once it is deeper."""
    quiet = await receivers.silenced_until(connection, [s.receiver_id for s in due], now)
    decisions = []
    for story in due:
        until = max(
            (
                moment
                for target in ("", story.target)
                if (moment := quiet.get((story.receiver_id, target))) is not None
            ),
            default=None,
        )
        state, reason = on_due(story.state, now, until)
        root_id = story.root_id
        if reason in (Reason.FIRST, Reason.DEEPER):
            facts = drawdown_facts(board, story.target, story.window, state.level)
            row = await outbox.enqueue(
                connection,
                story.receiver_id,
                services.nonce(),
                Action.POST if root_id is None else Action.REPLY,
                facts,
                fallback_text(facts),
                now,
                story_id=story.id,
                subscription_id=story.subscription_id,
                root_id=root_id,
            )
            root_id = root_id or row
        await stories.save_story(connection, story.id, state, root_id)
        decisions.append((story.receiver_id, story.target, reason))
    return decisions
