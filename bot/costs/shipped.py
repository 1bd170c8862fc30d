"""The rates that ship: the history that mattered, with its evidence, and list prices by day.

Both say from when a price holds. Where the history speaks of a model, it is complete for the days
that it covers.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cache
from importlib.resources import files

from bot.model.rate import Evidence, Key, Rate, Terms

_FOLDER = files("bot.shipped")
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Alias:
    """A name that a provider moves from model to model: what it meant from `since` to `until`."""

    alias: str
    key: Key
    since: datetime
    until: datetime | None
    source: str


@cache
def history() -> tuple[Rate, ...]:
    """The prices that mattered, each with its evidence."""
    return tuple(_rate(row) for row in _rows("price_history.csv"))


@dataclass(frozen=True, slots=True)
class End:
    """A lab's model that is no longer sold from `at` on, and who says so."""

    at: datetime
    source: str


@cache
def retirements() -> Mapping[Key, End]:
    """When labs stopped selling models of their own, as they say themselves."""
    return {
        (row["lab"], row["model"]): End(_moment(row["until"]), row["source"])
        for row in _rows("price_ends.csv")
    }


@cache
def list_prices() -> tuple[Rate, ...]:
    """What labs ask for their own models, by day; without those that `history` tells of."""
    told = {rate.key for rate in history()}
    rates = (_rate(row) for row in _rows("model_prices.csv"))
    return tuple(rate for rate in rates if rate.key not in told)


@cache
def aliases() -> tuple[Alias, ...]:
    """Names that meant one model after another, oldest meaning first."""
    return tuple(
        Alias(
            row["alias"],
            (row["lab"], row["model"]),
            _moment(row["since"]),
            _moment(row["until"]) if row["until"] else None,
            row["source"],
        )
        for row in _rows("price_aliases.csv")
    )


def meant(text: str, at: datetime) -> Alias | None:
    """What an alias means at that moment; None where `text` is none, or means nothing then."""
    wanted = text.strip().lower()
    for one in aliases():
        if one.alias == wanted and one.since <= at and (one.until is None or at < one.until):
            return one
    return None


def meanings(text: str) -> Sequence[Alias]:
    """All that an alias has meant, oldest first; empty where `text` is none."""
    wanted = text.strip().lower()
    return [one for one in aliases() if one.alias == wanted]


def _rate(row: Mapping[str, str]) -> Rate:
    key = (row["lab"], row["model"])
    until = _moment(row["until"]) if row["until"] else None
    if until is None and key in retirements():
        until = retirements()[key].at
    return Rate(
        key=key,
        provider=row["lab"],
        input_mtok=_money(row["input_mtok"]),
        cached_mtok=_money(row.get("cached_mtok", "")),
        output_mtok=_money(row["output_mtok"]),
        source=row["source"],
        observed_at=_moment(row.get("observed") or row["as_of"]),
        evidence=Evidence.SHIPPED,
        since=_moment(row["since"]),
        until=until,
        terms=_terms(row),
        note=row["note"],
    )


def _terms(row: Mapping[str, str]) -> Terms:
    if not row.get("clock"):
        return Terms()
    hours = tuple(
        (int(h) * 60 + int(m), int(to_h) * 60 + int(to_m))
        for h, m, to_h, to_m in _HOURS.findall(row["hours"])
    )
    return Terms(row["clock"], hours, row["weekdays"] == "yes")


def _money(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _moment(text: str) -> datetime:
    """A day is its first moment, UTC."""
    found = datetime.fromisoformat(text)
    return datetime.combine(found.date(), found.time() or time(), UTC)


def _rows(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(_FOLDER.joinpath(name).read_text("utf-8").splitlines())
