"""Flush: what is due to be told becomes rows of the outbox, unless the channel said "not now"."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.holds import HOUR, HeldBy, cap_until, covers, quiet_until
from bot.alerts.stories import on_due
from bot.cycle.board import Board
from bot.cycle.facts import condition_facts, drawdown_facts, fallback_text, summary_facts
from bot.cycle.measures import readings
from bot.cycle.tell import DRAWDOWN, Decided
from bot.model.basket import Basket
from bot.model.story import NOTHING, Action, Reason, Story
from bot.services import Services
from storage import controls, outbox, receivers, stories
from storage.controls import HeldNews, Silence, Wishes
from storage.receivers import Subscription
from storage.stories import StoredStory

_REASONS = {
    HeldBy.SILENCE: Reason.SILENCED,
    HeldBy.QUIET: Reason.QUIET,
    HeldBy.CAP: Reason.CAPPED,
}


@dataclass
class Channel:
    """One receiver's wishes at this moment, and what it was told within the hour."""

    wishes: Wishes
    silences: Sequence[Silence]
    told: list[datetime] = field(default_factory=list)
    summing: bool = False

    def held(
        self,
        now: datetime,
        targets: Iterable[str],
        rule: int | None,
        members: Mapping[str, frozenset[str]],
        cap: int,
        held_by: str | None = None,
    ) -> tuple[datetime, HeldBy] | None:
        """Until when something about `targets` may not be told, and why; None if it may.

        What may be told counts as told. All that waited (`held_by` says for what) is one message.
        """
        until = [
            one.until
            for one in self.silences
            if any(covers(one.target, target, rule, members) for target in targets)
        ]
        if until:
            return max(until), HeldBy.SILENCE
        wishes = self.wishes
        quiet = quiet_until(now, wishes.time_zone, wishes.quiet_from, wishes.quiet_to)
        if quiet is not None:
            return quiet, HeldBy.QUIET
        together = held_by in (HeldBy.QUIET, HeldBy.CAP)
        if together and self.summing:
            return None
        full = cap_until(self.told, wishes.hourly_cap or cap, now)
        if full is not None:
            return full, HeldBy.CAP
        self.told.append(now)
        self.summing = self.summing or together
        return None


async def channels(
    connection: AsyncConnection, ids: Sequence[int], now: datetime
) -> dict[int, Channel]:
    """The channels of these receivers."""
    wishes = await controls.wishes(connection, ids)
    silences = await controls.silences(connection, ids, now)
    told = await controls.told_since(connection, ids, now - HOUR)
    by_receiver: dict[int, list[Silence]] = {}
    for one in silences:
        by_receiver.setdefault(one.receiver_id, []).append(one)
    return {
        key: Channel(item, by_receiver.get(key, ()), list(told.get(key, ())))
        for key, item in wishes.items()
    }


