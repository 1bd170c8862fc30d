"""What a number of requests costs a day: requests × quotes → a bill. Pure.

Money is Decimal, in US dollars, and is not rounded here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.costs.amount import NOTHING, Amount, Period, over
from bot.costs.clock import Slot, slots
from bot.model.rate import Meter, Quoted, Rate

_MILLION = 10**6


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests a day, each of so many tokens in (`cached` percent of them kept by the provider from
    before) and out. `batch` where they may wait; `peak` is the percent of them that falls in the
    dear hours, None where they are spread evenly over the week.
    """

    requests: int
    input: int
    output: int
    cached: int = 0
    batch: bool = False
    peak: int | None = None

    @property
    def per_request(self) -> Mapping[Meter, Decimal]:
        """Tokens of one request by meter: a share of a token where the cached part is no whole
        number, which is what it comes to over many.
        """
        cached = Decimal(self.input * self.cached) / 100
        return {
            Meter.INPUT: self.input - cached,
            Meter.CACHED: cached,
            Meter.OUTPUT: Decimal(self.output),
        }


@dataclass(frozen=True, slots=True)
class Slice:
    """The requests that one price holds for: `share` of all (0 to 1), at the hours of `slot`.

    `parts` is what each meter's tokens come to in a day, as the best source has it; `all_day` what
    a day would cost if every request fell into these hours.
    """

    slot: Slot
    share: Decimal
    parts: Mapping[Meter, Decimal]
    all_day: Amount


@dataclass(frozen=True, slots=True)
class Bill:
    """What a workload costs a day at `provider`, and how it comes about.

    `batch_unknown` where requests may wait, but no price for that is known; `cached_unknown` where
    the cached part costs what other input does, as no price for it is known; `peak_idle` where a
    peak share was given, but the price does not go by the clock. `over` is the number of input
    tokens above which the price holds that was taken, 0 where it is the usual one.
    """

    provider: str
    load: Workload
    slices: tuple[Slice, ...]
    batch_unknown: bool = False
    cached_unknown: bool = False
    peak_idle: bool = False
    over: int = 0

    @property
    def day(self) -> Amount:
        """All of it, in a day."""
        return sum((one.all_day.times(one.share) for one in self.slices), Amount())

    def per(self, period: Period) -> Amount:
        """All of it, in that period."""
        return self.day.per(period)

    def part(self, meter: Meter, period: Period = Period.DAY) -> Decimal:
        """What a meter's tokens come to in that period, as the best source has it."""
        return over(sum((one.parts[meter] for one in self.slices), NOTHING), period)

    def if_all(self, *, dear: bool) -> Amount:
        """What a day would cost with every request in the dear hours, or with none in them."""
        several = [one for one in self.slices if one.slot.dear is dear]
        shares = _by_minutes([one.slot.minutes for one in several], Decimal(1))
        return sum(
            (one.all_day.times(share) for one, share in zip(several, shares, strict=True)),
            Amount(),
        )

    @property
    def quoted(self) -> tuple[Quoted, ...]:
        """The prices that it rests on."""
        return tuple(one.slot.quoted for one in self.slices)

    @property
    def by_clock(self) -> bool:
        """Whether it depends on when the requests come."""
        return len({one.slot.dear for one in self.slices}) > 1


@dataclass(frozen=True, slots=True)
class Unpriced:
    """No bill can be made: `missing` are the meters without a price; without any, no price is known
    at all.
    """

    missing: tuple[Meter, ...] = ()


def bill(load: Workload, quotes: Iterable[Quoted]) -> Bill | Unpriced:
    """The bill at the quotes of one provider at a moment."""
    # A request above a threshold pays that price for all of its tokens.
    held = [one for one in quotes if one.best.terms.over < load.input or not one.best.terms.over]
    if not held:
        return Unpriced()
    above = max(one.best.terms.over for one in held)
    held = [one for one in held if one.best.terms.over == above]
    waiting = [one for one in held if one.best.terms.batch]
    usual = [one for one in held if not one.best.terms.batch]
    taken = waiting if load.batch and waiting else usual
    found = slots(taken)
    if found is None:
        return Unpriced()
    tokens = load.per_request
    missing = {
        meter
        for slot in found
        for meter, number in tokens.items()
        if number and _price(slot.quoted, meter, slot.quoted.best) is None
    }
    if missing:
        return Unpriced(tuple(meter for meter in Meter if meter in missing))
    return Bill(
        found[0].quoted.best.provider,
        load,
        tuple(
            _slice(load, slot, share)
            for slot, share in zip(found, _shares(load, found), strict=True)
        ),
        batch_unknown=load.batch and not waiting,
        cached_unknown=bool(tokens[Meter.CACHED])
        and any(slot.quoted.figure(Meter.CACHED) is None for slot in found),
        peak_idle=load.peak is not None and len({slot.dear for slot in found}) == 1,
        over=above,
    )


