"""The real yfinance against a Yahoo on 127.0.0.1: every fault ends in a value or one sentence."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.market.calendar import exchange_of, session_close
from bot.market.yahoo import YahooError, YahooMarket
from tests.servers.yahoo import Listed, YahooServer, running

NOW = datetime(2025, 1, 27, 22, tzinfo=UTC)
DAYS = [date(2025, 1, day) for day in (22, 23, 24, 27)]
NVDA = Listed(dict(zip(DAYS, (147.07, 147.22, 142.62, 118.42), strict=True)), 118.42,
              previous=142.62, low=116.7, high=128.4)  # fmt: skip


@pytest.fixture
async def server() -> AsyncIterator[YahooServer]:
    async with running(YahooServer({"NVDA": NVDA, "AMD": Listed({DAYS[3]: 115.01}, 115.01)})) as it:
        yield it


@pytest.fixture
def yahoo(server: YahooServer, tmp_path: Path) -> YahooMarket:
    closes = lambda symbol, day: session_close(exchange_of(symbol), day)  # noqa: E731
    return YahooMarket(tmp_path / "yahoo", closes, server.base_url, timeout_seconds=1)


async def test_quotes_come_in_one_request_with_what_bears_them_out(
    server: YahooServer, yahoo: YahooMarket
) -> None:
    NVDA.more = {"epsForward": 4.45, "forwardPE": 26.6, "marketCap": 2.9e12,
                 "earningsTimestampStart": 1740603600, "isEarningsDateEstimate": False}  # fmt: skip
    batch = await yahoo.quotes(["NVDA", "AMD", "GONE"], NOW)
    quote = {q.symbol: q for q in batch.quotes}["NVDA"]
    assert (quote.price, quote.previous_close) == (118_420_000, 142_620_000)
    assert (quote.day_low, quote.day_high) == (116_700_000, 128_400_000)
    assert quote.as_of == datetime(2025, 1, 27, 18, tzinfo=UTC)
    assert batch.missing == ("GONE",)
    figures = {m.name: m.value for m in batch.measures if m.symbol == "NVDA"}
    assert figures["forward_eps"] == 4_450_000
    assert [(e.day, e.estimated) for e in batch.events] == [(date(2025, 2, 26), False)]
    assert server.asked == ["v7/finance/quote"]


@pytest.mark.parametrize(
    ("faults", "says"),
    [
        ([429, 429], "limits our requests"),
        ([503, 503], "answered 503"),
        ([404, 404], "answered 404"),
        (["html"], "something else than data"),
        (["hang", "hang"], "in time"),
        ([401, 401], "answered 401"),
    ],
)
async def test_a_failure_is_one_sentence(
    server: YahooServer, yahoo: YahooMarket, faults: list[int | str], says: str
) -> None:
    await yahoo.quotes(["NVDA"], NOW)  # cookie and crumb are there
    server.faults = list(faults)
    with pytest.raises(YahooError, match=says) as error:
        await yahoo.quotes(["NVDA"], NOW)
    assert error.value.limited is (429 in faults)
    server.faults = []
    assert (await yahoo.quotes(["NVDA"], NOW)).quotes[0].price == 118_420_000


async def test_a_crumb_that_expired_is_renewed(server: YahooServer, yahoo: YahooMarket) -> None:
    await yahoo.quotes(["NVDA"], NOW)
    server.crumb = "crumb2"
    assert (await yahoo.quotes(["NVDA"], NOW)).quotes[0].price == 118_420_000
    assert server.crumbs_given == 2


async def test_one_bad_row_spoils_no_other(server: YahooServer, yahoo: YahooMarket) -> None:
    server.listed["AMD"] = Listed(price="soon")
    batch = await yahoo.quotes(["NVDA", "AMD"], NOW)
    assert {q.symbol: q.price for q in batch.quotes} == {"NVDA": 118_420_000, "AMD": 0}
    server.faults = ["broken"]
    assert (await yahoo.quotes(["NVDA", "AMD"], NOW)).quotes[0].price == 0


async def test_history_with_a_gap_and_without_the_session_under_way(
    server: YahooServer, yahoo: YahooMarket
) -> None:
    server.listed["NVDA"] = Listed({**NVDA.closes, DAYS[2]: None})
    during = datetime(2025, 1, 27, 18, tzinfo=UTC)
    bars = (await yahoo.past(["NVDA"], {}, during)).bars
    assert [(bar.day, bar.close) for bar in bars] == [
        (DAYS[0], 147_070_000),
        (DAYS[1], 147_220_000),
        (DAYS[2], 0),
    ]


async def test_a_split_comes_with_the_bars(server: YahooServer, yahoo: YahooMarket) -> None:
    server.listed["NVDA"] = Listed(dict(NVDA.closes), splits={DAYS[2]: (10, 1)})
    found = (await yahoo.past(["NVDA"], {}, NOW)).splits
    assert [(s.day, s.numerator, s.denominator) for s in found] == [(DAYS[2], 10, 1)]


async def test_one_symbol_without_history_spoils_no_other(
    server: YahooServer, yahoo: YahooMarket
) -> None:
    server.chart_faults = {"AMD": 503}
    past = await yahoo.past(["GONE", "AMD", "NVDA"], {"NVDA": DAYS[2]}, NOW)
    assert {bar.symbol for bar in past.bars} == {"NVDA"}
    assert [bar.day for bar in past.bars] == DAYS  # the last ten days come again
    assert past.unknown == ("GONE",)
    assert set(past.failed) == {"AMD"}
    assert not past.limited


async def test_a_symbol_that_yahoo_does_not_have_is_no_failure_of_yahoos(
    server: YahooServer, yahoo: YahooMarket
) -> None:
    past = await yahoo.past(["GONE", "LOST"], {}, NOW)
    assert (past.bars, past.unknown, past.failed) == ((), ("GONE", "LOST"), {})
    server.chart_faults = {"NVDA": 503}
    with pytest.raises(YahooError):
        await yahoo.past(["GONE", "NVDA"], {}, NOW)


async def test_once_limited_nothing_more_is_asked(server: YahooServer, yahoo: YahooMarket) -> None:
    server.chart_faults = {"AMD": 429}
    with pytest.raises(YahooError, match="limits"):
        await yahoo.past(["AMD", "NVDA"], {}, NOW)
    assert not any("NVDA" in path for path in server.asked)
    past = await yahoo.past(["NVDA", "AMD", "GONE"], {}, NOW)
    assert (past.limited, set(past.failed), past.unknown) == (True, {"AMD", "GONE"}, ())


async def test_two_answers_too_late_and_the_rest_is_not_asked_for(
    server: YahooServer, tmp_path: Path
) -> None:
    yahoo = YahooMarket(tmp_path / "y", lambda _s, _d: NOW, server.base_url, timeout_seconds=0.2)
    server.listed |= {name: Listed(dict(NVDA.closes), 1.0) for name in ("A", "B", "C")}
    await yahoo.past(["NVDA", "A", "B", "C"], {}, NOW)  # their time zones are known from now on
    server.chart_faults = {"A": "hang", "B": "hang"}
    server.asked.clear()
    past = await yahoo.past(["NVDA", "A", "B", "C"], {}, NOW)
    assert {bar.symbol for bar in past.bars} == {"NVDA"}
    assert set(past.failed) == {"A", "B", "C"}
    assert past.limited
    assert not any(path.endswith("/C") for path in server.asked)
    server.released.set()


async def test_a_call_that_hangs_does_not_keep_the_program(tmp_path: Path) -> None:
    program = """
