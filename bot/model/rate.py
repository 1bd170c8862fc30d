"""What providers ask for tokens: rates, the terms they hold under, and what sources make of them.

Money is Decimal, in US dollars per million tokens ("mtok").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

# A model: the key of its lab, and its name as models.csv or its provider writes it.
Key = tuple[str, str]


class Meter(StrEnum):
    """What is counted."""

    INPUT = "input"
    CACHED = "cached"  # input that the provider has kept from an earlier request
    OUTPUT = "output"


class Evidence(IntEnum):
    """How far a source is believed; the higher wins, the others are shown beside it."""

    LISTED = 1  # lists of models as they are read: models.dev, OpenRouter
    CATALOG = 2  # genai-prices, kept by people
    SHIPPED = 3  # what ships with its evidence


class Doubt(StrEnum):
    """Why a price that a list has is not believed yet, or was not told; in words for people."""

    ONCE = "read at one look only so far"
    MANY = "changed together with too many others to be believed at once"
    SLIP = "ten times what it was, or a tenth"
    SETTLED = "changed together with too many others to be told one by one"  # believed since


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms a rate holds; `Terms()` are the usual ones.

    `clock` is "", "peak" or "off-peak"; the usual rate is what holds at the other hours, or always.
    `hours` are the minutes of the UTC day in which it holds, as (from, to), `weekdays` restricts
    them to Monday to Friday. `batch` is for requests that may wait. `over` is the number of input
    tokens of one request above which all of that request costs this.
    """

    clock: str = ""
    hours: tuple[tuple[int, int], ...] = ()
    weekdays: bool = False
    batch: bool = False
    over: int = 0

    @property
    def usual(self) -> bool:
        """Whether they are the usual ones."""
        return not (self.clock or self.batch or self.over)


@dataclass(frozen=True, slots=True)
class Rate:
    """What `provider` asks for a model, from `since` until just before `until`, as `source` has it.

    `since` is None where the source does not say from when: it then holds from the model's release.
    `observed_at` is when the source was read first, `read_at` when a list last had it. A price that
    is not known is None. `doubt` is why it is no news yet, None for what is sure.
    """

    key: Key
    provider: str
    input_mtok: Decimal | None
    output_mtok: Decimal | None
    source: str
    observed_at: datetime
    evidence: Evidence
    since: datetime | None = None
    until: datetime | None = None
    cached_mtok: Decimal | None = None
    terms: Terms = Terms()
    note: str = ""
    read_at: datetime | None = None
    doubt: Doubt | None = None

    @property
    def unsure(self) -> bool:
        """Whether it is shown beside other prices, and believed only where there is none."""
        return self.doubt is not None and self.doubt is not Doubt.SETTLED

    def of(self, meter: Meter) -> Decimal | None:
        """The price of one meter."""
        if meter is Meter.INPUT:
            return self.input_mtok
        return self.cached_mtok if meter is Meter.CACHED else self.output_mtok

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at that moment."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Figure:
    """A price as the best source has it, and the range of all: never one picked silently.

    `sources` begin with the best; `differ` names those that have another, with what they have.
    """

    value: Decimal
    low: Decimal
    high: Decimal
    sources: tuple[str, ...]
    differ: tuple[tuple[str, Decimal], ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """The same, JSON-ready."""
        return {
            "value": float(self.value),
            "low": float(self.low),
            "high": float(self.high),
            "sources": list(self.sources),
            "differ": [{"source": source, "value": float(price)} for source, price in self.differ],
        }


@dataclass(frozen=True, slots=True)
class Quoted:
    """What one provider asks for a model at a moment under the same terms, every source heard.

    `best` is the rate that is believed; `rates` are all, the best first.
    """

    best: Rate
    rates: tuple[Rate, ...]

    def figure(self, meter: Meter) -> Figure | None:
        """One meter's price; None where no source has it."""
        return figure_of([(rate.source, rate.of(meter)) for rate in self.rates])

    @property
    def differ(self) -> bool:
        """Whether sources disagree on what input or output costs."""
        figures = (self.figure(Meter.INPUT), self.figure(Meter.OUTPUT))
        return any(one is not None and one.low != one.high for one in figures)


def figure_of(heard: Sequence[tuple[str, Decimal | None]]) -> Figure | None:
    """The first price that is known, with the range of all."""
    known = [(source, price) for source, price in heard if price is not None]
    if not known:
        return None
    value = known[0][1]
    prices = [price for _, price in known]
    return Figure(
        value,
        min(prices),
        max(prices),
        tuple(dict.fromkeys(source for source, _ in known)),
        tuple((source, price) for source, price in known if price != value),
    )
