"""Saying under what was told that it is silenced. Each side of a room shows its own silences."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.holds import covers
from bot.cards.marks import SILENCE, SILENCED, Mark, silence_mark, with_mark
from bot.cycle.channels import news_targets
from bot.cycle.marks import change_marks
from bot.model.receiver import Receiver
from bot.model.rule import condition_of
from bot.services import Services
from storage import controls, market, messages, receivers
from storage.controls import Silence
from storage.messages import Told

# Facts by which a message is known in the linked channel: all figures but those of the moment.
_SAME = ("kind", "target", "condition", "window", "level", "crossed_on", "lab", "model", "period")


@dataclass(frozen=True, slots=True)
class How:
    """How something was silenced: what they did, and under which message they pressed, if so.

    `message` is the outbox row of that message.
    """

    verb: str = SILENCED
    message: int | None = None


PLAIN = How()


async def show_silences(
    connection: AsyncConnection,
    services: Services,
    side: Receiver,
    now: datetime,
    how: How = PLAIN,
    *,
    since: datetime | None = None,
) -> None:
    """Let what was told in a channel say what silences it now, the longest to come.

    That is the first message of each open story, the one of `how` or its copy, and what was edited
    from `since` on, when a silence that has been ended began.
    """
    also = [] if since is None else await messages.edited_since(connection, side.id, since)
    pressed = await _here(connection, side.id, how.message)
    told = await messages.told(connection, side.id, [*also, *([pressed] if pressed else [])])
    if not told:
        return
    silences = await controls.silences(connection, [side.id], now)
    zone = (await controls.wishes(connection, [side.id]))[side.id].time_zone
    members = {
        target: frozenset(item.members)
        for target, item in (await market.baskets(connection)).items()
    }
    rules: dict[tuple[str, str], list[int]] = {}
    for item in await receivers.subscriptions(connection, side.id):
        if item.rule is not None:
            topic = condition_of(item.rule.measure).value
            rules.setdefault((item.rule.target, topic), []).append(item.id)
    for key, found in told.items():
        wanted = _wanted(found, silences, rules, members)
        change = _showing(wanted, silences, how.verb, zone, now)
        await change_marks(connection, services, key, change, now)


def _wanted(
    told: Told,
    silences: Sequence[Silence],
    rules: Mapping[tuple[str, str], Sequence[int]],
    members: Mapping[str, frozenset[str]],
) -> dict[str, Silence]:
    """The silences that a message says, by how they are named there.

    A message of one thing says the longest, and needs no name; one that sums up says the longest
    of each of its stories. What a silence did not keep from being told is not silenced by it.
    """
    since = [one for one in silences if one.starts_at >= told.posted_at]
    found: dict[str, Silence] = {}
    parts = [[one] for one in told.stories] if told.sums_up else [list(told.stories)]
    for part in parts:
        targets = [target for target, _topic in part]
        if not told.sums_up:
            targets += news_targets(told.facts)
        numbers = [number for story in part for number in rules.get(story, ())]
        held = [
            one
            for one in since
            if any(
                covers(one.target, target, rule, members)
                for target in targets
                for rule in (None, *numbers)
            )
        ]
        if held:
            longest = max(held, key=lambda one: (one.until, one.id))
            found[_name(longest.target) if told.sums_up else ""] = longest
    return found


def _name(target: str) -> str:
    """What a silence is of, where a message tells of several things; "" for all of them."""
    kind, _, rest = target.partition(":")
    return f"Alert {rest}" if kind == "rule" else target.partition("@")[0]


def _showing(
    wanted: Mapping[str, Silence], silences: Sequence[Silence], verb: str, zone: str, now: datetime
) -> Callable[[Sequence[Mark]], Sequence[Mark]]:
    """Puts the marks of those silences in place of others'; takes away what is not in force.

    A silence that ran its time keeps its mark, as what was.
    """
    in_force = {(one.target, one.until.isoformat()) for one in silences}

    def change(marks: Sequence[Mark]) -> Sequence[Mark]:
        there = [mark for mark in marks if _stands(mark, in_force, now)]
        for title, one in wanted.items():
            this = (one.target, one.until.isoformat())
            if not any(mark["kind"] == SILENCE and _named(mark) == this for mark in there):
                did = verb if one.starts_at == now else SILENCED
                mark = silence_mark(did, one.by, one.until, zone, one.target, title=title)
                there = with_mark(there, mark)
        return there

    return change


def _stands(mark: Mark, in_force: set[tuple[str, str]], now: datetime) -> bool:
    if mark["kind"] != SILENCE or datetime.fromisoformat(mark["until"]) <= now:
        return True
    return _named(mark) in in_force


def _named(mark: Mark) -> tuple[str, str]:
    return str(mark["target"]), str(mark["until"])


async def _here(connection: AsyncConnection, receiver_id: int, message: int | None) -> int | None:
    """That message in this channel: itself, or the newest that tells the same; None for none."""
    found = None if message is None else await messages.standing(connection, message)
    if found is None or found.receiver_id == receiver_id:
        return None if found is None else found.id
    return await _copy(connection, receiver_id, found.posted)


async def _copy(
    connection: AsyncConnection, receiver_id: int, facts: Mapping[str, Any]
) -> int | None:
    wanted = [facts.get(name) for name in _SAME]
    for key, told in await messages.recent(connection, receiver_id):
        if [told.get(name) for name in _SAME] == wanted:
            return key
    return None