import asyncio, pathlib, sys, datetime
from bot.market.yahoo import YahooMarket
sys.path.insert(0, ".")
from tests.servers.yahoo import YahooServer, running

async def main():
    async with running(YahooServer(faults=["hang"] * 9)) as server:
        yahoo = YahooMarket(pathlib.Path(sys.argv[1]), None, server.base_url, timeout_seconds=100)
        now = datetime.datetime(2025, 1, 27, tzinfo=datetime.UTC)
        asking = asyncio.create_task(yahoo.quotes(["NVDA"], now))
        while not server.asked:
            await asyncio.sleep(0.05)
        server.released = asyncio.Event()
        asking.cancel()
        print("cancelled", flush=True)

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path / "y"),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, error = await asyncio.wait_for(process.communicate(), timeout=60)
    assert (process.returncode, out, error) == (0, b"cancelled\n", b"")


async def test_a_quote_says_its_unit_and_how_late_it_is(
    server: YahooServer, yahoo: YahooMarket
) -> None:
    server.listed |= {
        "^GSPC": Listed(price=6000.0),
        "AZN.L": Listed(price=11000.0, more={"currency": "GBp", "exchangeDataDelayedBy": 15}),
        "ODD": Listed(price=1.0, more={"currency": None, "exchangeDataDelayedBy": "soon"}),
    }
    batch = await yahoo.quotes(["^GSPC", "AZN.L", "NVDA", "ODD"], NOW)
    assert {q.symbol: (q.unit, q.delay_minutes) for q in batch.quotes} == {
        "^GSPC": ("points", 0),
        "AZN.L": ("GBp", 15),
        "NVDA": ("USD", 0),
        "ODD": ("", 0),
    }
    assert {i.symbol: i.unit for i in batch.instruments}["AZN.L"] == "GBp"


async def test_the_cookie_of_a_proxy_is_kept(server: YahooServer, yahoo: YahooMarket) -> None:
    await yahoo.quotes(["NVDA"], NOW)
    given = server.cookies_given
    await yahoo.quotes(["NVDA"], NOW)
    await yahoo.past(["NVDA"], {}, NOW)
    assert server.cookies_given == given


async def test_estimates_with_their_growth(server: YahooServer, yahoo: YahooMarket) -> None:
    found = {(m.name, m.period): m.value for m in await yahoo.estimates("NVDA", NOW)}
    assert found[("eps_estimate", "0y")] == 4_450_000
    assert found[("revenue_growth", "+1y")] == 500_000


async def test_value_with_debts_and_revenue(server: YahooServer, yahoo: YahooMarket) -> None:
    found = {m.name: m for m in await yahoo.estimates("NVDA", NOW) if not m.period}
    assert {name: m.value for name, m in found.items()} == {
        "enterprise_value": 2_900_000_000_000_000_000,
        "revenue": 100_000_000_000_000_000,
    }
    assert (found["revenue"].as_of, found["revenue"].source) == (NOW, "Yahoo")


async def test_figures_in_another_currency_than_the_price_are_left_out(
    server: YahooServer, yahoo: YahooMarket
) -> None:
    server.statistics["TSM"] = {"financialCurrency": "TWD"}
    server.earnings_currency = "TWD"
    names = {m.name for m in await yahoo.estimates("TSM", NOW)}
    assert names == {"eps_growth", "revenue_growth"}  # a growth has no currency


async def test_a_yahoo_that_is_not_there(tmp_path: Path) -> None:
    yahoo = YahooMarket(tmp_path, lambda _s, _d: NOW, "http://127.0.0.1:9", timeout_seconds=1)
    with pytest.raises(YahooError, match="cannot be reached"):
        await yahoo.quotes(["NVDA"], NOW)
