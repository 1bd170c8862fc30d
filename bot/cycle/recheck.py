"""Judged again once claimed: a silence set while a message was on its way still holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.holds import HeldBy, covers
from bot.cycle.channels import news_targets
from bot.cycle.facts import DIGEST, NOTE
from bot.cycle.marks import not_told
from bot.model.receiver import Notification
from bot.model.story import NOTHING, Action
from storage import attempts, controls, market, receivers, stories
from storage.controls import Silence

Members = Mapping[str, frozenset[str]]


async def silenced(
    connection: AsyncConnection, claimed: Sequence[Notification], now: datetime
) -> set[int]:
    """The ids of claimed rows that are silenced; each is given up, what it said is told later.

    A row that was tried before may have arrived: it goes on. An edit notifies nobody. What a
    silence does not cover of a row that says several things is told again without the rest.
    """
    fresh = [
        n
        for n in claimed
        # A note answers what somebody does at this moment.
        if n.attempts == 0 and n.action != Action.EDIT and n.facts.get("kind") != NOTE
    ]
    silences = await controls.silences(connection, [n.receiver.id for n in fresh], now)
    if not silences:
        return set()
    baskets = await market.baskets(connection)
    members = {target: frozenset(item.members) for target, item in baskets.items()}
    found = set()
    for one in fresh:
        mine = [silence for silence in silences if silence.receiver_id == one.receiver.id]
        told = [
            (entry, _story_until(entry, one, mine, members))
            for entry in one.facts.get("told_before", ())
        ]
        news = [(item, _news_until(item, mine, members)) for item in _news(one)]
        if not any(until for _what, until in [*told, *news]):
            continue
        found.add(one.id)
        await attempts.give_up(connection, one.id, now, "silenced")
        for entry, until in told:
            await not_told(connection, entry["story"], one.created_at)
            await _take_back(connection, entry, one.id, until, now)
        for item, until in news:
            await _hold(connection, item, one, until, now)
    return found


def _news(one: Notification) -> list[Mapping[str, Any]]:
    """The news in a row: that of a summary, or the row itself where it is of no story."""
    if "told_before" in one.facts:
        return list(one.facts.get("news", ()))
    return [
        {
            "subscription": one.subscription_id,
            "facts": one.facts,
            "fallback": one.fallback,
            "held_by": HeldBy.SILENCE.value,
            "at": one.created_at.isoformat(),
            "root": one.root_id,
        }
    ]


def _until(
    targets: Sequence[str], rule: int | None, silences: Sequence[Silence], members: Members
) -> datetime | None:
    """When the last silence that covers it ends; None where none does."""
    found = [
        silence.until
        for silence in silences
        if any(covers(silence.target, target, rule, members) for target in targets)
    ]
    return max(found, default=None)


def _story_until(
    entry: Mapping[str, Any],
    one: Notification,
    silences: Sequence[Silence],
    members: Members,
) -> datetime | None:
    """When a silence of a story, or of any of the rules that it is told for, ends."""
    rules = entry.get("rules", [one.subscription_id])
    target = str(entry.get("target", one.facts.get("target", "")))
    found = [_until([target], rule, silences, members) for rule in rules]
    return min((until for until in found if until is not None), default=None)


def _news_until(
    item: Mapping[str, Any], silences: Sequence[Silence], members: Members
) -> datetime | None:
    return _until(news_targets(item["facts"]), item["subscription"], silences, members)


async def _take_back(
    connection: AsyncConnection,
    entry: Mapping[str, Any],
    row: int,
    until: datetime | None,
    now: datetime,
) -> None:
    """Untell a story. It is judged again at once: another rule may still want it told."""
    level = NOTHING if entry["level"] is None else entry["level"]
    at = datetime.fromisoformat(entry["at"]) if entry["at"] else None
    held_by = entry.get("held_by") if until is None else HeldBy.SILENCE.value
    await stories.take_back(connection, entry["story"], row, level, at, now, held_by)


async def _hold(
    connection: AsyncConnection,
    item: Mapping[str, Any],
    one: Notification,
    until: datetime | None,
    now: datetime,
) -> None:
    facts = dict(item["facts"])
    row = {
        "receiver_id": one.receiver.id,
        "subscription_id": item["subscription"],
        "facts": facts,
        "fallback": item["fallback"],
        "held_by": item["held_by"] if until is None else HeldBy.SILENCE.value,
        "until": now if until is None else until,
        "created_at": datetime.fromisoformat(item["at"]),
        "root_id": item["root"],
    }
    await controls.hold_news(connection, row)
    if item["subscription"] is not None and facts.get("kind") == DIGEST and "since" in facts:
        since = datetime.fromisoformat(facts["since"])
        await receivers.set_told(connection, item["subscription"], since)
