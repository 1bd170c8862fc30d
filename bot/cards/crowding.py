"""Crowding → a card: does a basket move as one, against how it usually moves. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from bot.cards.crowding_words import NAMES, meaning, missing, number, rank_words, unusual
from bot.market.crowd import BETA_SPAN, Crowd, Member, Ranked
from bot.market.trend import PAST, SPAN, YEAR
from bot.model.bar import MICRO
from bot.model.basket import Basket
from bot.model.card import Card, Field, Line, LinesChart, Table
from bot.model.wording import count, day, listing, share, weekday

MOST_NAMED = 3


def crowding_card(
    found: Crowd,
    basket: Basket,
    *,
    latest: date,
    as_of: datetime,
    sources: Sequence[str],
    adjusted: Sequence[str],
    benchmark: str,
    age: str = "",
) -> Card:
    """The correlation first, then what it means, the other three and who is in step.

    `latest` is the last session of any member, `as_of` when the closes were read, `adjusted` the
    symbols whose closes have dividends taken out, `age` how old the figures are, in words.
    """
    assert found.correlation.value is not None
    what = basket.title[:1].upper() + basket.title[1:]
    title = f"{what}: correlation {number(found.correlation.value)}"
    if found.correlation.rank is not None:
        title += f", {rank_words(found.correlation)}"
    lines = [
        f"{weekday(found.day)}, at the close · {SPAN} sessions since {day(found.first)}",
        meaning(found.correlation),
        *unusual(found),
        *missing(found, latest, benchmark),
    ]
    return Card(
        title=title,
        text="\n".join(lines),
        fields=_fields(found),
        table=_table(found, benchmark),
        chart=_chart(found, basket, sources),
        footer=_footer(found, sources, adjusted, benchmark) + age,
        at=as_of,
        facts=_facts(found, basket, latest, as_of, sources, adjusted, benchmark),
    )


def _fields(found: Crowd) -> tuple[Field, ...]:
    members = found.members
    if len(members) <= 2 * MOST_NAMED:
        return (Field("In step with the others, most first", _named(members)),)
    return (
        Field("Most in step with the others", _named(members[:MOST_NAMED])),
        Field("Least in step", _named(members[: -MOST_NAMED - 1 : -1])),
    )


def _named(members: Sequence[Member]) -> str:
    return ", ".join(f"{m.symbol} {number(m.correlation)}" for m in members)


def _table(found: Crowd, benchmark: str) -> Table:
    rows: list[tuple[str, Ranked, Callable[[float], str]]] = [
        ("correlation", found.correlation, number),
        ("dispersion", found.dispersion, share),
        ("beta", found.beta, number),
        ("volatility", found.volatility, share),
    ]
    # Without a year of days there is no usual to compare with.
    columns = 4 if any(one.rank is not None for _, one, _ in rows) else 2
    return Table(
        ("measure", "now", "median", "rank")[:columns],
        tuple(
            (
                name,
                "unknown" if one.value is None else say(one.value),
                "unknown" if one.median is None or one.n < YEAR else say(one.median),
                _cell(one),
            )[:columns]
            for name, one, say in rows
        ),
        numeric=frozenset(range(1, columns)),
        note=_note(found, [(name, one) for name, one, _ in rows], benchmark),
    )


def _cell(of: Ranked) -> str:
    if of.rank is None or of.value is None:
        return "unknown"
    return "highest" if of.rank >= 1 else f"{int(of.rank * 100 + 0.5) if of.rank < 0.99 else 99}%"


def _note(found: Crowd, rows: Sequence[tuple[str, Ranked]], benchmark: str) -> str:
    """Each measure in plain words, and how many days it is ranked among."""
    over = f"{BETA_SPAN} sessions"
    if found.beta.value is not None and found.beta_returns < BETA_SPAN:
        over = f"{found.beta_returns} of {over}"
    lines = [
        "Correlation: 1 if all move as one, 0 if each goes its own way; mean of all pairs.",
        f"Dispersion: how far apart their {SPAN}-session returns lie (standard deviation).",
        f"Beta: the basket's move for each 1% of {NAMES.get(benchmark, benchmark)}, {over}.",
        f"Volatility: the size of the basket's swings, {SPAN} sessions, per year.",
        f"Rank: on how many days it was no higher, {_among(rows)}.",
    ]
    return "\n".join(lines)


def _among(rows: Sequence[tuple[str, Ranked]]) -> str:
    """ "among the last 504 sessions", and what has fewer."""
    most = max(one.n for _, one in rows)
    text = f"among the last {count(most, 'session')}"
    fewer = [f"{name} {one.n}" for name, one in rows if one.n < most]
    text += f" ({listing(fewer)})" if fewer else ""
    if any(one.rank is None for _, one in rows):
        text += f"; a rank takes {YEAR}"
    return text


def _chart(found: Crowd, basket: Basket, sources: Sequence[str]) -> LinesChart:
    of = found.correlation
    there = [
        (when, value)
        for when, value in zip(found.days, found.correlations, strict=True)
        if value is not None
    ]
    top = max(there, key=lambda one: one[1])
    bottom = min(there, key=lambda one: one[1])
    lines = [
        Line(
            "correlation over 21 sessions",
            found.days,
            found.correlations,
            labels=(
                (top[0], f"{number(top[1])} on {day(top[0])}"),
                (bottom[0], f"{number(bottom[1])} on {day(bottom[0])}"),
            ),
        )
    ]
    alt = f"Mean pairwise correlation of {basket.title} to {day(found.day)}, now "
    alt += f"{number(of.value or 0)}; highest {number(top[1])} on {day(top[0])}."
    if of.rank is not None and of.median is not None:
        assert of.low is not None
        assert of.high is not None
        ends = (there[0][0], there[-1][0])
        band = ((of.low, of.high),) * 2
        lines.append(Line("median; shaded: 9 of 10 days (5% to 95%)", ends, (of.median,) * 2, band))
        alt += f" Nine of ten days lie between {number(of.low)} and {number(of.high)}."
    return LinesChart(
        f"How much {basket.title} move together",
        tuple(lines),
        "correlation",
        log=False,
        alt=alt,
        source=listing(list(sources)),
    )


def _footer(found: Crowd, sources: Sequence[str], adjusted: Sequence[str], benchmark: str) -> str:
    text = f"{listing(list(sources))}, as of {day(found.day)}; beta against {benchmark}"
    if adjusted:
        text += f"; {listing(list(adjusted))} adjusted for dividends"
    return text


def _facts(
    found: Crowd,
    basket: Basket,
    latest: date,
    as_of: datetime,
    sources: Sequence[str],
    adjusted: Sequence[str],
    benchmark: str,
) -> dict[str, Any]:
    """The raw figures by name, and which closes they are of."""
    start = found.days[0]
    return {
        "basket": basket.name,
        "as_of": found.day.isoformat(),
        "as_of_time": as_of.isoformat(),
        "latest": latest.isoformat(),
        "span": {"sessions": SPAN, "from": found.first.isoformat(), "to": found.day.isoformat()},
        "ranked": {"from": start.isoformat(), "to": found.day.isoformat(), "sessions": PAST},
        "correlation": _fact(found.correlation),
        "dispersion": _fact(found.dispersion),
        "beta": {
            **_fact(found.beta),
            "benchmark": benchmark,
            "sessions": BETA_SPAN,
            "returns": found.beta_returns,
        },
        "volatility": _fact(found.volatility),
        "members": [
            {
                "symbol": m.symbol,
                "correlation": m.correlation,
                "change": m.change,
                "first_close": m.first / MICRO,
                "last_close": m.last / MICRO,
            }
            for m in found.members
        ],
        "left_out": [{"symbol": s, "closes": closes} for s, closes in found.left_out],
        "still": list(found.still),
        "dividend_adjusted": list(adjusted),
        "source": list(sources),
    }


def _fact(of: Ranked) -> dict[str, Any]:
    return {
        "value": of.value,
        "percentile": of.rank,
        "n": of.n,
        "p5": of.low,
        "median": of.median,
        "p95": of.high,
    }
