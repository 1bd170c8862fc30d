"""What a price would be at another multiple or other earnings, and the growth it implies. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """A price at a multiple of earnings that came in lower by `haircut`, and its change from
    today's; all of these but the price are fractions.
    """

    haircut: float
    price: float
    change: float


@dataclass(frozen=True, slots=True)
class Row:
    """The cells at one multiple, which is called `name`: "today's", "halfway" or "market's"."""

    name: str
    multiple: float
    cells: tuple[Cell, ...]


def grid(
    price: float, eps: float, multiple: float, haircuts: Sequence[float], name: str
) -> tuple[Row, ...]:
    """Today's multiple, the one halfway, and `multiple` (called `name`), each at every haircut.

    `price` and `eps` (both positive) may be a basket's market value and earnings.
    """
    today = price / eps
    rows = [("today's", today)]
    if abs(multiple / today - 1) > 1e-9:
        rows += [("halfway", (today + multiple) / 2), (name, multiple)]
    return tuple(
        Row(title, at, tuple(_cell(price, eps, at, haircut) for haircut in haircuts))
        for title, at in rows
    )


def _cell(price: float, eps: float, multiple: float, haircut: float) -> Cell:
    there = multiple * eps * (1 - haircut)
    return Cell(haircut, there, there / price - 1)


def price_at(eps: float, growth: float, years: int, multiple: float, discount: float) -> float:
    """What is paid today for `eps` that grows by `growth` a year for so many years and is then
    worth `multiple` times itself, by somebody who wants `discount` a year. Dividends are left out.
    """
    return eps * (1 + growth) ** years * multiple / (1 + discount) ** years


def implied_growth(price: float, eps: float, years: int, multiple: float, discount: float) -> float:
    """The growth a year at which `price_at` gives `price`. All but the rates are positive."""
    yearly: float = (price / (eps * multiple)) ** (1 / years)
    return yearly * (1 + discount) - 1
