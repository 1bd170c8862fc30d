"""What the market pays for a basket's earnings, as if it were one company. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.market.valuation import Valuation, ratio


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A basket's earnings against its market value: `pe` is the sum of market values ÷ the sum of
    earnings, of the members `used`.

    `losses` have negative earnings and are left out; `pe_with_losses` has them in. `missing` says
    of each other member what is not known; `coverage` is the share of the known market value that
    is used or loses money.
    """

    used: tuple[str, ...]
    losses: tuple[str, ...]
    missing: Mapping[str, str]
    cap: float
    earnings: float
    pe: float | None
    pe_with_losses: float | None
    coverage: float

    @property
    def stands(self) -> bool:
        """Whether it can stand for the basket: half of the members, and of the known value."""
        members = len(self.used) + len(self.losses) + len(self.missing)
        told = len(self.used) + len(self.losses)
        return self.pe is not None and told * 2 >= members and self.coverage >= 0.5


def aggregate(
    members: Sequence[str], valuations: Mapping[str, Valuation], *, forward: bool
) -> Aggregate:
    """The P/E of a basket as if it were one company: market values over earnings.

    That is the earnings yield weighted by market value, upside down; a mean of P/Es would let one
    stock that earns next to nothing decide.
    """
    caps: dict[str, float] = {}
    earned: dict[str, float] = {}
    missing: dict[str, str] = {}
    known = 0.0
    for symbol in members:
        one = valuations.get(symbol)
        if one is None:
            missing[symbol] = "no price"
            continue
        eps = one.forward if forward else one.trailing
        if one.unit != "USD":
            missing[symbol] = f"in {one.unit or 'an unknown currency'}"
            continue
        known += one.cap_now or 0.0
        if one.cap_now is None:
            missing[symbol] = "no market value"
        elif eps is None:
            missing[symbol] = "no earnings estimate" if forward else "no earnings"
        else:
            caps[symbol] = one.cap_now
            earned[symbol] = one.cap_now * eps.value / one.price
    used = tuple(symbol for symbol in caps if earned[symbol] > 0)
    cap = sum(caps[symbol] for symbol in used)
    earnings = sum(earned[symbol] for symbol in used)
    return Aggregate(
        used,
        tuple(symbol for symbol in caps if earned[symbol] <= 0),
        missing,
        cap,
        earnings,
        ratio(cap, earnings),
        ratio(sum(caps.values()), sum(earned.values())),
        sum(caps.values()) / known if known else 0.0,
    )
