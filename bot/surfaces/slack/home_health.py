"""What of /status concerns one workspace, for its Home tab. Pure."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from bot.alerts.gate import Verdict
from bot.model.wording import count, day, listing, moment
from bot.surfaces.slack.home_view import Health

MOST_NAMED = 8


def health_of(facts: Mapping[str, Any], symbols: Collection[str]) -> Health:
    """How the bot does. `facts` are those of /status, `symbols` what the workspace follows."""
    stopped: Mapping[str, str] = facts["stopped_surfaces"]
    failing: Mapping[str, str] = facts["failing_sources"]
    lines = [_prices(facts)]
    lines += [
        f"{name.capitalize()} takes no messages: {why}" for name, why in sorted(stopped.items())
    ]
    lines += [f"{name} fails: {why}" for name, why in sorted(failing.items())]
    lines += [
        f"{symbol} is held back: {Verdict[reason.upper()].value}"
        for symbol, reason in sorted(facts["held"].items())
        if symbol in symbols
    ]
    old = [
        f"{symbol} to {day(date.fromisoformat(at))}"
        for symbol, at in sorted(facts["old_prices"].items())
        if symbol in symbols
    ]
    if old:
        lines.append(f"Old prices: {_some(old)}")
    without = [symbol for symbol in facts["no_price_yet"] if symbol in symbols]
    if without:
        lines.append(f"No price yet: {_some(without)}")
    asked = moment(datetime.fromisoformat(facts["asked_at"]))
    troubled = bool(stopped or failing or len(lines) > 1)
    sentence = "It works, with something to know:" if troubled else "It works."
    return Health(sentence, tuple(lines), f"As /aftershock status has it, asked at {asked}")


def _prices(facts: Mapping[str, Any]) -> str:
    if facts["prices_to"] is None:
        return "There are no prices yet."
    days = facts["price_age_days"]
    age = "today's" if days == 0 else f"{count(days, 'day')} old"
    return f"Prices to {day(date.fromisoformat(facts['prices_to']))}, {age}."


def _some(items: list[str]) -> str:
    more = len(items) - MOST_NAMED
    return listing([*items[:MOST_NAMED], *([f"{more} more"] if more > 0 else [])])
