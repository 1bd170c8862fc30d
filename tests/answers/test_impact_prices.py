"""Closes as returns: what is missing is missing."""

from datetime import date
from math import nan

import pytest

from bot.answers.impact_study import BENCHMARK, Prices, lacking, studied
from bot.cycle.board import Board
from bot.market import calendar
from bot.model.bar import MICRO
from bot.model.basket import Basket
from bot.model.study import TooLittleError

DAYS = calendar.sessions(calendar.NEW_YORK, date(2024, 1, 2), date(2025, 3, 31))
EVENT = date(2025, 1, 20)  # a holiday


def board() -> Board:
    """Two stocks and the benchmark, wavering each in its own way."""
    closes = {
        name: {day: round((100 + (n * step) % 7) * MICRO) for n, day in enumerate(DAYS)}
        for name, step in ((BENCHMARK, 2), ("AAA", 3), ("BBB", 5))
    }
    return Board(closes, {"two": Basket("two", "two stocks", ("AAA", "BBB"))})


def test_a_close_that_is_no_number_is_a_missing_one() -> None:
    prices = Prices.of(board())
    assert studied(prices.pair("AAA"), EVENT, (0, 5)).zero == date(2025, 1, 21)
    prices.closes["AAA"][date(2025, 1, 23)] = nan
    with pytest.raises(TooLittleError, match=r"AAA has no return on 23 Jan 2025 and 24 Jan 2025"):
        studied(prices.pair("AAA"), EVENT, (0, 5))
    one = studied(prices.pair("two"), EVENT, (0, 5))
    at = DAYS.index(one.days[2].day)
    other = prices.pair("BBB").returns[at]
    assert other is not None
    assert one.days[2].ret == pytest.approx(other / 2)  # the one without a close is carried
    closes, after = prices.closes, prices.pair("BBB").returns[at + 1]
    assert after is not None
    both = closes["AAA"][DAYS[at + 1]] / closes["AAA"][DAYS[at - 1]] - 1
    assert one.days[3].ret == pytest.approx((both + after) / 2)
    assert lacking(prices, one, ("AAA", "BBB")) == [
        "AAA has no close on 23 Jan 2025; it counts as unchanged until its next one."
    ]


def test_a_session_that_nobody_has_closes_of_is_not_skipped() -> None:
    prices = board()
    for closes in prices.closes.values():
        del closes[date(2025, 1, 22)]  # type: ignore[attr-defined]
    with pytest.raises(TooLittleError, match="22 Jan 2025"):
        studied(Prices.of(prices).pair("AAA"), EVENT, (0, 5))


def test_a_gap_before_the_event_is_counted_not_filled() -> None:
    prices = Prices.of(board())
    del prices.closes["AAA"][date(2024, 6, 3)]
    model = studied(prices.pair("AAA"), EVENT, (0, 5)).model
    assert (model.n, model.missing) == (219, 2)
