"""Lists that go mad: what is believed of them, what is told, and what history keeps."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.costs.changes import changes, held, moves
from bot.costs.doubts import swapped, weighed
from bot.costs.ledger import Ledger
from bot.model.rate import Doubt, Evidence, Key, Meter, Rate
from tests.costs.made import model

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = 6
Price = tuple[str, str] | None


def look(number: int) -> datetime:
    return START + timedelta(hours=HOURS * number)


def line(
    prices: Sequence[Price], key: Key = ("openai", "Zeta"), source: str = "models.dev",
    provider: str = "",
) -> list[Rate]:  # fmt: skip
    """The rows that are kept of a list with these prices, one for each look."""
    rows: list[Rate] = []
    for number, price in enumerate(prices):
        if number and price == prices[number - 1]:
            if price is not None:
                rows[-1] = _ended(rows[-1], None, look(number))
            continue
        if number and prices[number - 1] is not None:
            rows[-1] = _ended(rows[-1], look(number), look(number - 1))
        if price is not None:
            rows.append(
                Rate(key, provider or key[0], Decimal(price[0]), Decimal(price[1]), source,
                     look(number), Evidence.LISTED, look(number) if number else None,
                     read_at=look(number))
            )  # fmt: skip
    return rows


def _ended(rate: Rate, until: datetime | None, read: datetime) -> Rate:
    return Rate(
        rate.key, rate.provider, rate.input_mtok, rate.output_mtok, rate.source, rate.observed_at,
        rate.evidence, rate.since, until, read_at=read,
    )  # fmt: skip


A, B, C = ("5", "15"), ("2", "8"), ("3", "9")
TENTH = ("0.5", "1.5")


def book_of(rows: Sequence[Rate]) -> Ledger:
    return Ledger(weighed(rows))


def told(book: Ledger, until: int = 60) -> list[tuple[str, float]]:
    events = moves(book, START, look(until))
    return [(one.kind.value, round(float(one.ratio), 2)) for one in events]


def asked(book: Ledger, number: int, key: Key = ("openai", "Zeta")) -> tuple[str, str, str] | None:
    quoted = book.quote(key, look(number))
    figure = None if quoted is None else quoted.figure(Meter.INPUT)
    if figure is None:
        return None
    return str(figure.value), str(figure.low), str(figure.high)


@pytest.mark.parametrize(
    ("prices", "events", "doubt", "at_the_end"),
    [
        pytest.param([A, A, B], [], Doubt.ONCE, ("5", "2", "5"), id="one look alone"),
        pytest.param([A, A, B, B], [("cut", -0.6)], None, ("2", "2", "2"), id="two looks"),
        pytest.param([A, A, B, A], [], None, ("5", "5", "5"), id="put right"),
        pytest.param([A, B, A, B, A, B], [], Doubt.ONCE, ("5", "2", "5"), id="to and fro"),
        pytest.param([A, B, C, C], [("cut", -0.4)], None, ("3", "3", "3"), id="a slip on the way"),
        pytest.param([A, ("15", "5"), A], [], None, ("5", "5", "5"), id="swapped for a look"),
        pytest.param([A, None, A], [], None, ("5", "5", "5"), id="lost for a look"),
        pytest.param([A, TENTH, TENTH], [], Doubt.SLIP, ("5", "0.5", "5"), id="a tenth"),
        pytest.param([A, *[TENTH] * 20, A], [], None, ("5", "5", "5"), id="a tenth for five days"),
        pytest.param([A, *[TENTH] * 30], [], Doubt.SLIP, ("0.5", "0.5", "0.5"), id="for a week"),
    ],
)  # fmt: skip
def test_a_change_of_one_list_alone(
    prices: list[Price],
    events: list[tuple[str, float]],
    doubt: Doubt | None,
    at_the_end: tuple[str, str, str],
) -> None:
    book = book_of(line(prices))
    assert told(book) == events
    waits = held(book, [("openai", "Zeta")], START, look(60))
    assert [why for _, why in waits] == ([doubt] if doubt else [])
    assert asked(book, len(prices)) == at_the_end


def test_history_keeps_nothing_of_what_was_put_right() -> None:
    book = book_of(line([A, A, B, A, A]))
    (only,) = book.rates
    assert (only.since, only.until, only.input_mtok) == (None, None, Decimal(5))
    assert asked(book, 2) == ("5", "5", "5")  # when the list was wrong


@pytest.mark.parametrize("price", [B, TENTH])
def test_a_second_source_bears_it_out_at_once(price: Price) -> None:
    rows = line([A, A, price]) + line([A, A, price], source="OpenRouter", provider="openrouter")
    assert [kind for kind, _ in told(book_of(rows))] == ["cut"]


def test_a_source_that_has_another_price_or_was_read_long_before_bears_nothing_out() -> None:
    old = Rate(
        ("openai", "Zeta"), "openai", Decimal(2), Decimal(8), "genai-prices",
        START - timedelta(days=60), Evidence.CATALOG,
    )  # fmt: skip
    other = line([A, A, C], source="OpenRouter", provider="openrouter")
    rates = weighed([*line([A, A, B]), *other], [old])
    assert {one.doubt for one in rates if one.since is not None} == {Doubt.ONCE}


def everything(change: Callable[[int], Price], looks: int, models: int = 100) -> list[Rate]:
    """A list of so many models, some of which have another price from the third look on."""
    rows: list[Rate] = []
    for number in range(models):
        after = [change(number)] * looks
        rows += line([A, A, *after], ("openai", f"Zeta {number}"))
    return rows


@pytest.mark.parametrize(
    ("share", "models", "reported"),
    [
        (100, 100, 0),  # the whole list
        (16, 100, 0),  # more than 15%
        (15, 100, 15),
        (41, 1_000, 0),  # more than 40
        (40, 1_000, 40),
        (5, 10, 5),  # few are never too many
    ],
)
def test_too_much_at_once_is_not_told_even_later(share: int, models: int, reported: int) -> None:
    for looks in (4, 40):  # a day, and ten
        rows = everything(lambda number: B if number < share else A, looks, models)
        book = book_of(rows)
        assert len(told(book)) == reported
        # After a week it is believed all the same.
        believed = "2" if reported or looks == 40 else "5"
        assert (asked(book, looks + 2, ("openai", "Zeta 0")) or ("",))[0] == believed


def test_what_another_source_has_is_told_of_a_list_that_changed_as_a_whole() -> None:
    rows = everything(lambda _: B, 2)
    rows += line([A, A, B, B], ("openai", "Zeta 7"), "OpenRouter", "openrouter")
    events = list(moves(book_of(rows), START, look(9)))
    assert [one.model for one in events] == [("openai", "Zeta 7")]


def test_that_a_mad_list_is_put_right_holds_nothing_back() -> None:
    rows: list[Rate] = []
    for number in range(100):
        last = B if number == 3 else A
        rows += line([A, A, ("5000", "15000"), last, last], ("openai", f"Zeta {number}"))
    assert told(book_of(rows)) == [("cut", -0.6)]


@pytest.mark.parametrize(
    ("models", "changed", "why"),
    [
        (100, 30, ""),
        (100, 31, "31 prices of 100 differ"),
        (50, 0, ""),
        (49, 0, "it lacks 51 prices of 100"),
    ],
)
def test_a_catalogue_that_is_too_different_takes_no_place(
    models: int, changed: int, why: str
) -> None:
    def rate(number: int, asked: int) -> Rate:
        key = ("openai", f"Zeta {number}")
        return Rate(key, "openai", Decimal(asked), Decimal(9), "genai-prices", START,
                    Evidence.CATALOG)  # fmt: skip

    before = [rate(number, 1) for number in range(100)]
    after = [rate(number, 2 if number < changed else 1) for number in range(models)]
    assert swapped(before, after, START) == why


@pytest.mark.parametrize(("looks", "kinds"), [(1, []), (2, ["cheapest"])])
def test_a_new_model_that_one_list_had_once_is_not_the_cheapest(
    looks: int, kinds: list[str]
) -> None:
    known = [model("Zeta", START - timedelta(days=90)), model("Eta", look(2))]
    rows = line([A] * (2 + looks), ("lab", "Zeta"))
    rows += line([None, None, *[B] * looks], ("lab", "Eta"))
    found = changes(book_of(rows), known, START, look(5))
    assert [one.kind.value for one in found if one.terms == "all"] == kinds


@pytest.mark.parametrize(("looks", "parted"), [(1, False), (2, True)])
def test_sources_part_once_the_other_price_is_believed(looks: int, parted: bool) -> None:
    rows = line([A] * (2 + looks), source="OpenRouter", provider="openai")
    rows += line([A, A, *[C] * looks])
    found = changes(book_of(rows), [], START, look(5))
    assert ("parting" in {one.kind.value for one in found}) is parted
