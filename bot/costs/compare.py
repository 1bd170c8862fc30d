"""Prices made comparable: blends of input and output, ratios, who is cheapest, what changed. Pure.

Money is Decimal, in US dollars per million tokens.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.costs.asked import Mix
from bot.costs.ledger import Ledger
from bot.model.rate import Figure, Key, Meter, Quoted, Rate, figure_of

USUAL_MIX = Mix(Decimal(3), Decimal(1))
# Prices further apart than this many times need a log scale.
FAR_APART = 20


@dataclass(frozen=True, slots=True)
class Step:
    """A price from `since` on, until the next step; `quoted` is None where it is not known."""

    since: datetime
    quoted: Quoted | None


def blend(rate: Rate, mix: Mix) -> Decimal | None:
    """What a million tokens cost in that mix; None unless both prices are known.

    3:1 of $2.50 in and $10 out: (3 × 2.50 + 1 × 10) / 4 = 4.375.
    """
    if rate.input_mtok is None or rate.output_mtok is None:
        return None
    whole = rate.input_mtok * mix.input + rate.output_mtok * mix.output
    return whole / (mix.input + mix.output)


def blended(quoted: Quoted, mix: Mix) -> Figure | None:
    """The blend as each source has it."""
    return figure_of([(rate.source, blend(rate, mix)) for rate in quoted.rates])


def cheapest(prices: Iterable[Decimal | None]) -> Decimal | None:
    """The lowest price that is asked; what is free asks none."""
    asked = [one for one in prices if one is not None and one > 0]
    return min(asked, default=None)


def far_apart(prices: Iterable[Decimal | None]) -> bool:
    """Whether prices need a log scale to be seen beside each other."""
    asked = [one for one in prices if one is not None and one > 0]
    return bool(asked) and max(asked) > FAR_APART * min(asked)


def steps(book: Ledger, key: Key, upto: datetime, provider: str | None = None) -> list[Step]:
    """A model's usual price through time, as far as it had begun by `upto`, oldest first; one step
    for each change of what input, cached input or output cost.
    """
    seller = provider or key[0]
    rates = [one for one in book.of(key) if one.provider == seller and one.terms.usual]
    turns = {moment for one in rates for moment in (one.since, one.until) if moment is not None}
    if any(one.since is None for one in rates):
        begun = book.released.get(key) or min(one.observed_at for one in rates)
        turns.add(begun)
    found: list[Step] = []
    for moment in sorted(turns):
        if moment > upto or not book.is_out(key, moment):
            continue
        quoted = book.quote(key, moment, provider=seller)
        if (found and _asks(found[-1].quoted) == _asks(quoted)) or (not found and quoted is None):
            continue
        found.append(Step(moment, quoted))
    return found


def ended(book: Ledger, key: Key, at: datetime, provider: str | None = None) -> datetime | None:
    """Since when a seller, the lab itself unless named, has not sold a model; None where it does,
    never did as far as is known, or whether it does is not known.
    """
    mine = [one for one in book.of(key) if one.provider == (provider or key[0])]
    ends = [one.until for one in mine if one.terms.usual and (one.since is None or one.since <= at)]
    known = [end for end in ends if end is not None and end <= at]
    return max(known) if known and len(known) == len(ends) else None


def following(book: Ledger, quoted: Quoted) -> Quoted | None:
    """What is asked once a rate has ended; None where it has no end or nothing is known."""
    best = quoted.best
    if best.until is None:
        return None
    return book.quote(best.key, best.until, provider=best.provider, terms=best.terms)


def is_dated(rate: Rate, at: datetime) -> bool:
    """Whether a source says that a price held at that moment, or had been read by then; where it
    does not say since when, it may have been another.
    """
    return (rate.since or rate.observed_at) <= at


def elsewhere(
    book: Ledger, key: Key, at: datetime, besides: str, mix: Mix = USUAL_MIX
) -> list[Quoted]:
    """What other sellers ask under the usual terms, the cheapest blend first; without those whose
    price is not known in full, or is none. What a list does not say the beginning of is told from
    the day it was read on: sellers change their prices more often than labs.
    """
    priced = [
        (asked, one)
        for one in book.quotes(key, at)
        if one.best.provider != besides
        and one.best.terms.usual
        and is_dated(one.best, at)
        and (asked := blend(one.best, mix)) is not None
        and asked > 0
    ]
    return [one for _, one in sorted(priced, key=lambda two: (two[0], two[1].best.provider))]


def differing(quoted: Quoted) -> Sequence[Rate]:
    """The rates of other sources that ask something else for input or output, the best first."""
    mine = _asks(quoted)[::2]
    found: dict[str, Rate] = {}
    for rate in quoted.rates[1:]:
        theirs = (rate.input_mtok, rate.output_mtok)
        if any(b is not None and a != b for a, b in zip(mine, theirs, strict=True)):
            found.setdefault(rate.source, rate)
    return list(found.values())


def _asks(quoted: Quoted | None) -> tuple[Decimal | None, ...]:
    if quoted is None:
        return ()
    figures = (quoted.figure(meter) for meter in (Meter.INPUT, Meter.CACHED, Meter.OUTPUT))
    return tuple(one.value if one is not None else None for one in figures)
