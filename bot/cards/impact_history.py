"""Past releases by the reaction to them → a card. Pure."""

from collections.abc import Collection, Sequence
from datetime import date

from bot.cards.impact_facts import brief_facts, rate_facts
from bot.cards.impact_words import UNUSUAL, number
from bot.market.base_rates import base_rate
from bot.market.reactions import Reaction, Reactions
from bot.market.window import window_text
from bot.model.card import Card, Table, Tone
from bot.model.wording import count, day, percent

EACH_END = 6
LONGEST_NAME = 26
# How often |t| exceeds it by chance alone: one in twenty.
BY_CHANCE = 0.05


def history_card(
    title: str,
    window: tuple[int, int],
    found: Reactions,
    leading: Collection[tuple[str, str]],
    sources: str,
    last: date,
) -> Card:
    """The sharpest falls and rises after notable releases, and how many were unusual at all.

    `leading` are the models, by lab and name, that are named first of those of one day.
    """
    ranked = sorted(found.found, key=lambda one: one.car)
    n = len(ranked)
    unusual = sum(abs(one.study.last.t) > UNUSUAL for one in ranked)
    rate = base_rate([one.car for one in ranked])
    worst = ranked[0]
    lines = [
        _days_text(n),
        _unusual_text(unusual, n),
    ]
    if rate is not None:
        lines.append(
            f"The middle one of all: {percent(rate.median)}; the middle half lies between "
            f"{percent(rate.low)} and {percent(rate.high)}."
        )
    lines.append("Coincident: other things happened in these windows too; /impact names them.")
    if found.left_out:
        lines.append(
            f"{count(found.left_out, 'more day')} could not be studied: too few closes before, one "
            "missing, or a window that is not over."
        )
    return Card(
        title=f"{_name(worst, leading)}: {percent(worst.car)} beyond the market, the lowest after "
        f"a release for {title}",
        text="\n".join(lines),
        table=_table(ranked, window, leading),
        footer=f"{sources}, as of {day(last)}",
        tone=Tone.NEUTRAL,
        facts={
            "target": worst.study.target,
            "window": list(window),
            "days": n,
            "unusual": unusual,
            "left_out": found.left_out,
            "rate": rate_facts(rate),
            "reactions": [
                {
                    "releases": [release.key for release in one.releases],
                    "session_0": one.study.zero.isoformat(),
                    **(brief_facts(one.study) or {}),
                }
                for one in ranked
            ],
            "source": sources,
        },
    )


def _days_text(n: int) -> str:
    return (
        f"{count(n, 'day')} with releases of frontier language models; those of one day count as "
        "one, with those of days without trading before it."
    )


def _unusual_text(unusual: int, n: int) -> str:
    chance = max(1, round(BY_CHANCE * n))
    return f"Unusual (|t| above {UNUSUAL:g}): {unusual} of {n}; chance alone gives about {chance}."


def _table(
    ranked: Sequence[Reaction], window: tuple[int, int], leading: Collection[tuple[str, str]]
) -> Table:
    shown = [*ranked]
    if len(ranked) > 2 * EACH_END:
        shown = [*ranked[:EACH_END], *ranked[-EACH_END:]]
    rows = [
        (day(one.study.zero), _name(one, leading), percent(one.car), number(one.study.last.t))
        for one in shown
    ]
    left = len(ranked) - len(shown)
    if left:
        rows.insert(EACH_END, ("…", f"{count(left, 'day')} between", "", ""))
    return Table(
        ("session 0", "release", "beyond", "t"),
        tuple(rows),
        numeric=frozenset({2, 3}),
        note=f"Beyond what the S&P 500 explains, over {window_text(window)}; lowest first. Windows "
        "of neighbours share sessions: one shock may stand behind several rows.",
    )


def _name(one: Reaction, leading: Collection[tuple[str, str]]) -> str:
    """The leading release of a day, else the first, and how many others it has."""
    led = [each for each in one.releases if (each.lab, each.model) in leading]
    first = (led or list(one.releases))[0].model
    rest = f" +{len(one.releases) - 1}" if len(one.releases) > 1 else ""
    most = LONGEST_NAME - len(rest)
    return (first if len(first) <= most else first[: most - 1].rstrip() + "…") + rest
