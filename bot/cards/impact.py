"""A release or a day, and the prices after it → a card: one target, or all baskets. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.cards.impact_chart import impact_chart
from bot.cards.impact_facts import (
    brief_facts,
    cross_facts,
    rate_facts,
    rival_facts,
    study_facts,
)
from bot.cards.impact_words import (
    NONE,
    UNUSUAL,
    Asked,
    beyond,
    largest,
    number,
    offset,
    p_text,
    rate_lines,
    rival_lines,
    sessions_text,
    verdict,
)
from bot.market.base_rates import Rate
from bot.market.rivals import Rival
from bot.market.window import window_text
from bot.model.card import Card, Field, Table, Tone
from bot.model.study import CrossSection, Study
from bot.model.wording import count, day, listing, percent, sentence

HORIZONS = (1, 5, 20)
MOST_DAYS = 12
_BEYOND = "Beyond the market: what a move differs from what the S&P 500's own move explains"


@dataclass(frozen=True)
class Group:
    """A basket on the scoreboard: how it is called, its studies at `HORIZONS`, None where unknown.

    `study` is that of the window asked for; where there is none, `missing` says why.
    """

    name: str
    title: str
    board: tuple[Study | None, ...]
    study: Study | None = None
    missing: str = ""


@dataclass(frozen=True)
class Rates:
    """What followed other releases like this one: which those are, rate and number of days."""

    what: str
    rate: Rate | None
    n: int


@dataclass(frozen=True)
class Around:
    """What a card says besides a study: what else happened, closes, where they are from.

    `closes` by symbol and day are those that the window's returns come from; `before` is the
    session before the window.
    """

    rivals: Sequence[Rival]
    closes: Mapping[str, Mapping[str, float]]
    sources: str
    before: date | None
    groups: Sequence[Group] = ()
    rates: Sequence[Rates] = ()
    earnings_known: bool = False
    age: str = ""


def target_card(
    asked: Asked,
    title: str,
    one: Study,
    around: Around,
    *,
    cross: CrossSection | None = None,
    lacking: Sequence[str] = (),
) -> Card:
    """One symbol or basket, day by day. `lacking` are sentences on what is missing."""
    lines = [
        verdict(one),
        *([said] if (said := largest(one)) else []),
        *sessions_text(asked, one),
        *_others(asked),
        *([_cross(cross)] if cross is not None else []),
        *lacking,
        *rival_lines(around.rivals, earnings_known=around.earnings_known),
        *_rates(title, around),
    ]
    model = one.model
    low, high = percent(one.last.low), percent(one.last.high)
    fields = [
        Field(
            "Beyond the market",
            f"{percent(one.last.car)}; by usual swings {low} to {high} (95% band)",
        ),
        Field(
            "Usual tie to the S&P 500",
            f"beta {number(model.beta)}: {model.beta:.1f}% for each 1% of the market".replace(
                "-", "−"
            ),
        ),
        Field(
            "Judged by",
            f"{count(model.n, 'session')}, {day(model.first)} to {day(model.last)}"
            + (f"; {model.missing} missing" if model.missing else ""),
        ),
        *_groups_field(around.groups),
    ]
    return Card(
        title=_title(asked, title, one),
        text="\n".join(lines),
        fields=tuple(fields),
        table=_days_table(one),
        chart=impact_chart(
            f"{sentence(title)} beyond the market after {asked.name}",
            [(title, one, around.before)],
            around.rivals,
            around.sources,
        ),
        footer=_footer(one, around),
        tone=Tone.DOWN if one.last.car < 0 else Tone.UP,
        facts={
            **_facts(asked, around),
            "study": study_facts(one),
            "cross_section": cross_facts(cross),
            "lacking": list(lacking),
        },
    )


def overview_card(asked: Asked, around: Around) -> Card:
    """Every group beside one another; at least one of them has a study."""
    known = [group for group in around.groups if group.study is not None]
    top = max(known, key=lambda group: abs(_study(group).last.t))
    one = _study(top)
    lines = [
        f"{sentence(top.title)} stand out most, by their usual swings. {verdict(one)}",
        *([said] if (said := largest(one)) else []),
        *sessions_text(asked, one),
        *_others(asked),
        *(group.missing for group in around.groups if group.study is None),
        *rival_lines(around.rivals, earnings_known=around.earnings_known),
        *_rates(top.title, around),
    ]
    return Card(
        title=_title(asked, top.title, one),
        text="\n".join(lines),
        table=_groups_table(asked, around.groups),
        chart=impact_chart(
            f"AI stocks beyond the market after {asked.name}",
            [(group.name, _study(group), around.before) for group in known],
            around.rivals,
            around.sources,
        ),
        footer=_footer(one, around),
        tone=Tone.DOWN if one.last.car < 0 else Tone.UP,
        facts={
            **_facts(asked, around),
            "studies": [study_facts(_study(group)) for group in known],
            "missing": {group.name: group.missing for group in around.groups if group.missing},
        },
    )


def _study(group: Group) -> Study:
    assert group.study is not None
    return group.study


def _title(asked: Asked, title: str, one: Study) -> str:
    after = "After" if asked.released else "From"
    if one.zero == asked.day and asked.window == (0, 0):
        after = "On the day of" if asked.released else "On"
    return f"{after} {asked.name}, {title} {beyond(one.last.car, one.target)}"


def _rates(title: str, around: Around) -> list[str]:
    return rate_lines(title, [(each.what, each.rate, each.n) for each in around.rates])


def _others(asked: Asked) -> list[str]:
    return [f"Also fits: {listing(asked.others)}."] if asked.others else []


def _cross(one: CrossSection) -> str:
    """The test across members, in words first."""
    who = f"{one.n} of its members" if one.left_out else f"Its {one.n} members"
    word = "moved together" if abs(one.statistic) > UNUSUAL else "did not clearly move together"
    return (
        f"{who} {word} beyond chance, allowing for stocks that move alike on a day "
        f"(statistic {number(one.statistic)}, p {p_text(one.p)})."
    )


def _days_table(one: Study) -> Table:
    """Every session of the window; of a long one those that stand out most, and its last."""
    shown, note = list(one.days), f"{_BEYOND}."
    if len(shown) > MOST_DAYS:
        top = sorted(one.days[:-1], key=lambda each: -abs(each.ar_t))[: MOST_DAYS - 1]
        shown = [*sorted(top, key=lambda each: each.offset), one.last]
        note += f" Of {len(one.days)} sessions these stand out most; the last ends the window."
    return Table(
        ("day", "session", "move", "S&P 500", "beyond", "so far"),
        tuple(
            (
                day(each.day),
                offset(each),
                percent(each.ret),
                percent(each.market),
                percent(each.ar),
                percent(each.car),
            )
            for each in shown
        ),
        numeric=frozenset({1, 2, 3, 4, 5}),
        note=note,
    )


def _groups_table(asked: Asked, groups: Sequence[Group]) -> Table:
    """T+1, T+5 and T+20 of each group, and how the window asked for ranks."""
    whole = asked.window
    own = window_text(whole) if whole not in [(0, k) for k in HORIZONS] else ""
    columns = ["basket", *(f"T+{k}" for k in HORIZONS), *([own] if own else []), "t", "larger than"]
    rows = []
    for group in groups:
        one = group.study
        cells = [group.name, *(_car(each) for each in group.board)]
        if own:
            cells.append(_car(one))
        cells.append(NONE if one is None else number(one.last.t))
        placebo = None if one is None else one.placebo
        cells.append(NONE if placebo is None else f"{int(placebo.percentile * 1000) / 10:g}%")
        rows.append(tuple(cells))
    return Table(
        tuple(columns),
        tuple(rows),
        numeric=frozenset(range(1, len(columns))),
        note=f"{_BEYOND}. T+1, T+5, T+20: over sessions 0 to 1, 0 to 5, 0 to 20; {NONE} is not "
        f"over or not known. t and “larger than”: {window_text(whole)}, among other spans as long.",
    )


def _car(one: Study | None) -> str:
    return NONE if one is None else percent(one.last.car)


def _groups_field(groups: Sequence[Group]) -> list[Field]:
    """The scoreboard in a line: every group at T+1, T+5 and T+20."""
    cars = [
        f"{each.name} {', '.join(_car(one) for one in each.board)}"
        for each in groups
        if any(each.board)
    ]
    over = ", ".join(str(k) for k in HORIZONS)
    return [Field(f"Groups at T+{over}", " · ".join(cars))] if cars else []


def _footer(one: Study, around: Around) -> str:
    return f"{around.sources}, as of {day(one.last.day)}{around.age}"


def _facts(asked: Asked, around: Around) -> dict[str, Any]:
    return {
        "event": asked.name,
        "day": asked.day.isoformat(),
        "is_release": asked.released,
        "window": list(asked.window),
        "scoreboard": [
            {
                "basket": group.name,
                **{
                    f"T+{k}": brief_facts(one) for k, one in zip(HORIZONS, group.board, strict=True)
                },
            }
            for group in around.groups
        ],
        "rivals": rival_facts(around.rivals),
        "earnings_known": around.earnings_known,
        "base_rates": [
            {"what": each.what, "days": each.n, "rate": rate_facts(each.rate)}
            for each in around.rates
        ],
        "closes": {symbol: dict(by_day) for symbol, by_day in around.closes.items()},
        "source": around.sources,
    }
