"""A move's card where the shipped prices have no example: other sellers, ranges, unknowns."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.cards.cost_migrate import migrate_card
from bot.cards.cost_workload import Priced, unpriced_card, workload_card
from bot.costs.migrate import Stage, payback
from bot.costs.workload import Bill, Unpriced, Workload, bill
from bot.model.card import Card
from bot.model.rate import Evidence, Meter, Rate
from bot.model.wording import day
from tests.costs.quoting import KEY, NOW, quotes, rate

LOAD = Workload(1_000, 1_000, 0)


def priced(name: str, *rates: Rate, chosen_from: int = 0) -> Priced:
    found = bill(LOAD, quotes(*rates))
    assert isinstance(found, Bill)
    return Priced(KEY, name, "Lab", found, "Shop" if chosen_from else "Lab", chosen_from)


def moved(before: Priced, after: Priced, switching: int | None = None) -> Card:
    steps = [Stage(before.bill, after.bill)]
    paid = payback(Decimal(switching), steps, NOW) if switching else None
    return migrate_card(before, after, steps, switching, paid, NOW)


def other(price: str) -> Rate:
    return rate(price, "1", source="a list", evidence=Evidence.LISTED)


def test_where_sources_differ_the_range_is_told_and_who_has_what() -> None:
    card = moved(priced("Old", rate("10", "1")), priced("New", rate("5", "1"), other("8")), 100)
    assert "Sources differ on New: $152.08 to $243.33 a month" in card.text
    assert "a list has $8 in, $1 out" in card.text
    assert "So the move saves $60.83 to $152.08 a month." in card.text
    assert "is paid back after 20 days; as sources differ, after 50 days at worst." in card.text
    back = moved(priced("New", rate("5", "1"), other("8")), priced("Old", rate("10", "1")))
    assert "So the move costs $60.83 to $152.08 more a month." in back.text
    better = moved(priced("Old", rate("10", "1")), priced("New", rate("5", "1"), other("0")), 100)
    assert "as sources differ, after 10 days at best, after 20 days at worst." in better.text
    unsure = moved(priced("Old", rate("10", "1")), priced("New", rate("5", "1"), other("12")), 100)
    assert "never at worst" in unsure.text
    assert (
        "So the move costs $60.83 more a month at worst and saves $152.08 a month at best."
        in unsure.text
    )
    alone = workload_card(priced("New", rate("5", "1"), other("8")), NOW)
    assert "Sources differ on New: $152.08 to $243.33 a month" in alone.text
    assert alone.facts["month"]["high"] > alone.facts["month"]["value"]


def test_equal_bills_say_so() -> None:
    card = moved(priced("Old", rate("2", "1")), priced("New", rate("2", "9")), 100)
    assert card.title == "Old to New: costs the same"
    assert "never paid back: the new model saves nothing." in card.text


@pytest.mark.parametrize(
    ("old", "new", "share"),
    [
        ("10", "4", "60% less"),
        ("10", "9.65", "3.5% less"),
        ("1000", "999.9999", "under 0.1% less"),
        ("1000", "0.01", "over 99% less"),
        ("1000", "0", "100% less"),
        ("10", "14", "40% more"),
        ("10", "50", "5 times as much"),
    ],
)
def test_a_share_is_told_as_people_say_it(old: str, new: str, share: str) -> None:
    card = moved(priced("Old", rate(old, "1")), priced("New", rate(new, "1")))
    assert f", {share}. The way back" in card.text


def test_nothing_paid_before_has_no_share() -> None:
    card = moved(priced("Old", rate("0", "1")), priced("New", rate("1", "1")))
    assert "That is $365.00 more a year. The way back" in card.text
    assert card.facts["saved"]["share"] is None


@pytest.mark.parametrize(
    ("switching", "time"),
    [(1, "1 day"), (60, "60 days"), (365, "365 days (about 12 months)"),
     (3650, "3,650 days (about 10 years)")],
)  # fmt: skip
def test_long_times_are_told_in_months_and_years_too(switching: int, time: str) -> None:
    card = moved(priced("Old", rate("2", "1")), priced("New", rate("1", "1")), switching)
    assert f"${switching:,}, is paid back after {time}." in card.text


def test_who_sells_a_model_that_its_lab_does_not_is_told() -> None:
    one = priced("New", rate("1", "1"), chosen_from=3)
    for card in (workload_card(one, NOW), moved(priced("Old", rate("2", "1")), one)):
        assert "Lab's own price is not known; this is Shop's price, the cheapest of 3" in card.text
        assert "Shop's price since" in card.footer


@pytest.mark.parametrize(
    ("days", "year"),
    [
        (73, "costs the same"),  # 73 × 8 − 292 × 2
        (83, "saves $100.00"),  # 10 more of 8, 10 less of −2
        (63, "costs $100.00 more"),
    ],
)
def test_a_promotion_of_either_side_is_told_by_name(days: int, year: str) -> None:
    old, new = priced("Old", rate("10", "1")), priced("New", rate("2", "1"))
    end = NOW + timedelta(days=days)
    then = priced("New", rate("12", "1")).bill
    held = Priced(new.key, new.name, "Lab", new.bill, "Lab", follows=(end, then))
    steps = [Stage(old.bill, new.bill, end), Stage(old.bill, then)]
    card = migrate_card(old, held, steps, None, None, NOW)
    assert (
        f"New's price is a promotion to {day(end.date())}; from then on the move costs $60.83 more "
        f"a month. Over the first year it {year}." in card.text
    )


@pytest.mark.parametrize(
    ("missing", "said"),
    [((), "a price of Model"), ((Meter.OUTPUT,), "a price of output of Model"),
     ((Meter.INPUT, Meter.OUTPUT), "a price of input and output of Model")],
)  # fmt: skip
def test_unknown_is_unknown(missing: tuple[Meter, ...], said: str) -> None:
    card = unpriced_card(KEY, "Model", Unpriced(missing), NOW)
    assert card.title == "Model: what it costs is unknown"
    assert said in card.text
    assert card.facts["month"] is None
    assert "$0" not in str(card)
