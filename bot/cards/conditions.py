"""How the conditions of rules read, in rules and in messages. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.model.rule import PPM, Condition, Rule
from bot.model.wording import listing, price, share


def condition_text(facts: Mapping[str, Any]) -> str:
    """A met condition in one line, the figure first."""
    title, verb = facts["title"], "are" if facts["basket"] else "is"
    condition, level, value = Condition(facts["condition"]), facts["level"], facts["value"]
    if value is None and condition not in (Condition.HIGH, Condition.LOW):
        return f"{title}: {_unknown(condition)}"
    if condition is Condition.MOVE:
        way = "up" if value >= 0 else "down"
        return f"{title} {verb} {way} {share(value)} on the day (alert at {level * 100:g}% or more)"
    if condition in (Condition.ABOVE, Condition.BELOW):
        return f"{title} {verb} at {price(facts['last'])}, {condition.value} {price(level)}"
    if condition in (Condition.HIGH, Condition.LOW):
        word = "high" if condition is Condition.HIGH else "low"
        place = "" if facts["last"] is None else f"{price(facts['last'])}, "
        return f"{title} {verb} at {place}a new 52-week {word}"
    if condition in (Condition.PE_ABOVE, Condition.PE_BELOW):
        side = condition.value.removeprefix("pe-")
        return f"{title} {verb} at {value:.1f} times forward earnings, {side} {level:g}"
    days = rank_text(value) + ("" if value >= 1 else " in two years")
    return f"{title} {_act(condition, facts['basket'])}: {_measure_name(condition)} is {days}"


def _unknown(condition: Condition) -> str:
    what = {
        Condition.MOVE: "move on the day",
        Condition.PE_ABOVE: "forward P/E",
        Condition.PE_BELOW: "forward P/E",
        Condition.CROWDING: "correlation of its members",
        Condition.VOLATILITY: "volatility",
    }.get(condition, "price")
    return f"the {what} is unknown at the moment"


def rank_text(rank: float) -> str:
    """A rank among the days of two years: 0.97 → "higher than on 97% of days"."""
    if rank >= 1:
        return "the highest of two years"
    # Never rounded up to all days: that would be the highest.
    return f"higher than on {min(int(rank * 100 + 0.5), 99)}% of days"


def _act(condition: Condition, plural: bool) -> str:
    if condition is Condition.CROWDING:
        return "move as one" if plural else "moves as one"
    return "swing unusually" if plural else "swings unusually"


def _measure_name(condition: Condition) -> str:
    if condition is Condition.CROWDING:
        return "the 21-day correlation of its members"
    return "the 21-day volatility"


def rule_text(rule: Rule, label: str, *, plural: bool = False) -> str:
    """A rule in words: "NVDA is 10% below its peak"; where `plural`, "AI stocks are … their …"."""
    figures = [abs(level) / PPM for level in rule.levels]
    condition = rule.condition
    verb, ending = ("are", "") if plural else ("is", "s")
    if condition is Condition.DRAWDOWN:
        levels = listing([f"{f * 100:g}%" for f in figures], "or")
        return f"{label} {verb} {levels} below {'their' if plural else 'its'} peak"
    if condition is Condition.MOVE:
        moves = listing([f"±{f * 100:g}%" for f in figures], "or")
        return f"{label} move{ending} by {moves} on a day"
    if condition in (Condition.ABOVE, Condition.BELOW):
        return f"{label} {verb} {condition.value} {listing([price(f) for f in figures], 'or')}"
    if condition in (Condition.HIGH, Condition.LOW):
        return f"{label} {verb} at a new 52-week {condition.value}"
    if condition in (Condition.PE_ABOVE, Condition.PE_BELOW):
        side = condition.value.removeprefix("pe-")
        return f"{label} has a forward P/E {side} {listing([f'{f:g}' for f in figures], 'or')}"
    ranks = listing([f"top {100 - f * 100:g}%" for f in figures], "or")
    return f"{label} {_act(condition, plural)} ({ranks} of two years)"