@dataclass
class _Ready:
    """What one receiver is to be told now."""

    stories: list[tuple[StoredStory, Story, Reason]] = field(default_factory=list)
    news: list[HeldNews] = field(default_factory=list)

    @property
    def held_by(self) -> str | None:
        """Why some of it waited until now."""
        reasons = [story.held_by for story, _state, _reason in self.stories if story.held_by]
        reasons += [item.held_by for item in self.news]
        return reasons[0] if reasons else None


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
    that quiet hours or the cap have held back.
    """
    news = await controls.due_news(connection, now)
    ids = sorted({s.receiver_id for s in due} | {item.receiver_id for item in news})
    if not ids:
        return []
    members = {target: frozenset(item.members) for target, item in baskets.items()}
    known = await channels(connection, ids, now)
    subscriptions = {s.id: s for key in ids for s in await receivers.subscriptions(connection, key)}
    cap = services.settings.alerts.hourly_cap
    decisions: list[Decided] = []
    ready: dict[int, _Ready] = {}
    for story in due:
        channel = known[story.receiver_id]
        held = channel.held(now, [story.target], story.subscription_id, members, cap, story.held_by)
        until = None if held is None else held[0]
        subscription = subscriptions.get(story.subscription_id or 0)
        state, reason = on_due(story.state, now, until, _repeat(subscription))
        if held is not None:
            reason = _REASONS[held[1]]
            await stories.save_story(connection, story.id, state, story.root_id, held[1].value)
        elif reason is Reason.SAME:
            await stories.save_story(connection, story.id, state, story.root_id)
        else:
            ready.setdefault(story.receiver_id, _Ready()).stories.append((story, state, reason))
        decisions.append((story.receiver_id, story.target, reason))
    for item in news:
        held = known[item.receiver_id].held(
            now, news_targets(item.facts), item.subscription_id, members, cap, item.held_by
        )
        if held is not None:
            await controls.postpone_news(connection, [item.id], held[0])
        else:
            ready.setdefault(item.receiver_id, _Ready()).news.append(item)
    for receiver_id, found in sorted(ready.items()):
        await _say(connection, services, receiver_id, found, subscriptions, board, now)
    return decisions


def _repeat(subscription: Subscription | None) -> timedelta | None:
    if subscription is None or subscription.repeat_minutes is None:
        return None
    return timedelta(minutes=subscription.repeat_minutes)


async def _say(
    connection: AsyncConnection,
    services: Services,
    receiver_id: int,
    ready: _Ready,
    subscriptions: Mapping[int, Subscription],
    board: Board,
    now: datetime,
) -> None:
    waited = ready.held_by
    by_target: dict[tuple[str, int | None], list[tuple[StoredStory, Story, Reason]]] = {}
    for story, state, reason in ready.stories:
        by_target.setdefault((story.target, story.root_id), []).append((story, state, reason))
    if waited in (HeldBy.QUIET, HeldBy.CAP) and len(by_target) + len(ready.news) > 1:
        await _sum_up(connection, services, receiver_id, ready, waited, board, now)
    else:
        for told in by_target.values():
            await _post(connection, services, told, subscriptions, board, now)
        for item in ready.news:
            await outbox.enqueue(
                connection,
                receiver_id,
                services.nonce(),
                Action.POST,
                item.facts,
                item.fallback,
                now,
                subscription_id=item.subscription_id,
            )
    await controls.drop_news(connection, [item.id for item in ready.news])
    for story, _state, _reason in ready.stories:
        subscription = subscriptions.get(story.subscription_id or 0)
        if subscription is not None and subscription.once:
            await receivers.remove_subscription(connection, subscription.id)
            await stories.close_story(connection, story.id, now, "told_once")


def story_facts(board: Board, story: StoredStory, state: Story) -> dict[str, Any]:
    """The facts of a story as the board stands."""
    if story.topic == DRAWDOWN:
        facts = drawdown_facts(board, story.target, story.measure, state.level)
    else:
        found = readings(
            board, story.target, story.measure, after=board.series(story.target).days[-2]
        )
        facts = condition_facts(
            board, story.target, story.measure, state.level, found[-1] if found else None
        )
    return facts


async def _post(
    connection: AsyncConnection,
    services: Services,
    told: Sequence[tuple[StoredStory, Story, Reason]],
    subscriptions: Mapping[int, Subscription],
    board: Board,
    now: datetime,
) -> None:
    """One message for all that is said of one target: the first leads, the others are lines."""
    lead, state, reason = told[0]
    facts = story_facts(board, lead, state)
    also = [fallback_text(story_facts(board, story, after)) for story, after, _why in told[1:]]
    mentions = [
        subscription.mention
        for story, _state, _why in told
        if (subscription := subscriptions.get(story.subscription_id or 0)) and subscription.mention
    ]
    facts |= {
        "also": also,
        "repeated": reason is Reason.REPEATED,
        "mention": " ".join(dict.fromkeys(mentions)),
        # So that a silence set after this was claimed can take it back.
        "told_before": [
            {
                "story": story.id,
                "level": None if story.state.told_level == NOTHING else story.state.told_level,
                "at": story.state.told_at.isoformat() if story.state.told_at else None,
            }
            for story, _state, _why in told
        ],
    }
    row = await outbox.enqueue(
        connection,
        lead.receiver_id,
        services.nonce(),
        Action.POST if lead.root_id is None else Action.REPLY,
        facts,
        fallback_text(facts),
        now,
        story_id=lead.id,
        subscription_id=lead.subscription_id,
        root_id=lead.root_id,
    )
    for story, after, _why in told:
        await stories.save_story(connection, story.id, after, story.root_id or row)


async def _sum_up(
    connection: AsyncConnection,
    services: Services,
    receiver_id: int,
    ready: _Ready,
    held_by: str,
    board: Board,
    now: datetime,
) -> None:
    """Everything that was held back in one message. It is no story's own, so none edits it."""
    lines = []
    for story, state, _reason in ready.stories:
        text = fallback_text(story_facts(board, story, state))
        lines.append({"at": story.opened_at.isoformat(), "text": text})
        await stories.save_story(connection, story.id, state, story.root_id)
    lines += [{"at": n.created_at.isoformat(), "text": n.fallback} for n in ready.news]
    lines.sort(key=lambda line: line["at"])
    first = datetime.fromisoformat(lines[0]["at"])
    facts = summary_facts(lines, held_by, first, now)
    await outbox.enqueue(
        connection,
        receiver_id,
        services.nonce(),
        Action.POST,
        facts,
        fallback_text(facts),
        now,
    )


async def tell_news(
    connection: AsyncConnection,
    services: Services,
    subscription: Subscription,
    facts: Mapping[str, Any],
    now: datetime,
) -> Reason:
    """Enqueue news for one receiver, or hold it as its channel asks."""
    channel = (await channels(connection, [subscription.receiver_id], now))[
        subscription.receiver_id
    ]
    cap = services.settings.alerts.hourly_cap
    held = channel.held(now, news_targets(facts), subscription.id, {}, cap)
    if held is not None:
        row = {
            "receiver_id": subscription.receiver_id,
            "subscription_id": subscription.id,
            "facts": dict(facts),
            "fallback": fallback_text(facts),
            "held_by": held[1].value,
            "until": held[0],
            "created_at": now,
        }
        await controls.hold_news(connection, row)
        return _REASONS[held[1]]
    await outbox.enqueue(
        connection,
        subscription.receiver_id,
        services.nonce(),
        Action.POST,
        facts,
        fallback_text(facts),
        now,
        subscription_id=subscription.id,
    )
    return Reason.FIRST


def news_targets(facts: Mapping[str, Any]) -> list[str]:
    """What a silence can name to hold this news: its lab, or the target of a digest."""
    if "lab" in facts:
        return [f"lab:{facts['lab']}"]
    return [str(facts.get("target", ""))]
