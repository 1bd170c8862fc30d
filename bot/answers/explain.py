"""/alert explain: why an alert was told, or was not, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.holds import covers, quiet_until
from bot.answers.alert import of_channel, zone_of
from bot.answers.explain_news import target_or_news
from bot.answers.explain_tracked import beside
from bot.answers.figures import measured_text
from bot.answers.targets import Known, known
from bot.cards import explain as words
from bot.cards.conditions import rule_text
from bot.cycle.board import Board
from bot.cycle.load import load_board
from bot.errors import UserError
from bot.model.card import Card, Field
from bot.model.receiver import Receiver
from bot.model.rule import Condition, Rule
from bot.model.story import Story
from bot.model.wording import clock_hours, count, day, listing, moment
from bot.services import Request
from storage import controls, levels, outbox, receivers, stories, trust
from storage.fired import last_alerts
from storage.levels import StoredLevel, WatchedKey
from storage.receivers import Subscription
from storage.stories import StoredStory

MOST = 6
MOST_LINES = 12


@dataclass(frozen=True)
class View:
    """What an explanation is made from: this channel, what it follows, and prices."""

    connection: AsyncConnection
    request: Request
    names: Known
    found: Sequence[Subscription]
    receiver: Receiver | None
    zone: str
    board: Board


async def explain(request: Request) -> Card:
    """Rule, figure, gate, controls, grouping and delivery of one target, each with its time.

    Without a target a line on each that is followed, and the steps of the newest. What is no
    target may be a model or a headline that a feed had.
    """
    async with request.services.database.read() as connection:
        view = await _view(connection, request)
        followed = list(dict.fromkeys(s.rule.target for s in view.found if s.rule is not None))
        overview: list[dict[str, Any]] = []
        if request.options.get("target") is None:
            if not followed or view.receiver is None:
                raise UserError("This channel has no alerts; add one with /alert add NVDA.")
            overview = [await _overview(view, target, view.receiver.id) for target in followed]
            target = await _newest(connection, followed, view.receiver.id)
        else:
            named = await target_or_news(connection, request, view.names, view.zone)
            if isinstance(named, Card):
                return named
            target = named
        fields = await _steps(view, target)
    label = view.names.label(target)
    title = f"{label}: why this channel was told, or was not"
    lines = [str(one["text"]) for one in overview]
    if overview:
        title = f"What this channel follows: {count(len(followed), 'target')}"
        lines = words.first_lines(lines, MOST_LINES, "ask for one by its name")
        lines.append(f"{label}, step by step:")
    return Card(
        title=title,
        text="\n".join(lines),
        fields=tuple(fields),
        footer=f"Asked at {moment(request.now, view.zone)}",
        facts={
            "target": target,
            "steps": [{"step": f.name, "text": f.value} for f in fields],
            "followed": overview,
        },
    )


async def _view(connection: AsyncConnection, request: Request) -> View:
    names = await known(connection, request)
    found = await of_channel(connection, request)
    receiver = await receivers.find_receiver(
        connection, request.receiver.surface, request.receiver.address
    )
    targets = {s.rule.target for s in found if s.rule is not None}
    targets |= {m for s in found if s.members and s.rule for m in _members(names, s.rule.target)}
    measures = {s.rule.measure for s in found if s.rule is not None}
    board = await load_board(
        connection, sorted(targets), measures, request.now, baskets=names.baskets
    )
    if request.services.live.prices:
        board = board.priced(request.services.live.running(), request.now)
    zone = await zone_of(connection, request)
    return View(connection, request, names, found, receiver, zone, board)


def _members(names: Known, target: str) -> Sequence[str]:
    return names.baskets[target].members if target in names.baskets else ()


async def _newest(connection: AsyncConnection, targets: list[str], receiver_id: int) -> str:
    found = await trust.decisions(connection, targets, receiver_id, 1)
    return found[0].target if found else targets[0]


async def _overview(view: View, target: str, receiver_id: int) -> dict[str, Any]:
    """One followed target in a line."""
    rules = [s.rule for s in view.found if s.rule is not None and s.rule.target == target]
    rule = next((r for r in rules if r.condition is Condition.DRAWDOWN), rules[0])
    reading = await levels.reading_of(view.connection, rule.key)
    rows = await outbox.about(view.connection, receiver_id, target, MOST)
    told = next((row for row in rows if row.state != "dead"), None)
    opened = await stories.open_stories(
        view.connection, receiver_ids=[receiver_id], targets=[target]
    )
    waits = [text for story in opened if (text := _waits(story, view))]
    text = words.overview_line(
        view.names.label(target),
        measured_text(view.board, reading) or "not measured yet",
        min((story.opened_at for story in opened), default=None),
        waits[0] if waits else "",
        (told.sent_at or told.created_at) if told else None,
        view.zone,
        sent=told is not None and told.sent_at is not None,
    )
    last = told.sent_at.isoformat() if told and told.sent_at else None
    return {"target": target, "text": text, "open": bool(opened), "last_told": last}


async def _steps(view: View, target: str) -> list[Field]:
    """Everything that was judged of a target, in the order in which it is judged."""
    fields, followed = await _rules(view, target)
    fields += await _gate(view, target)
    if view.receiver is not None:
        fields += await _controls(view, target, view.receiver.id)
        fields += await _history(view, target, view.receiver.id, followed)
    return fields


# When levels fired, and how each is named.
_Fired = dict[datetime, list[str]]


async def _rules(view: View, target: str) -> tuple[list[Field], _Fired]:
    """Each rule on the target: what was measured last, and which of its levels have fired."""
    names = view.names
    through = [
        s for s in view.found if s.rule is not None and target in _members(names, s.rule.target)
    ]
    fields: list[Field] = []
    fired: _Fired = {}
    for rule, items in _alike(view.found, target, through).items():
        key = f"{target}|{rule.measure}"
        reading = await levels.reading_of(view.connection, key)
        states = [
            one
            for one in await levels.levels_of(view.connection, key)
            if one.state.level in rule.levels and one.state.band == rule.band
        ]
        standings = await _standings(view, states, min(s.created_at for s in items))
        numbers = listing([str(s.id) for s in items])
        name = f"Alert {numbers}" if len(items) == 1 else f"Alerts {numbers}"
        # Of several levels that fired at once the deepest, which comes last, is told.
        deepest = {one.fired_at: one.level for one in standings if one.fired_at is not None}
        for at, level in deepest.items():
            label = f"{name.lower()}, {words.level_name(rule.condition, level)}"
            fired.setdefault(at, []).append(label)
        closes = view.request.services.settings.alerts.rearm_closes
        text = [
            rule_text(rule, names.label(target), plural=target in names.baskets),
            _measured(view, reading),
            *words.standing_lines(rule.condition, standings, closes, view.zone),
        ]
        fields.append(Field(name, "\n".join(text)))
    if not fields:
        fields.append(Field("Rule", _unfollowed(names, target, through)))
    return fields[:MOST], fired


def _alike(
    found: Sequence[Subscription], target: str, through: Sequence[Subscription]
) -> dict[Rule, list[Subscription]]:
    """The alerts that judge a target, those with the same rule together."""
    mine = [s for s in found if s.rule is not None and s.rule.target == target]
    rules: dict[Rule, list[Subscription]] = {}
    for item in [*mine, *(s for s in through if s.members)]:
        assert item.rule is not None
        wanted = item.rule
        rule = Rule(target, wanted.measure, wanted.levels, wanted.band, wanted.condition)
        rules.setdefault(rule, []).append(item)
    return rules


def _unfollowed(names: Known, target: str, through: Sequence[Subscription]) -> str:
    if through:
        titles = dict.fromkeys(names.label(s.rule.target) for s in through if s.rule)
        return f"None of its own: it is told in the table of {listing(list(titles))}."
    name = target.partition("@")[0]
    return f"None: this channel does not follow it. Try /alert add {name}"


async def _standings(
    view: View, states: Sequence[StoredLevel], since: datetime
) -> list[words.Standing]:
    alerts = await last_alerts(view.connection, [state.id for state in states])
    found = []
    for one in states:
        last = alerts.get(one.id)
        found.append(
            words.Standing(
                one.state.level,
                one.state.armed,
                one.state.closes,
                last.fired_at if last else None,
                last.resolved_at if last else None,
                since,
            )
        )
    return found


def _measured(view: View, reading: WatchedKey | None) -> str:
    text = measured_text(view.board, reading)
    if reading is None or text is None or reading.day is None:
        return "Not measured yet: too few closes, or a figure is missing."
    live = ", and by prices since" if reading.live else ""
    return f"Last figure: {text}; judged on the close of {day(reading.day)}{live}."


async def _gate(view: View, target: str) -> list[Field]:
    held = await trust.held(view.connection)
    symbols = _members(view.names, target) or (target,)
    lines = [words.held_price_text(held[s], view.zone) for s in symbols if s in held]
    shown = words.first_lines(lines, MOST, "/status lists them")
    return [Field("Prices", "\n".join(shown) or "all let through")]


async def _controls(view: View, target: str, receiver_id: int) -> list[Field]:
    """What people asked for that holds this target: silences, quiet hours, the cap, what waits."""
    connection, zone, now = view.connection, view.zone, view.request.now
    members = {t: frozenset(b.members) for t, b in view.names.baskets.items()}
    numbers = [s.id for s in view.found if s.rule is not None and s.rule.target == target]
    silences = [
        f"{words.silenced_text(one.target)} until {moment(one.until, zone)}"
        for one in await controls.silences(connection, [receiver_id], now)
        if any(covers(one.target, target, number, members) for number in (None, *numbers))
    ]
    wishes = (await controls.wishes(connection, [receiver_id]))[receiver_id]
    quiet = "none"
    if wishes.quiet_from is not None and wishes.quiet_to is not None:
        quiet = f"{clock_hours(wishes.quiet_from, wishes.quiet_to)} {zone}"
        until = quiet_until(now, zone, wishes.quiet_from, wishes.quiet_to)
        quiet += f"; now, until {moment(until, zone)}" if until else ""
    cap = wishes.hourly_cap or view.request.services.settings.alerts.hourly_cap
    fields = [
        Field("Silences", "\n".join(silences) or "none that covers it"),
        Field("Quiet hours", quiet),
        Field("At most", f"{count(cap, 'message')} an hour"),
    ]
    opened = await stories.open_stories(connection, receiver_ids=[receiver_id], targets=[target])
    waits = [text for story in opened if (text := _waits(story, view))]
    if waits:
        fields.append(Field("Waits", "\n".join(dict.fromkeys(waits))))
    return fields


def _waits(story: StoredStory, view: View) -> str:
    """Until when a story waits, and why; "" where nothing is left to tell."""
    state: Story = story.state
    if state.due_at is None or (state.level <= state.told_level and story.held_by is None):
        return ""
    return words.waiting_text(state.due_at, story.held_by, view.zone)


async def _history(view: View, target: str, receiver_id: int, fired: _Fired) -> list[Field]:
    decided = await trust.decisions(view.connection, [target], receiver_id, MOST)
    sent = await outbox.about(view.connection, receiver_id, target, MOST)
    at = {row.created_at: f"alert {row.subscription_id}" for row in sent if row.subscription_id}
    at |= {when: "; ".join(labels) for when, labels in fired.items()}
    steps = [
        # What concerns everybody, such as a price that is held, is of no alert.
        (d.at, at.get(d.at, "") if d.receiver_id is not None else "", d.reason)
        for d in reversed(decided)
    ]
    lines = words.decided_lines(steps, view.zone)
    fields = [Field("Decided", "\n".join(lines) or "nothing yet")]
    fields += beside(sent)
    if sent:
        delivered = [
            words.delivered_text(r.action, r.state, r.created_at, r.sent_at, r.attempts, view.zone)
            for r in reversed(sent)
        ]
        fields.append(Field("Delivered", "\n".join(delivered)))
    return fields
