"""The words of /impact: how far, how unusual, which sessions. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.market.base_rates import FEWEST, Rate
from bot.market.rivals import Rival, RivalKind
from bot.market.window import window_text
from bot.model.study import Day, Study
from bot.model.wording import count, day, listing, percent, sentence, share, weekday

NONE = "—"
# As the literature has it: one in twenty by chance.
UNUSUAL = 2.0
MOST_RIVALS, MOST_RELEASES = 5, 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of: `name` as in "after DeepSeek-R1"; `released` where it is a release;
    `together` are other names that came on that day or that may have been meant.
    """

    name: str
    day: date
    released: bool
    window: tuple[int, int]
    others: tuple[str, ...] = ()


def beyond(car: float, symbol: str = "") -> str:
    """ "did 14.9% worse than the market explains"; an index is "higher" or "lower": a volatility
    index that rises does no better.
    """
    if abs(car) < 0.0005:
        return "moved as the market explains"
    if symbol.startswith("^"):
        return f"ended {share(car)} {'lower' if car < 0 else 'higher'} than the market explains"
    return f"did {share(car)} {'worse' if car < 0 else 'better'} than the market explains"


def verdict(one: Study) -> str:
    """How unusual: in plain words first, then t and p."""
    last = one.last
    word = "Unusual" if abs(last.t) > UNUSUAL else "Not unusual"
    technical = f"t {number(last.t)}, p {p_text(last.p)}"
    sessions = count(len(one.days), "session")
    if one.placebo is None:
        return f"{word}, judged by the usual daily swings before it ({technical})."
    rank = one.placebo.percentile
    spans = f"of the {count(one.placebo.n, 'other span')} of {sessions}"
    if one.placebo.share == 0:
        said = f"larger than in all {spans}"
    else:
        said = f"larger than in {_whole(rank)} {spans}"
    return f"{word}: {said} ({technical})."


def _whole(rank: float) -> str:
    """A share that is never rounded up to all: 0.997 → "99.7%", 0.97 → "97%"."""
    text = f"{rank * 100:.0f}%"
    return f"{int(rank * 1000) / 10:.1f}%" if text in ("100%", "99%") else text


def number(value: float) -> str:
    """A figure with a true minus sign: "−3.98"."""
    return f"{value:.2f}".replace("-", "−")


def p_text(p: float) -> str:
    """ "0.031", "below 0.001"."""
    return "below 0.001" if p < 0.001 else f"{p:.3f}"


def sessions_text(asked: Asked, one: Study) -> list[str]:
    """When session 0 was and why, and what is over of the window."""
    zero, when = weekday(one.zero), weekday(asked.day)
    if one.zero == asked.day:
        said = f"Released on {when}" if asked.released else when
        verb = ", a day of trading, which is" if asked.released else " is a day of trading and"
        first = f"{said}{verb} session 0."
    else:
        said = f"Released on {when}, when" if asked.released else f"On {when}"
        first = f"{said} New York was closed: session 0 is {zero}, the first after it."
    lines = [first]
    if asked.window == (0, 0):
        return [first.removesuffix(".") + ", the only one looked at."]
    days = zero
    if len(one.days) > 1:
        days = f"{day(one.days[0].day)} to {day(one.last.day)}"
    span = f"Window {window_text(asked.window)}: {count(len(one.days), 'session')}, {days}"
    if one.whole:
        return [*lines, f"{span}."]
    whole = asked.window[1] - asked.window[0] + 1
    left = whole - len(one.days)
    verb = "is" if left == 1 else "are"
    return [*lines, f"{span}; {left} of {whole} {verb} not over yet."]


def largest(one: Study) -> str:
    """The session that stands out most, where one does; "" otherwise or for a single session."""
    top = max(one.days, key=lambda each: abs(each.ar_t))
    if len(one.days) < 2 or abs(top.ar_t) <= UNUSUAL:
        return ""
    return (
        f"The day that stands out: {day(top.day)} (session {offset(top)}), {percent(top.ar)} "
        f"beyond the market in one day (t {number(top.ar_t)})."
    )


def offset(one: Day) -> str:
    """A session's number: "0", "+4", "−1"."""
    return "0" if one.offset == 0 else f"{one.offset:+d}".replace("-", "−")


def rival_lines(rivals: Sequence[Rival], *, earnings_known: bool) -> list[str]:
    """What else happened, a line each; other releases in one. No cause is claimed of any."""
    others = [one for one in rivals if one.kind is not RivalKind.RELEASE]
    # The market's own moves and earnings are nearest to prices; policy follows.
    first = sorted(others, key=lambda one: one.kind is RivalKind.POLICY)[:MOST_RIVALS]
    lines = [f"{_short(one.day)}: {one.what}." for one in sorted(first, key=lambda one: one.day)]
    if len(others) > len(first):
        lines.append(f"… {len(others) - len(first)} more.")
    releases = [one for one in rivals if one.kind is RivalKind.RELEASE]
    if releases:
        shown = [f"{one.what} ({_short(one.day)})" for one in releases[:MOST_RELEASES]]
        if len(releases) > len(shown):
            shown.append(f"{len(releases) - len(shown)} more")
        lines.append(f"Other releases: {listing(shown)}.")
    unknown = [] if earnings_known else ["Days of earnings are not known here."]
    if not lines:
        return ["Nothing else is known of those days that might explain a move.", *unknown]
    return ["Coincident as well, and each may explain a part:", *lines, *unknown]


def _short(when: date) -> str:
    return f"{when.day} {when:%b}"


def rate_lines(title: str, rates: Sequence[tuple[str, Rate | None, int]]) -> list[str]:
    """Base rates of one target in a line, those with too few days in another."""
    enough = [
        f"{percent(rate.median)} ({percent(rate.low)} to {percent(rate.high)}) after {what}, "
        f"{count(rate.n, 'day')}"
        for what, rate, _ in rates
        if rate is not None
    ]
    few = [
        f"{what} ({count(n, 'day') if n else 'none'})" for what, rate, n in rates if rate is None
    ]
    lines = []
    if enough:
        lines.append(
            f"{sentence(title)} at other times, median and middle half: {'; '.join(enough)}."
        )
    if few:
        lines.append(f"Too few days to say, {FEWEST} are needed: {listing(few)}.")
    return lines
