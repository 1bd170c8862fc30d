"""Models' prices side by side → a card with a table and a picture. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bot.cards.cost_words import (
    UNKNOWN,
    asked,
    cell,
    differ_text,
    figure_facts,
    is_promotion,
    money,
    price_facts,
    promotion,
    read_from,
    rounded,
    sources_in_short,
    times,
    undated_text,
    when,
)
from bot.costs.asked import Mix
from bot.costs.compare import Step, blend, blended, cheapest, far_apart
from bot.model.card import Bar, BarChart, Card, Table
from bot.model.rate import Figure, Key, Meter, Quoted
from bot.model.wording import day, listing, sentence

UNIT = "US dollars per million tokens"
# Nearer than this, prices are about the same.
_SAME = Decimal("1.05")


@dataclass(frozen=True, slots=True)
class Compared:
    """A model and what its lab asks; `quoted` is None where that is not known, or where it was not
    `out` yet. `then` is what follows when the price ends, `last` the last one known before the day.
    `notes` are sentences to say beside it, `meant` says how a name was read.
    """

    key: Key
    name: str
    released_on: date | None
    out: bool
    quoted: Quoted | None
    then: Quoted | None = None
    last: Step | None = None
    notes: tuple[str, ...] = ()
    meant: str = ""

    def blend(self, mix: Mix) -> Decimal | None:
        """Its price in that mix; None where not known."""
        return None if self.quoted is None else blend(self.quoted.best, mix)

    def figure(self, meter: Meter) -> Figure | None:
        """One meter's price; None where not known."""
        return None if self.quoted is None else self.quoted.figure(meter)


def compare_card(found: Sequence[Compared], mix: Mix, on: date) -> Card:
    """The cheapest first in words, all in the order asked for in the table."""
    lowest = cheapest(one.blend(mix) for one in found)
    priced = [one for one in found if one.quoted is not None]
    return Card(
        title=_title(found, mix, lowest, on),
        text="\n".join(_lines(found, mix, on)),
        table=_table(found, mix, lowest) if priced else None,
        chart=_chart(found, on) if priced else None,
        footer=read_from(one.quoted for one in priced if one.quoted is not None),
        facts={
            "on": on.isoformat(),
            "unit": "USD per million tokens",
            "mix": str(mix),
            "cheapest": [one.name for one in found if lowest and one.blend(mix) == lowest],
            "models": [_facts(one, mix, lowest) for one in found],
        },
    )


def _title(found: Sequence[Compared], mix: Mix, lowest: Decimal | None, on: date) -> str:
    best = [one for one in found if lowest is not None and one.blend(mix) == lowest]
    if not best or best[0].quoted is None:
        names = listing([one.name for one in found])
        return f"{names}: no price known on {day(on)}"
    price = f"{asked(best[0].quoted.best)} per million tokens"
    compared = sum(one.blend(mix) is not None for one in found)
    if compared == 1:
        return f"{best[0].name}: {price}"
    names = listing([one.name for one in best])
    if len(best) == compared:
        return f"{names} cost the same: {price}"
    ends = "are the cheapest" if len(best) > 1 else "is the cheapest"
    if len(best) > 1 and len({asked(one.quoted.best) for one in best if one.quoted}) > 1:
        return f"{names} {ends}: {money(lowest or Decimal(0))} per million tokens at {mix}"
    return f"{names} {ends}: {price}"


def _lines(found: Sequence[Compared], mix: Mix, on: date) -> list[str]:
    lines = [f"Prices of {day(on)}; {mix} is a blend of {_mix_words(mix)}."]
    if not any(one.quoted for one in found):
        lines = []
    lines += [one.meant for one in found if one.meant]
    for one in found:
        if not one.out and one.released_on is not None:
            lines.append(f"{one.name} was not released until {day(one.released_on)}.")
        elif one.quoted is None:
            lines.append(f"{one.name}: its lab's price is {UNKNOWN}{_last(one)}.")
        elif is_promotion(one.quoted.best):
            lines.append(f"{one.name} has {promotion(one.quoted.best, one.then)}.")
    lines += [
        f"{one.name}: {said}"
        for one in found
        if one.quoted is not None and (said := undated_text(one.quoted.best, on))
    ]
    differ = [
        f"on {one.name}: {said}"
        for one in found
        if one.quoted is not None and (said := differ_text(one.quoted, on))
    ]
    if differ:
        lines.append(f"Sources differ {'; '.join(differ)}.")
    lines += dict.fromkeys(note for one in found for note in one.notes)
    return lines


