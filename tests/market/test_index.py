"""The index of a basket: a price that is missing is carried forward, and nothing is lost."""

from datetime import date, timedelta
from random import Random

import pandas as pd
import pytest

from bot.market.index import basket_index

DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(300)]
MON, TUE, WED, THU = DAYS[:4]


def by_pandas(closes: dict[str, dict[date, float]], days: list[date]) -> list[float]:
    """Carried forward between a member's first close and its last."""
    frame = pd.DataFrame(closes, index=pd.Index(days), dtype=float)
    for name in frame:
        series = frame[name]
        frame[name] = series.ffill().where(series.bfill().notna())
    returns = frame.pct_change(fill_method=None).mean(axis=1, skipna=True).fillna(0)
    return list(100 * (1 + returns).cumprod())


@pytest.mark.parametrize("gaps", [0, 0.05, 0.4, 0.9])
def test_with_gaps_it_agrees_with_pandas(gaps: float) -> None:
    chance = Random(7)
    closes: dict[str, dict[date, float]] = {}
    for name in "ABCDEFGH":
        first, last = sorted(chance.sample(range(len(DAYS)), 2))
        price = 100.0
        closes[name] = {}
        for day in DAYS[first : last + 1]:
            price *= 1 + chance.gauss(0, 0.03)
            if chance.random() >= gaps:
                closes[name][day] = price
    found = basket_index(closes, list(closes), DAYS)
    assert found.days == tuple(DAYS)
    assert found.values == pytest.approx(by_pandas(closes, DAYS), rel=1e-12)


def test_a_halted_member_brings_its_fall_when_it_trades_again() -> None:
    still = dict.fromkeys((MON, TUE, WED, THU), 10.0)
    closes = {"A": still, "B": still, "C": still, "D": {MON: 10.0, WED: 4.0, THU: 4.0}}
    found = basket_index(closes, list("ABCD"), [MON, TUE, WED, THU])
    assert found.values == pytest.approx([100, 100, 85, 85])


def test_a_day_of_one_member_does_not_take_the_others_returns() -> None:
    """A coin trades at the weekend; the stocks fall 20% from Friday to Monday."""
    friday, saturday, sunday, monday = DAYS[:4]
    coin = dict.fromkeys((friday, saturday, sunday, monday), 10.0)
    stock = {friday: 50.0, monday: 40.0}
    found = basket_index({"coin": coin, "X": stock, "Y": stock}, ["coin", "X", "Y"], [*coin])
    assert found.values == pytest.approx([100, 100, 100, 100 * (1 - 0.4 / 3)])


def test_before_its_first_close_and_after_its_last_a_member_is_no_part() -> None:
    closes = {
        "A": {MON: 10.0, TUE: 11.0, WED: 12.1, THU: 13.31},
        "new": {WED: 5.0, THU: 5.0},
        "gone": {MON: 7.0, TUE: 7.0},
    }
    found = basket_index(closes, [*closes, "unknown"], [MON, TUE, WED, THU])
    assert found.values == pytest.approx([100, 105, 105 * 1.1, 105 * 1.1 * 1.05])
    held = basket_index(closes, list(closes), [MON, TUE, WED, THU], until={"gone": WED})
    assert held.values[2] == pytest.approx(105 * 1.05)


def test_a_day_without_any_member_carries_over() -> None:
    closes = {"A": {MON: 10.0, WED: 20.0}}
    assert basket_index(closes, ["A"], [MON, TUE, WED]).values == (100.0, 100.0, 200.0)
    assert basket_index({}, ["A"], [MON, TUE]).values == (100.0, 100.0)
    assert basket_index(closes, ["A"], []).values == ()
