"""What became true of prices between two moments: the news in a ledger. Pure.

A cut or rise is a change that one source tells of: what it had before, and what it has since. Two
sources that differ are no change, and neither is a better source that has another price for the
same days. Only what a model's own lab asks counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.costs.doubts import bears_out, prices, slipped
from bot.costs.ledger import Ledger
from bot.costs.parting import partings
from bot.costs.undercut import undercuts
from bot.model.known import Model
from bot.model.price_event import EventKind, PriceEvent
from bot.model.rate import Doubt, Evidence, Key, Quoted, Rate

# Smaller moves come of rounding and of other currencies.
LEAST = Decimal("0.02")
# Within this time sources notice the same change, and a source that lost a price has it again.
SAME = timedelta(days=45)
_INSTANT = timedelta(microseconds=1)
_CLOCKS = ("", "off-peak", "peak")
_ORDER = tuple(EventKind)


def changes(
    book: Ledger, models: Iterable[Model], since: datetime, until: datetime
) -> list[PriceEvent]:
    """What became true after `since` and up to `until`, in that order.

    `models` are those whose classes are known: cheapest ones and newcomers are among them.
    """
    found = list(moves(book, since, until))
    found += undercuts(book, models, found, since, until)
    found += partings(book, since, until)
    return sorted(found, key=lambda one: (one.at, one.model, _ORDER.index(one.kind), one.terms))


def moves(book: Ledger, since: datetime, until: datetime) -> Iterator[PriceEvent]:
    """The cuts and rises alone."""
    return (one for one, doubt in _weighed(book, book.keys, since, until) if doubt is None)


def held(
    book: Ledger, keys: Iterable[Key], since: datetime, until: datetime
) -> list[tuple[PriceEvent, Doubt]]:
    """The cuts and rises of some models that would be told, were it not for a doubt; the newest
    first.
    """
    found = [(one, why) for one, why in _weighed(book, keys, since, until) if why is not None]
    return sorted(found, key=lambda one: one[0].at, reverse=True)


def _weighed(
    book: Ledger, keys: Iterable[Key], since: datetime, until: datetime
) -> Iterator[tuple[PriceEvent, Doubt | None]]:
    for key in keys:
        own = [one for one in book.of(key) if one.provider == key[0] and _is_price(one)]
        # Looked for from earlier on: what another source told of then is not told again.
        if any(one.since is not None and since < one.since <= until for one in own):
            for event in _distinct(_candidates(book, key, own, since - SAME, until), own):
                if since < event.at <= until:
                    yield event, _doubt(event, book.of(key))


def _is_price(rate: Rate) -> bool:
    """Whether both figures are known, of requests of the usual kind; free is no price."""
    return (
        not (rate.terms.batch or rate.terms.over)
        and bool(rate.input_mtok)
        and bool(rate.output_mtok)
    )


def _candidates(
    book: Ledger, key: Key, own: Sequence[Rate], since: datetime, until: datetime
) -> Iterator[PriceEvent]:
    """Each change that each source tells of."""
    for rates in _by_source(own).values():
        usual = [one for one in rates if not one.terms.clock]
        for clock in _CLOCKS:
            some = [one for one in rates if one.terms.clock == clock]
            for at in sorted({one.since for one in some if one.since is not None}):
                if not (since < at <= until and book.is_out(key, at)):
                    continue
                after = max((r for r in some if r.since == at), key=lambda r: r.observed_at)
                before = _before(book, some, at)
                if before is None and clock:
                    before = _at_other_hours(book, usual, at, clock)
                if before is not None:
                    event = _event(key, clock, at, before, after, own)
                    if event is not None:
                        yield event


def _by_source(own: Iterable[Rate]) -> Mapping[tuple[Evidence, str], Sequence[Rate]]:
    """Apart by who says it; what ships is one account, whoever each line of it rests on."""
    found: dict[tuple[Evidence, str], list[Rate]] = {}
    for one in own:
        name = "" if one.evidence is Evidence.SHIPPED else one.source
        found.setdefault((one.evidence, name), []).append(one)
    return found


def _begun(book: Ledger, rate: Rate) -> datetime:
    """When it began to hold; one of which that is not known did before it ended."""
    if rate.since is not None:
        return rate.since
    known = book.released.get(rate.key, rate.observed_at)
    return known if rate.until is None else min(known, rate.until - _INSTANT)


def _before(book: Ledger, rates: Sequence[Rate], at: datetime) -> Rate | None:
    """What the source had until then; None where that is nothing, or too long ago."""
    earlier = [one for one in rates if _begun(book, one) < at]
    if not earlier:
        return None
    last = max(earlier, key=lambda one: (_begun(book, one), one.observed_at))
    return last if last.until is None or last.until >= at - SAME else None


def _at_other_hours(book: Ledger, usual: Sequence[Rate], at: datetime, clock: str) -> Rate | None:
    """The usual price beside which one for some hours begins, where the model had one before.

    Where that changes at the same moment, a price for the peak is no news of its own.
    """
    now = [one for one in usual if one.holds(at)]
    before = _before(book, usual, at)
    if not now or before is None:
        return None
    beside = max(now, key=lambda one: (_begun(book, one), one.observed_at))
    return None if clock == "peak" and beside.since == at else beside


def _event(
    key: Key, clock: str, at: datetime, before: Rate, after: Rate, own: Sequence[Rate]
) -> PriceEvent | None:
    """The event, where the price did move; at off-peak hours only from below the usual one."""
    figures = [(before.input_mtok, after.input_mtok), (before.output_mtok, after.output_mtok)]
    ratios = [new / old for old, new in figures if old and new]
    largest = max(ratios, key=lambda one: max(one, 1 / one))
    if abs(largest - 1) < LEAST:
        return None
    return PriceEvent(
        EventKind.CUT if largest < 1 else EventKind.RISE,
        key,
        clock,
        at,
        largest - 1,
        _heard(after, own, at, clock),
        Quoted(before, (before,)),
    )


def _heard(rate: Rate, own: Sequence[Rate], at: datetime, clock: str) -> Quoted:
    """The price, and what other sources that were read since have for that moment."""
    others = [
        one
        for one in own
        if one is not rate
        and one.terms.clock == clock
        and one.source != rate.source
        and one.holds(at)
        and one.observed_at >= at
    ]
    return Quoted(rate, (rate, *sorted(others, key=lambda one: (-one.evidence, one.source))))


def _distinct(events: Iterable[PriceEvent], own: Sequence[Rate]) -> Iterator[PriceEvent]:
    """Each change once, as the best source dates it; without those that a better one denies."""
    kept: list[PriceEvent] = []
    for event in sorted(events, key=lambda one: (-one.after.best.evidence, one.at)):
        if _is_denied(event, own):
            continue
        twin = next((one for one in kept if is_same(one, event)), None)
        if twin is None:
            kept.append(event)
        else:
            kept[kept.index(twin)] = _joined(twin, event)
    yield from kept


def _doubt(event: PriceEvent, rates: Sequence[Rate]) -> Doubt | None:
    """Why it is not told; a single list alone is never believed of ten times the price."""
    after = event.after.best
    if after.evidence is not Evidence.LISTED or after.doubt is not None or event.before is None:
        return after.doubt
    if slipped(event.before.best, after) and not any(bears_out(one, after) for one in rates):
        return Doubt.SLIP
    return None


def is_same(one: PriceEvent, other: PriceEvent) -> bool:
    """Whether two sources tell of the same change: to the same price, at about the same time."""
    return (
        (one.model, one.terms, one.kind) == (other.model, other.terms, other.kind)
        and abs(one.at - other.at) <= SAME
        and prices(one.after.best) == prices(other.after.best)
    )


def _joined(one: PriceEvent, other: PriceEvent) -> PriceEvent:
    """The first, borne out by the source of the other."""
    if any(rate.source == other.after.best.source for rate in one.after.rates):
        return one
    return replace(one, after=Quoted(one.after.best, (*one.after.rates, other.after.best)))


def _is_denied(event: PriceEvent, own: Sequence[Rate]) -> bool:
    """Whether a better source, read since, has one price for before and after that moment."""
    return any(
        one.evidence > event.after.best.evidence
        and one.terms.clock == event.terms
        and one.observed_at >= event.at
        and (one.since is None or one.since < event.at)
        and one.holds(event.at)
        for one in own
    )