def cheapest(load: Workload, quotes: Iterable[Quoted], lab: str) -> tuple[Bill | Unpriced, int]:
    """The bill at the lab itself; where it asks no price, at the provider where it is lowest.

    Also the number of other providers that the latter was chosen from; 0 for the lab's own.
    """
    by_provider: dict[str, list[Quoted]] = {}
    for one in quotes:
        by_provider.setdefault(one.best.provider, []).append(one)
    own = bill(load, by_provider.pop(lab, []))
    if isinstance(own, Bill):
        return own, 0
    others = [bill(load, several) for several in by_provider.values()]
    known = [one for one in others if isinstance(one, Bill)]
    if not known:
        return own, 0
    return min(known, key=lambda one: (one.day.value, one.provider)), len(known)


def said_end(rate: Rate) -> datetime | None:
    """When a price ends, where that was said beforehand: only a promotion's end is."""
    return rate.until if "promotion" in rate.note.lower() else None


def ends(bill: Bill) -> datetime | None:
    """When the first of its prices ends, where that was said beforehand."""
    found = [end for one in bill.quoted if (end := said_end(one.best)) is not None]
    return min(found, default=None)


def _price(quoted: Quoted, meter: Meter, rate: Rate) -> Decimal | None:
    """What a source has for a meter; where it has nothing, what the best one has that does. The
    price of other input stands in for that of cached input.
    """
    own = rate.of(meter)
    if own is not None:
        return own
    figure = quoted.figure(meter)
    if figure is not None:
        return figure.value
    return _price(quoted, Meter.INPUT, rate) if meter is Meter.CACHED else None


def _slice(load: Workload, slot: Slot, share: Decimal) -> Slice:
    best, *rest = (_parts(load, slot.quoted, rate) for rate in _speaking(load, slot.quoted))
    sums = [sum(one.values(), NOTHING) for one in (best, *rest)]
    return Slice(
        slot,
        share,
        {meter: value * share for meter, value in best.items()},
        Amount(sums[0], min(sums), max(sums)),
    )


def _speaking(load: Workload, quoted: Quoted) -> list[Rate]:
    """The sources that say anything of the tokens that are used, the best first."""
    used = [meter for meter, number in load.per_request.items() if number]
    said = [rate for rate in quoted.rates if any(rate.of(meter) is not None for meter in used)]
    return said or [quoted.best]


def _parts(load: Workload, quoted: Quoted, rate: Rate) -> dict[Meter, Decimal]:
    """What a day's tokens cost if all of them are paid at that source's prices."""
    return {
        meter: load.requests * number * (_price(quoted, meter, rate) or NOTHING) / _MILLION
        for meter, number in load.per_request.items()
    }


def _shares(load: Workload, found: Sequence[Slot]) -> list[Decimal]:
    """The share of the requests that falls into each slot; together 1."""
    kinds = {slot.dear for slot in found}
    if load.peak is None or len(kinds) == 1:
        return _by_minutes([slot.minutes for slot in found], Decimal(1))
    dear = [slot.minutes if slot.dear else 0 for slot in found]
    other = [0 if slot.dear else slot.minutes for slot in found]
    peak = Decimal(load.peak) / 100
    return [
        one + two
        for one, two in zip(_by_minutes(dear, peak), _by_minutes(other, 1 - peak), strict=True)
    ]


def _by_minutes(minutes: Sequence[int], whole: Decimal) -> list[Decimal]:
    every = sum(minutes)
    return [whole * one / every for one in minutes]
