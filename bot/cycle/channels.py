"""Channels: may this receiver be told now? News goes out, or waits as its channel asks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.holds import HOUR, HeldBy, cap_until, covers, quiet_until
from bot.cycle.facts import DIGEST, fallback_text
from bot.model.story import Action, Reason
from bot.services import Services
from storage import controls, outbox, receivers
from storage.controls import Silence, Wishes

REASONS = {
    HeldBy.SILENCE: Reason.SILENCED,
    HeldBy.QUIET: Reason.QUIET,
    HeldBy.CAP: Reason.CAPPED,
}
Held = tuple[datetime, HeldBy]


@dataclass
class Channel:
    """One receiver's wishes at this moment, and what it was told within the hour."""

    wishes: Wishes
    silences: Sequence[Silence]
    told: list[datetime] = field(default_factory=list)
    said: set[object] = field(default_factory=set)

    def held(
        self,
        now: datetime,
        targets: Iterable[str],
        rule: int | None,
        members: Mapping[str, frozenset[str]],
        cap: int,
        message: object = None,
    ) -> Held | None:
        """Until when something about `targets` may not be told, and why; None if it may.

        What may be told counts towards the cap, once for each `message` that it is part of.
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
        if message is not None and message in self.said:
            return None
        full = cap_until(self.told, wishes.hourly_cap or cap, now)
        if full is not None:
            return full, HeldBy.CAP
        self.told.append(now)
        self.said.add(message)
        return None

    def silenced_rules(self) -> dict[int, datetime]:
        """The subscriptions that are silenced by their number, and until when."""
        found: dict[int, datetime] = {}
        for one in self.silences:
            kind, _, number = one.target.partition(":")
            if kind == "rule" and number.isdigit():
                found[int(number)] = max(one.until, found.get(int(number), one.until))
        return found


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


async def tell_or_hold(
    connection: AsyncConnection,
    services: Services,
    receiver_id: int,
    subscription_id: int | None,
    facts: Mapping[str, Any],
    now: datetime,
    *,
    story_id: int | None = None,
    root_id: int | None = None,
    members: Mapping[str, frozenset[str]] | None = None,
    channel: Channel | None = None,
) -> Held | None:
    """Enqueue news for one receiver, as a reply to the row `root_id` if given, or hold it.

    `channel` is the receiver's, where it was read already with those of many. A
    digest replaces the one before it that is still held.
    """
    if channel is None:
        channel = (await channels(connection, [receiver_id], now))[receiver_id]
    cap = services.settings.alerts.hourly_cap
    held = channel.held(now, news_targets(facts), subscription_id, members or {}, cap)
    if facts["kind"] == DIGEST and subscription_id is not None:
        await controls.replace_news(connection, subscription_id)
    if held is None:
        await enqueue_news(
            connection, services, receiver_id, subscription_id, facts, fallback_text(facts), now,
            story_id=story_id, root_id=root_id,
        )  # fmt: skip
        return None
    row = {
        "receiver_id": receiver_id,
        "subscription_id": subscription_id,
        "facts": dict(facts),
        "fallback": fallback_text(facts),
        "held_by": held[1].value,
        "until": held[0],
        "created_at": now,
        "root_id": root_id,
    }
    await controls.hold_news(connection, row)
    return held


async def enqueue_news(
    connection: AsyncConnection,
    services: Services,
    receiver_id: int,
    subscription_id: int | None,
    facts: Mapping[str, Any],
    fallback: str,
    now: datetime,
    *,
    story_id: int | None = None,
    root_id: int | None = None,
) -> None:
    """A row of the outbox for news: a post, or a reply to the row `root_id`."""
    await outbox.enqueue(
        connection,
        receiver_id,
        services.nonce(),
        Action.POST if root_id is None else Action.REPLY,
        facts,
        fallback,
        now,
        story_id=story_id,
        subscription_id=subscription_id,
        root_id=root_id,
    )
    if subscription_id is not None and "until" in facts:
        await receivers.set_told(
            connection, subscription_id, datetime.fromisoformat(facts["until"])
        )


def news_targets(facts: Mapping[str, Any]) -> list[str]:
    """What a silence can name to hold this news: its lab, or the target of a digest."""
    if "lab" in facts:
        return [f"lab:{facts['lab']}"]
    return [str(facts.get("target", ""))]
