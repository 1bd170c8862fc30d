"""Bills and moves agree to the cent with a hand calculation and with genai-prices' own sums.

Every text model of the labs that sell their own is taken, at the prices of one day. Left out, each
for its reason, are those in `_left_out`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import (
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from bot.costs.amount import Period
from bot.costs.ledger import Ledger
from bot.costs.migrate import Stage
from bot.costs.workload import Bill, Workload, bill
from bot.model.rate import Evidence, Key, Rate, Terms

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
LABS = ("openai", "anthropic", "google", "mistral", "x-ai", "deepseek", "cohere", "zai",
        "moonshotai", "minimax", "groq", "meta")  # fmt: skip
_METERS = ("input_mtok", "cache_read_mtok", "output_mtok")
_BATCH = {"processing": "batch"}
LOADS = (
    Workload(10_000, 2_000, 500),
    Workload(7, 1_500, 333, cached=40),
    Workload(12_345, 100_000, 8_000, cached=90),
    Workload(50, 200_000, 1, cached=25),  # at the usual threshold
    Workload(50, 200_004, 1, cached=25),  # above it
    Workload(3, 900_000, 60_000, cached=10),
    Workload(10_000, 2_000, 500, cached=50, batch=True),
    Workload(40, 300_000, 700, batch=True),
)


@dataclass(frozen=True)
class Sold:
    """A model of the catalogue, with its prices of that day as it finds them itself."""

    provider: Provider
    model: ModelInfo
    price: ModelPrice
    batch: ModelPrice | None

    @property
    def key(self) -> Key:
        return self.provider.id, self.model.id


def _left_out(model: ModelInfo, price: ModelPrice) -> str:
    """Why the catalogue's sum is not right, or not the same question; "" where it is."""
    conditions = model.prices if isinstance(model.prices, list) else []
    kinds = {type(one.constraint) for one in conditions}
    if {StartDateConstraint, TimeOfDateConstraint} <= kinds:
        # Of a day's and an hour's condition it takes the last that holds, whatever the other says,
        # and knows no weekdays: peak prices hold years before they came, and on Sundays.
        return "hours and days together"
    if TimeOfDateConstraint in kinds:
        return "by the clock"  # compared hour by hour below
    if price.input_mtok is None or price.output_mtok is None:
        return "not paid by the token, both ways"
    if price.requests_kcount is not None:
        return "a fee for each request besides"
    return ""


def _sold() -> Iterator[Sold]:
    for provider in get_snapshot().providers:
        if provider.id not in LABS:
            continue
        for model in provider.models:
            price = model.get_prices(AT)
            if _left_out(model, price):
                continue
            batch = model.get_prices(AT, _BATCH)
            waits = any(
                one.when == _BATCH and (one.constraint is None or one.constraint.active(AT))
                for one in model.price_variants or ()
            )
            yield Sold(provider, model, price, batch if waits else None)


SOLD = {one.key: one for one in _sold()}


def _at(price: object, tokens: int) -> Decimal | None:
    """A price for requests of over so many tokens."""
    if isinstance(price, TieredPrices):
        over = [one.price for one in price.tiers if one.start <= tokens]
        return over[-1] if tokens and over else price.base
    assert price is None or isinstance(price, Decimal)
    return price


def _rates(key: Key, price: ModelPrice, terms: Callable[[int], Terms]) -> Iterator[Rate]:
    asked = [getattr(price, name) for name in _METERS]
    starts = {tier.start for one in asked if isinstance(one, TieredPrices) for tier in one.tiers}
    for over in (0, *sorted(starts)):
        entry, cached, exit_ = (_at(one, over) for one in asked)
        yield Rate(
            key, key[0], entry, exit_, "genai-prices", AT, Evidence.CATALOG, since=AT,
            cached_mtok=cached, terms=terms(over),
        )  # fmt: skip


def _ledger() -> Ledger:
    rates: list[Rate] = []
    for key, one in SOLD.items():
        rates += _rates(key, one.price, lambda over: Terms(over=over))
        if one.batch is not None:
            rates += _rates(key, one.batch, lambda over: Terms(over=over, batch=True))
    return Ledger(rates)


BOOK = _ledger()


def _bill(key: Key, load: Workload) -> Bill:
    found = bill(load, BOOK.quotes(key, AT))
    assert isinstance(found, Bill)
    return found


def _usage(load: Workload) -> Usage:
    cached = load.input * load.cached // 100
    assert cached * 100 == load.input * load.cached
    return Usage(input_tokens=load.input, cache_read_tokens=cached, output_tokens=load.output)


def _tiered(price: ModelPrice) -> bool:
    return any(isinstance(getattr(price, name), TieredPrices) for name in _METERS)


def _asked(load: Workload) -> list[Sold]:
    """The models that can be compared for that workload."""
    return [
        one
        for one in SOLD.values()
        # The catalogue has one batch price for these, while requests that do not wait cost more
        # when they are long. That long ones may wait at the price of short ones, nobody says.
        if not (load.batch and one.batch and _tiered(one.price) and not _tiered(one.batch))
    ]


