"""Flush: what is due to be told becomes rows of the outbox, unless the channel said "not now"."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.holds import HeldBy
from bot.cycle.board import Board
from bot.cycle.channels import (
    REASONS,
    Held,
    channels,
    enqueue_news,
    news_targets,
    tell_or_hold,
)
from bot.cycle.coincident import Coincidence
from bot.cycle.due import Judged, judge_safely, mentions
from bot.cycle.evaluate import daily
from bot.cycle.facts import DIGEST, fallback_text, summary_facts
from bot.cycle.marks import went_deeper
from bot.cycle.tell import DRAWDOWN, Decided
from bot.model.basket import Basket
from bot.model.receiver import REPLIES_OUT_OF_SIGHT
from bot.model.story import Action, Reason
from bot.services import Services
from storage import controls, ended, outbox, reach, receivers, stories
from storage.controls import HeldNews
from storage.followers import followers
from storage.receivers import Subscription
from storage.stories import StoredStory


@dataclass
class _Ready:
    """What one receiver is to be told now: messages by target and first message, and news."""

    messages: dict[tuple[str, int | None], list[Judged]] = field(default_factory=dict)
    news: list[HeldNews] = field(default_factory=list)

    def held_back(self) -> tuple[list[list[Judged]], list[HeldNews], str]:
        """What makes one summary, and what held it back; nothing where it is one message only.

        A digest is a message of its own however long it waited.
        """
        waited = [m for m in self.messages.values() if any(one.story.held_by for one in m)]
        news = [item for item in self.news if item.facts["kind"] != DIGEST]
        if len(waited) + len(news) < 2:
            return [], [], ""
        reasons = [one.story.held_by for m in waited for one in m if one.story.held_by]
        return waited, news, [*reasons, *(item.held_by for item in news)][0]


async def flush(
    connection: AsyncConnection,
    services: Services,
    due: Sequence[StoredStory],
    board: Board,
    baskets: Mapping[str, Basket],
    now: datetime,
) -> list[Decided]:
    """Enqueue what is due: a story's first message, or a reply once it is deeper.

    What several rules have to say of one target at one time makes one message, and so does all
    that was held back. A story that cannot be judged waits, and holds up no other.
    """
    news = await controls.due_news(connection, now)
    ids = sorted({s.receiver_id for s in due} | {item.receiver_id for item in news})
    if not ids:
        return []
    members = {target: frozenset(item.members) for target, item in baskets.items()}
    known = await channels(connection, ids, now)
    subscriptions = {s.id: s for key in ids for s in await receivers.subscriptions(connection, key)}
    behind = await followers(connection, [story.id for story in due])
    zones = await reach.zones_on(connection, ids, REPLIES_OUT_OF_SIGHT)
    cap = services.settings.alerts.hourly_cap
    decisions: list[Decided] = []
    ready: dict[int, _Ready] = {}
    for story in sorted(due, key=lambda story: (story.topic != DRAWDOWN, story.id)):
        await asyncio.sleep(0)  # there may be thousands: all others get their turn
        channel = known[story.receiver_id]
        judged = judge_safely(
            story, behind[story.id], subscriptions, channel.silenced_rules(), board, now
        )
        reason = judged.due.reason
        if judged.facts is None:
            await _wait(connection, judged)
        else:
            message = (story.target, story.root_id)
            held = channel.held(now, [story.target], None, members, cap, _message(message, story))
            if held is None:
                found = ready.setdefault(story.receiver_id, _Ready())
                found.messages.setdefault(message, []).append(judged)
            else:
                reason = REASONS[held[1]]
                await _hold(connection, judged, held)
        decisions.append((story.receiver_id, story.target, reason))
    for item in news:
        digest = item.facts["kind"] == DIGEST
        held = known[item.receiver_id].held(
            now, news_targets(item.facts), item.subscription_id, members, cap,
            None if digest else _SUMMARY,
        )  # fmt: skip
        if held is not None:
            await controls.postpone_news(connection, [item.id], held[0], held[1].value)
        else:
            ready.setdefault(item.receiver_id, _Ready()).news.append(item)
    near = Coincidence(connection, board, now)
    for receiver_id, found in sorted(ready.items()):
        zone = zones.get(receiver_id)
        await _say(connection, services, receiver_id, found, subscriptions, zone, near, now)
    return decisions


_SUMMARY = "summary"  # all that waited is one message, so it counts once


def _message(message: tuple[str, int | None], story: StoredStory) -> object:
    return _SUMMARY if story.held_by else message


async def _wait(connection: AsyncConnection, judged: Judged) -> None:
    """Nothing is told of it now; it is looked at again when that is due."""
    story, state = judged.story, judged.due.state
    held_by = None
    if judged.due.reason is Reason.SILENCED:
        held_by = HeldBy.SILENCE.value
    elif judged.due.reason in (Reason.UNMEASURED, Reason.FAILED):
        held_by = story.held_by
    await stories.save_story(connection, story.id, state, story.root_id, held_by)


async def _hold(connection: AsyncConnection, judged: Judged, held: Held) -> None:
    """It waits. The move of a day keeps its figures: the next session has others."""
    story, facts = judged.story, judged.facts
    state = replace(story.state, due_at=held[0])
    keep = None
    if facts is not None and daily(story.measure) and not judged.late:
        known = story.facts
        if known is None or known["level"] < facts["level"]:
            keep = facts
    await stories.save_story(connection, story.id, state, story.root_id, held[1].value, facts=keep)


async def _say(
    connection: AsyncConnection,
    services: Services,
    receiver_id: int,
    ready: _Ready,
    subscriptions: Mapping[int, Subscription],
    zone: str | None,
    near: Coincidence,
    now: datetime,
) -> None:
    """Enqueue it all; with a `zone`, what is told in replies is said under first messages too."""
    summed, summed_news, held_by = ready.held_back()
    if held_by:
        told = [one for message in summed for one in message]
        await _sum_up(connection, services, receiver_id, told, summed_news, held_by,
                      subscriptions, now)  # fmt: skip
        if summed_news:
            near = near.again()
    for message in ready.messages.values():
        if message not in summed:
            await _post(connection, services, message, subscriptions, near, now)
        if zone is not None:
            await went_deeper(connection, services, message, zone, now)
    for item in ready.news:
        if item not in summed_news:
            await enqueue_news(
                connection, services, receiver_id, item.subscription_id, item.facts,
                item.fallback, now, root_id=item.root_id,
            )  # fmt: skip
    await controls.drop_news(connection, [item.id for item in ready.news])


async def _post(
    connection: AsyncConnection,
    services: Services,
    told: Sequence[Judged],
    subscriptions: Mapping[int, Subscription],
    near: Coincidence,
    now: datetime,
) -> None:
    """One message for all that is said of one target: the first leads, the others are lines."""
    lead = told[0]
    assert lead.facts is not None
    facts = lead.facts | {
        "also": [fallback_text(one.facts) for one in told[1:] if one.facts is not None],
        "repeated": lead.due.reason is Reason.REPEATED,
        "mention": mentions(told, subscriptions),
        "told_before": [one.before for one in told],
    }
    coincident = await near.facts(lead.story.receiver_id, facts)
    if coincident is not None:
        facts["coincident"] = coincident
    row = await outbox.enqueue(
        connection,
        lead.story.receiver_id,
        services.nonce(),
        Action.POST if lead.story.root_id is None else Action.REPLY,
        facts,
        fallback_text(facts),
        now,
        story_id=lead.story.id,
        subscription_id=lead.rules[0],
        root_id=lead.story.root_id,
    )
    await _keep(connection, told, subscriptions, row, now)


async def _sum_up(
    connection: AsyncConnection,
    services: Services,
    receiver_id: int,
    told: Sequence[Judged],
    news: Sequence[HeldNews],
    held_by: str,
    subscriptions: Mapping[int, Subscription],
    now: datetime,
) -> None:
    """Everything that was held back in one message. Its stories go on under it."""
    lines = [
        {"at": one.at.isoformat(), "text": fallback_text(one.facts, dated=False)}
        for one in told
        if one.facts is not None
    ]
    lines += [
        {"at": item.created_at.isoformat(), "text": fallback_text(item.facts, dated=False)}
        for item in news
    ]
    lines.sort(key=lambda line: line["at"])
    facts = summary_facts(lines, held_by, datetime.fromisoformat(lines[0]["at"]), now)
    facts |= {
        "mention": mentions(told, subscriptions),
        "told_before": [one.before for one in told],
        "news": [
            {
                "subscription": item.subscription_id,
                "facts": dict(item.facts),
                "fallback": item.fallback,
                "held_by": item.held_by,
                "at": item.created_at.isoformat(),
                "root": item.root_id,
            }
            for item in news
        ],
    }
    row = await outbox.enqueue(
        connection,
        receiver_id,
        services.nonce(),
        Action.POST,
        facts,
        fallback_text(facts),
        now,
    )
    await _keep(connection, told, subscriptions, row, now)


async def _keep(
    connection: AsyncConnection,
    told: Sequence[Judged],
    subscriptions: Mapping[int, Subscription],
    row: int,
    now: datetime,
) -> None:
    """Remember what was told by that row of the outbox, and end what was to be told once."""
    spent = set()
    for one in told:
        story = one.story
        first = one.facts if story.state.told_at is None else None
        await stories.save_story(
            connection, story.id, one.due.state, story.root_id or row, facts=first
        )
        if one.late:
            await stories.close_story(connection, story.id, now, stories.SESSION_OVER)
        spent |= {n for n in one.rules if n in subscriptions and subscriptions[n].once}
    if spent:
        await ended.spend(connection, sorted(spent), row)
        receiver_id = told[0].story.receiver_id
        await stories.close_unfollowed(connection, receiver_id, now, stories.TOLD_ONCE)


async def tell_news(
    connection: AsyncConnection,
    services: Services,
    subscription: Subscription,
    facts: Mapping[str, Any],
    now: datetime,
) -> Reason:
    """Enqueue news for one receiver, or hold it as its channel asks."""
    held = await tell_or_hold(
        connection, services, subscription.receiver_id, subscription.id, facts, now
    )
    return Reason.FIRST if held is None else REASONS[held[1]]
