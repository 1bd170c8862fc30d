"""Why something was told or not, step by step, in words. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.alerts.gate import Verdict
from bot.alerts.holds import HeldBy
from bot.model.rule import PPM, Condition
from bot.model.trust import Held
from bot.model.wording import count, listing, moment, price

_WAITS_FOR = {
    HeldBy.SILENCE: "a silence",
    HeldBy.QUIET: "quiet hours",
    HeldBy.CAP: "too many messages within the hour",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A level as it stands: `level` as in `Rule`, and when it last fired and re-armed.

    `since` is when the channel began to follow it: what fired before was not told here.
    """

    level: int
    armed: bool
    closes: int
    fired_at: datetime | None
    resolved_at: datetime | None
    since: datetime


def level_name(condition: Condition, level: int) -> str:
    """A level as people name it: "−10%", "150.00", "New high"."""
    if condition in (Condition.ABOVE, Condition.BELOW):
        return price(abs(level) / PPM)
    if condition in (Condition.PE_ABOVE, Condition.PE_BELOW):
        return f"P/E {abs(level) / PPM:g}"
    if condition in (Condition.HIGH, Condition.LOW):
        return f"New {condition.value}"
    if condition is Condition.MOVE:
        return f"±{level / 10_000:g}%"
    return f"{'−' if condition is Condition.DRAWDOWN else ''}{level / 10_000:g}%"


def standing_lines(
    condition: Condition, standings: Iterable[Standing], closes_needed: int, zone: str
) -> list[str]:
    """Which levels are ready and which have fired; those that stand alike in one line."""
    alike: dict[str, list[str]] = {}
    for one in standings:
        text = _standing(one, closes_needed, zone)
        alike.setdefault(text, []).append(level_name(condition, one.level))
    return [f"{listing(names)}: {text}" for text, names in alike.items()]


def _standing(one: Standing, closes_needed: int, zone: str) -> str:
    """Whether a level is ready or has fired, and whether that could be told here."""
    if one.armed:
        if one.fired_at and one.resolved_at and one.fired_at >= one.since:
            return (
                f"ready (last fired {moment(one.fired_at, zone)}, "
                f"re-armed {moment(one.resolved_at, zone)})"
            )
        return "ready"
    if one.fired_at is None or one.resolved_at is not None:
        text = "reached before this alert was added; not told"
    elif one.fired_at < one.since:
        text = f"reached {moment(one.fired_at, zone)}, before this alert was added; not told"
    else:
        text = f"fired {moment(one.fired_at, zone)}"
    if one.closes:
        text += f"; {one.closes} of {count(closes_needed, 'close')} needed to re-arm"
    return text


def held_price_text(one: Held, zone: str) -> str:
    """A price that the gate holds, and why."""
    if one.price <= 0:
        return f"{one.symbol}: no price since {moment(one.since, zone)}"
    return (
        f"{one.symbol} at {price(one.price / PPM)} is held since {moment(one.since, zone)}: "
        f"{Verdict[one.reason].value}"
    )


def silenced_text(target: str) -> str:
    """What is silenced, as /silence list says it: "Everything here", "Alert 2", "NVDA"."""
    if not target:
        return "Everything here"
    kind, _, rest = target.partition(":")
    if kind == "rule":
        return f"Alert {rest}"
    return f"Lab {rest}" if kind == "lab" else target.partition("@")[0]


def waiting_text(until: datetime, held_by: str | None, zone: str) -> str:
    """Until when something waits to be told, and what for."""
    why = _WAITS_FOR.get(HeldBy(held_by), held_by) if held_by else "company, or a pause"
    return f"until {moment(until, zone)} ({why})"


def decided_lines(decided: Iterable[tuple[datetime, str, str]], zone: str) -> list[str]:
    """Decisions, oldest first: moment, what it was about (or ""), why. Equal ones in a row are one.

    A decision of which nobody knows what it was about is the same as the one beside it.
    """
    merged: list[tuple[datetime, datetime, str, str]] = []
    for at, what, why in decided:
        if merged and merged[-1][3] == why and (not what or merged[-1][2] in ("", what)):
            first, _last, before, _why = merged.pop()
            merged.append((first, at, what or before, why))
        else:
            merged.append((at, at, what, why))
    lines = []
    for first, last, what, why in merged:
        when, until = moment(first, zone), moment(last, zone)
        when += f" to {until}" if until != when else ""
        lines.append(f"{when}: {what + ': ' if what else ''}{why}")
    return lines


def delivered_text(
    action: str, state: str, enqueued: datetime, sent: datetime | None, tries: int, zone: str
) -> str:
    """How a message fared on its way."""
    fate = {"dead": "not sent"}.get(state, state)
    if sent is not None:
        same = moment(sent, zone) == moment(enqueued, zone)
        fate = "sent" if same else f"sent {moment(sent, zone)}"
    after = f" after {count(tries, 'try', 'tries')}" if tries > 1 else ""
    return f"{moment(enqueued, zone)}: {action}, {fate}{after}"


def overview_line(
    label: str,
    figure: str,
    opened: datetime | None,
    waits: str,
    told: datetime | None,
    zone: str,
    *,
    sent: bool,
) -> str:
    """One followed target in a line: last figure, state, when it was last told (if `sent`)."""
    state = "nothing under way"
    if opened is not None:
        state = f"waits {waits}" if waits else f"under way since {moment(opened, zone)}"
    last = "never told here"
    if told is not None:
        when = moment(told, zone)
        last = f"last told {when}" if sent else f"the message of {when} is on its way"
    return "; ".join([f"{label}: {figure}", state, last])


def first_lines(lines: Sequence[str], most: int, more: str) -> list[str]:
    """At most so many lines, and how many were left out."""
    rest = len(lines) - most
    return list(lines) if rest <= 0 else [*lines[:most], f"… {rest} more; {more}"]