def _theirs(one: Sold, load: Workload) -> Decimal:
    """What genai-prices makes of a day's requests."""
    price = one.model.calc_price(
        _usage(load),
        one.provider,
        genai_request_timestamp=AT,
        price_context=_BATCH if load.batch and one.batch is not None else None,
    )
    return price.total_price * load.requests


def _by_hand(one: Sold, load: Workload) -> Fraction:
    """A day's requests in whole fractions of a dollar, from the catalogue's figures."""
    price = one.batch if load.batch and one.batch is not None else one.price
    asked = []
    for name in _METERS:
        figure = getattr(price, name)
        if isinstance(figure, TieredPrices):
            chosen = figure.base
            for tier in figure.tiers:
                if load.input > tier.start:
                    chosen = tier.price
            figure = chosen
        asked.append(figure)
    entry, cached, exit_ = asked
    kept = Fraction(load.input * load.cached, 100)
    total = (load.input - kept) * Fraction(entry) + load.output * Fraction(exit_)
    total += kept * Fraction(entry if cached is None else cached)
    return total * load.requests / 1_000_000


def _cents(value: Decimal | Fraction) -> int:
    exact = Fraction(value) * 100
    return int(exact + Fraction(1, 2)) if exact >= 0 else -int(-exact + Fraction(1, 2))


def test_there_are_enough_models_with_tiers_and_batches_among_them() -> None:
    tiered = [one for one in SOLD.values() if _tiered(one.price)]
    batched = [one for one in SOLD.values() if one.batch is not None]
    assert len(SOLD) >= 50
    # Each left out for itself: if many were, the comparison would say little.
    assert all(len(SOLD) - len(_asked(load)) <= 3 for load in LOADS)
    assert len(tiered) >= 10
    assert len(batched) >= 30


@pytest.mark.parametrize("load", LOADS, ids=str)
def test_every_bill_agrees_to_the_cent(load: Workload) -> None:
    compared = _asked(load)
    assert len(compared) >= 300
    for one in compared:
        key = one.key
        found = _bill(key, load)
        hand, theirs = _by_hand(one, load), _theirs(one, load)
        assert found.day.value == theirs, key
        assert Fraction(found.day.value) == hand, key
        assert _cents(found.per(Period.MONTH).value) == _cents(hand * 365 / 12), key
        assert _cents(found.per(Period.YEAR).value) == _cents(Fraction(theirs) * 365), key
        assert found.batch_unknown is (load.batch and one.batch is None)


@pytest.mark.parametrize("load", LOADS, ids=str)
def test_every_move_agrees_to_the_cent(load: Workload) -> None:
    for before, after in pairwise(_asked(load)):
        old, new = before.key, after.key
        there = Stage(_bill(old, load), _bill(new, load))
        hand = _by_hand(before, load) - _by_hand(after, load)
        theirs = _theirs(before, load) - _theirs(after, load)
        for stage, sign in ((there, 1), (there.back, -1)):
            assert stage.saved.value == sign * theirs, (old, new)
            month, year = (stage.saved.per(one).value for one in (Period.MONTH, Period.YEAR))
            assert _cents(month) == _cents(sign * hand * 365 / 12), (old, new)
            assert _cents(year) == _cents(Fraction(theirs) * sign * 365), (old, new)


def test_a_day_by_the_clock_is_the_mean_of_its_half_hours() -> None:
    """Of a model whose price goes by the clock alone, genai-prices is right at each moment."""
    compared = 0
    for provider in get_snapshot().providers:
        for model in provider.models:
            if provider.id not in LABS or _left_out(model, model.get_prices(AT)) != "by the clock":
                continue
            assert isinstance(model.prices, list)
            key = (provider.id, model.id)
            rates = [rate for one in model.prices for rate in _clocked(key, one)]
            for load in (Workload(1_000, 2_000, 500), Workload(48, 1_000, 10, cached=60)):
                found = bill(load, Ledger(rates).quotes(key, AT))
                assert isinstance(found, Bill)
                sums = [
                    model.calc_price(
                        _usage(load), provider, genai_request_timestamp=AT.replace(hour=h, minute=m)
                    ).total_price
                    for h in range(24)
                    for m in (0, 30)
                ]
                mean = sum(sums, Decimal(0)) * load.requests / 48
                assert abs(found.day.value - mean) < Decimal("1e-20"), key
                compared += 1
    assert compared >= 4


def _clocked(key: Key, one: ConditionalPrice) -> Iterator[Rate]:
    def minute(at: time) -> int:
        return at.hour * 60 + at.minute

    hours = one.constraint
    if isinstance(hours, TimeOfDateConstraint):
        span = (minute(hours.start_time), minute(hours.end_time))
        return _rates(key, one.prices, lambda over: Terms("peak", (span,), over=over))
    return _rates(key, one.prices, lambda over: Terms(over=over))
