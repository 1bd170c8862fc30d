"""The lowest price of a class over time: by hand, by its laws, and its half-life."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

import numpy as np
import pytest

from bot.costs.index import Index, Lowest, blend, index, shifted, trend
from bot.costs.ledger import Ledger
from bot.model.known import Model
from bot.model.rate import Evidence, Rate, Terms
from bot.priced import shipped_ledger
from bot.releases.models import load_models
from tests.costs.made import at, model, rate

START, END = date(2024, 1, 1), datetime(2024, 12, 31, 12, tzinfo=UTC)
LAST = END.date()


def found(
    models: Sequence[Model],
    rates: Sequence[Rate],
    name: str = "all",
    start: date = START,
    end: datetime = END,
) -> Index:
    released = {(one.lab, one.name): at(one.released_on) for one in models}
    return index(Ledger(rates, released), models, name, start, end)


def held(lowest: Sequence[Lowest]) -> list[tuple[str, str, str]]:
    """Since when, who, at what price."""
    return [(str(one.since), one.model.name, str(one.price.value)) for one in lowest]


def test_a_price_war_by_hand() -> None:
    models = [
        model("Dear", "2024-01-10"),
        model("Cheap", "2024-03-01", weights=True),
        model("Late", "2024-06-01"),
    ]
    rates = [
        rate("Dear", "2024-01-10", "2024-05-01", "10", "30"),  # (3 × 10 + 30) / 4 = 15
        rate("Dear", "2024-05-01", None, "2", "2"),  # 2
        rate("Cheap", "2024-03-01", "2024-04-01", "1", "5", "promotion to 1 Apr"),  # 8 / 4 = 2
        rate("Cheap", "2024-04-01", None, "2", "10"),  # 16 / 4 = 4
        rate("Late", "2024-06-01", "2024-07-01", "0.5", "0.5"),  # 0.5, for a month
    ]
    seen = found(models, rates)
    assert held(seen.all) == [
        ("2024-01-10", "Dear", "15"),
        ("2024-03-01", "Cheap", "2"),
        ("2024-04-01", "Cheap", "4"),
        ("2024-05-01", "Dear", "2"),
        ("2024-06-01", "Late", "0.5"),
        ("2024-07-01", "Dear", "2"),
    ]
    assert [one.promotion for one in seen.all] == [False, True, False, False, False, False]
    assert held(seen.open) == [("2024-03-01", "Cheap", "2"), ("2024-04-01", "Cheap", "4")]
    assert seen.closed[0].until == date(2024, 5, 1)
    assert seen.all[-1].until is None


def test_a_day_without_any_price_is_a_gap() -> None:
    rates = [
        rate("A", "2024-01-01", "2024-02-01", "1", "1"),
        rate("A", "2024-03-01", None, "1", "1"),
    ]
    seen = found([model("A", "2024-01-01")], rates).all
    assert [(one.since, one.until) for one in seen] == [
        (date(2024, 1, 1), date(2024, 2, 1)),
        (date(2024, 3, 1), None),
    ]


@pytest.mark.parametrize(
    ("made", "name", "counts"),
    [
        (model("A", "2024-01-01"), "all", True),
        (model("A", "2024-01-01", kind="code"), "all", False),
        (model("A", "2024-01-01", leads=True), "frontier", True),
        (model("A", "2024-01-01"), "frontier", False),
        (model("A", "2024-01-01", reasoning=True), "reasoning", True),
        (model("A", "2024-01-01", reasoning=None), "reasoning", False),
    ],
)
def test_who_belongs_to_a_class(made: Model, name: str, counts: bool) -> None:
    assert bool(found([made], [rate("A", "2024-01-01", None, "1", "1")], name).all) is counts


def test_a_leader_counts_for_eighteen_months() -> None:
    old = model("Old", "2022-10-15", leads=True)  # until 15 Apr 2024, that day included
    new = model("New", "2024-01-01", leads=True)
    rates = [rate("Old", "2022-10-15", None, "1", "1"), rate("New", "2024-01-01", None, "3", "3")]
    assert held(found([old, new], rates, "frontier").all) == [
        ("2024-01-01", "Old", "1"),
        ("2024-04-16", "New", "3"),
    ]
    assert held(found([old, new], rates, "all").all) == [("2024-01-01", "Old", "1")]


def test_nothing_is_asked_before_the_release_by_others_or_under_other_terms() -> None:
    one = model("A", "2024-06-01")
    usual = rate("A", "2024-01-01", None, "4", "4")
    others = [
        rate("A", "2024-01-01", None, "1", "1", provider="shop"),
        rate("A", "2024-01-01", None, "1", "1", terms=Terms(batch=True)),
        rate("A", "2024-01-01", None, "1", "1", terms=Terms("off-peak", ((0, 60),))),
    ]
    assert held(found([one], [usual, *others]).all) == [("2024-06-01", "A", "4")]


def test_half_a_price_and_a_price_of_nothing_are_none() -> None:
    half = rate("A", "2024-01-01", "2024-02-01", "1", None)
    free = rate("A", "2024-02-01", "2024-03-01", "0", "0")
    full = rate("A", "2024-03-01", None, "1", "1")
    assert blend(half) is None
    assert held(found([model("A", "2024-01-01")], [half, free, full]).all) == [
        ("2024-03-01", "A", "1")
    ]


def test_a_price_that_ends_during_a_day_is_not_that_days() -> None:
    ends = datetime(2024, 2, 8, 16, tzinfo=UTC)
    rates = [
        rate("A", "2024-01-01", ends, "1", "1"),
        rate("A", ends, None, "2", "2"),
    ]
    one = model("A", "2024-01-01")
    assert [str(x.since) for x in found([one], rates).all] == ["2024-01-01", "2024-02-08"]
    morning = datetime(2024, 2, 8, 9, tzinfo=UTC)  # the last day is as it is by then
    assert held(found([one], rates, end=morning).all) == [("2024-01-01", "A", "1")]
    assert len(found([one], rates, end=morning + timedelta(hours=8)).all) == 2


def test_of_equal_prices_the_first_that_was_asked_holds() -> None:
    models = [model("A, second", "2024-01-01"), model("B, first", "2024-01-01")]
    rates = [rate("B, first", "2024-02-01", None, "1", "1"),
             rate("A, second", "2024-03-01", None, "1", "1")]  # fmt: skip
    assert held(found(models, rates).all) == [("2024-02-01", "B, first", "1")]


def test_first_sights_and_what_held_before_the_span_are_marked() -> None:
    one, late = model("A", "2023-01-01"), model("Late", "2023-06-01")
    rates = [rate("A", "2023-01-01", None, "4", "4"), rate("Late", "2024-05-01", None, "1", "1")]
    first, second = found([one, late], rates).all
    assert (first.before, first.first_seen) == (True, False)
    assert (second.before, second.first_seen) == (False, True)
    elsewhere = rate("Late", "2023-06-01", None, "9", "9", provider="shop")
    assert found([one, late], [*rates, elsewhere]).all[1].first_seen


def test_sources_that_differ_give_a_range_and_the_better_one_counts() -> None:
    told = rate("A", "2024-01-01", None, "1", "5")  # 2
    listed = rate("A", "2024-01-01", None, "2", "2.4", source="a list", evidence=Evidence.LISTED)
    (one,) = found([model("A", "2024-01-01")], [listed, told]).all
    assert (one.price.value, one.price.low, one.price.high) == (
        Decimal(2),
        Decimal(2),
        Decimal("2.1"),
    )
    assert one.price.differ == (("a list", Decimal("2.1")),)


def _random(seed: int, number: int) -> tuple[list[Model], list[Rate]]:
    random = Random(seed)
    models, rates = [], []
    for n in range(number):
        day = START + timedelta(days=random.randrange(300))
        models.append(model(f"M{n}", day, weights=random.random() < 0.5, leads=True))
        for _ in range(random.randrange(4)):
            until = day + timedelta(days=random.randrange(1, 90))
            price = Decimal(random.randrange(1, 40)) / 4
            rates.append(rate(f"M{n}", day, until, price, price))
            day = until + timedelta(days=random.choice((0, 0, 11)))
    return models, rates


def _daily(lowest: Sequence[Lowest], end: date = LAST) -> dict[date, Decimal]:
    prices = {}
    for one in lowest:
        day = one.since
        while day <= end and (one.until is None or day < one.until):
            prices[day] = one.price.value
            day += timedelta(days=1)
    return prices


@pytest.mark.parametrize("seed", range(12))
def test_each_day_is_the_least_that_anybody_asks_that_day(seed: int) -> None:
    models, rates = _random(seed, 8)
    seen = found(models, rates)
    every = _daily(seen.all)
    day = START
    while day <= END.date():
        asked = [blend(one) for one in rates if one.holds(datetime.combine(day, time(9), UTC))]
        assert every.get(day) == min((p for p in asked if p is not None), default=None)
        day += timedelta(days=1)
    open_, closed = _daily(seen.open), _daily(seen.closed)
    assert every == {
        day: min(side[day] for side in (open_, closed) if day in side)
        for day in open_.keys() | closed.keys()
    }


@pytest.mark.parametrize("seed", range(12))
def test_a_dearer_model_changes_nothing(seed: int) -> None:
    models, rates = _random(seed, 6)
    dear = model("Dear", START)
    highest = max((one.input_mtok or Decimal(0) for one in rates), default=Decimal(1))
    more = rate("Dear", START, None, highest + 1, highest + 1)
    without, with_ = found(models, rates), found([*models, dear], [*rates, more])
    covered = _daily(without.all)
    assert {day: _daily(with_.all)[day] for day in covered} == covered
    assert held(with_.open) == held(without.open)


def _series(prices: Sequence[float], days: int) -> list[Lowest]:
    """Prices that each hold for so many days."""
    rates = [
        rate("A", START + timedelta(days=n * days), START + timedelta(days=(n + 1) * days),
             Decimal(repr(price)), Decimal(repr(price)))
        for n, price in enumerate(prices)
    ]  # fmt: skip
    end = at(START + timedelta(days=days * len(prices) - 1), 12)
    return list(found([model("A", START)], rates, end=end).all)


def _end(lowest: Sequence[Lowest], days: int, number: int) -> date:
    return START + timedelta(days=days * number - 1)


def test_a_price_that_halves_every_day_has_a_half_life_of_a_day() -> None:
    seen = trend(_series([16, 8, 4, 2, 1], 1), _end([], 1, 5))
    assert seen is not None
    assert seen.half_life == pytest.approx(1)
    assert seen.fit == pytest.approx(1)
    assert (seen.days, seen.changes) == (5, 4)
    assert (seen.first, seen.last) == (START, START + timedelta(days=4))


def test_steps_that_halve_every_thirty_days_by_hand() -> None:
    # About their mean the steps' logs are 2, 1, 0, −1, −2, and the middles of the steps lie at
    # −2m, −m, 0, m, 2m: the m days of each come to m · (−2m · 2 − m · 1 − m · 1 − 2m · 2).
    m = 30
    n = 5 * m
    across = (n**3 - n) / 12
    along = m * (-2 * m * 2 - m - m - 2 * m * 2)
    seen = trend(_series([16, 8, 4, 2, 1], m), _end([], m, 5))
    assert seen is not None
    assert seen.half_life == pytest.approx(-across / along)
    assert seen.half_life == pytest.approx(31.2486, abs=1e-3)


@pytest.mark.parametrize("name", ["frontier", "all"])
def test_the_half_life_is_that_of_polyfit(name: str) -> None:
    end = datetime(2026, 11, 26, 12, tzinfo=UTC)
    seen = index(shipped_ledger(), load_models().models, name, date(2024, 5, 1), end)
    daily = _daily(seen.all, end.date())
    xs = [day.toordinal() - min(daily).toordinal() for day in daily]
    slope = np.polyfit(xs, [math.log2(price) for price in daily.values()], 1)[0]
    assert seen.trend is not None
    assert seen.trend.half_life == pytest.approx(-1 / slope)
    assert seen.trend.days == len(daily)


@pytest.mark.parametrize(
    ("prices", "changes"),
    [([1, 2, 4, 8, 16], 4), ([8, 4, 2, 1], 3), ([1], 0), ([2, 1, 4, 2, 8], 4)],
)
def test_no_half_life_where_prices_rise_or_hardly_change(prices: list[float], changes: int) -> None:
    seen = trend(_series(prices, 10), _end([], 10, len(prices)))
    assert seen is not None
    assert (seen.half_life, seen.changes) == (None, changes)


def test_nothing_has_no_trend() -> None:
    assert trend([], END.date()) is None


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2024-08-31", 6, "2025-02-28"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2025-01-28", -30, "2022-07-28"),
        ("2024-12-01", 1, "2025-01-01"),
    ],
)
def test_months_are_shifted(day: str, months: int, then: str) -> None:
    assert str(shifted(date.fromisoformat(day), months)) == then


def test_the_prices_that_mattered() -> None:
    end = datetime(2025, 1, 28, 12, tzinfo=UTC)
    seen = index(shipped_ledger(), load_models().models, "frontier", date(2024, 5, 1), end)
    now = seen.all[-1]
    # (3 × 0.14 + 0.28) / 4 and (3 × 2.50 + 10) / 4
    assert (now.model.name, now.price.value) == ("DeepSeek-V3", Decimal("0.175"))
    assert now.promotion
    assert (seen.closed[-1].model.name, seen.closed[-1].price.value) == ("GPT-4o", Decimal("4.375"))
