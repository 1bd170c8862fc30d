"""/valuation: multiples with their sources and days, beside the S&P 500's and their own past."""

from datetime import UTC, date, datetime, time, timedelta

import pandas as pd
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import UserError
from bot.market.shipped import ShippedHistory
from bot.model.bar import MICRO, Bar, Basis, Measure, Split
from bot.model.card import Card
from bot.services import Services
from storage import market, valuations
from tests.answers.valued import at
from tests.asking import ask
from tests.conftest import END


def fields(card: Card) -> dict[str, str]:
    return {field.name.partition(" (")[0]: field.value for field in card.fields}


async def keep(services: Services, *measures: Measure) -> None:
    async def work(connection: AsyncConnection) -> None:
        await valuations.put_measures(connection, measures)

    await services.database.write(work)


def measure(symbol: str, on: date, name: str, value: float, period: str = "") -> Measure:
    close = datetime.combine(on, time(21), UTC)
    return Measure(symbol, on, name, period, round(value * MICRO), close, "Yahoo")


async def test_nvidia_on_28_january_2025(whole: Services) -> None:
    card = await ask("/valuation nvda", at(whole, 2025, 1, 28))
    assert card.title == "Nvidia (NVDA): 29.0× expected earnings"
    assert "$128.99 at the close of Tue 28 Jan 2025" in card.text
    assert "Buyers pay $28.99 for each dollar that it is expected to earn in fiscal 2026." in (
        card.text
    )
    assert (
        "That is 30% more than in the market as a whole. S&P 500: 22.3×" in card.text
    )  # 28.99 / 22.3
    assert "(published consensus, 23 Jan 2025)" in card.text
    assert "they are earnings per share" in card.text
    said = fields(card)
    assert said["Forward P/E"].startswith("29.0×: price ÷ $4.45 expected for fiscal 2026")
    assert "28 Jan 2025" in said["Forward P/E"]
    assert said["Trailing P/E"] == "not known: no earnings per share"
    assert said["PEG"].startswith("0.57: growth +51% in fiscal 2026")
    assert "+14.8% expected (FactSet)" in said["PEG"]
    assert said["Against its own past"].startswith("1 snapshot of its forward P/E so far")
    assert card.table is not None
    assert card.table.rows == (
        ("fiscal 2026", "4.45", "+51%", "–", "–"),
        ("fiscal 2027", "5.61", "+26%", "–", "–"),
    )


async def test_every_figure_can_be_traced(whole: Services) -> None:
    facts = (await ask("/valuation NVDA", at(whole, 2025, 2, 5))).facts
    assert (facts["price"], facts["price_date"]) == (124.83, "2025-02-05")
    assert facts["forward_pe"] == pytest.approx(124.83 / 4.45, abs=1e-6)
    assert facts["trailing_pe"] == pytest.approx(124.83 / 2.44, abs=1e-6)
    assert facts["trailing_eps"]["as_of"] == "2025-01-31"
    assert facts["trailing_eps"]["source"] == "Yahoo, in an open list of the S&P 500 (PDDL)"
    assert facts["ev_sales"] is None  # unknown, never 0
    assert facts["market_cap_at_price"] == pytest.approx(3052683657216 * 124.83 / 120.07, rel=1e-9)
    assert facts["market"]["on"] == "2025-01-23"


async def test_nothing_is_known_before_its_day(whole: Services) -> None:
    card = await ask("/valuation NVDA", at(whole, 2025, 1, 22))
    assert card.title == "Nvidia (NVDA): P/E not known"
    assert "No earnings, estimates, growth or revenue of it are known of that time." in card.text
    assert "multiple is not known" in (await ask("/valuation", at(whole, 2025, 1, 22))).text
    assert card.facts["market"] is None


async def test_without_a_forward_multiple_there_is_no_comparison(whole: Services) -> None:
    card = await ask("/valuation MSFT", at(whole, 2025, 1, 31))
    assert card.title == "Microsoft (MSFT): 33.4× the earnings of the last four quarters"
    assert "Buyers pay $33.45 for each dollar that it earned" in card.text
    assert "without a forward P/E there is no comparison" in card.text


async def test_the_ai_stocks_are_one_company(whole: Services) -> None:
    card = await ask("/valuation", at(whole, 2025, 1, 31))
    members = {one["symbol"]: one for one in card.facts["members"]}
    known = [one for one in members.values() if one["trailing_eps"] and one["market_cap"]]
    cap = sum(one["market_cap"]["value"] for one in known)
    earned = sum(
        one["market_cap"]["value"] * one["trailing_eps"]["value"] / one["price"] for one in known
    )
    assert card.facts["trailing"]["pe"] == pytest.approx(cap / earned, rel=1e-9)
    assert f"{cap / earned:.1f}× the earnings of the last four quarters" in card.title
    assert "of 13 of 18 stocks, as if they were one company" in card.text
    assert "Missing: TSM, ARM, MRVL, ASML and VRT (no market value)." in card.text
    assert "Expected earnings: known of GOOG and NVDA only, too little" in card.text
    assert "VST and ASML adjusted for dividends" in card.footer
    assert card.table is not None
    assert [row[0] for row in card.table.rows[:3]] == ["MSFT", "NVDA", "GOOG"]
    width = sum(max(len(row[i]) for row in card.table.rows) + 2 for i in range(6))
    assert width <= 60


