"""Which price holds at which hours of the week. Pure; hours and weekdays are UTC."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.model.rate import Evidence, Quoted, Terms

MINUTES_A_DAY = 24 * 60
MINUTES_A_WEEK = 7 * MINUTES_A_DAY


@dataclass(frozen=True, slots=True)
class Slot:
    """Hours of the week with one price: `minutes` of the week, on average.

    `dear` marks the hours that cost the most: the peak, or all that is not off-peak.
    """

    quoted: Quoted
    minutes: int
    dear: bool

    @property
    def terms(self) -> Terms:
        """Under which terms its price holds."""
        return self.quoted.best.terms


def minutes(terms: Terms) -> int:
    """How many minutes of a week a price by the clock holds; hours may run past midnight."""
    a_day = sum((end - start - 1) % MINUTES_A_DAY + 1 for start, end in terms.hours)
    return a_day * (5 if terms.weekdays else 7)


def slots(quotes: Sequence[Quoted]) -> list[Slot] | None:
    """The hours of the week and their prices; None where some of them have no price.

    `quotes` are those of one provider that differ in the clock alone. Where sources do not agree on
    the hours, those of the source that is believed are taken, and the others' prices stand beside.
    Hours that only a weaker source than that of the usual price has are left out: such a source
    does not say since when they hold.
    """
    base = [one for one in quotes if not one.best.terms.clock]
    least = max((one.best.evidence for one in base), default=min(Evidence))
    timed = [
        slot
        for clock in ("peak", "off-peak")
        for slot in _timed([one for one in quotes if one.best.terms.clock == clock])
        if slot.best.evidence >= least
    ]
    left = MINUTES_A_WEEK - sum(minutes(one.best.terms) for one in timed)
    if not base and left > 0:
        return None
    has_peak = any(one.best.terms.clock == "peak" for one in timed)
    found = [
        Slot(one, minutes(one.best.terms), one.best.terms.clock == "peak")
        for one in timed
        if minutes(one.best.terms)
    ]
    if base and left > 0:
        found.append(Slot(base[0], left, not has_peak))
    return sorted(found, key=lambda slot: not slot.dear)


def _timed(quotes: Sequence[Quoted]) -> list[Quoted]:
    """Those of the best source; hours of the same price are one."""
    if not quotes:
        return []
    ranked = sorted(quotes, key=lambda one: (-one.best.evidence, -one.best.observed_at.timestamp()))
    first = ranked[0].best
    believed = [one for one in ranked if one.best.source == first.source]
    others = tuple(rate for one in ranked if one not in believed for rate in one.rates)
    joined: dict[object, Quoted] = {}
    for one in believed:
        best = one.best
        price = (best.input_mtok, best.cached_mtok, best.output_mtok, best.terms.weekdays)
        before = joined.get(price)
        hours = best.terms.hours if before is None else before.best.terms.hours + best.terms.hours
        rate = replace(best, terms=replace(best.terms, hours=tuple(dict.fromkeys(hours))))
        heard = (*one.rates[1:], *(before.rates[1:] if before else others))
        joined[price] = Quoted(rate, (rate, *heard))
    return list(joined.values())
