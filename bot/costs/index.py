"""The price war: the lowest price of a class of models, day by day, and how fast it falls. Pure.

Prices are what a model's own lab asks under the usual terms, blended at three input tokens to one
output token, in dollars per million tokens. A day is judged by its last moment (UTC).
"""

import math
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from bot.costs.ledger import Ledger
from bot.model.known import Model
from bot.model.rate import Figure, Rate, figure_of

INPUT_PARTS, OUTPUT_PARTS = 3, 1
FRONTIER_MONTHS = 18
FEWEST_CHANGES = 4
# A price that is first known later than this after the release was asked before, unseen.
_LATE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Lowest:
    """From `since` until the day before `until` nobody asked less than `model` did.

    `until` is None where it still is so at the end. `price` is the blend, with what other sources
    make of it; `rate` is the one believed. `promotion` where the price was one; `first_seen` where
    the model was sold before at a price that is not known, so that the day is that of the first
    sight; `before` where it was so before the span began.
    """

    since: date
    until: date | None
    model: Model
    price: Figure
    rate: Rate
    promotion: bool = False
    first_seen: bool = False
    before: bool = False


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through log2 of the lowest price of each day, by least squares.

    `half_life` is the days in which the price halves along it; None where the price did not fall
    or changed fewer than `FEWEST_CHANGES` times. `days` are the days that have a price, from
    `first` to `last`; `fit` is the part of the variance that the line explains (R²). `first_seen`
    are the changes on days when a price was first seen, which may be older.
    """

    half_life: float | None
    days: int
    changes: int
    first: date
    last: date
    fit: float | None = None
    first_seen: int = 0


@dataclass(frozen=True, slots=True)
class Index:
    """The lowest prices of a class from `start` to `end`: of all, of open and of closed weights."""

    start: date
    end: date
    all: tuple[Lowest, ...]
    open: tuple[Lowest, ...]
    closed: tuple[Lowest, ...]
    trend: Trend | None


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a model cost from `first` to `last`, both included."""

    first: date
    last: date
    model: Model
    price: Figure
    rate: Rate
    first_seen: bool


def shifted(day: date, months: int) -> date:
    """The day so many months later (earlier, if negative): 31 Aug 2024, 6 → 28 Feb 2025."""
    total = day.year * 12 + day.month - 1 + months
    year, month = total // 12, total % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _leading(model: Model) -> date | None:
    """While it counts as one of the frontier: 18 months from its release."""
    return shifted(model.released_on, FRONTIER_MONTHS) if model.leads else None


# Of each class, the last day on which a model belongs to it; None where it never does.
CLASSES: Mapping[str, Callable[[Model], date | None]] = {
    "frontier": _leading,
    "reasoning": lambda model: date.max if model.reasoning is True else None,
    "all": lambda _model: date.max,
}


def blend(rate: Rate) -> Decimal | None:
    """Dollars per million tokens of which three are input and one is output; None where either
    price is not known.
    """
    if rate.input_mtok is None or rate.output_mtok is None:
        return None
    parts = rate.input_mtok * INPUT_PARTS + rate.output_mtok * OUTPUT_PARTS
    return parts / (INPUT_PARTS + OUTPUT_PARTS)


def index(book: Ledger, models: Iterable[Model], name: str, start: date, end: datetime) -> Index:
    """The index of a class (a key of `CLASSES`) over the days from `start` to that of `end`; of
    that last day only what held by then.
    """
    offers = [
        offer
        for model in models
        if model.kind == "language" and (last := CLASSES[name](model)) is not None
        for offer in _offers(book, model, (start, end), last)
    ]
    every = _lowest(offers, start, end.date())
    return Index(
        start,
        end.date(),
        every,
        _lowest([one for one in offers if one.model.open_weights is True], start, end.date()),
        _lowest([one for one in offers if one.model.open_weights is False], start, end.date()),
        trend(every, end.date()),
    )


