"""The price war as a card: what people read, and the picture that goes with it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.cards.cost_index import index_card, money, times
from bot.cards.to_text import to_plain
from bot.costs.index import index
from bot.costs.ledger import Ledger
from bot.model.card import Card, LinesChart
from bot.model.known import Model
from bot.model.rate import Evidence, Rate
from tests.costs.made import at, model, rate

START, END = date(2024, 1, 1), datetime(2024, 12, 31, 12, tzinfo=UTC)
DEAR, CHEAP = model("Dear", "2024-01-10"), model("Cheap", "2024-03-01", weights=True)
WAR = [
    rate("Dear", "2024-01-10", "2024-05-01", "10", "30"),
    rate("Dear", "2024-05-01", "2024-08-01", "3", "7"),
    rate("Dear", "2024-08-01", None, "2", "2"),
    rate("Cheap", "2024-03-01", "2024-04-01", "1", "1", "promotion to 1 Apr"),
    rate("Cheap", "2024-04-01", None, "3", "3"),
]


def card(rates: Sequence[Rate], models: Sequence[Model] = (DEAR, CHEAP)) -> Card:
    released = {(one.lab, one.name): at(one.released_on) for one in models}
    return index_card(index(Ledger(rates, released), models, "all", START, END), "all")


def chart(rates: Sequence[Rate], models: Sequence[Model] = (DEAR, CHEAP)) -> LinesChart:
    found = card(rates, models).chart
    assert isinstance(found, LinesChart)
    return found


def test_the_figure_comes_first_then_what_it_means() -> None:
    found = card(WAR)
    assert found.title == "The cheapest language model costs $2 per million tokens"
    assert found.text.split("\n") == [
        "Dear, since 1 Aug 2024.",
        "On 10 Jan 2024 it was $15 (Dear), 7.5 times as much as now.",
        "Too few changes of price for a trend: 3 in 357 days.",
        "It was lowest from 1 Mar 2024 to 31 Mar 2024: $1 (Cheap, a promotion).",
        "Open weights: $3, Cheap. Closed weights: $2, Dear. Open costs 1.5 times as much.",
        "Every language model that its own lab sells, old and new.",
    ]
    assert found.footer == "Sources: a test; as of 31 Dec 2024, the lowest first read 1 Aug 2024"


def test_the_table_has_who_held_it_the_last_first() -> None:
    table = card(WAR).table
    assert table is not None
    assert table.rows == (
        ("1 Aug 2024", "Dear", "$2", ""),
        ("1 Apr 2024", "Cheap", "$3", ""),
        ("1 Mar 2024", "Cheap", "$1", "promotion"),
        ("10 Jan 2024", "Dear", "$15", ""),
    )
    assert "3 parts input, 1 part output" in table.note


def test_facts_are_figures_with_their_sources() -> None:
    facts = card(WAR).facts
    assert facts["lowest"][1] == {
        "since": "2024-03-01",
        "until": "2024-04-01",
        "model": "Cheap",
        "lab": "lab",
        "open_weights": True,
        "value": 1.0,
        "low": 1.0,
        "high": 1.0,
        "sources": ["a test"],
        "input_mtok": 1.0,
        "output_mtok": 1.0,
        "promotion": True,
        "first_seen": False,
        "held_before": False,
        "note": "promotion to 1 Apr",
    }
    assert facts["half_life_days"] is None
    assert [one["model"] for one in facts["closed"]] == ["Dear", "Dear", "Dear"]


def _falling(prices: Sequence[str]) -> list[Rate]:
    months = [date(2024, 1 + n, 1) for n in range(len(prices) + 1)]
    return [
        rate("Dear", day, None if n == len(prices) - 1 else months[n + 1], price, price)
        for n, (day, price) in enumerate(zip(months, prices, strict=False))
    ]


def test_how_fast_it_fell() -> None:
    one = [model("Dear", "2024-01-01")]
    fallen = card(_falling(["64", "32", "16", "8", "4", "2", "1", "0.5"]), one).text
    assert "Along its trend it halved every 45 days (1 Jan 2024 to 31 Dec 2024, 7" in fallen
    risen = card(_falling(["1", "2", "3", "4", "5"]), one).text
    assert "Along its trend it did not fall (1 Jan 2024 to 31 Dec 2024, 4 changes)." in risen
    assert "On 1 Jan 2024 it was $1 (Dear), which has risen 5 times since." in risen


def test_sources_that_differ_are_named() -> None:
    told = rate("Dear", "2024-02-01", None, "2", "2")
    other = rate("Dear", "2024-02-01", None, "4", "4", source="a list", evidence=Evidence.LISTED)
    found = card([told, other], [DEAR])
    assert "Sources differ on Dear: a list has $4." in found.text
    assert found.table is not None
    assert found.table.rows[0][3] == "sources differ"
    assert "Open weights: none is priced. Closed weights: $2, Dear." in found.text


def test_a_price_that_ended_is_not_todays() -> None:
    found = card([rate("Dear", "2024-02-01", "2024-06-01", "2", "2")], [DEAR])
    assert found.title == "The cheapest language model cost $2 per million tokens"
    assert "Dear, until 31 May 2024; no price is known since." in found.text


def test_what_held_before_the_span_says_so() -> None:
    old = model("Old", "2023-01-01")
    found = card([rate("Old", "2023-01-01", None, "2", "2")], [old])
    assert found.text.startswith("Old, as on 1 Jan 2024, the first day shown.\nToo few changes")
    assert found.table is not None
    assert found.table.rows[0][0] == "by 1 Jan 2024"


def test_the_picture_has_a_line_each_for_open_and_closed_weights() -> None:
    found = chart(WAR)
    open_, closed = found.lines
    assert (open_.name, open_.open, open_.steps) == ("open weights", True, True)
    assert list(zip(open_.days, open_.values, strict=True)) == [
        (date(2024, 3, 1), 1.0),
        (date(2024, 4, 1), 3.0),
        (date(2024, 12, 31), 3.0),
    ]
    assert open_.labels == ((date(2024, 3, 1), "Cheap, promotion"),)
    assert closed.labels == ((date(2024, 1, 10), "Dear"),)
    assert found.log
    assert found.unit == "USD per million tokens"
    assert found.alt == (
        "The lowest price of a language model from 10 Jan 2024 to 31 Dec 2024: $15 at the "
        "beginning, $2 at the end."
    )


def test_the_picture_breaks_where_no_price_is_known() -> None:
    gap = [
        rate("Dear", "2024-02-01", "2024-03-01", "2", "2"),
        rate("Dear", "2024-06-01", None, "2", "2"),
    ]
    (line,) = chart(gap, [DEAR]).lines
    assert line.values == (2.0, None, 2.0, 2.0)
    assert line.days[1] == date(2024, 3, 1)


def test_it_is_narrow_enough_for_a_phone() -> None:
    long = model("A model with a name that is quite long", "2024-01-01")
    rates = [rate(long.name, "2024-01-01", None, "1234", "1234", "promotion")]
    table = card(rates, [long]).table
    assert table is not None
    assert max(sum(len(cell) + 2 for cell in row) for row in table.rows) <= 62
    assert max(len(line) for line in to_plain(card(WAR), width=60).split("\n")) <= 60


@pytest.mark.parametrize(
    ("price", "text"),
    [
        ("12", "$12"),
        ("4.375", "$4.38"),
        ("7.50", "$7.50"),
        ("0.54375", "$0.544"),
        ("0.175", "$0.175"),
        ("0.96", "$0.96"),
        ("0.065625", "$0.066"),
        ("0.1", "$0.10"),
        ("1234.5", "$1,234.50"),
        ("0.0004", "$0.0004"),
    ],
)
def test_prices_as_they_read(price: str, text: str) -> None:
    assert money(Decimal(price)) == text


@pytest.mark.parametrize(("ratio", "text"), [("12.12", "12 times"), ("1.58", "1.6 times"),
                                             ("2", "2 times"), ("190.9", "191 times")])  # fmt: skip
def test_ratios_as_they_read(ratio: str, text: str) -> None:
    assert times(Decimal(ratio)) == text
