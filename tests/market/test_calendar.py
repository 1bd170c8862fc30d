"""When the exchanges are open: half-days, holidays, changes of the clock, far years."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.market.calendar import (
    Phase,
    exchange_of,
    is_open,
    is_session,
    last_close,
    next_open,
    next_poll,
    phase,
    session_close,
    session_open,
    sessions,
)

MINUTE, HALF_HOUR = timedelta(minutes=1), timedelta(minutes=30)


def at(text: str) -> datetime:
    """A moment, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("symbol", "exchange"),
    [("NVDA", "XNYS"), ("^GSPC", "XNYS"), ("BRK-B", "XNYS"), ("SAP.DE", "XETR"),
     ("2330.TW", "XTAI"), ("7203.T", "XTKS"), ("BTC-USD", "24/7"), ("X.UNKNOWN", "XNYS")],
)  # fmt: skip
def test_where_a_symbol_trades(symbol: str, exchange: str) -> None:
    assert exchange_of(symbol) == exchange


@pytest.mark.parametrize(
    ("exchange", "day", "opens", "closes"),
    [
        ("XNYS", date(2025, 1, 27), "14:30", "21:00"),
        ("XNYS", date(2025, 3, 10), "13:30", "20:00"),  # New York's clocks have changed
        ("XETR", date(2025, 3, 10), "08:00", "16:30"),  # Frankfurt's have not
        ("XETR", date(2025, 3, 31), "07:00", "15:30"),
        ("XNYS", date(2024, 7, 3), "13:30", "17:00"),  # half-days
        ("XNYS", date(2024, 11, 29), "14:30", "18:00"),
        ("XNYS", date(2024, 12, 24), "14:30", "18:00"),
    ],
)
def test_hours(exchange: str, day: date, opens: str, closes: str) -> None:
    assert f"{session_open(exchange, day):%H:%M}" == opens
    assert f"{session_close(exchange, day):%H:%M}" == closes


@pytest.mark.parametrize(
    "day",
    [date(2024, 11, 28), date(2024, 6, 19), date(2025, 4, 18), date(2025, 1, 9), date(2025, 1, 25)],
)
def test_holidays(day: date) -> None:
    assert not is_session("XNYS", day)
    assert phase("XNYS", datetime(day.year, day.month, day.day, 16, tzinfo=UTC)) is Phase.HOLIDAY


def test_around_a_session() -> None:
    assert is_open("XNYS", at("2025-01-27 14:30"))
    assert not is_open("XNYS", at("2025-01-27 21:00"))
    assert last_close("XNYS", at("2025-01-27 20:59"))[0] == date(2025, 1, 24)
    assert last_close("XNYS", at("2025-01-27 21:00"))[0] == date(2025, 1, 27)
    assert next_open("XNYS", at("2025-01-24 22:00")) == at("2025-01-27 14:30")
    assert len(sessions("XNYS", date(2024, 1, 1), date(2024, 12, 31))) == 252


def test_years_ahead_are_answered() -> None:
    assert is_session("XNYS", date(2028, 3, 1))
    assert not is_session("XNYS", date(2028, 7, 4))
    assert next_open("XNYS", at("2027-12-31 23:00")).year == 2028


@pytest.mark.parametrize(
    ("previous", "now", "then"),
    [
        (None, "2025-01-25 12:00", "2025-01-25 12:00"),  # the first is at once
        ("2025-01-27 15:00", "2025-01-27 15:00:01", "2025-01-27 15:01"),
        ("2025-01-27 20:59:30", "2025-01-27 20:59:31", "2025-01-27 21:00"),  # at the close
        ("2025-01-27 21:00", "2025-01-27 21:00:01", "2025-01-27 21:05"),  # and after it
        ("2025-01-27 21:05", "2025-01-27 21:05:01", "2025-01-27 21:35"),
        ("2024-11-29 18:00", "2024-11-29 18:00:01", "2024-11-29 18:05"),  # a half-day
        ("2025-01-27 15:00", "2025-01-29 15:00", "2025-01-29 15:00"),  # asleep for two days
    ],
)
def test_polls(previous: str | None, now: str, then: str) -> None:
    before = None if previous is None else at(previous)
    assert next_poll({"XNYS"}, at(now), before, MINUTE, HALF_HOUR) == at(then)


def test_nothing_is_polled_at_a_week_end() -> None:
    found = next_poll({"XNYS"}, at("2025-01-25 12:00"), at("2025-01-25 11:59"), MINUTE, HALF_HOUR)
    assert found >= at("2025-01-27 05:00")


def test_one_open_exchange_is_enough_to_poll_fast() -> None:
    now = at("2025-01-27 09:00")
    assert next_poll({"XNYS", "XETR"}, now, now, MINUTE, HALF_HOUR) == now + MINUTE
