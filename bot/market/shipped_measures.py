"""Valuation figures and estimates that ship with the program, each with its day and source."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from bot.model.bar import MICRO, Measure

_CLOSE = time(16, tzinfo=ZoneInfo("America/New_York"))
Key = tuple[str, str, str, date]


@dataclass(frozen=True, slots=True)
class Remark:
    """The fiscal year that a figure is of (None: not named), and what is to be said of it."""

    fiscal: int | None
    note: str


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = files("bot.shipped").joinpath("market/valuations.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def load_measures() -> list[Measure]:
    """The figures; each counts from New York's usual close of its day."""
    return [
        Measure(
            row["symbol"],
            date.fromisoformat(row["day"]),
            row["name"],
            row["period"],
            round(Decimal(row["value"]) * MICRO),
            datetime.combine(date.fromisoformat(row["day"]), _CLOSE).astimezone(UTC),
            row["source"],
        )
        for row in _rows()
    ]


@cache
def remarks() -> Mapping[Key, Remark]:
    """What is known of a shipped figure besides its value, by symbol, name, period and day."""
    return {
        (row["symbol"], row["name"], row["period"], date.fromisoformat(row["day"])): Remark(
            int(row["fiscal"]) if row["fiscal"] else None, row["note"]
        )
        for row in _rows()
    }
