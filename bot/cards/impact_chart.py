"""The picture of /impact: cumulative abnormal returns, and what else happened. Pure."""

from collections.abc import Sequence
from datetime import date

from bot.cards.impact_words import UNUSUAL
from bot.market.rivals import Rival, RivalKind
from bot.model.card import Line, LinesChart
from bot.model.study import Study
from bot.model.wording import day, percent

MOST_LINES, MOST_MARKS = 5, 6


def impact_chart(
    title: str,
    several: Sequence[tuple[str, Study, date | None]],
    rivals: Sequence[Rival],
    source: str,
) -> LinesChart:
    """CARs in percent, each named, with the session before its window, from which it starts at 0.

    One line has its 95% band; several would hide one another. Marked are session 0 and what else
    happened on days that are shown.
    """
    shown = several[:MOST_LINES]
    lines = tuple(_line(*one, band=len(shown) == 1) for one in shown)
    zero = shown[0][1].zero
    days = sorted({when for line in lines for when in line.days})
    ends = ", ".join(f"{name} {percent(one.last.car)}" for name, one, _ in shown)
    band = "; the band holds 95%" if len(shown) == 1 else ""
    return LinesChart(
        title,
        lines,
        "%",
        False,
        f"Cumulative abnormal returns from {day(shown[0][1].days[0].day)} to "
        f"{day(shown[0][1].last.day)}: {ends}.",
        f"{source}; what the S&P 500 explains is taken off{band}",
        _marks(rivals, zero, days[0], days[-1]),
    )


def _line(name: str, one: Study, before: date | None, *, band: bool) -> Line:
    start = () if before is None else (before,)
    nothing = tuple(0.0 for _ in start)
    top = max(one.days, key=lambda each: abs(each.ar_t))
    words = f"{percent(top.ar)} on {top.day.day} {top.day:%b}"
    stands_out = band and len(one.days) > 1 and abs(top.ar_t) > UNUSUAL
    return Line(
        name,
        (*start, *(each.day for each in one.days)),
        (*nothing, *(each.car * 100 for each in one.days)),
        band=(
            *((0.0, 0.0) for _ in start),
            *((each.low * 100, each.high * 100) for each in one.days),
        )
        if band
        else (),
        labels=((top.day, words),) if stands_out else (),
    )


def _marks(
    rivals: Sequence[Rival], zero: date, first: date, last: date
) -> tuple[tuple[date, str], ...]:
    """Session 0, and a mark for each day on which something else happened."""
    by_day: dict[date, list[str]] = {zero: ["session 0"]}
    for one in rivals:
        if first <= one.day <= last and one.kind is not RivalKind.RELEASE:
            words = by_day.setdefault(one.day, [])
            if one.short not in words:
                words.append(one.short)
    return tuple((when, ", ".join(words)) for when, words in sorted(by_day.items())[:MOST_MARKS])
