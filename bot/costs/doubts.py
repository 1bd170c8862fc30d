"""Which prices of lists that a machine reads are believed, and which wait. Pure.

A list may be wrong for a look or two: off by a thousand, input and output swapped, forged. So a
change that one list alone tells of waits until the list is read again, or another source has the
same price. Where too much of a list changes at once, or a price by ten times, it must stand for a
week. Until then the price before stands, and what ended while it was in doubt never was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.model.rate import Doubt, Evidence, Key, Rate, Terms
from bot.model.wording import count, day

# A list alone must have so large a change for as long.
SETTLES = timedelta(days=7)
# Of labs' own models, and the share of all that a list has; few changes are never too many.
MANY, MANY_SHARE, FEW = 40, 0.15, 5
# A list that is read by a machine has slipped by a power of ten before.
SLIP = 10
# Of a whole catalogue that is put in place of another.
MOST_SWAPPED = 0.3
_FIRST = datetime.min.replace(tzinfo=UTC)

_Line = tuple[str, str, Key, Terms]
_Prices = tuple[Decimal | None, Decimal | None]


def weighed(seen: Iterable[Rate], others: Iterable[Rate] = ()) -> list[Rate]:
    """The rates of lists with what is in doubt marked or, where it ended so, left out.

    `others` are the rates that are known otherwise, which can bear a list out.
    """
    lines: dict[_Line, list[Rate]] = {}
    for rate in seen:
        lines.setdefault((rate.source, rate.provider, rate.key, rate.terms), []).append(rate)
    for rates in lines.values():
        rates.sort(key=lambda one: one.since or _FIRST)
    many = _wholesale(lines)
    told: dict[tuple[Key, _Prices], list[Rate]] = {}
    for rates in (*lines.values(), list(others)):
        for rate in rates:
            told.setdefault((rate.key, prices(rate)), []).append(rate)
    found: list[Rate] = []
    for rates in lines.values():
        found += _line(rates, many, told)
    return found


def swapped(before: Iterable[Rate], after: Iterable[Rate], at: datetime) -> str:
    """Why a catalogue cannot take the place of the one before: it lost half of its models, or too
    many of them cost something else at that moment; "" where it can.
    """
    old, new = _asked_at(before, at), _asked_at(after, at)
    both = old.keys() & new.keys()
    if 2 * len(both) < len(old):
        return f"it lacks {count(len(old) - len(both), 'price')} of {len(old):,}"
    other = sum(old[place].isdisjoint(new[place]) for place in both)
    if other > max(FEW, MOST_SWAPPED * len(both)):
        return f"{count(other, 'price')} of {len(both):,} differ"
    return ""


def _asked_at(rates: Iterable[Rate], at: datetime) -> dict[tuple[str, Key], set[_Prices]]:
    found: dict[tuple[str, Key], set[_Prices]] = {}
    for one in rates:
        if one.evidence is Evidence.CATALOG and one.terms.usual and one.holds(at):
            found.setdefault((one.provider, one.key), set()).add(prices(one))
    return found


def in_doubt(rates: Iterable[Rate]) -> dict[str, list[tuple[Doubt, int, datetime]]]:
    """What lists have that is not believed yet: by list why, of how many of a seller's models, and
    since when the newest.
    """
    found: dict[str, dict[Doubt, tuple[set[tuple[str, Key]], datetime]]] = {}
    for one in rates:
        if one.doubt is None or not one.unsure or one.until is not None:
            continue
        reasons = found.setdefault(one.source, {})
        places, newest = reasons.setdefault(one.doubt, (set(), one.observed_at))
        places.add((one.provider, one.key))
        reasons[one.doubt] = (places, max(newest, one.observed_at))
    return {
        source: [
            (doubt, len(reasons[doubt][0]), reasons[doubt][1])
            for doubt in Doubt
            if doubt in reasons
        ]
        for source, reasons in sorted(found.items())
    }


def prices(rate: Rate) -> _Prices:
    """What makes two rates the same price."""
    return rate.input_mtok, rate.output_mtok


def slipped(before: Rate, after: Rate) -> bool:
    """Whether a price is ten times as high or as low as before."""
    for old, new in zip(prices(before), prices(after), strict=True):
        if old and new and max(old / new, new / old) >= SLIP:
            return True
    return False


def bears_out(other: Rate, rate: Rate) -> bool:
    """Whether another source has, under the same terms, the price of `rate` as it begins or later.

    That a reseller has the lab's price counts: it hands it on. What was read long before does not.
    """
    begun = rate.since or rate.observed_at
    return (
        other.source != rate.source
        and other.terms == rate.terms
        and prices(other) == prices(rate)
        and (other.until is None or other.until > begun)
        and (other.read_at or other.observed_at) >= begun - SETTLES
    )


def _wholesale(lines: Mapping[_Line, Sequence[Rate]]) -> set[tuple[str, datetime]]:
    """The looks at which too much of a list changed, by its name and the moment."""
    changed: dict[tuple[str, datetime], set[tuple[str, Key]]] = {}
    places: dict[str, set[tuple[str, Key]]] = {}
    for (source, provider, key, _), rates in lines.items():
        places.setdefault(source, set()).add((provider, key))
        for place, after in enumerate(rates[1:], 1):
            # A price that is put right again is no change.
            known = {prices(one) for one in rates[max(0, place - 2) : place]}
            if after.since is not None and prices(after) not in known:
                changed.setdefault((source, after.since), set()).add((provider, key))
    return {
        (source, at)
        for (source, at), some in changed.items()
        if len(some) > max(FEW, MANY_SHARE * len(places[source]))
        or sum(provider == key[0] for provider, key in some) > MANY
    }


def _line(
    rates: Sequence[Rate],
    many: set[tuple[str, datetime]],
    told: Mapping[tuple[Key, _Prices], Sequence[Rate]],
) -> list[Rate]:
    """One line of a list through time: what stood, and at the end what is in doubt."""
    kept: list[Rate] = []
    for rate in rates:
        before = kept[-1] if kept else None
        goes_on = before is not None and before.until is not None and before.until == rate.since
        doubt = _doubt(rate, before, many, told)
        if before is not None and goes_on:
            if prices(before) == prices(rate) and before.cached_mtok == rate.cached_mtok:
                kept[-1] = replace(before, until=rate.until, read_at=rate.read_at, note=rate.note)
                continue
            if doubt is not None and doubt is not Doubt.SETTLED:
                note = before.note if rate.until else _last_read(before)
                kept[-1] = replace(before, until=rate.until, note=note)
        if doubt is None or doubt is Doubt.SETTLED:
            kept.append(rate if doubt is None else replace(rate, doubt=doubt))
        elif rate.until is None:
            kept.append(replace(rate, doubt=doubt, note=doubt.value))
    return kept


def _last_read(rate: Rate) -> str:
    return f"as last read on {day((rate.read_at or rate.observed_at).date())}"


def _doubt(
    rate: Rate,
    before: Rate | None,
    many: set[tuple[str, datetime]],
    told: Mapping[tuple[Key, _Prices], Sequence[Rate]],
) -> Doubt | None:
    if rate.since is None or rate.read_at is None:
        return None  # what the first look had: nothing to hold against it
    if before is not None and prices(before) == prices(rate):
        return None
    if any(bears_out(one, rate) for one in told.get((rate.key, prices(rate)), ())):
        return None
    stood = rate.read_at - rate.since
    if stood <= timedelta():
        return Doubt.ONCE
    if (rate.source, rate.since) in many:
        return Doubt.MANY if stood < SETTLES else Doubt.SETTLED
    if before is not None and slipped(before, rate) and stood < SETTLES:
        return Doubt.SLIP
    return None
