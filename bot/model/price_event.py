"""News about prices: something that became true of what a model costs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.model.rate import Key, Quoted


class EventKind(StrEnum):
    """What happened."""

    CUT = "cut"
    RISE = "rise"
    CHEAPEST = "cheapest"  # a lower price than any of its class had
    NEWCOMER = "newcomer"  # a new model below what the other labs' leading models cost
    PARTING = "parting"  # sources disagree


@dataclass(frozen=True, slots=True)
class PriceEvent:
    """What became true of `model` at `at`, and is news from then on.

    `terms` say under which terms: "" for the usual ones, "off-peak", "peak"; of a cheapest one its
    class. `after` is what it costs then. `before` is what it did; of a cheapest one and a newcomer
    what `other` asks, the model that it undercuts; None for a parting.

    `ratio` is a fraction: of a cut or rise the larger move of input and output (-0.5 for half the
    price), of a newcomer its price by the other's, of a cheapest one the move from the other's, of
    a parting how far the highest price is above the lowest.
    """

    kind: EventKind
    model: Key
    terms: str
    at: datetime
    ratio: Decimal
    after: Quoted
    before: Quoted | None = None
    other: Key | None = None

    @property
    def key(self) -> str:
        """What makes it one event however often it is looked for."""
        lab, name = self.model
        return "|".join((self.kind.value, lab, name, self.terms, self.at.date().isoformat()))
