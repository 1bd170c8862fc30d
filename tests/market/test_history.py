"""The shipped history: golden figures, no look-ahead, splits and the basket's index."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from bot.market.calendar import NEW_YORK, session_close, session_open
from bot.market.index import basket_index
from bot.market.shipped import REFERENCE, ShippedHistory, load_baskets
from bot.market.splits import adjust
from bot.model.bar import Basis, Split

FRIDAY, MONDAY = date(2025, 1, 24), date(2025, 1, 27)
END = session_close(NEW_YORK, date(2025, 3, 31))


async def _closes(symbols: list[str]) -> dict[str, dict[date, float]]:
    found: dict[str, dict[date, float]] = {}
    for bar in await ShippedHistory().bars(symbols, {}, END):
        found.setdefault(bar.symbol, {})[bar.day] = bar.close / 1e6
    return found


@pytest.mark.parametrize(
    ("symbol", "percent"),
    [
        ("NVDA", -16.97), ("VRT", -29.88), ("VST", -28.27), ("ANET", -22.35), ("CEG", -20.85),
        ("MRVL", -19.10), ("AVGO", -17.40), ("TSM", -13.33), ("SPY", -1.41), ("META", 1.91),
        ("^VIX", (17.90 / 14.85 - 1) * 100),
    ],
)  # fmt: skip
async def test_returns_of_27_january_2025(symbol: str, percent: float) -> None:
    closes = (await _closes([symbol]))[symbol]
    assert (closes[MONDAY] / closes[FRIDAY] - 1) * 100 == pytest.approx(percent, abs=0.006)


async def test_a_close_is_not_known_before_the_session_closes() -> None:
    close = session_close(NEW_YORK, MONDAY)
    before = await ShippedHistory().bars(["NVDA"], {}, close - timedelta(seconds=1))
    after = await ShippedHistory().bars(["NVDA"], {}, close)
    assert (before[-1].day, after[-1].day) == (FRIDAY, MONDAY)
    assert all(bar.as_of <= close for bar in after)


async def test_only_what_is_new_is_given() -> None:
    bars = await ShippedHistory().bars(
        ["NVDA", "AMD"], {"NVDA": FRIDAY, "AMD": MONDAY}, session_close(NEW_YORK, MONDAY)
    )
    assert [(bar.symbol, bar.day) for bar in bars] == [("NVDA", MONDAY)]


def test_daylight_saving_moves_the_close() -> None:
    assert session_close(NEW_YORK, date(2025, 1, 27)).hour == 21
    assert session_close(NEW_YORK, date(2024, 7, 1)).hour == 20
    assert session_open(NEW_YORK, date(2024, 7, 1)).hour == 13


async def test_a_split_is_known_from_the_open_of_its_day() -> None:
    history, day = ShippedHistory(), date(2024, 6, 10)
    assert not await history.splits(["NVDA"], session_open(NEW_YORK, day) - timedelta(seconds=1))
    assert [s.numerator for s in await history.splits(["NVDA"], session_open(NEW_YORK, day))] == [
        10
    ]


async def test_raw_prices_with_their_split_equal_the_adjusted_ones() -> None:
    day = date(2024, 6, 10)
    shipped = await ShippedHistory().bars(["NVDA"], {}, END)
    raw = [
        bar._replace(basis=Basis.RAW, close=bar.close * (10 if bar.day < day else 1))
        for bar in shipped
    ]
    split = Split("NVDA", day, 10, 1, "test")
    assert [bar.close for bar in adjust(raw, [split])] == [bar.close for bar in shipped]
    assert adjust(shipped, [split]) == shipped
    assert adjust(raw, [replace(split, symbol="AMD")])[0].close == raw[0].close


async def test_every_member_has_prices_and_says_what_they_are_adjusted_for() -> None:
    known = await ShippedHistory().known()
    for basket in load_baskets().values():
        assert set(basket.members) <= set(known)
    total = {symbol for symbol, item in known.items() if item.basis is Basis.TOTAL}
    assert total == {"VST", "ASML", "SMH", "SOXX"}


def test_ai_is_all_the_baskets_but_the_benchmarks() -> None:
    baskets = load_baskets()
    parts = [b for name, b in baskets.items() if name not in ("ai", REFERENCE)]
    assert set(baskets["ai"].members) == {symbol for b in parts for symbol in b.members}
    assert len(baskets["ai"].members) == 18


async def test_the_basket_index_agrees_with_pandas() -> None:
    members = list(load_baskets()["ai"].members)
    closes = await _closes(members)
    days = sorted({day for by_day in closes.values() for day in by_day})
    index = basket_index(closes, members, days)
    frame = pd.DataFrame(closes).sort_index()
    expected = (1 + frame.pct_change(fill_method=None).mean(axis=1).fillna(0)).cumprod() * 100
    assert list(index.values) == pytest.approx(list(expected), rel=1e-12)
    by_day = dict(zip(index.days, index.values, strict=True))
    assert by_day[MONDAY] / by_day[FRIDAY] - 1 == pytest.approx(-0.1278, abs=5e-5)
    window = [by_day[day] for day in days if day <= MONDAY][-252:]
    assert by_day[MONDAY] / max(window) - 1 == pytest.approx(-0.1373, abs=5e-5)
