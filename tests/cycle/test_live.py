"""A session lived through: the real yfinance against a Yahoo on 127.0.0.1, tick by tick."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.alerts.stories import Timing
from bot.cycle.tick import tell_due, tick
from bot.model.rule import Condition, Rule
from bot.services import SetClock
from storage.schema import bar, outbox
from tests.asking import ask
from tests.cycle.session import DAYS, TIMING, TODAY, Session


async def test_history_is_filled_in_and_a_fall_within_the_session_is_told(session: Session) -> None:
    assert len(await session.closes("NVDA")) == len(DAYS)
    session.quote("NVDA", 94.0)
    await session.poll()
    assert await session.told() == [
        "NVDA is 6.1% below the peak (crossed −5%, −6.1% on the day, 2025-01-27)"
    ]
    await session.poll()
    assert len(await session.told()) == 1


async def test_a_basket_falls_within_the_session(session: Session) -> None:
    await session.follow(Rule("ai", "1y", (50_000,), 20_000))
    session.quote("NVDA", 94.0)
    session.quote("AMD", 47.0)
    await session.poll()
    assert await session.told() == [
        "AI stocks are 6.1% below the peak (crossed −5%, −6.1% on the day, 2025-01-27)",
        "NVDA is 6.1% below the peak (crossed −5%, −6.1% on the day, 2025-01-27)",
    ]


async def test_a_large_move_waits_for_a_second_poll(session: Session) -> None:
    session.quote("NVDA", 83.0)
    await session.poll()
    assert await session.told() == []
    assert await session.held() == {"NVDA": "UNCONFIRMED"}
    status = await ask("/status", session.services)
    assert any("nothing has confirmed" in f.value for f in status.fields)
    why = await ask("/alert explain NVDA", session.services)
    assert any("nothing has confirmed" in f.value for f in why.fields)
    await session.poll()
    assert len(await session.told()) == 1
    assert await session.held() == {}


async def test_a_large_move_that_other_fields_bear_out_is_told_at_once(session: Session) -> None:
    closed = session.server.listed["NVDA"].closes[DAYS[-1]]
    session.quote("NVDA", 83.0, previous=closed, low=82.0, high=90.0)
    await session.poll()
    assert len(await session.told()) == 1


@pytest.mark.parametrize(
    ("price", "reason"),
    [(10_000.0, "UNIT"), (10.0, "SPLIT_LIKE"), (None, "NO_PRICE"), ("NaN", "NO_PRICE")],
)
async def test_a_price_that_cannot_be_is_held_for_ever(
    session: Session, price: Any, reason: str
) -> None:
    for _poll in range(3):
        session.quote("NVDA", price)
        await session.poll()
    assert await session.told() == []
    assert await session.held() == {"NVDA": reason}
    session.quote("NVDA", 100.0)
    await session.poll()
    assert await session.held() == {}


async def test_a_stale_price_is_held(session: Session) -> None:
    assert isinstance(session.services.clock, SetClock)
    session.services.clock.moment += timedelta(minutes=30)
    session.server.listed["NVDA"].price = 80.0  # of half an hour ago
    await tick(session.services, TIMING)
    assert (await session.held())["NVDA"] == "STALE"


@pytest.mark.parametrize("faults", [[429] * 2, [503] * 2, ["html"], [404] * 2, ["hang"]], ids=str)
async def test_a_source_that_fails_keeps_the_last_value_and_is_given_a_pause(
    session: Session, faults: list[int | str]
) -> None:
    session.server.faults = list(faults)
    await session.poll()
    status = await ask("/status", session.services)
    assert "Yahoo quotes fails" in status.title
    asked = len(session.server.asked)
    await session.poll(minutes=0.1)
    assert len(session.server.asked) == asked  # not before its pause is over
    session.quote("NVDA", 94.0)
    await session.poll(minutes=3)
    assert len(await session.told()) == 1
    assert "fails" not in (await ask("/status", session.services)).title


async def test_a_crumb_that_expires_is_no_fault(session: Session) -> None:
    session.server.crumb = "another"
    session.quote("NVDA", 94.0)
    await session.poll()
    assert len(await session.told()) == 1


async def test_the_close_is_fetched_once_it_is_final(session: Session) -> None:
    nvda = session.server.listed["NVDA"]
    for symbol, listed in session.server.listed.items():
        listed.closes[TODAY] = (listed.closes[DAYS[-1]] or 0) * (0.94 if symbol == "NVDA" else 1.01)
    await session.poll()
    assert TODAY not in await session.closes("NVDA")  # Yahoo shows it, but it is not over
    session.at(datetime(2025, 1, 27, 21, 0, tzinfo=UTC))
    await tick(session.services, TIMING)
    assert (await session.closes("NVDA"))[TODAY] == round((nvda.closes[TODAY] or 0) * 1e6)
    assert len(await session.told()) == 1


async def test_a_close_that_is_missing_is_waited_for(session: Session) -> None:
    for symbol, listed in session.server.listed.items():
        if symbol != "^VIX":
            listed.closes[TODAY] = (listed.closes[DAYS[-1]] or 0) * 0.94
    session.server.listed["^VIX"].closes[TODAY] = None
    session.at(datetime(2025, 1, 27, 21, 0, tzinfo=UTC))
    done = await tick(session.services, TIMING)
    assert (done.waiting, await session.told()) == (True, [])
    await session.poll(minutes=16)
    assert len(await session.told()) == 1


async def test_a_split_rewrites_the_past_and_is_no_fall(session: Session) -> None:
    nvda = session.server.listed["NVDA"]
    session.quote("NVDA", 10.1, previous=10.0, low=9.9, high=10.2)
    await session.poll()
    assert await session.held() == {"NVDA": "OTHER_BASIS"}
    nvda.closes = {day: (close or 0) / 10 for day, close in nvda.closes.items()}
    nvda.closes[TODAY] = 10.1  # the session under way, which Yahoo does not mark as such
    nvda.splits = {TODAY: (10, 1)}
    await session.poll(minutes=31)
    await session.poll()
    stored = await session.closes("NVDA")
    assert stored[DAYS[0]] == 10_000_000
    assert await session.held() == {}
    assert await session.told() == []


async def test_a_past_that_changes_without_a_split_is_held(session: Session) -> None:
    nvda = session.server.listed["NVDA"]
    nvda.closes = {day: (close or 0) / 4 for day, close in nvda.closes.items()}
    nvda.closes[TODAY] = 25.0
    session.at(datetime(2025, 1, 27, 21, 0, tzinfo=UTC))
    await tick(session.services, TIMING)
    assert (await session.held())["NVDA"] == "REBASED"
    assert (await session.closes("NVDA"))[DAYS[0]] == 100_000_000
    assert await session.told() == []


async def test_several_rules_on_one_symbol_make_one_message(session: Session) -> None:
    await session.follow(Rule("NVDA", "move", (50_000,), 50_000, Condition.MOVE))
    await session.follow(Rule("NVDA", "below", (-95_000_000,), 1_900_000, Condition.BELOW))
    session.quote("NVDA", 94.0)
    await session.poll()
    assert len(await session.told()) == 1
    async with session.services.database.read() as connection:
        facts = (await connection.execute(select(outbox.c.facts))).scalar_one()
    assert facts["also"] == [
        "NVDA is at 94.00, below 95.00",
        "NVDA is down 6.1% on the day (alert at 5% or more)",
    ]


async def test_nothing_is_asked_on_a_holiday(session: Session) -> None:
    session.at(datetime(2025, 1, 28, 21, 10, tzinfo=UTC))
    for listed in session.server.listed.values():
        for number, day in enumerate((TODAY, date(2025, 1, 28))):
            listed.closes[day] = (listed.closes[DAYS[-1]] or 0) * (1.001 + number / 1000)
    await tick(session.services, TIMING)
    asked = len(session.server.asked)
    session.at(datetime(2025, 2, 1, 16, tzinfo=UTC))  # a Saturday
    async with session.services.database.read() as connection:
        last = await connection.execute(select(bar.c.day).where(bar.c.symbol == "NVDA"))
        assert max(row[0] for row in last) == date(2025, 1, 28)
    for listed in session.server.listed.values():
        for number in (29, 30, 31):
            listed.closes[date(2025, 1, number)] = (listed.closes[DAYS[-1]] or 0) * number / 29.5
    await tick(session.services, TIMING)
    asked_once = len(session.server.asked)
    assert asked_once > asked
    await session.poll(minutes=30)
    later = session.server.asked[asked_once:]
    assert later == []


async def test_the_message_waits_for_company_no_longer_than_group_wait(session: Session) -> None:
    waits = Timing(timedelta(seconds=60), timedelta(minutes=15))
    session.quote("NVDA", 94.0)
    session.at(session.services.clock.now() + timedelta(minutes=1))
    await tick(session.services, waits)
    assert await session.told() == []
    session.at(session.services.clock.now() + timedelta(seconds=60))
    await tell_due(session.services, waits)
    assert len(await session.told()) == 1
