"""The price war → a card: the lowest price, how fast it fell, who held it. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bot.costs.index import (
    FEWEST_CHANGES,
    FRONTIER_MONTHS,
    INPUT_PARTS,
    OUTPUT_PARTS,
    Index,
    Lowest,
    Trend,
)
from bot.model.card import Card, Line, LinesChart, Table
from bot.model.rate import Figure
from bot.model.wording import count, day, listing

MOST_ROWS = 12
LONGEST_NAME = 22
UNIT = "USD per million tokens"
# A line that explains less of the variance than this is a rough one.
_GOOD_FIT = 0.5
_KINDS = {"frontier": "frontier model", "reasoning": "reasoning model", "all": "language model"}
_RULES = {
    "frontier": f"Frontier: each lab's best when it came, for {FRONTIER_MONTHS} months.",
    "reasoning": "Reasoning: models that think before they answer, old and new.",
    "all": "Every language model that its own lab sells, old and new.",
}
_MIX = f"{INPUT_PARTS} parts input, {OUTPUT_PARTS} part output"
_HOW = f"Per million tokens: {_MIX}, as the lab itself asks"


def index_card(found: Index, name: str) -> Card:
    """The figure first, then since when, how fast, by whom. `found.all` is not empty."""
    now = found.all[-1]
    still = now.until is None
    verb = "costs" if still else "cost"
    title = f"The cheapest {_KINDS[name]} {verb} {money(now.price.value)} per million tokens"
    lines = [*_meaning(found), *_weights(found), _RULES[name]]
    return Card(
        title=title,
        text="\n".join(line for line in lines if line),
        table=_table(found),
        chart=_chart(found, name),
        footer=_footer(found),
        facts=_facts(found, name),
    )


def money(price: Decimal) -> str:
    """A price: 12 → "$12", 4.375 → "$4.38", 0.54375 → "$0.544", 0.0656 → "$0.066"."""
    places = 2 if price >= 1 else max(3, 1 - price.adjusted())
    text = f"{price.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    whole, _, cents = text.partition(".")
    cents = cents.rstrip("0")
    return f"${whole}.{cents:0<2}" if cents else f"${whole}"


def _meaning(found: Index) -> list[str]:
    """Who asks it, against what it was at the beginning, how fast it fell, when it was lowest."""
    first, now = found.all[0], found.all[-1]
    who = f"{now.model.name}, {'as on' if now.before else 'since'} {day(now.since)}"
    who += ", the first day shown." if now.before else "."
    if now.until is not None:
        last = day(now.until - timedelta(days=1))
        who = f"{now.model.name}, until {last}; no price is known since."
    lines = [who]
    if len(found.all) > 1:
        then = f"On {day(first.since)} it was {money(first.price.value)} ({first.model.name})"
        lines.append(f"{then}, {_against(first.price.value, now.price.value)}.")
    if now.price.differ:
        others = [f"{source} has {money(price)}" for source, price in now.price.differ]
        lines.append(f"Sources differ on {now.model.name}: {listing(others)}.")
    lines.append(_speed(found.trend))
    least = min(found.all, key=lambda one: one.price.value)
    if least.price.value < now.price.value and least is not first:
        assert least.until is not None  # it is not the last
        what = ", a promotion" if least.promotion else ""
        lines.append(
            f"It was lowest from {day(least.since)} to {day(least.until - timedelta(days=1))}: "
            f"{money(least.price.value)} ({least.model.name}{what})."
        )
    return lines


def _against(then: Decimal, now: Decimal) -> str:
    if then == now:
        return "the same"
    if now < then:
        return f"{times(then / now)} as much as now"
    return f"which has risen {times(now / then)} since" if now / then >= 2 else "less than now"


def times(ratio: Decimal) -> str:
    """How many times: 12.12 → "12 times", 1.58 → "1.6 times"."""
    text = f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}".removesuffix(".0")
    return f"{text} times"


def _speed(trend: Trend | None) -> str:
    if trend is None:
        return ""
    changes = count(trend.changes, "change")
    if trend.changes < FEWEST_CHANGES:
        return (
            f"Too few changes of price for a trend: {trend.changes} in {count(trend.days, 'day')}."
        )
    over = f"({day(trend.first)} to {day(trend.last)}, {changes})"
    if trend.half_life is None:
        return f"Along its trend it did not fall {over}."
    rough = " roughly" if trend.fit is not None and trend.fit < _GOOD_FIT else ""
    said = f"Along its trend it halved{rough} every {trend.half_life:,.0f} days {over}."
    if trend.first_seen * 2 >= trend.changes:
        said += f" Unsure: {trend.first_seen} of the changes are first sights of older prices."
    return said


def _weights(found: Index) -> list[str]:
    """Open against closed weights, on the last day."""
    sides = [("Open weights", _today(found.open)), ("Closed weights", _today(found.closed))]
    said = [
        f"{name}: {money(one.price.value)}, {one.model.name}"
        if one is not None
        else f"{name}: none is priced"
        for name, one in sides
    ]
    (_, one), (_, other) = sides
    if one is None or other is None:
        return [f"{'. '.join(said)}."]
    low, high = sorted((one.price.value, other.price.value))
    dearer = "Closed" if other.price.value > one.price.value else "Open"
    more = "the same price" if low == high else f"{dearer} costs {times(high / low)} as much"
    return [f"{'. '.join(said)}. {more[0].upper()}{more[1:]}."]


def _today(lowest: Sequence[Lowest]) -> Lowest | None:
    return lowest[-1] if lowest and lowest[-1].until is None else None


def _table(found: Index) -> Table:
    """Who held the lowest price, the last first."""
    shown = found.all[::-1][:MOST_ROWS]
    rest = len(found.all) - len(shown)
    note = f"{_HOW}." + (f" … {count(rest, 'earlier change')}." if rest else "")
    if any(one.first_seen for one in shown):
        note += " First seen: it may have cost that before."
    return Table(
        ("since", "model", "price", ""),
        tuple(
            (
                f"by {day(one.since)}" if one.before else day(one.since),
                _cut(one.model.name),
                money(one.price.value),
                _remark(one),
            )
            for one in shown
        ),
        numeric=frozenset({2}),
        note=note,
    )


def _remark(one: Lowest) -> str:
    if one.promotion:
        return "promotion"
    if one.price.low != one.price.high:
        return "sources differ"
    return "first seen" if one.first_seen else ""


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"


def _chart(found: Index, name: str) -> LinesChart:
    lines = [
        _line("open weights", found.open, found.end, weights=True),
        _line("closed weights", found.closed, found.end, weights=False),
    ]
    now = found.all[-1]
    values = [one.price.value for side in (found.open, found.closed) for one in side]
    kind = _KINDS[name]
    return LinesChart(
        f"Lowest price of a {kind}",
        tuple(line for line in lines if line.days),
        UNIT,
        # Steps of a factor of three and more are lost at the foot of a linear axis.
        bool(values) and max(values) > 3 * min(values),
        f"The lowest price of a {kind} from {day(found.all[0].since)} to {day(found.end)}: "
        f"{money(found.all[0].price.value)} at the beginning, {money(now.price.value)} at the end.",
        f"{_sources(found)}; blend of {INPUT_PARTS}:{OUTPUT_PARTS}",
    )


def _line(name: str, lowest: Sequence[Lowest], end: date, *, weights: bool) -> Line:
    """A point per change, None where a gap begins, and one at the end."""
    points: list[tuple[date, float | None]] = []
    labels: list[tuple[date, str]] = []
    for number, one in enumerate(lowest):
        points.append((one.since, float(one.price.value)))
        if number == 0 or lowest[number - 1].model != one.model:
            promotion = ", promotion" if one.promotion else ""
            labels.append((one.since, f"{one.model.name}{promotion}"))
        following = lowest[number + 1].since if number + 1 < len(lowest) else None
        if one.until is not None and one.until != following:
            points.append((one.until, None))
    if lowest and points[-1][0] != end:
        points.append((end, points[-1][1]))
    return Line(
        name,
        tuple(when for when, _ in points),
        tuple(value for _, value in points),
        steps=True,
        open=weights,
        labels=tuple(labels),
    )


def _footer(found: Index) -> str:
    read = day(found.all[-1].rate.observed_at.date())
    return f"Sources: {_sources(found)}; as of {day(found.end)}, the lowest first read {read}"


def _sources(found: Index) -> str:
    several = (found.all, found.open, found.closed)
    named = (source for side in several for one in side for source in one.price.sources)
    return listing(list(dict.fromkeys(plain for one in named for plain in _plain(one))))


def _plain(source: str) -> Iterable[str]:
    """Who said it, without version or remark: "litellm 1.53.1, for the snapshot of …"."""
    for number, part in enumerate(source.split(", ")):
        name, _, rest = part.partition(" ")
        if not rest or rest[0].isdigit():
            yield name
        elif number == 0:
            yield part


def _facts(found: Index, name: str) -> dict[str, Any]:
    trend = found.trend
    return {
        "class": name,
        "from": found.start.isoformat(),
        "to": found.end.isoformat(),
        "unit": UNIT,
        "blend": {"input": INPUT_PARTS, "output": OUTPUT_PARTS},
        "lowest": [_fact(one) for one in found.all],
        "open": [_fact(one) for one in found.open],
        "closed": [_fact(one) for one in found.closed],
        "half_life_days": None if trend is None else trend.half_life,
        "trend": None
        if trend is None
        else {
            "days": trend.days,
            "changes": trend.changes,
            "first_seen": trend.first_seen,
            "from": trend.first.isoformat(),
            "to": trend.last.isoformat(),
            "r_squared": trend.fit,
        },
    }


def _fact(one: Lowest) -> dict[str, Any]:
    return {
        "since": one.since.isoformat(),
        "until": None if one.until is None else one.until.isoformat(),
        "model": one.model.name,
        "lab": one.model.lab,
        "open_weights": one.model.open_weights,
        **_price(one.price),
        "input_mtok": _number(one.rate.input_mtok),
        "output_mtok": _number(one.rate.output_mtok),
        "promotion": one.promotion,
        "first_seen": one.first_seen,
        "held_before": one.before,
        "note": one.rate.note or None,
    }


def _price(price: Figure) -> dict[str, Any]:
    return {
        "value": float(price.value),
        "low": float(price.low),
        "high": float(price.high),
        "sources": list(price.sources),
    }


def _number(price: Decimal | None) -> float | None:
    return None if price is None else float(price)
