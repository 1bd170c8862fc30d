"""Judged again once claimed: a silence set while a message was on its way still holds."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.holds import HeldBy, covers
from bot.model.receiver import Notification
from bot.model.story import NOTHING, Action
from storage import controls, market, outbox, stories


async def silenced(
    connection: AsyncConnection, claimed: Sequence[Notification], now: datetime
) -> set[int]:
    """The ids of claimed rows that are silenced; each is given up, its story told later.

    A row that was tried before may have arrived: it goes on. An edit notifies nobody.
    """
    fresh = [n for n in claimed if n.attempts == 0 and n.action != Action.EDIT]
    silences = await controls.silences(connection, [n.receiver.id for n in fresh], now)
    if not silences:
        return set()
    baskets = await market.baskets(connection)
    members = {target: frozenset(item.members) for target, item in baskets.items()}
    found = set()
    for one in fresh:
        facts = one.facts
        if "told_before" not in facts and "lab" not in facts:
            continue
        target = str(facts.get("target", f"lab:{facts.get('lab')}"))
        until = [
            silence.until
            for silence in silences
            if silence.receiver_id == one.receiver.id
            and covers(silence.target, target, one.subscription_id, members)
        ]
        if not until:
            continue
        found.add(one.id)
        await outbox.give_up(connection, one.id, now, "silenced")
        if "lab" in facts:
            row = {
                "receiver_id": one.receiver.id,
                "subscription_id": one.subscription_id,
                "facts": dict(facts),
                "fallback": one.fallback,
                "held_by": HeldBy.SILENCE.value,
                "until": max(until),
                "created_at": one.created_at,
            }
            await controls.hold_news(connection, row)
        for told in facts.get("told_before", ()):
            level = NOTHING if told["level"] is None else told["level"]
            at = datetime.fromisoformat(told["at"]) if told["at"] else None
            await stories.take_back(connection, told["story"], one.id, level, at, max(until))
    return found
