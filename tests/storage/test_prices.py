"""What sources were seen to ask: rows begin, go on, end."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.asked import Asked
from bot.model.rate import Evidence, Key, Rate, Terms
from storage import prices
from storage.database import Database
from storage.prices import Look

START = datetime(2026, 11, 1, tzinfo=UTC)
R1: Key = ("deepseek", "DeepSeek-R1")
MEANT = {("openrouter", "deepseek/deepseek-r1"): R1, ("openrouter", "deepseek/r1-0"): R1}


def line(asked: str, named: str = "deepseek/deepseek-r1", terms: Terms | None = None) -> Asked:
    price = Decimal(asked)
    return Asked("OpenRouter", "openrouter", named, terms or Terms(), price, None, price * 4)


def others(number: int) -> list[Asked]:
    return [line("1", f"nobody/model-{n}") for n in range(number)]


class Book:
    """A database that is looked at once an hour."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = START

    async def look(self, lines: Sequence[Asked], hours: int = 1) -> Look:
        self.now += timedelta(hours=hours)

        async def work(connection: AsyncConnection) -> Look:
            return await prices.put_look(connection, "OpenRouter", lines, MEANT, self.now)

        return await self.database.write(work)

    async def rates(self) -> list[Rate]:
        async with self.database.read() as connection:
            return sorted(
                await prices.seen_rates(connection), key=lambda r: (r.observed_at, r.terms.over)
            )


@pytest.fixture
def book(database: Database) -> Book:
    return Book(database)


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


async def test_a_price_that_stays_is_one_row_that_was_seen_again(book: Book) -> None:
    assert await book.look([line("0.55")]) == Look(first=True, began=1)
    assert await book.look([line("0.55")], hours=24) == Look(same=1)
    (one,) = await book.rates()
    assert one == Rate(
        R1, "openrouter", Decimal("0.55"), Decimal("2.2"), "OpenRouter", hour(1), Evidence.LISTED,
        note="as last read on 2 Nov 2026", read_at=hour(25),
    )  # fmt: skip


async def test_another_price_ends_the_first_and_says_since_when(book: Book) -> None:
    await book.look([line("0.55")])
    assert await book.look([line("0.4")]) == Look(began=1, ended=1)
    old, new = await book.rates()
    assert (old.since, old.until, old.input_mtok) == (None, hour(2), Decimal("0.55"))
    assert (new.since, new.until, new.input_mtok) == (hour(2), None, Decimal("0.4"))


async def test_what_is_no_longer_listed_ends_and_may_come_back(book: Book) -> None:
    await book.look([line("0.55"), *others(3)])
    assert await book.look(others(3)) == Look(ended=1, same=3)
    assert await book.look([line("0.55"), *others(3)]) == Look(began=1, same=3)
    assert [(one.since, one.until) for one in await book.rates()] == [
        (None, hour(2)),
        (hour(3), None),
    ]


@pytest.mark.parametrize(("left", "taken"), [(0, False), (4, False), (5, True)])
async def test_under_half_of_a_list_is_a_fault(book: Book, left: int, taken: bool) -> None:
    await book.look([line("0.55"), *others(9)])
    look = await book.look(others(left))
    assert look.shrunken is not taken
    assert [one.until for one in await book.rates()] == [hour(2) if taken else None]


async def test_a_list_of_other_names_changes_nothing(book: Book) -> None:
    await book.look(others(10))
    assert (await book.look([line("1", f"forged/{n}") for n in range(10)])).shrunken


async def test_terms_and_small_prices_come_back_as_they_were(book: Book) -> None:
    terms = Terms("peak", ((60, 240), (360, 600)), weekdays=True, batch=True, over=200_000)
    await book.look([line("0.0028", terms=terms), line("0.0007")])
    usual, other = await book.rates()
    assert (usual.terms, usual.input_mtok) == (Terms(), Decimal("0.0007"))
    assert (other.terms, other.input_mtok) == (terms, Decimal("0.0028"))


async def test_of_two_names_of_a_model_the_one_that_is_listed_speaks(book: Book) -> None:
    await book.look([line("0.55"), line("9", "deepseek/r1-0")])
    assert [one.input_mtok for one in await book.rates()] == [Decimal(9)]  # the shorter
    await book.look([line("0.55")])
    assert [one.input_mtok for one in await book.rates()] == [Decimal("0.55")]


@pytest.mark.parametrize(("price", "kept"), [("0.4", True), ("0.3", False)])
async def test_another_name_at_the_same_price_is_the_same_line(
    book: Book, price: str, kept: bool
) -> None:
    await book.look([line("0.55"), *others(2)])
    await book.look([line("0.4"), *others(2)])
    await book.look([line(price, "deepseek/r1-0"), *others(2)])
    found = [(one.input_mtok, one.since, one.until) for one in await book.rates()]
    earlier = [(Decimal("0.55"), None, hour(2)), (Decimal("0.4"), hour(2), hour(3))]
    assert found == [*(earlier if kept else []), (Decimal(price), hour(3), None)]


async def test_a_model_that_is_known_later_is_known_of_all_that_is_listed(book: Book) -> None:
    await book.look(others(2))
    assert await book.rates() == []
    MEANT["openrouter", "nobody/model-0"] = ("nobody", "Model 0")
    try:
        assert await book.look(others(2)) == Look(same=2)
    finally:
        del MEANT["openrouter", "nobody/model-0"]
    assert [one.key for one in await book.rates()] == [("nobody", "Model 0")]


async def test_two_looks_at_one_moment_are_one(book: Book) -> None:
    await book.look([line("0.55")])
    assert await book.look([line("0.4")], hours=0) == Look(same=1)
    assert [one.input_mtok for one in await book.rates()] == [Decimal("0.55")]


async def test_a_clock_that_was_years_ahead_stops_no_later_look(book: Book) -> None:
    await book.look([line("0.55")])
    await book.look([line("0.4")], hours=24 * 1_500)
    await book.look([line("0.5")])
    await book.look([line("0.3")], hours=-24 * 1_499)
    assert await book.look([line("0.3")]) == Look(same=1)
    *_, now = await book.rates()
    assert (now.input_mtok, now.since, now.read_at) == (Decimal("0.3"), hour(26), hour(27))
    assert all(one.until is None or one.until <= hour(26) for one in await book.rates())


async def test_a_mark_differs_after_each_look(book: Book) -> None:
    marks = set()
    for lines in ([line("0.55")], [line("0.55")], [line("0.4")], [line("0.4"), line("1", "a")]):
        await book.look(lines)
        async with book.database.read() as connection:
            marks.add(await prices.mark(connection))
    assert len(marks) == 4


async def test_five_thousand_lines_take_a_dozen_statements(book: Book) -> None:
    await book.look([line("1", f"a/{n}") for n in range(5_000)])
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    engine = book.database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", counted)
    await book.look([line("1" if n % 2 else "2", f"a/{n}") for n in range(5_000)])
    event.remove(engine, "before_cursor_execute", counted)
    assert count < 20
