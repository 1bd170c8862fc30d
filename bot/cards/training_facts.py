"""Models and what is claimed of their training, as raw figures for a card's facts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bot.costs.claims import Claim, Quantity, Ratio, Training, reckoned


@dataclass(frozen=True, slots=True)
class Shown:
    """A model that was asked for, with what was claimed of it by then.

    `out` is False where it came later. `typed` is what was asked where that is not its name,
    `others` what else it may have meant.
    """

    name: str
    released_on: date | None
    out: bool
    training: Training
    typed: str = ""
    others: tuple[str, ...] = ()


def model_facts(one: Shown, given: Decimal | None) -> dict[str, Any]:
    """All claims of a model, what is believed first, and the hours at a rate."""
    hours, cost = one.training.best(Quantity.HOURS), one.training.best(Quantity.COST)
    at_rate = reckoned(one.training, given)
    return {
        "model": one.name,
        "lab": one.training.key[0],
        "released_on": one.released_on.isoformat() if one.released_on else None,
        "out": one.out,
        "asked": one.typed or None,
        "others": list(one.others),
        "hours": _range_facts(one.training.of(Quantity.HOURS), hours),
        "accelerator": None if hours is None else hours.unit,
        "cost_usd": _range_facts(one.training.of(Quantity.COST), cost),
        "rate_usd_per_hour": None if at_rate is None else float(at_rate.rate),
        "rate_is": None if at_rate is None else at_rate.whose,
        "cost_at_rate_usd": None if at_rate is None else float(at_rate.dollars),
        "claims": [_claim_facts(claim) for claim in one.training.claims],
    }


def ratio_facts(found: Ratio) -> dict[str, Any]:
    """How many times one took what the other did, to three places."""
    return {
        "of": found.quantity.value,
        "more": found.more.key[1],
        "less": found.less.key[1],
        "times": round(float(found.times), 3),
    }


def _claim_facts(one: Claim) -> dict[str, Any]:
    """A claim's raw figures; hours, dollars and operations that it does not give are None."""
    value = None if one.value is None else float(one.value)
    hours, cost, compute = (
        value if one.quantity is quantity else None
        for quantity in (Quantity.HOURS, Quantity.COST, Quantity.COMPUTE)
    )
    return {
        "quantity": one.quantity.value,
        "hours": hours,
        "accelerator": one.unit if one.quantity is Quantity.HOURS else None,
        "cost_usd": cost,
        "dollars_of": int(one.unit) if one.quantity is Quantity.COST and one.unit else None,
        "compute_flop": compute,
        "rate_usd_per_hour": None if one.rate is None else float(one.rate),
        "includes": one.includes,
        "partial": one.partial,
        "claimed_by": one.claimed_by,
        "claimed_on": one.claimed_on.isoformat(),
        "source": one.source,
        "link": one.link,
        "confidence": one.confidence.value,
    }


def _range_facts(several: Sequence[Claim], best: Claim | None) -> dict[str, Any] | None:
    """What is believed first and the range of all claims of one quantity; None where unknown."""
    values = [float(one.value) for one in several if one.value is not None and not one.partial]
    if best is None or best.value is None:
        return None
    value = float(best.value)
    return {
        "value": value,
        "low": min(values, default=value),
        "high": max(values, default=value),
        "sources": list(dict.fromkeys(one.source for one in several)),
    }
