"""/alert explain: why an alert was told, or was not, step by step."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.gate import Verdict
from bot.answers.alert import of_channel
from bot.answers.targets import Known, find_target, known
from bot.cards.conditions import rule_text
from bot.cards.rules import fired_text
from bot.errors import UserError
from bot.model.card import Card, Field
from bot.model.rule import PPM, Condition, condition_of
from bot.model.wording import day, listing, moment, price
from bot.services import Request
from storage import controls, levels, outbox, receivers, trust
from storage.levels import LastAlert, StoredLevel, WatchedKey
from storage.receivers import Subscription

MOST = 6


async def explain(request: Request) -> Card:
    """Rule, figure, gate, silence, grouping and delivery of one target, each with its time."""
    async with request.services.database.read() as connection:
        names = await known(connection, request)
        found = await of_channel(connection, request)
        receiver = await receivers.find_receiver(
            connection, request.receiver.surface, request.receiver.address
        )
        if request.options.get("target") is None:
            followed = sorted({s.rule.target for s in found if s.rule is not None})
            if not followed or receiver is None:
                raise UserError("This channel has no alerts; add one with /alert add NVDA.")
            target = (
                followed[0]
                if len(followed) == 1
                else await _newest(connection, followed, receiver.id)
            )
        else:
            target = find_target(request.options["target"], names, request.receiver.owner)
        fields = [
            *await _rules(connection, target, found, names),
            *await _gate(connection, target, names),
        ]
        if receiver is not None:
            fields += await _controls(connection, target, receiver.id, request.now)
            fields += await _history(connection, target, receiver.id)
    label = names.baskets[target].name if target in names.baskets else target
    return Card(
        title=f"Why {label} was told here, or was not",
        fields=tuple(fields),
        footer=f"Asked at {moment(request.now)}",
        facts={"target": target, "steps": [{"step": f.name, "text": f.value} for f in fields]},
    )


async def _newest(connection: AsyncConnection, targets: list[str], receiver_id: int) -> str:
    found = await trust.decisions(connection, targets, receiver_id, 1)
    return found[0].target if found else targets[0]


async def _rules(
    connection: AsyncConnection, target: str, found: list[Subscription], names: Known
) -> list[Field]:
    """Each rule on the target: what was measured last, and which of its levels have fired."""
    mine = [s for s in found if s.rule is not None and s.rule.target == target]
    through = [
        s
        for s in found
        if s.rule is not None
        and s.rule.target in names.baskets
        and target in names.baskets[s.rule.target].members
    ]
    fields = []
    for item in (mine + [s for s in through if s.members])[:MOST]:
        assert item.rule is not None
        key = f"{target}|{item.rule.measure}"
        reading = await levels.reading_of(connection, key)
        states = [
            one
            for one in await levels.levels_of(connection, key)
            if one.state.level in item.rule.levels and one.state.band == item.rule.band
        ]
        alerts = await levels.last_alerts(connection, [state.id for state in states])
        label = names.baskets[target].name if target in names.baskets else target
        text = [
            rule_text(item.rule, label),
            _measured(reading),
            _states(states, condition_of(item.rule.measure), alerts),
        ]
        fields.append(Field(f"Alert {item.id}", "\n".join(text)))
    if not mine and through:
        baskets = listing([names.baskets[s.rule.target].name for s in through if s.rule])
        fields.append(
            Field("Rule", f"None of its own: it is told in the table of {baskets} when that falls.")
        )
    elif not mine:
        fields.append(
            Field("Rule", f"None: this channel does not follow it. Try /alert add {target}")
        )
    return fields


def _measured(reading: WatchedKey | None) -> str:
    if reading is None or reading.value is None or reading.day is None:
        return "Not measured yet: too few closes, or a figure is missing."
    text = fired_text(condition_of(reading.measure), 0, reading.value).partition(", level")[0]
    live = ", and by prices since" if reading.live else ""
    return f"Last figure: {text}; judged on the close of {day(reading.day)}{live}."


def _states(states: list[StoredLevel], condition: Condition, alerts: dict[int, LastAlert]) -> str:
    lines = []
    for one in states:
        last = alerts.get(one.id)
        name = _level_name(condition, one.state.level)
        if one.state.armed:
            text = f"{name}: ready"
            if last is not None and last.resolved_at is not None:
                text += f" (last told {moment(last.fired_at)}, re-armed {moment(last.resolved_at)})"
        else:
            text = f"{name}: fired"
            if last is not None:
                text += f" {moment(last.fired_at)}"
            if one.state.closes:
                text += f"; {one.state.closes} closes towards re-arming"
        lines.append(text)
    return "\n".join(lines)


def _level_name(condition: Condition, level: int) -> str:
    if condition in (Condition.ABOVE, Condition.BELOW):
        return price(abs(level) / PPM)
    if condition in (Condition.PE_ABOVE, Condition.PE_BELOW):
        return f"{abs(level) / PPM:g}"
    if condition in (Condition.HIGH, Condition.LOW):
        return f"New {condition.value}"
    sign = "−" if condition is Condition.DRAWDOWN else ""
    return f"{sign}{level / 10_000:g}%"


async def _gate(connection: AsyncConnection, target: str, names: Known) -> list[Field]:
    held = await trust.held(connection)
    symbols = names.baskets[target].members if target in names.baskets else (target,)
    found = [
        f"{symbol} at {price(one.price / PPM)} is held since {moment(one.since)}: "
        f"{Verdict[one.reason].value}"
        for symbol in symbols
        if (one := held.get(symbol)) is not None
    ]
    return [Field("Prices", "\n".join(found) or "all let through")]


async def _controls(
    connection: AsyncConnection, target: str, receiver_id: int, now: datetime
) -> list[Field]:
    silences = await controls.silences(connection, [receiver_id], now)
    lines = [
        f"{one.target.partition('@')[0] or 'everything'} until {moment(one.until)}"
        for one in silences
    ]
    return [Field("Silences here", "\n".join(lines) or "none")]


async def _history(connection: AsyncConnection, target: str, receiver_id: int) -> list[Field]:
    decided = await trust.decisions(connection, [target], receiver_id, MOST)
    sent = await outbox.about(connection, receiver_id, target, MOST)
    fields = []
    if decided:
        lines = [f"{moment(d.at)}: {d.reason}" for d in reversed(decided)]
        fields.append(Field("Decided", "\n".join(lines)))
    if sent:
        lines = [
            f"{moment(row.created_at)}: {row.action}, "
            + (f"sent {moment(row.sent_at)}" if row.sent_at else row.state)
            + (f" after {row.attempts} tries" if row.attempts > 1 else "")
            for row in reversed(sent)
        ]
        fields.append(Field("Delivered", "\n".join(lines)))
    return fields or [Field("Decided", "nothing yet")]
