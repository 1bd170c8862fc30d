"""/stress → a card: prices by multiple and earnings, and the growth that is implied. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.cards.valuation_words import (
    market_facts,
    market_words,
    money,
    rounded,
    times,
    year,
)
from bot.market.stress import Row, grid, implied_growth
from bot.market.valuation import FORWARD_PERIOD, Estimate, MarketMultiple, growth_of
from bot.model.card import Card, Table, Tone
from bot.model.wording import MINUS, count, percent, weekday

# What earnings are cut by in the middle column.
TENTH = 0.10
ADVICE = "Arithmetic on published figures, not investment advice"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is stressed: a stock's price and earnings per share, or a basket's sums of both.

    `what` names the price ("price of $118.42"), `of` the earnings with their source; `expected`
    whether these are yet to come. `lines` are remarks, `facts` what the figures are made of.
    """

    title: str
    what: str
    price: float
    earnings: float
    unit: str
    of: str
    expected: bool
    estimates: tuple[Estimate, ...]
    day: date
    source: str
    lines: tuple[str, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """What was asked: a `multiple` (None: the `market`'s, known then), earnings lower by
    `haircut`, growth implied over `years` at a return of `discount` a year.
    """

    multiple: float | None
    market: MarketMultiple | None
    haircut: float
    years: int
    discount: float

    @property
    def target(self) -> float:
        """The multiple to fall to."""
        if self.multiple is not None:
            return self.multiple
        assert self.market is not None
        return self.market.pe


def stress_card(one: Subject, ask: Ask, today: date) -> Card:
    """The price at each multiple and each path of earnings, its change, and implied growth."""
    haircuts = tuple(sorted({0.0, TENTH, ask.haircut}))
    name = "market's" if ask.multiple is None else "given"
    rows = grid(one.price, one.earnings, ask.target, haircuts, name)
    implied = implied_growth(one.price, one.earnings, ask.years, ask.target, ask.discount)
    there = rows[-1].cells[0]
    whose = "the S&P 500's" if ask.multiple is None else "a multiple of"
    lines = [
        f"The {one.what} on {weekday(one.day)} is {times(one.price / one.earnings)} {one.of}.",
        *_both(one, ask, rows),
        *_implied(one, ask, implied),
        *one.lines,
    ]
    if ask.market is not None:
        lines.append(market_words(ask.market, today) + ".")
        if not one.expected and ask.multiple is None:
            lines.append(
                "That multiple is of expected earnings, these are past ones: where earnings grow, "
                "the table overstates a fall."
            )
    return Card(
        title=(
            f"{one.title} at {whose} {times(ask.target)}: {money(there.price, one.unit)}, "
            f"{percent(there.change)}"
        ),
        text="\n".join(lines),
        table=Table(
            ("multiple", *(_heading(cut, one) for cut in haircuts)),
            tuple(_cells(row, one) for row in rows),
            numeric=frozenset(range(1, len(haircuts) + 1)),
            note="price, and its change from today's",
        ),
        footer=f"{one.source}. {ADVICE}.",
        tone=Tone.DOWN if there.change < 0 else Tone.UP,
        facts=_facts(one, ask, rows, implied, today),
    )


def _heading(cut: float, one: Subject) -> str:
    if not cut:
        return "as expected" if one.expected else "as earned"
    return f"EPS {MINUS}{cut * 100:.0f}%"


def _cells(row: Row, one: Subject) -> tuple[str, ...]:
    return (
        f"{row.name} {times(row.multiple)}",
        *(f"{money(cell.price, one.unit)} {percent(cell.change, 0)}" for cell in row.cells),
    )


def _both(one: Subject, ask: Ask, rows: tuple[Row, ...]) -> Iterator[str]:
    if ask.haircut:
        cell = rows[-1].cells[[c.haircut for c in rows[-1].cells].index(ask.haircut)]
        yield (
            f"At {times(ask.target)} and with earnings {ask.haircut * 100:.0f}% lower: "
            f"{money(cell.price, one.unit)}, {percent(cell.change)}."
        )


def _implied(one: Subject, ask: Ask, implied: float) -> Iterator[str]:
    verb = "grow" if implied >= 0 else "shrink"
    yield (
        f"What the price implies: for a return of {ask.discount * 100:.0f}% a year, with "
        f"{times(ask.target)} paid after {count(ask.years, 'year')}, earnings have to {verb} by "
        f"{abs(implied) * 100:.1f}% a year (dividends left out)."
    )
    expected = {e.period: growth_of(one.estimates, e.period) for e in one.estimates}
    later = expected.get("+2y") or expected.get(FORWARD_PERIOD)
    if later is not None:
        yield f"Analysts expect {percent(later.value, 0)} for {year(later)}."


def _facts(
    one: Subject, ask: Ask, rows: tuple[Row, ...], implied: float, today: date
) -> dict[str, Any]:
    return {
        "as_of": today.isoformat(),
        **one.facts,
        "price": one.price,
        "price_date": one.day.isoformat(),
        "earnings": one.earnings,
        "expected": one.expected,
        "multiple_today": rounded(one.price / one.earnings),
        "multiple": ask.target,
        "market": market_facts(ask.market),
        "haircut": ask.haircut,
        "years": ask.years,
        "discount": ask.discount,
        "implied_growth": rounded(implied),
        "grid": [
            {
                "name": row.name,
                "multiple": rounded(row.multiple),
                "cells": [
                    {
                        "haircut": cell.haircut,
                        "price": rounded(cell.price),
                        "change": rounded(cell.change),
                    }
                    for cell in row.cells
                ],
            }
            for row in rows
        ],
    }