async def test_a_loss_is_shown_and_left_out(whole: Services) -> None:
    services = at(whole, 2025, 1, 31)
    await keep(services, measure("VST", date(2025, 1, 31), "trailing_eps", -1.5))
    card = await ask("/valuation power", services)
    assert card.table is not None
    assert {row[0]: row[2] for row in card.table.rows}["VST"] == "loss"
    assert "Left out, as they lose money: VST; with them in, " in card.text
    alone = await ask("/valuation VST", services)
    assert alone.title == "Vistra (VST) makes a loss: there is no P/E"
    assert fields(alone)["Trailing P/E"].startswith("none: a loss of $1.50 a share")


async def test_a_quoted_multiple_that_cannot_be_is_recomputed_and_flagged(whole: Services) -> None:
    services, friday = at(whole, 2025, 2, 2), date(2025, 1, 31)
    await keep(
        services,
        measure("NVDA", friday, "forward_eps", 4.45),
        measure("NVDA", friday, "forward_pe", 41.9),
    )
    card = await ask("/valuation NVDA", services)
    assert card.title.endswith("27.0× expected earnings")
    assert (
        "Yahoo's own forward P/E of 31 Jan 2025 is 41.9×, but its price and EPS of that day make "
        "27.0×: recomputed here."
    ) in card.text
    assert "27.0 *" in {row[1] for row in (await ask("/valuation compute", services)).table.rows}  # type: ignore[union-attr]
    await keep(services, measure("NVDA", friday, "forward_pe", 26.98))
    assert "recomputed" not in (await ask("/valuation NVDA", services)).text


async def test_a_rank_among_its_own_past_from_sixty_snapshots_on(whole: Services) -> None:
    services = at(whole, 2025, 3, 31)
    days = [date(2025, 3, 31) - timedelta(n) for n in range(59)]
    await keep(services, *(measure("AMD", day, "forward_eps", 5.0) for day in days))
    said = fields(await ask("/valuation AMD", services))
    assert said["Against its own past"].startswith("59 snapshots of its forward P/E so far")
    await keep(services, measure("AMD", date(2025, 1, 15), "forward_eps", 5.0))
    card = await ask("/valuation AMD", services)
    bars = await ShippedHistory().bars(["AMD"], {}, END)
    closes = pd.Series({pd.Timestamp(bar.day): bar.close for bar in bars})
    looked = pd.DatetimeIndex([*days, date(2025, 1, 15)])
    then = closes.reindex(looked.union(closes.index)).ffill()[looked]
    assert card.facts["percentile"] == pytest.approx((then <= then.iloc[0]).mean(), abs=1e-6)
    assert "of 60 days since 15 Jan 2025" in fields(card)["Against its own past"]


async def test_what_is_known_of_a_live_company(whole: Services) -> None:
    services, day = at(whole, 2025, 2, 24), date(2025, 2, 24)
    await keep(
        services,
        measure("GOOG", day, "enterprise_value", 2.0e12),
        measure("GOOG", day, "revenue", 3.5e11),
    )
    card = await ask("/valuation GOOG", services)
    assert fields(card)["EV/sales"] == "5.7×: $2.00T ÷ $350.00B (Yahoo, 24 Feb 2025)"
    assert card.table is not None
    assert card.table.rows == (
        ("fiscal 2025", "8.99", "+12%", "$390.01B", "+11%"),
        ("fiscal 2026", "10.24", "+14%", "$432.57B", "+11%"),
    )


async def test_figures_from_before_a_split_are_on_todays_shares(whole: Services) -> None:
    services, now = at(whole, 2025, 2, 5), datetime(2025, 2, 5, 15, tzinfo=UTC)

    async def work(connection: AsyncConnection) -> None:
        split = Split("MSFT", date(2025, 2, 5), 2, 1, "test")
        bar = Bar("MSFT", split.day, 206_645_000, now, now, "test", Basis.SPLIT)
        await market.put_splits(connection, [split], now)
        await market.put_bars(connection, [bar], replace=True)

    await services.database.write(work)
    facts = (await ask("/valuation MSFT", services)).facts
    assert facts["trailing_eps"]["value"] == pytest.approx(6.205)
    assert facts["trailing_pe"] == pytest.approx(206.645 / 6.205, abs=1e-6)


async def test_figures_that_are_too_old_are_left_out_and_said_so(whole: Services) -> None:
    services = at(whole, 2025, 3, 31)
    await keep(services, measure("ARM", date(2024, 9, 2), "trailing_eps", 1.0))
    card = await ask("/valuation ARM", services)
    assert card.title == "Arm (ARM): P/E not known"
    assert "Figures of 2 Sep 2024 and before are left out as too old." in card.text


@pytest.mark.parametrize(
    ("target", "said"),
    [("SPY", "is a fund"), ("^GSPC", "is an index"), ("benchmarks", "is a list to compare with"),
     ("NVDIA", "did you mean NVDA")],
)  # fmt: skip
async def test_what_has_no_earnings(whole: Services, target: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        await ask(f"/valuation {target}", whole)


async def test_a_price_that_is_adjusted_for_dividends_says_so(whole: Services) -> None:
    card = await ask("/valuation VST", at(whole, 2025, 1, 31))
    assert "at the close of Fri 31 Jan 2025, adjusted for dividends" in card.text
    assert card.footer.startswith("Yahoo, daily close of 31 Jan 2025, adjusted for dividends; ")


async def test_before_the_first_price(whole: Services) -> None:
    with pytest.raises(UserError, match="no prices for ARM up to 1 Sep 2023"):
        await ask("/valuation ARM", at(whole, 2023, 9, 1))
