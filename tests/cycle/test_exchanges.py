"""Baskets over several exchanges: one that has yet to close makes no day of half a basket."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.cycle.board import Board
from bot.cycle.due import last_reading
from bot.cycle.facts import drawdown_facts
from bot.cycle.measures import readings
from bot.market.calendar import exchange_of, session_close, sessions
from bot.model.bar import Bar
from bot.model.basket import Basket
from bot.model.rule import Rule
from storage import levels, market
from tests.asking import ask
from tests.cycle.session import DAYS, TODAY, Session
from tests.servers.yahoo import Listed

MON, TUE, WED, THU, FRI = (date(2025, 3, 10) + timedelta(days=n) for n in range(5))
SAT, SUN, NEXT = FRI + timedelta(days=1), FRI + timedelta(days=2), FRI + timedelta(days=3)
US = ("A", "B", "C", "D")
NOON = datetime(2025, 3, 12, 16, tzinfo=UTC)


def bar(symbol: str, day: date, price: float) -> Bar:
    at = session_close(exchange_of(symbol), day)
    return Bar(symbol, day, round(price * 1e6), at, at, "test")


def board_of(closes: dict[str, dict[date, float]], members: Iterable[str] | None = None) -> Board:
    bars = [
        bar(symbol, day, price) for symbol, days in closes.items() for day, price in days.items()
    ]
    chosen = tuple(members or (s for s in closes if not s.startswith("^")))
    return Board.of(bars, {"mix": Basket("mix", "Mixed stocks", chosen, "", "")})


def closes(wednesday: float | None, tokyo: float | None = 95.0) -> dict[str, dict[date, float]]:
    """Four in New York and one in Tokyo at 100, until Wednesday's closes come."""
    found: dict[str, dict[date, float]] = {s: {MON: 100.0, TUE: 100.0} for s in (*US, "X.T")}
    if wednesday is not None:
        for symbol in US:
            found[symbol][WED] = wednesday
    if tokyo is not None:
        found["X.T"][WED] = tokyo
    return found


def values(board: Board) -> list[float]:
    return [value / 1e6 for value in board.final("mix").values]


def test_the_close_in_tokyo_is_no_close_of_the_basket() -> None:
    board = board_of(closes(wednesday=None))
    assert board.series("mix").days == (MON, TUE)
    found = last_reading(board, "mix", "1y")
    assert found is not None
    assert (found.day, found.value) == (TUE, 0)


def test_while_new_york_trades_the_close_in_tokyo_counts_in_the_running_index() -> None:
    prices = dict.fromkeys(US, (WED, 85_000_000, NOON))
    board = board_of(closes(wednesday=None)).priced(prices, NOON)
    series = board.series("mix")
    assert (series.days, series.partial) == ((MON, TUE, WED), True)
    assert series.values[-1] == 87_000_000  # (4 × −15% − 5%) / 5
    (reading,) = readings(board, "mix", "move", after=TUE)
    assert (reading.day, reading.value, reading.final) == (WED, -130_000, False)
    facts = drawdown_facts(board, "mix", "1y", 100_000)
    assert (facts["day"], facts["final"], facts["depth"]) == ("2025-03-12", False, -0.13)
    assert {m["symbol"]: m["move"] for m in facts["members"]} == pytest.approx(
        {**dict.fromkeys(US, -0.15), "X.T": -0.05}
    )
    # What the picture is drawn from later, when the close in Tokyo may not count as known.
    assert facts["prices"] == {**dict.fromkeys(US, 85_000_000), "X.T": 95_000_000}


def test_once_new_york_has_closed_the_day_is_whole() -> None:
    board = board_of(closes(wednesday=90.0))
    assert board.final("mix").days == (MON, TUE, WED)
    assert values(board)[-1] == pytest.approx(91.0)


def test_a_board_that_is_extended_waits_no_longer() -> None:
    board = board_of(closes(wednesday=None))
    assert board.final("mix").days == (MON, TUE)
    later = board.extended([bar(symbol, WED, 90.0) for symbol in US])
    assert values(later) == pytest.approx([100, 100, 91])


def test_only_an_exchange_that_is_not_over_holds_the_day_up() -> None:
    """One stock in New York that is late, or halted: the quarter of an hour for it is not ours."""
    found = closes(wednesday=None)
    for symbol in US[:3]:
        found[symbol][WED] = 90.0
    assert values(board_of(found)) == pytest.approx([100, 100, 100 * (1 - 0.35 / 4)])
    # The only one there: New York is over once its index says so.
    alone = {s: {MON: 100.0, TUE: 100.0, WED: 90.0} for s in ("P.T", "Q.T")}
    alone["A"] = {MON: 100.0, TUE: 100.0}
    assert board_of(alone).final("mix").days == (MON, TUE)
    waiting = board_of({**alone, "^GSPC": {TUE: 1.0}}, alone)
    assert waiting.final("mix").days == (MON, TUE)
    over = waiting.extended([bar("^GSPC", WED, 1.0)])
    assert over.final("mix").days == (MON, TUE, WED)


def test_a_member_that_stopped_trading_holds_nothing_up() -> None:
    found = closes(wednesday=None)
    found["gone"] = {date(2025, 2, 3): 50.0}
    for symbol in US:
        del found[symbol]
    board = board_of(found)
    assert board.final("mix").days[-1] == WED


