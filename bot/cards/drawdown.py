"""Answers of /drawdown as cards. Pure."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.cards.notices import context_line, footer, headline, members_table
from bot.market.drawdown import PPM, WINDOWS, Drawdown
from bot.model.card import Card, Field, Table, Tone, UnderwaterChart
from bot.model.wording import count, day, percent, price, share, weekday

WINDOW_NAMES = {
    "1m": "1 month",
    "3m": "3 months",
    "6m": "6 months",
    "1y": "1 year",
    "2y": "2 years",
    "3y": "3 years",
    "5y": "5 years",
    "max": "all the history there is",
}


def window_text(window: str) -> str:
    """A window in words: "1 year (252 sessions)"."""
    sessions = WINDOWS[window]
    return WINDOW_NAMES[window] + (f" ({sessions} sessions)" if sessions else "")


def drawdown_answer(
    facts: Mapping[str, Any],
    found: Drawdown,
    name: str,
    unit: str,
    chart: UnderwaterChart | None,
    daily_from: date | None = None,
) -> Card:
    """The drawdown of one target. `facts` as from `bot.cycle.facts.measured`.

    Sessions before `daily_from` cannot be counted: closes of then were thinned.
    """
    lines = [f"{weekday(found.as_of)}, at the close"]
    if facts["move"] is not None:
        lines[0] += f" · {percent(facts['move'])} on the day"
    if found.depth < 0:
        lines.append(f"It takes a gain of {share(found.gain_to_recover)} to be back at the peak.")
    context = context_line(facts["context"])
    if context and facts["basket"]:
        lines.append(context)
    title = headline(facts)
    if name and not facts["basket"] and name != facts["target"]:
        title = title.replace(facts["title"], f"{name} ({facts['title']})", 1)
    return Card(
        title=title,
        text="\n".join(lines),
        fields=_fields(facts, found, unit, daily_from),
        table=members_table(facts["members"]),
        chart=chart,
        footer=footer(facts),
        at=datetime.fromisoformat(facts["as_of"]),
        tone=Tone.DOWN if found.depth < 0 else Tone.UP,
        facts=_facts(facts, found, daily_from),
    )


def _fields(
    facts: Mapping[str, Any], found: Drawdown, unit: str, daily_from: date | None
) -> tuple[Field, ...]:
    suffix = "" if unit == "USD" else f" {unit}"
    lead = "$" if unit == "USD" else ""
    fields = []
    if not facts["basket"]:
        fields.append(Field("Last close", f"{lead}{price(found.last)}{suffix}"))
        fields.append(Field("Peak", f"{lead}{price(found.peak)}{suffix} on {day(found.peak_day)}"))
    else:
        fields.append(Field("Peak", day(found.peak_day)))
    if found.depth < 0:
        fields.append(Field("Lowest since", _trough(found)))
        days = count(found.days_under_water, "day")
        if daily_from is None or found.peak_day >= daily_from:
            days += f" ({count(found.sessions_under_water, 'session')})"
        fields.append(Field("Below the peak for", days))
    if found.max_depth < 0 and found.max_peak_day != found.peak_day:
        recovered = (
            f"recovered on {day(found.max_recovery_day)}"
            if found.max_recovery_day
            else "not recovered"
        )
        fields.append(
            Field(
                "Deepest in the window",
                f"{percent(found.max_depth)} on {day(found.max_trough_day)}, {recovered}",
            )
        )
    window = window_text(facts["window"])
    wanted = WINDOWS[facts["window"]]
    if wanted is not None and found.sessions < wanted:
        verb = "is" if found.sessions == 1 else "are"
        window += f"; only {found.sessions} {verb} there, from {day(found.first_day)}"
    fields.append(Field("Window", window))
    return tuple(fields)


def _trough(found: Drawdown) -> str:
    if found.trough_day == found.as_of:
        return "this is the lowest since the peak"
    return f"{percent(found.trough / found.peak - 1)} on {day(found.trough_day)}"


def cut_off(fraction: float) -> float:
    """A depth to a millionth, rounded towards zero as alerts are judged: both say the same."""
    # What a division leaves behind (-0.09999999999999998) is no digit of the figure.
    return math.trunc(round(fraction * PPM, 3)) / PPM


def _facts(facts: Mapping[str, Any], found: Drawdown, daily_from: date | None) -> dict[str, Any]:
    """The raw figures by name, for scripts."""
    index = facts["basket"]
    return {
        "symbol": facts["target"],
        "window": facts["window"],
        # Of thinned closes nobody knows how many sessions there were.
        "sessions": found.sessions if daily_from is None or found.first_day >= daily_from else None,
        "as_of": found.as_of.isoformat(),
        "as_of_time": facts["as_of"],
        "last": None if index else found.last,
        "peak": None if index else found.peak,
        "peak_date": found.peak_day.isoformat(),
        "depth": facts["depth"],
        "day_move": facts["move"] if facts["move"] is None else round(facts["move"], 6),
        "gain_to_recover": round(found.gain_to_recover, 6),
        "trough": None if index else found.trough,
        "trough_date": found.trough_day.isoformat(),
        "days_under_water": found.days_under_water,
        "max_depth": cut_off(found.max_depth),
        "max_trough_date": found.max_trough_day.isoformat(),
        "max_recovery_date": found.max_recovery_day and found.max_recovery_day.isoformat(),
        "members": list(facts["members"]),
        "missing": list(facts["missing"]),
        "source": facts["source"],
    }


def overview_answer(
    rows: Sequence[tuple[str, int, Drawdown]], window: str, source: str, age: str = ""
) -> Card:
    """Every basket's drawdown in one table: rows of name, number of members, drawdown."""
    ordered = sorted(rows, key=lambda row: row[2].depth)
    last = max(found.as_of for _name, _members, found in ordered)
    return Card(
        title=f"Baskets below their peaks, {day(last)}",
        table=Table(
            columns=("basket", "stocks", "from peak", "peak", "gain to recover"),
            rows=tuple(
                (
                    name,
                    str(members),
                    percent(found.depth),
                    day(found.peak_day),
                    share(found.gain_to_recover),
                )
                for name, members, found in ordered
            ),
            numeric=frozenset({1, 2, 4}),
        ),
        text=f"Equal weight, rebalanced daily; peak of {window_text(window)}",
        footer=f"{source}, as of {day(last)}{age}",
        tone=Tone.DOWN,
        facts={
            "window": window,
            "as_of": last.isoformat(),
            "baskets": [
                {
                    "basket": name,
                    "depth": cut_off(found.depth),
                    "peak_date": found.peak_day.isoformat(),
                    "gain_to_recover": round(found.gain_to_recover, 6),
                }
                for name, _members, found in ordered
            ],
            "source": source,
        },
    )
