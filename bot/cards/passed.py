"""What was reached but is no longer so, because it was held back meanwhile. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.model.rule import Condition
from bot.model.wording import day, price, share


def has_passed(facts: Mapping[str, Any]) -> bool:
    """Whether what was reached is no longer so: it was held back meanwhile."""
    return not facts.get("beyond", True)


def reached_text(facts: Mapping[str, Any]) -> str:
    """A condition that was met but is no longer, with the day and the figure of now."""
    title, on = facts["title"], day(date.fromisoformat(facts["crossed_on"]))
    condition, value = Condition(facts["condition"]), facts["value"]
    was, its = ("were", "are") if facts["basket"] else ("was", "is")
    if condition is Condition.MOVE:
        way = "up" if value >= 0 else "down"
        if abs(value) >= facts["level"]:
            watched = f"alert at {facts['level'] * 100:g}% or more"
            return f"{title} {was} {way} {share(value)} on {on} ({watched})"
        return f"{title} moved by {share(facts['level'])} on {on}; {its} {way} {share(value)} now"
    now = "" if facts["last"] is None else f"; {its} at {price(facts['last'])} now"
    if condition in (Condition.ABOVE, Condition.BELOW):
        return f"{title} {was} {condition.value} {price(facts['level'])} on {on}{now}"
    if condition in (Condition.HIGH, Condition.LOW):
        return f"{title} {was} at a new 52-week {condition.value} on {on}{now}"
    if condition in (Condition.PE_ABOVE, Condition.PE_BELOW):
        side = condition.value.removeprefix("pe-")
        earlier = f"{title} {was} {side} {facts['level']:g} times forward earnings on {on}"
        return f"{earlier}; {its} at {value:.1f} now"
    what = "moved as one" if condition is Condition.CROWDING else "swung unusually"
    return f"{title} {what} on {on}, and no longer {'do' if facts['basket'] else 'does'}"