def test_a_holiday_in_tokyo_is_no_fall_and_no_hole() -> None:
    """11 February was one: what trades moves a fifth less than alone, and so the day after."""
    before, holiday, after = (date(2025, 2, day) for day in (10, 11, 12))
    found: dict[str, dict[date, float]] = {s: {before: 100.0} for s in (*US, "X.T")}
    now = datetime(2025, 2, 11, 16, tzinfo=UTC)
    running = board_of(found).priced(dict.fromkeys(US, (holiday, 90_000_000, now)), now)
    assert (running.series("mix").days, running.series("mix").values[-1]) == (
        (before, holiday), 92_000_000,
    )  # fmt: skip
    for symbol in US:
        found[symbol][holiday] = 90.0
    assert values(board_of(found)) == pytest.approx([100, 92])
    found["X.T"][after] = 100.0
    for symbol in US:
        found[symbol][after] = 90.0
    assert values(board_of(found)) == pytest.approx([100, 92, 92])


def test_a_coin_at_the_weekend_is_a_part_of_its_basket_only() -> None:
    found: dict[str, dict[date, float]] = {
        "BTC-USD": {FRI: 100.0, SAT: 90.0, SUN: 90.0}, "A": {FRI: 100.0}, "B": {FRI: 100.0}
    }  # fmt: skip
    assert values(board_of(found)) == pytest.approx([100, 100 * (1 - 0.1 / 3), 100 * (1 - 0.1 / 3)])
    now = datetime(2025, 3, 16, 12, tzinfo=UTC)
    del found["BTC-USD"][SUN]
    board = board_of(found).priced({"BTC-USD": (SUN, 81_000_000, now)}, now)
    assert board.series("mix").days == (FRI, SAT, SUN)
    assert board.series("mix").values[-1] / board.final("mix").values[-1] == pytest.approx(
        1 - 0.1 / 3
    )
    # On Monday the stocks have yet to open: there is no price of the basket before.
    morning = datetime(2025, 3, 17, 9, tzinfo=UTC)
    later = board_of(found).priced({"BTC-USD": (NEXT, 81_000_000, morning)}, morning)
    assert not later.series("mix").partial


def test_a_live_figure_says_when_its_own_price_was_traded() -> None:
    halted = datetime(2025, 3, 12, 14, 5, tzinfo=UTC)
    prices = dict.fromkeys(US, (WED, 85_000_000, NOON)) | {"A": (WED, 70_000_000, halted)}
    board = board_of(closes(wednesday=None)).priced(prices, NOON)
    assert [drawdown_facts(board, t, "1y", 1)["as_of"] for t in ("A", "B", "mix")] == [
        halted.isoformat(), NOON.isoformat(), halted.isoformat(),
    ]  # fmt: skip
    assert board.traded_at("X.T") is None


@pytest.mark.parametrize(
    ("symbol", "now", "stands"),
    [
        ("A", datetime(2025, 3, 14, 20, 30, tzinfo=UTC), True),  # its close may still come
        ("A", datetime(2025, 3, 16, 12, tzinfo=UTC), True),  # the last there is, on a Sunday
        ("A", datetime(2025, 3, 17, 13, 0, tzinfo=UTC), True),
        ("A", datetime(2025, 3, 17, 13, 30, tzinfo=UTC), False),  # Monday's bell
        ("BTC-USD", datetime(2025, 3, 15, 0, 30, tzinfo=UTC), True),
        ("BTC-USD", datetime(2025, 3, 15, 0, 45, tzinfo=UTC), False),
    ],
)
def test_a_price_whose_close_never_came_ends_with_the_next_session(
    symbol: str, now: datetime, stands: bool
) -> None:
    traded = datetime(2025, 3, 14, 19, tzinfo=UTC)
    board = board_of({symbol: {WED: 100.0, THU: 100.0}})
    series = board.priced({symbol: (FRI, 80_000_000, traded)}, now).series(symbol)
    assert series.days == ((WED, THU, FRI) if stands else (WED, THU))
    assert series.partial is stands


async def test_a_basket_over_tokyo_and_new_york_is_told_of_while_new_york_trades(
    session: Session,
) -> None:
    """Tokyo closed 3% lower before New York opened, where the two others fall by 6%."""
    tokyo = dict.fromkeys(sessions("XTKS", DAYS[0], TODAY), 20_000.0) | {TODAY: 19_400.0}
    session.server.listed["8035.T"] = Listed({**tokyo}, 19_400.0)
    basket = Basket("makers", "Chip makers", ("NVDA", "AMD", "8035.T"))

    async def put(connection: Any) -> None:
        await market.put_basket(connection, basket)

    await session.services.database.write(put)
    await session.follow(Rule("makers", "1y", (40_000,), 20_000))
    await session.poll()
    assert TODAY in await session.closes("8035.T")
    assert await session.told() == []
    waiting = await ask("/drawdown makers", session.services)
    assert "2025-01-27" not in str(waiting)
    for symbol, price in (("NVDA", 94.0), ("AMD", 47.0)):
        session.quote(symbol, price)
    await session.poll()
    (told,) = [text for text in await session.told() if text.startswith("Chip makers")]
    assert told == (
        "Chip makers are 5.1% below the peak (crossed −4%, −5.1% on the day, 2025-01-27)"
    )
    for symbol, price in (("NVDA", 94.0), ("AMD", 47.0), ("^GSPC", 6000.0), ("^VIX", 15.0)):
        session.server.listed[symbol].closes[TODAY] = price
    session.at(datetime(2025, 1, 27, 21, 0, tzinfo=UTC))
    await session.poll()
    async with session.services.database.read() as connection:
        day = await levels.judged_day(connection, "makers|1y")
    assert day == TODAY
    assert len([text for text in await session.told() if text.startswith("Chip makers")]) == 1
