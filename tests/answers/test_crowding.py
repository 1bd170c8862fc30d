"""/crowding: what the channel reads, as of a day, and that the alert rule measures the same."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from bot.cards.to_text import to_plain
from bot.cycle.load import load_board
from bot.cycle.measures import readings
from bot.errors import UserError
from bot.model.card import LinesChart
from bot.model.rule import PPM, Condition
from bot.services import Services, SetClock
from storage import market
from tests.asking import ask
from tests.conftest import START


def on(services: Services, day: str) -> Services:
    """The same services on the evening of another day."""
    return replace(services, clock=SetClock(datetime.fromisoformat(f"{day}T22:00").astimezone(UTC)))


async def test_the_evening_of_the_shock(seeded: Services) -> None:
    card = await ask("/crowding", seeded)
    assert card.title == "AI stocks: correlation 0.59, higher than on 91% of days"
    assert card.text.split("\n")[:2] == [
        "Mon 27 Jan 2025, at the close · 21 sessions since 23 Dec 2024",
        (
            "These stocks move together more than on 91% of days of the last two years: their own "
            "news matters less, and holding several of them spreads little risk."
        ),
    ]
    assert card.table is not None
    assert [row[0] for row in card.table.rows] == [
        "correlation", "dispersion", "beta", "volatility"
    ]  # fmt: skip
    assert card.table.rows[3][3] == "99%"
    assert "Also unusual: volatility, higher than on 99% of days." in card.text
    assert card.footer.startswith("Yahoo, daily close, as of 27 Jan 2025; beta against ^GSPC")
    assert max(len(line) for line in to_plain(card).split("\n") if "  " in line) <= 78


@pytest.mark.parametrize("basket", ["ai", "compute", "power"])
@pytest.mark.parametrize("day", ["2024-08-07", "2025-01-27"])
async def test_the_alert_rule_measures_the_same(seeded: Services, basket: str, day: str) -> None:
    services = on(seeded, day)
    facts = (await ask(f"/crowding {basket}", services)).facts
    for condition, name in (
        (Condition.CROWDING, "correlation"),
        (Condition.VOLATILITY, "volatility"),
    ):
        async with services.database.read() as connection:
            baskets = await market.baskets(connection)
            board = await load_board(
                connection, [basket], [condition], services.clock.now(), baskets=baskets
            )
        last = readings(board, basket, condition)[-1]
        assert last.day.isoformat() == facts["as_of"]
        assert facts[name]["percentile"] == -last.value / PPM


async def test_all_four_and_their_ranks_are_those_of_pandas(seeded: Services) -> None:
    facts = (await ask("/crowding power", seeded)).facts
    async with seeded.database.read() as connection:
        board = await load_board(connection, ["power"], ["3y"], START)
    stocks = pd.DataFrame({s: pd.Series(board.closes[s]) for s in ("VRT", "VST", "CEG")})
    stocks = stocks.sort_index()
    market_closes = pd.Series(board.closes["^GSPC"]).sort_index()
    returns = stocks.pct_change()
    basket, benchmark = returns.mean(axis=1), market_closes.pct_change()
    pairs = [("VRT", "VST"), ("VRT", "CEG"), ("VST", "CEG")]
    expected = {
        "correlation": sum(returns[a].rolling(21).corr(returns[b]) for a, b in pairs) / 3,
        "dispersion": stocks.pct_change(21).std(axis=1, ddof=1),
        "beta": basket.rolling(63).cov(benchmark) / benchmark.rolling(63).var(),
        "volatility": np.log1p(basket).rolling(21).std(ddof=1) * np.sqrt(252),
    }
    for name, series in expected.items():
        past = series.iloc[-504:]
        assert facts[name]["value"] == pytest.approx(past.iloc[-1], rel=1e-6), name
        assert facts[name]["percentile"] == pytest.approx((past <= past.iloc[-1]).mean(), abs=1e-6)
        assert facts[name]["median"] == pytest.approx(past.median(), rel=1e-6)
        assert facts[name]["p95"] == pytest.approx(past.quantile(0.95), rel=1e-6)


async def test_figures_can_be_traced_to_closes(seeded: Services) -> None:
    facts = json.loads(json.dumps((await ask("/crowding compute", seeded)).facts))
    assert facts["span"] == {"sessions": 21, "from": "2024-12-23", "to": "2025-01-27"}
    nvidia = next(one for one in facts["members"] if one["symbol"] == "NVDA")
    assert (nvidia["first_close"], nvidia["last_close"]) == (139.67, 118.42)
    assert nvidia["change"] == pytest.approx(118.42 / 139.67 - 1)
    assert facts["beta"]["benchmark"] == "^GSPC"
    assert (facts["beta"]["sessions"], facts["beta"]["returns"]) == (63, 63)
    assert {facts[name]["n"] for name in ("correlation", "dispersion", "beta", "volatility")} == {
        504
    }
    assert facts["dividend_adjusted"] == ["ASML"]


async def test_a_chart_of_two_years_with_what_is_usual(seeded: Services) -> None:
    card = await ask("/crowding", seeded)
    assert isinstance(card.chart, LinesChart)
    line, usual = card.chart.lines
    assert len(line.days) == 504
    assert line.values[-1] == card.facts["correlation"]["value"]
    assert usual.values == (card.facts["correlation"]["median"],) * 2
    assert usual.band[0] == (card.facts["correlation"]["p5"], card.facts["correlation"]["p95"])


async def test_a_young_history_is_not_ranked_and_says_who_is_missing(seeded: Services) -> None:
    card = await ask("/crowding ai", on(seeded, "2022-03-04"))
    assert card.title == "AI stocks: correlation 0.48"
    assert "22 days can be measured, a rank takes 252." in card.text
    assert "Left out, with fewer than 22 closes in a row: ARM (has 0)." in card.text
    assert "Beta is unknown: 42 of 63 sessions" in card.text
    assert card.table is not None
    assert card.table.columns == ("measure", "now")
    assert card.table.rows[2] == ("beta", "unknown")
    assert card.facts["beta"]["value"] is None
    assert card.facts["correlation"]["percentile"] is None


@pytest.mark.parametrize(
    ("line", "day", "said"),
    [
        ("/crowding NVDA", "2025-01-27", "NVDA is one stock; name a basket"),
        ("/crowding benchmarks", "2025-01-27", "benchmarks is a list to compare with"),
        ("/crowding open-weights", "2025-01-27", "open-weights has 2 stocks; .* at least three"),
        ("/crowding comput", "2025-01-27", "did you mean compute"),
        ("/crowding power", "2022-01-12", "at least 3 stocks with 22 closes in a row.* CEG has 0"),
        ("/crowding ai", "2021-01-12", "There are no prices for ai up to"),
    ],
)  # fmt: skip
async def test_what_cannot_be_measured_says_what_is_missing(
    seeded: Services, line: str, day: str, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        await ask(line, on(seeded, day))