def _offers(
    book: Ledger, model: Model, span: tuple[date, datetime], last: date
) -> Iterator[_Offer]:
    """What the model's lab asked on the days of the span up to `last`; prices of 0 are none."""
    start, now = span
    end = min(now.date(), last)
    key = (model.lab, model.name)
    rates = [rate for rate in book.of(key) if rate.provider == model.lab and rate.terms.usual]
    if not rates:
        return
    first = max(start, model.released_on)
    known_from = min(_begins(rate, model) for rate in rates)
    changes = {first} | {
        moment.date()
        for rate in rates
        for moment in (rate.since, rate.until, rate.observed_at)
        if moment is not None and first < moment.date() <= end
    }
    days = sorted(day for day in changes if day <= end)
    for day, following in pairwise([*days, end + timedelta(days=1)]):
        at = min(datetime.combine(day, time.max, UTC), now)
        quoted = book.quote(key, at)
        if quoted is None:
            continue
        price = figure_of([(rate.source, blend(rate)) for rate in quoted.rates])
        if price is None or price.value <= 0:
            continue
        begun = _begins(quoted.best, model)
        late = begun == known_from and begun - model.released_on > _LATE
        yield _Offer(day, following - timedelta(days=1), model, price, quoted.best, late)


def _begins(rate: Rate, model: Model) -> date:
    return rate.since.date() if rate.since is not None else model.released_on


def _lowest(offers: Sequence[_Offer], start: date, end: date) -> tuple[Lowest, ...]:
    """Who asked least, from change to change; days without any price are left out."""
    day = timedelta(days=1)
    changes = {start} | {one.first for one in offers} | {one.last + day for one in offers}
    found: list[Lowest] = []
    for first, following in pairwise([*sorted(c for c in changes if c <= end), end + day]):
        there = [one for one in offers if one.first <= first <= one.last]
        if not there:
            continue
        best = min(there, key=_rank)
        until = following if following <= end else None
        if found and _same(found[-1], best, first):
            found[-1] = replace(found[-1], until=until)
            continue
        before = first == start and _begins(best.rate, best.model) < start
        found.append(
            Lowest(
                first,
                until,
                best.model,
                best.price,
                best.rate,
                promotion="promotion" in best.rate.note.lower(),
                first_seen=best.first_seen and _begins(best.rate, best.model) == first,
                before=before,
            )
        )
    return tuple(found)


def _rank(offer: _Offer) -> tuple[Decimal, date, date, str, str]:
    """The lower price first; of equal ones, who asked it first."""
    model = offer.model
    return offer.price.value, _begins(offer.rate, model), model.released_on, model.lab, model.name


def _same(one: Lowest, offer: _Offer, first: date) -> bool:
    there = (one.until, one.model, one.price.value)
    return there == (first, offer.model, offer.price.value)


def trend(lowest: Sequence[Lowest], end: date) -> Trend | None:
    """How fast the lowest price fell, each day up to `end` weighing the same; None without any."""
    if not lowest:
        return None
    changes = sum(a.price.value != b.price.value for a, b in pairwise(lowest))
    first, last = lowest[0].since, _last(lowest[-1], end)
    points = [
        (float(number), math.log2(one.price.value))
        for one in lowest
        for number in range(one.since.toordinal(), _last(one, end).toordinal() + 1)
    ]
    if changes < FEWEST_CHANGES:
        return Trend(None, len(points), changes, first, last)
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    across = sum((x - mean_x) ** 2 for x, _ in points)
    along = sum((x - mean_x) * (y - mean_y) for x, y in points)
    up = sum((y - mean_y) ** 2 for _, y in points)
    half_life = -across / along if along < 0 else None
    seen = sum(b.first_seen and a.price.value != b.price.value for a, b in pairwise(lowest))
    return Trend(half_life, len(points), changes, first, last, along**2 / (across * up), seen)


def _last(one: Lowest, end: date) -> date:
    return end if one.until is None else one.until - timedelta(days=1)
