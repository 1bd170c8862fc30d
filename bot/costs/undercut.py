"""Models that undercut the others: a new cheapest one, a new one far below the leading ones. Pure.

Prices are compared by their blend: three parts input, one part output, as the lab itself asks.
A price that was merely first seen long after the release is no news: it may be an old one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from bot.costs.classes import Class, in_class
from bot.costs.ledger import Ledger
from bot.model.known import Model
from bot.model.price_event import EventKind, PriceEvent
from bot.model.rate import Key, Meter, Quoted

# A first price within this time of the release is the price of a new model.
FRESH = timedelta(days=14)
_INPUT_PARTS = 3
_INSTANT = timedelta(microseconds=1)


def blend(quoted: Quoted) -> Decimal | None:
    """Three parts input to one part output, per million tokens; None where either is unknown."""
    asked, answered = quoted.best.of(Meter.INPUT), quoted.best.of(Meter.OUTPUT)
    if not asked or not answered:
        return None
    return (_INPUT_PARTS * asked + answered) / (_INPUT_PARTS + 1)


def undercuts(
    book: Ledger,
    models: Iterable[Model],
    moves: Sequence[PriceEvent],
    since: datetime,
    until: datetime,
) -> Iterator[PriceEvent]:
    """The cheapest ones and the newcomers; `moves` are the cuts of the time between."""
    known = {(one.lab, one.name): one for one in models}
    cut = {(one.model, one.at) for one in moves if one.kind is EventKind.CUT and not one.terms}
    fresh = {
        (key, at)
        for key, model in known.items()
        if (at := _first_priced(book, key, model)) is not None and since < at <= until
    }
    told = sorted(cut | fresh, key=lambda one: (one[1], one[0]))
    for at in sorted({moment for _, moment in told}):
        lower = [key for key, moment in told if moment == at and key in known]
        for which in Class:
            event = _cheapest(book, known, lower, which, at)
            if event is not None:
                yield event
    for key, at in sorted(fresh, key=lambda one: (one[1], one[0])):
        event = _newcomer(book, known, key, at)
        if event is not None:
            yield event


def _first_priced(book: Ledger, key: Key, model: Model) -> datetime | None:
    """When a model's first price began, where it was new then."""
    released = datetime.combine(model.released_on, time(), UTC)
    begun = [
        max(one.since or released, released)
        for one in book.of(key)
        if one.provider == key[0] and one.terms.usual and one.doubt is None
    ]
    if not begun or model.kind != "language":
        return None
    return first if (first := min(begun)) - released <= FRESH else None


def _cheapest(
    book: Ledger, known: Mapping[Key, Model], lower: Sequence[Key], which: Class, at: datetime
) -> PriceEvent | None:
    """The cheapest of a class, where one that has just come or been cut costs less than all did."""
    day = at.date()
    now = _lowest(book, [key for key in lower if in_class(known[key], which, day)], at)
    if now is None:
        return None
    members = [key for key, model in known.items() if in_class(model, which, day)]
    before = _lowest(book, members, at - _INSTANT)
    if before is None or now[0] >= before[0]:
        return None
    (price, key, quoted), (was, other, other_quoted) = now, before
    return PriceEvent(
        EventKind.CHEAPEST, key, which.value, at, price / was - 1, quoted, other_quoted, other
    )


def cheapest(
    book: Ledger, models: Iterable[Model], which: Class, at: datetime
) -> tuple[Key, Quoted] | None:
    """The cheapest of a class at a moment, as far as prices are known; None where none is."""
    found = _lowest(book, [(m.lab, m.name) for m in models if in_class(m, which, at.date())], at)
    return None if found is None else found[1:]


def _newcomer(
    book: Ledger, known: Mapping[Key, Model], key: Key, at: datetime
) -> PriceEvent | None:
    """A new model below what every other lab's leading model costs.

    Of each other lab its newest leading model counts, and of those the cheapest: what costs a
    quarter of that costs a quarter of all at most.
    """
    quoted = book.quote(key, at)
    price = None if quoted is None else blend(quoted)
    found = _lowest(book, leaders(book, known.values(), at, without=key[0]), at - _INSTANT)
    if quoted is None or price is None or found is None or price >= found[0]:
        return None
    if quoted.best.unsure:
        return None
    leading, other, other_quoted = found
    return PriceEvent(EventKind.NEWCOMER, key, "", at, price / leading, quoted, other_quoted, other)


def leaders(book: Ledger, models: Iterable[Model], at: datetime, *, without: str = "") -> list[Key]:
    """Of each lab but `without` the newest leading model that has a price just before `at`."""
    newest: dict[str, Model] = {}
    for model in models:
        key = (model.lab, model.name)
        if model.lab == without or not in_class(model, Class.FRONTIER, at.date()):
            continue
        known = newest.get(model.lab)
        if (known is None or known.released_on < model.released_on) and book.quote(
            key, at - _INSTANT
        ):
            newest[model.lab] = model
    return [(one.lab, one.name) for one in newest.values()]


def _lowest(book: Ledger, keys: Iterable[Key], at: datetime) -> tuple[Decimal, Key, Quoted] | None:
    quotes = [(key, book.quote(key, at)) for key in keys]
    priced = [
        (price, key, quoted)
        for key, quoted in quotes
        if quoted is not None and not quoted.best.unsure and (price := blend(quoted)) is not None
    ]
    return min(priced, key=lambda one: one[:2], default=None)
