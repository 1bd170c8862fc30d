"""Estimates: each watched stock once a day after New York's close, slowly, and no other."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cycle.estimates import DailyEstimates, due
from bot.market.yahoo import YahooMarket
from bot.services import Services, SetClock
from bot.watching import Watching
from bot.working import jobs
from storage import valuations
from storage.schema import valuation
from tests.asking import ask
from tests.servers.yahoo import YahooServer
from tests.watched_yahoo import on_yahoo

CLOSE = datetime(2025, 1, 27, 21, tzinfo=UTC)
EVENING = CLOSE + timedelta(hours=2)


def test_a_stock_is_due_once_a_day_and_the_longest_waiting_comes_first() -> None:
    measured = {"A": EVENING - timedelta(days=1), "B": EVENING - timedelta(days=3)}
    assert due("ABC", measured, {}, CLOSE, CLOSE + timedelta(minutes=59)) == []
    assert due("ABC", measured, {}, CLOSE, EVENING) == ["C", "B", "A"]
    tried = {"C": EVENING - timedelta(hours=5)}
    assert due("ABC", {**measured, "B": EVENING}, tried, CLOSE, EVENING) == ["A"]
    assert due("C", {}, tried, CLOSE, EVENING + timedelta(hours=1)) == ["C"]


@pytest.fixture
async def yahoo(services: Services, tmp_path: Path) -> AsyncIterator[tuple[Services, YahooServer]]:
    async with on_yahoo(services, tmp_path, EVENING) as found:
        yield found


def _only_two_stocks(services: Services, monkeypatch: pytest.MonkeyPatch) -> DailyEstimates:
    async def watched(*_arguments: object) -> list[str]:
        return ["AMD", "NVDA", "SPY", "^GSPC"]

    monkeypatch.setattr("bot.cycle.estimates.watched_symbols", watched)
    assert isinstance(services.quotes, YahooMarket)
    return DailyEstimates(services, services.quotes)


async def test_each_stock_is_asked_for_once_and_stored(
    yahoo: tuple[Services, YahooServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    services, server = yahoo
    assert isinstance(services.clock, SetClock)
    estimates = _only_two_stocks(services, monkeypatch)
    counts = []
    for hour in range(5):
        # Past midnight in UTC it is still the session of the 27th that they stand for.
        services.clock.moment = EVENING + timedelta(hours=hour)
        await estimates.ask_next()
        counts.append(len([path for path in server.asked if "quoteSummary" in path]))
    assert counts[1:] == [2 * counts[0]] * 4
    async with services.database.read() as connection:
        asked = select(valuation).where(valuation.c.source == "Yahoo")  # beside what ships
        rows = (await connection.execute(asked)).all()
        measured = await valuations.measured_at(connection, ["eps_estimate"])
        assert {s for s, at in measured.items() if at >= EVENING} == {"AMD", "NVDA"}
    assert {row.day for row in rows} == {date(2025, 1, 27)}
    figures = {(row.name, row.period): row.value for row in rows if row.symbol == "NVDA"}
    assert figures[("eps_estimate", "0y")] == 4_450_000
    assert figures[("revenue_growth", "+1y")] == 500_000
    services.clock.moment = EVENING + timedelta(days=1)
    await estimates.ask_next()
    assert len(server.asked) > counts[-1]


async def test_a_failure_is_shown_and_given_a_pause(
    yahoo: tuple[Services, YahooServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    services, server = yahoo
    assert isinstance(services.clock, SetClock)
    estimates = _only_two_stocks(services, monkeypatch)
    server.faults = [429] * 4
    await estimates.ask_next()
    status = {f.name: f.value for f in (await ask("/status", services)).fields}
    assert "limits our requests" in status["Yahoo estimates"]
    server.faults, asked = [], len(server.asked)
    await estimates.ask_next()
    assert len(server.asked) == asked
    services.clock.moment += timedelta(minutes=3)
    await estimates.ask_next()
    assert any(path.endswith("/AMD") for path in server.asked[asked:])  # the limit was not its own
    assert "Yahoo estimates" not in {f.name for f in (await ask("/status", services)).fields}


def test_nothing_is_asked_where_prices_come_from_elsewhere(services: Services) -> None:
    def names(services: Services) -> set[str]:
        watching = Watching(services, None, lambda: None)  # type: ignore[arg-type]
        return {job.name for job in jobs(services, watching)}

    assert names(services) == {"poll", "recheck", "tell", "prune", "backup"}
    yahoo = YahooMarket(Path("/nonexistent"), lambda _symbol, _day: CLOSE)
    assert names(replace(services, history=yahoo, quotes=yahoo)) - names(services) == {"estimates"}