def _mix_words(mix: Mix) -> str:
    first, second = str(mix).split(":")
    ones = "token" if first == "1" else "tokens"
    return f"{first} {ones} of input to {second} of output"


def _last(one: Compared) -> str:
    if one.last is None or one.last.quoted is None:
        return ""
    best = one.last.quoted.best
    until = f" until {when(best.until)}" if best.until else ""
    return f"; the last that is known is {asked(best)}{until}"


def _table(found: Sequence[Compared], mix: Mix, lowest: Decimal | None) -> Table:
    # One price alone is not the cheapest of any.
    alone = sum(one.blend(mix) is not None for one in found) == 1
    rows: list[tuple[str, ...]] = []
    for one in found:
        if one.quoted is None:
            rows.append((one.name, "", "", "", "not out" if not one.out else UNKNOWN))
            continue
        best, price = one.quoted.best, one.blend(mix)
        prices = (cell(best.input_mtok), cell(best.output_mtok), rounded(price))
        rows.append((one.name, *prices, "" if alone and price else _ratio(price, lowest)))
    columns: tuple[str, ...] = ("model", "in", "out", str(mix), "cost")
    if not any(row[-1] for row in rows):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    return Table(columns, tuple(rows), frozenset({1, 2, 3}), note="US dollars per million tokens")


def _ratio(price: Decimal | None, lowest: Decimal | None) -> str:
    if price is None or lowest is None:
        return UNKNOWN
    if not price:
        return "free"
    if price == lowest:
        return "cheapest"
    ratio = price / lowest
    return "the same" if ratio < _SAME else times(ratio)


def _chart(found: Sequence[Compared], on: date) -> BarChart:
    groups = []
    prices: list[Decimal | None] = []
    for meter, name in ((Meter.INPUT, "input"), (Meter.OUTPUT, "output")):
        figures = [one.figure(meter) for one in found]
        values = [None if figure is None else figure.value for figure in figures]
        lowest = cheapest(values) if sum(value is not None for value in values) > 1 else None
        prices += values
        prices += [end for figure in figures if figure for end in (figure.low, figure.high)]
        groups.append((name, tuple(_bar(one, meter, lowest) for one in found)))
    return BarChart(
        f"Price per million tokens, {day(on)}",
        tuple(groups),
        UNIT,
        far_apart(prices),
        _alt(found, on),
        sources_in_short(one.quoted for one in found if one.quoted is not None),
    )


def _bar(one: Compared, meter: Meter, lowest: Decimal | None) -> Bar:
    figure = one.figure(meter)
    if figure is None:
        return Bar(one.name, None, text=UNKNOWN if one.out else "not released")
    best = lowest is not None and figure.value == lowest
    differ = f" (sources: {money(figure.low)} to {money(figure.high)})"
    text = money(figure.value) + (differ if figure.low != figure.high else "")
    return Bar(
        one.name,
        float(figure.value),
        float(figure.low),
        float(figure.high),
        f"{text}, cheapest" if best else text,
        best,
    )


def _alt(found: Sequence[Compared], on: date) -> str:
    said = []
    for one in found:
        if one.quoted is not None:
            said.append(f"{one.name} {asked(one.quoted.best)}")
        else:
            said.append(f"{one.name} {UNKNOWN if one.out else 'not released'}")
    return f"Prices per million tokens on {day(on)}: {'; '.join(said)}."


def _facts(one: Compared, mix: Mix, lowest: Decimal | None) -> dict[str, Any]:
    price = one.blend(mix)
    known = one.quoted is not None
    return {
        "model": one.name,
        "lab": one.key[0],
        "released_on": one.released_on.isoformat() if one.released_on else None,
        "released": one.out,
        "price": price_facts(one.quoted) if one.quoted is not None else None,
        "blend_mtok": figure_facts(blended(one.quoted, mix)) if one.quoted is not None else None,
        "times_cheapest": round(float(price / lowest), 4) if price and lowest else None,
        "then": price_facts(one.then) if one.then is not None and known else None,
        "meant": sentence(one.meant) or None,
    }
