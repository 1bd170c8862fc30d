"""How the conditions of rules read, in rules and in messages. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.model.rule import PPM, Condition, Rule
from bot.model.wording import level as level_text
from bot.model.wording import listing, price, share


def condition_text(facts: Mapping[str, Any]) -> str:
    """A met condition in one line, the figure first."""
    title, verb = facts["title"], "are" if facts["basket"] else "is"
    condition, level, value = Condition(facts["condition"]), facts["level"], facts["value"]
    if condition is Condition.MOVE:
        way = "up" if value >= 0 else "down"
        return f"{title} {verb} {way} {share(value)} on the day (watched from {level * 100:g}%)"
    if condition in (Condition.ABOVE, Condition.BELOW):
        return f"{title} {verb} at {price(facts['last'])}, {condition.value} {price(level)}"
    if condition in (Condition.HIGH, Condition.LOW):
        word = "high" if condition is Condition.HIGH else "low"
        place = "" if facts["last"] is None else f"{price(facts['last'])}, "
        return f"{title} {verb} at {place}a new 52-week {word}"
    if condition in (Condition.PE_ABOVE, Condition.PE_BELOW):
        side = condition.value.removeprefix("pe-")
        return f"{title} {verb} at {value:.1f} times forward earnings, {side} {level:g}"
    what = "moves as one" if condition is Condition.CROWDING else "swings unusually"
    if facts["basket"]:
        what = what.replace("moves", "move").replace("swings", "swing")
    days = f"higher than on {share(value, 0)} of days in two years"
    return f"{title} {what}: {_measure_name(condition)} is {days}"


def _measure_name(condition: Condition) -> str:
    if condition is Condition.CROWDING:
        return "the 21-day correlation of its members"
    return "the 21-day volatility"


def rule_text(rule: Rule, label: str) -> str:
    """A rule in words: "NVDA falls by −10% or −20% from its peak"."""
    figures = [abs(level) / PPM for level in rule.levels]
    condition = rule.condition
    if condition is Condition.DRAWDOWN:
        return f"{label} falls by {listing([level_text(f) for f in figures], 'or')}"
    if condition is Condition.MOVE:
        moves = listing([f"±{f * 100:g}%" for f in figures], "or")
        return f"{label} moves by {moves} on a day"
    if condition in (Condition.ABOVE, Condition.BELOW):
        return f"{label} is {condition.value} {listing([price(f) for f in figures], 'or')}"
    if condition in (Condition.HIGH, Condition.LOW):
        return f"{label} is at a new 52-week {condition.value}"
    if condition in (Condition.PE_ABOVE, Condition.PE_BELOW):
        side = condition.value.removeprefix("pe-")
        return f"{label} has a forward P/E {side} {listing([f'{f:g}' for f in figures], 'or')}"
    what = "moves as one" if condition is Condition.CROWDING else "swings unusually"
    return f"{label} {what} (top {100 - figures[0] * 100:g}% of two years)"
