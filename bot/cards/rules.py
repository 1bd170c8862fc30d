"""What a rule measures, and what it would have told, in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.cards.conditions import rank_text, rule_text
from bot.model.rule import PPM, Condition, Rule
from bot.model.wording import count, day, level, listing, percent, price, share

_HIGH_LOW = (Condition.HIGH, Condition.LOW)


@dataclass(frozen=True, slots=True)
class Figure:
    """What a rule measured on a session, with what it takes to say it.

    `value` and `level` are signed and in parts per million as `bot.model.rule.Rule` says; `close`
    and `extreme` (the highest or lowest close of the 52 weeks before) in quoted units, None for a
    basket, whose index is no price; `move` is a fraction. Unknown is None.
    """

    value: int
    level: int = 0
    day: date | None = None
    close: float | None = None
    extreme: float | None = None
    move: float | None = None


def figure_text(condition: Condition, figure: Figure) -> str:
    """What was measured, in a few words: "−20.8%", "down 8.9%", "108.38, high of 52 weeks …"."""
    value = figure.value / PPM
    if condition is Condition.DRAWDOWN:
        return percent(value)
    if condition is Condition.MOVE:
        if figure.move is None:
            return f"{share(value)} up or down"
        return f"{'down' if figure.move < 0 else 'up'} {share(figure.move)}"
    if condition in (Condition.ABOVE, Condition.BELOW):
        return f"at {price(abs(value))}" if value else "no price"
    if condition in (Condition.PE_ABOVE, Condition.PE_BELOW):
        return f"P/E {abs(value):.1f}"
    if condition in _HIGH_LOW:
        return _extreme_text(condition, figure)
    return rank_text(abs(value))


def _extreme_text(condition: Condition, figure: Figure) -> str:
    """A price beside its 52-week high or low. A value of 0 or less is a new one."""
    word = condition.value
    if figure.value <= 0:
        place = "" if figure.close is None else f"{price(figure.close)}, "
        before = "" if figure.extreme is None else f"; before it {price(figure.extreme)}"
        return f"{place}a new 52-week {word}{before}"
    if figure.close is None or figure.extreme is None:
        side = "below" if condition is Condition.HIGH else "above"
        return f"{share(figure.value / PPM)} {side} the {word} of 52 weeks"
    return f"{price(figure.close)}, {word} of 52 weeks {price(figure.extreme)}"


def fired_text(condition: Condition, figure: Figure) -> str:
    """What a session reached, in a few words: "−10.8%, level −10%"."""
    if condition is Condition.DRAWDOWN:
        return f"{figure_text(condition, figure)}, level {level(figure.level / PPM)}"
    if condition in _HIGH_LOW and figure.close is not None:
        return f"at {price(figure.close)}"
    return figure_text(condition, figure)


def history_text(
    fired: Sequence[Figure], first: date | None, last: date | None, condition: Condition
) -> str:
    """ "On daily closes it would have fired 7 times since 27 Jan 2023; the last 3: …"."""
    if first is None or last is None:
        return untested_text(condition)
    if not fired:
        return f"On daily closes it would not have fired from {day(first)} to {day(last)}."
    times = "once" if len(fired) == 1 else f"{len(fired)} times"
    text = f"On daily closes it would have fired {times} from {day(first)} to {day(last)}"
    newest = [f"{day(f.day)} ({fired_text(condition, f)})" for f in fired[-3:] if f.day]
    lead = "; the last 3 were on" if len(fired) > 3 else ": on" if len(fired) == 1 else "; on"
    return f"{text}{lead} {listing(newest)}."


def untested_text(condition: Condition) -> str:
    """Why a rule has no past to be tested on."""
    if condition in (Condition.PE_ABOVE, Condition.PE_BELOW):
        return (
            "It cannot be tested: no earlier estimates of earnings can be had. They are kept from "
            "the day on which a symbol is first watched."
        )
    if condition in (Condition.CROWDING, Condition.VOLATILITY):
        return "It cannot be tested yet: a rank among two years takes a year of closes at least."
    if condition in _HIGH_LOW:
        return "It cannot be tested yet: a 52-week figure takes a year of closes."
    return "It cannot be tested yet: there are no closes."


def tested_title(
    rule: Rule, label: str, times: int, first: date | None, *, whole: bool, plural: bool
) -> str:
    """A rule and how often it would have fired; not `whole` where two years are not there."""
    text = rule_text(rule, label[0].upper() + label[1:], plural=plural)
    if first is None:
        return f"{text}: cannot be tested"
    often = {0: "never", 1: "once"}.get(times, count(times, "time"))
    return f"{text}: {often} {'in two years' if whole else 'since ' + day(first)}"


def intraday_note(condition: Condition) -> str:
    """What daily closes leave out."""
    if condition in (Condition.CROWDING, Condition.VOLATILITY):
        return "It is judged on closes only."
    return "Only daily closes are judged here; within the days there would be more."
