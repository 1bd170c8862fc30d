"""When a move has paid for itself, and what follows a promotion."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.costs.amount import Amount
from bot.costs.ledger import Ledger
from bot.costs.migrate import Payback, Stage, payback, stages
from bot.costs.workload import Bill, Workload, bill
from bot.model.rate import Evidence, Key, Rate
from tests.costs.quoting import NOW, SINCE, quotes, rate

LOAD = Workload(1_000, 1_000, 0)  # a million tokens in: a day costs what a million does
OLD: Key = ("lab", "Old")
NEW: Key = ("lab", "New")
END = NOW + timedelta(days=10)


def billed(*rates: Rate) -> Bill:
    found = bill(LOAD, quotes(*rates))
    assert isinstance(found, Bill)
    return found


def costing(price: str) -> Bill:
    return billed(rate(price, "1"))


@pytest.mark.parametrize(
    ("steps", "days"),
    [
        ([("10", "5", None)], 20),  # 100 / 5
        ([("10", "7", None)], 34),  # 33.3, so on the 34th
        ([("10", "10", None)], None),
        ([("5", "10", None)], None),
        ([("10", "5", 10), ("10", "8", None)], 35),  # 50 in 10 days, then 2 a day for 25
        ([("10", "0", 10), ("10", "20", None)], 10),  # on the last day of it
        ([("10", "5", 10), ("10", "20", None)], None),
        ([("10", "12", 10), ("10", "5", None)], 34),  # 20 lost first: 10 + 120 / 5
        ([("10", "5", 10), ("10", "8", 20), ("10", "0", None)], 23),  # 50, 20, 3 days of 10
    ],
)
def test_a_move_pays_when_what_it_saved_is_what_it_cost(
    steps: list[tuple[str, str, int | None]], days: int | None
) -> None:
    several = [
        Stage(costing(one), costing(two), None if end is None else NOW + timedelta(days=end))
        for one, two, end in steps
    ]
    assert payback(Decimal(100), several, NOW) == Payback(days, days, days)


def test_where_sources_differ_so_does_the_day() -> None:
    new = billed(rate("5", "1"), rate("8", "1", source="a list", evidence=Evidence.LISTED))
    stage = Stage(costing("10"), new)
    assert stage.saved == Amount(Decimal(5), Decimal(2), Decimal(5))
    assert payback(Decimal(100), [stage], NOW) == Payback(20, 20, 50)
    assert stage.share == Decimal("0.5")


@pytest.mark.parametrize("note", ["promotion to then", ""])
def test_only_a_price_that_was_said_to_end_makes_another_stage(note: str) -> None:
    book = Ledger(
        [
            rate("10", "1", key=OLD),
            rate("2", "1", key=NEW, until=END, note=note),
            rate("12", "1", key=NEW, since=END),
        ],
        {OLD: SINCE, NEW: SINCE},
    )
    old, new = (bill(LOAD, book.quotes(key, NOW)) for key in (OLD, NEW))
    assert isinstance(old, Bill)
    assert isinstance(new, Bill)
    found = stages(book, (OLD, NEW), LOAD, (old, new))
    assert [(one.saved.value, one.until) for one in found] == (
        [(Decimal(8), END), (Decimal(-2), None)] if note else [(Decimal(8), None)]
    )
    back = stages(book, (NEW, OLD), LOAD, (new, old))
    assert [one.saved.value for one in back] == [-one.saved.value for one in found]
    # What was not known by then is not told.
    assert len(stages(book, (OLD, NEW), LOAD, (old, new), SINCE - timedelta(days=1))) == 1
