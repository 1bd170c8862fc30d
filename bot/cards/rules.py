"""What a rule would have told, and why it did or did not, as cards. Pure."""

from collections.abc import Sequence
from datetime import date

from bot.cards.conditions import rule_text
from bot.model.rule import PPM, Condition, Rule
from bot.model.wording import day, level, listing, percent, price


def history_text(
    fired: Sequence[tuple[date, int, int]],
    first: date | None,
    last: date | None,
    condition: Condition,
) -> str:
    """ "On daily closes it would have fired 7 times since 27 Jan 2023; the last 3: …"."""
    if first is None or last is None:
        return "There is no history yet to say how often it would have fired."
    if not fired:
        return f"On daily closes it would not have fired since {day(first)}."
    times = "once" if len(fired) == 1 else f"{len(fired)} times"
    text = f"On daily closes it would have fired {times} from {day(first)} to {day(last)}"
    newest = [
        f"{day(at)} ({fired_text(condition, level_, value)})" for at, level_, value in fired[-3:]
    ]
    lead = "; on" if len(fired) == 1 else "; on" if len(fired) <= 3 else "; the last 3 were on"
    return f"{text}{lead} {listing(newest)}."


def fired_text(condition: Condition, level_: int, value: int) -> str:
    """What a session reached, in a few words: "−10.8%, level −10%"."""
    if condition is Condition.DRAWDOWN:
        return f"{percent(value / PPM)}, level {level(level_ / PPM)}"
    if condition is Condition.MOVE:
        return f"moved {abs(value) / PPM * 100:.1f}%"
    if condition in (Condition.ABOVE, Condition.BELOW):
        return f"at {price(abs(value) / PPM)}"
    if condition in (Condition.PE_ABOVE, Condition.PE_BELOW):
        return f"P/E {abs(value) / PPM:.1f}"
    if condition in (Condition.CROWDING, Condition.VOLATILITY):
        return f"above {abs(value) / PPM:.0%} of days"
    return "a new " + condition.value


def rule_title(rule: Rule, label: str) -> str:
    """A rule as a title."""
    text = rule_text(rule, label)
    return text[0].upper() + text[1:] if text[0].islower() and not rule.target.islower() else text


def intraday_note(condition: Condition) -> str:
    """What daily closes leave out."""
    if condition in (Condition.CROWDING, Condition.VOLATILITY):
        return "It is judged on closes only."
    return "Only daily closes are judged here; within the days there would be more."
