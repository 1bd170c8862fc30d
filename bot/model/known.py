"""What is known of a model: sizes, context, licence, list prices, training. Else None or ""."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's own lab asks, in dollars per million tokens, from `since` to before `until`.

    `as_of` is when the source was read. `note` says what is special ("promotion to 8 Feb 2025").
    """

    since: date
    until: date | None
    input_mtok: float
    output_mtok: float
    as_of: date
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """What is known of one model; `parameters` and `active` are counts, `context` is in tokens.

    `leads` where it was its lab's best when it came, which is our own judgement: what others are
    compared with. `cost_what` says what the cost of training includes and who reckons so.
    `prices` are in order, none before the release.
    """

    lab: str
    name: str
    aliases: tuple[str, ...]
    released_on: date
    kind: str
    leads: bool
    reasoning: bool | None
    open_weights: bool | None
    licence: str
    licence_source: str
    parameters: int | None
    active: int | None
    parameters_source: str
    context: int | None
    context_source: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    modalities_source: str
    compute_flop: float | None
    compute_source: str
    cost_usd: int | None
    cost_what: str
    cost_source: str
    prices: tuple[Price, ...] = ()

    def price_on(self, day: date) -> Price | None:
        """What it cost on that day; None where that is not known."""
        for price in reversed(self.prices):
            if price.since <= day:
                return price if price.until is None or day < price.until else None
        return None

    @property
    def launch_price(self) -> Price | None:
        """The first price that is known."""
        return self.prices[0] if self.prices else None

    @property
    def latest_price(self) -> Price | None:
        """The last price that is known, even where it has ended since."""
        return self.prices[-1] if self.prices else None
