"""What is claimed of training: hours, dollars and arithmetic, who says so, and what that includes.

A claim counts from the day on which it was made or, where that is not known, on which its source
was read. Money is in US dollars, of the year that the claim names. Pure.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files

from bot.model.rate import Key

# Dollars an hour of one accelerator where nobody names a rate: what the best-known claim assumes.
ASSUMED_RATE = Decimal(2)


class Quantity(StrEnum):
    """What a claim counts."""

    HOURS = "gpu_hours"
    COST = "cost_usd"
    COMPUTE = "compute_flop"


class Confidence(StrEnum):
    """How sure a claim is, as it reads in a message; the surest first."""

    CONFIRMED = "confirmed by the lab"
    LIKELY = "likely"
    SPECULATIVE = "speculative"


_CONFIDENCE: Mapping[str, Confidence] = {one.name.lower(): one for one in Confidence}


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure that somebody gives. `value` is None where it was said that none is given.

    `unit` is the accelerator of hours ("H800"), the year of the dollars, or "FLOP". `rate` is what
    the claim itself takes for an hour. `part_of` names the family whose figure is often taken for
    this model's. `partial` where it counts only a step on top of another model.
    """

    key: Key
    released_on: date
    claimed_on: date
    quantity: Quantity
    value: Decimal | None
    unit: str
    rate: Decimal | None
    claimed_by: str
    includes: str
    part_of: str
    partial: bool
    source: str
    link: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Training:
    """All that was claimed of one model by a day, in the order of the ledger."""

    key: Key
    claims: tuple[Claim, ...] = ()

    def best(self, quantity: Quantity) -> Claim | None:
        """The claim to believe first: of the whole training, then the surest, then the latest."""
        order = list(Confidence)
        known = self.of(quantity)
        return min(
            known,
            key=lambda one: (
                one.partial,
                order.index(one.confidence),
                -one.claimed_on.toordinal(),
            ),
            default=None,
        )

    def of(self, quantity: Quantity) -> list[Claim]:
        """The claims with a figure of that quantity."""
        return [one for one in self.claims if one.quantity is quantity and one.value is not None]

    @property
    def stated_unknown(self) -> Claim | None:
        """That no cost was given, where nothing else is known of it."""
        if self.of(Quantity.COST):
            return None
        return next((one for one in self.claims if one.value is None), None)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Hours at a rate: `dollars` = hours × `rate` (dollars an hour of one accelerator).

    `whose` is "given" by the reader, the "claim"'s own, or "assumed".
    """

    rate: Decimal
    whose: str
    dollars: Decimal


def reckoned(one: Training, given: Decimal | None = None) -> Reckoned | None:
    """What the hours cost at the rate given, else the claim's own, else the assumed one; None where
    the hours are not known.
    """
    hours = one.best(Quantity.HOURS)
    if hours is None or hours.value is None:
        return None
    own = next((cost.rate for cost in one.of(Quantity.COST) if cost.rate is not None), None)
    if given is not None:
        return Reckoned(given, "given", hours.value * given)
    if own is not None:
        return Reckoned(own, "claim", hours.value * own)
    return Reckoned(ASSUMED_RATE, "assumed", hours.value * ASSUMED_RATE)


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times one model took what another did of a quantity; never below 1."""

    quantity: Quantity
    more: Claim
    less: Claim
    times: Decimal


def ratio(several: Sequence[Training]) -> Ratio | None:
    """The most beside the least: in hours where two or more are known, else in arithmetic; None
    where neither is. A claim that counts only a part is not compared.
    """
    for quantity in (Quantity.HOURS, Quantity.COMPUTE):
        best = (one.best(quantity) for one in several)
        ranked = sorted((one for one in best if one is not None and not one.partial), key=_value)
        if len(ranked) > 1:
            more, less = ranked[-1], ranked[0]
            return Ratio(quantity, more, less, _value(more) / _value(less))
    return None


def amount(one: Training, given: Decimal | None = None) -> Decimal | None:
    """Dollars to rank by: the claimed cost, else hours at a rate; None where neither is known."""
    cost = one.best(Quantity.COST)
    if cost is not None and not cost.partial:
        return cost.value
    hours = one.best(Quantity.HOURS)
    at_rate = reckoned(one, given)
    return at_rate.dollars if at_rate and hours and not hours.partial else None


def dearest(several: Sequence[Training], given: Decimal | None = None) -> list[Training]:
    """The models whose cost is known or can be reckoned, the dearest first; no whole families."""
    families = {(one.key[0], claim.part_of) for one in several for claim in one.claims}
    ranked = [
        (dollars, one)
        for one in several
        if one.key not in families and (dollars := amount(one, given)) is not None
    ]
    return [one for _, one in sorted(ranked, key=lambda pair: -pair[0])]


def trainings(on: date) -> list[Training]:
    """Every model that anything had been claimed of by that day."""
    found: dict[Key, list[Claim]] = {}
    for one in claims():
        if one.claimed_on <= on:
            found.setdefault(one.key, []).append(one)
    return [Training(key, tuple(made)) for key, made in found.items()]


@cache
def claims() -> tuple[Claim, ...]:
    """The ledger that ships, by release and model."""
    rows = files("bot.shipped").joinpath("training_claims.csv").read_text("utf-8").splitlines()
    return tuple(_claim(row) for row in csv.DictReader(rows))


def _claim(row: Mapping[str, str]) -> Claim:
    return Claim(
        key=(row["lab"], row["model"]),
        released_on=date.fromisoformat(row["released_on"]),
        claimed_on=date.fromisoformat(row["claimed_on"]),
        quantity=Quantity(row["quantity"]),
        value=Decimal(row["value"]) if row["value"] else None,
        unit=row["unit"],
        rate=Decimal(row["rate"]) if row["rate"] else None,
        claimed_by=row["claimed_by"],
        includes=row["includes"],
        part_of=row["part_of"],
        partial=row["partial"] == "yes",
        source=row["source"],
        link=row["link"],
        confidence=_CONFIDENCE[row["confidence"]],
    )


def _value(one: Claim) -> Decimal:
    assert one.value is not None
    return one.value
