"""/impact: DeepSeek R1 on the shipped history, what stands beside it, and what is missing."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cards.to_text import to_plain
from bot.errors import UserError
from bot.model.bar import MarketEvent
from bot.model.card import LinesChart
from bot.services import Services, SetClock
from storage import market
from storage.schema import bar
from tests.asking import ask

FEBRUARY = datetime(2025, 2, 5, 22, 0, tzinfo=UTC)
SHOCK = date(2025, 1, 27)


def at(services: Services, moment: datetime) -> Services:
    """The same services, asked at another moment."""
    return replace(services, clock=SetClock(moment))


def on(facts: Any, day: date) -> Any:
    """What the study says of a day."""
    return next(one for one in facts["study"]["days"] if one["day"] == day.isoformat())


async def test_r1_and_the_stocks_of_compute(whole: Services) -> None:
    card = await ask('/impact "DeepSeek R1" compute', at(whole, FEBRUARY))
    title = "After DeepSeek-R1, AI compute stocks did 11.0% worse than the market explains"
    assert card.title == title
    assert card.text.startswith("Unusual: larger than in 98.6% of the 610 other spans of 6 session")
    assert "when New York was closed: session 0 is Tue 21 Jan 2025" in card.text
    assert "The day that stands out: 27 Jan 2025 (session +4), −9.4% beyond" in card.text
    assert "Its 11 members moved together beyond chance" in card.text
    assert card.table is not None
    assert card.table.columns[0] == "day"  # Slack heads a column without a name with "name"
    assert [row[0] for row in card.table.rows] == [
        "21 Jan 2025", "22 Jan 2025", "23 Jan 2025", "24 Jan 2025", "27 Jan 2025", "28 Jan 2025",
    ]  # fmt: skip
    fields = {field.name: field.value for field in card.fields}
    assert fields["Groups at T+1, 5, 20"] == (
        "open-weights −3.6%, −1.4%, — · proprietary +0.9%, +1.0%, — · "
        "compute +2.1%, −11.0%, — · power +4.1%, −16.3%, —"
    )
    board = {one["basket"]: one for one in card.facts["scoreboard"]}
    assert round(board["power"]["T+1"]["car"], 3) == 0.041
    assert board["power"]["T+20"] is None
    assert len(to_plain(card).splitlines()) <= 40
    assert card.footer.endswith("as of 28 Jan 2025")
    assert "caused" not in to_plain(card)
    assert max(len(line) for line in to_plain(card).splitlines()) <= 80
    json.dumps(card.facts)


async def test_what_was_not_over_in_february_is_known_in_march(whole: Services) -> None:
    early = await ask("/impact r1 compute", at(whole, FEBRUARY))
    late = await ask("/impact r1 compute", whole)
    boards = [
        {one["basket"]: one["T+20"] for one in card.facts["scoreboard"]} for card in (early, late)
    ]
    assert set(boards[0].values()) == {None}
    assert boards[1]["power"]["to"] == "2025-02-19"  # twenty sessions on, without 20 Jan, 17 Feb
    assert boards[1]["power"]["car"] == pytest.approx(-0.133, abs=0.0005)
    days = zip(early.facts["study"]["days"], late.facts["study"]["days"], strict=True)
    for before, after in days:
        assert before["day"] == after["day"]
        assert before["t"] == pytest.approx(after["t"], rel=1e-9)


async def test_nvidias_abnormal_return_and_its_t_by_least_squares(whole: Services) -> None:
    card = await ask('/impact "DeepSeek R1" NVDA', at(whole, FEBRUARY))
    async with whole.database.read() as connection:
        bars = await market.bars(connection, ["NVDA", "^GSPC"], date.min, FEBRUARY)
    closes = {s: {b.day: b.close for b in bars if b.symbol == s} for s in ("NVDA", "^GSPC")}
    days = sorted(closes["^GSPC"])
    ret = {s: np.diff([c[d] for d in days]) / [c[d] for d in days[:-1]] for s, c in closes.items()}
    zero = days.index(date(2025, 1, 21)) - 1  # returns begin a day later than closes
    x, y = ret["^GSPC"][zero - 250 : zero - 29], ret["NVDA"][zero - 250 : zero - 29]
    design = np.column_stack([np.ones_like(x), x])
    (alpha, beta), *_rest = np.linalg.lstsq(design, y, rcond=None)
    variance = ((y - alpha - beta * x) ** 2).sum() / (len(x) - 2)
    shock = days.index(SHOCK) - 1
    ar = ret["NVDA"][shock] - alpha - beta * ret["^GSPC"][shock]
    row = np.array([1.0, ret["^GSPC"][shock]])
    error = np.sqrt(variance * (1 + row @ np.linalg.inv(design.T @ design) @ row))
    found = on(card.facts, SHOCK)
    assert found["ar"] == pytest.approx(ar, rel=1e-9)
    assert found["ar_t"] == pytest.approx(ar / error, rel=1e-9)
    assert found["ar"] == pytest.approx(-0.1298, abs=0.0001)
    assert card.facts["study"]["estimation"]["beta"] == pytest.approx(beta, rel=1e-9)


async def test_the_placebo_is_the_share_of_other_spans(whole: Services) -> None:
    card = await ask('/impact "DeepSeek R1" power', at(whole, FEBRUARY))
    placebo = card.facts["study"]["placebo"]
    larger = round(placebo["n"] * (1 - placebo["larger_than"]))
    assert placebo["p"] == pytest.approx((larger + 1) / (placebo["n"] + 1))
    assert 0 < placebo["p"] < 0.05
    assert f"of the {placebo['n']} other spans of 6 sessions" in card.text


async def test_every_figure_is_traced_to_closes(whole: Services) -> None:
    card = await ask("/impact r1 power", at(whole, FEBRUARY))
    closes = card.facts["closes"]
    assert set(closes) == {"VRT", "VST", "CEG", "^GSPC"}
    days = sorted(closes["^GSPC"])
    assert days[0] == "2025-01-17"  # the session before session 0
    for before, day in pairwise(days):
        found = on(card.facts, date.fromisoformat(day))
        returns = [closes[s][day] / closes[s][before] - 1 for s in ("VRT", "VST", "CEG")]
        assert found["return"] == pytest.approx(sum(returns) / 3, rel=1e-9)
        moved = closes["^GSPC"][day] / closes["^GSPC"][before] - 1
        assert found["benchmark_return"] == pytest.approx(moved, rel=1e-9)
        model = card.facts["study"]["estimation"]
        ar = found["return"] - model["alpha"] - model["beta"] * moved
        assert found["ar"] == pytest.approx(ar, rel=1e-9)
    total = sum(one["ar"] for one in card.facts["study"]["days"])
    assert card.facts["study"]["car"] == pytest.approx(total, rel=1e-9)


async def test_every_basket_side_by_side(whole: Services) -> None:
    card = await ask("/impact DeepSeek-R1", whole)
    assert card.title == "After DeepSeek-R1, AI stocks did 9.5% worse than the market explains"
    assert card.table is not None
    assert card.table.columns == ("basket", "T+1", "T+5", "T+20", "t", "larger than")
    assert card.table.rows[-1] == ("power", "+4.1%", "−16.3%", "−13.3%", "−2.52", "97.3%")
    chart = card.chart
    assert isinstance(chart, LinesChart)
    assert [line.name for line in chart.lines] == [
        "ai", "open-weights", "proprietary", "compute", "power",
    ]  # fmt: skip
    assert chart.unit == "%"
    assert chart.lines[-1].values[-1] == pytest.approx(-16.3, abs=0.05)
    assert chart.lines[-1].values[0] == 0.0
    assert not any(line.band for line in chart.lines)
    other = await ask("/impact DeepSeek-R1 window=-1..2", whole)
    assert other.table is not None
    assert other.table.columns[4] == "[−1, +2]"


async def test_one_line_has_its_band_and_days_are_marked(whole: Services) -> None:
    chart = (await ask("/impact r1 NVDA", whole)).chart
    assert isinstance(chart, LinesChart)
    (line,) = chart.lines
    low, high = line.band[-1]
    assert low < (line.values[-1] or 0) < high
    assert line.labels == ((SHOCK, "−13.0% on 27 Jan"),)
    assert (date(2025, 1, 21), "session 0, data centres") in chart.marks


async def test_a_releases_own_variants_of_the_day_explain_nothing(whole: Services) -> None:
    card = await ask("/impact 'Claude 3 Opus'", at(whole, FEBRUARY))
    names = [one["what"] for one in card.facts["rivals"]]
    assert not [name for name in names if "Claude 3" in name]
    # Asked by the day, none of them is the one that was meant.
    card = await ask("/impact 2024-03-04", at(whole, FEBRUARY))
    assert "Claude 3 Opus of Anthropic" in [one["what"] for one in card.facts["rivals"]]


async def test_rival_explanations_are_named_with_their_source(whole: Services) -> None:
    async def work(connection: AsyncConnection) -> None:
        at_hand = MarketEvent("NVDA", SHOCK, "earnings", None, True, "Yahoo")
        other = MarketEvent("VRT", SHOCK, "earnings", None, False, "Yahoo")
        await market.put_events(connection, [at_hand, other], FEBRUARY)

    before = await ask("/impact r1 NVDA", at(whole, FEBRUARY))
    assert "Days of earnings are not known here." in before.text
    await whole.database.write(work)
    card = await ask("/impact r1 NVDA", at(whole, FEBRUARY))
    assert "20 Jan: an executive order puts off the law against TikTok" in card.text
    assert "21 Jan: Stargate is announced" in card.text
    assert "27 Jan: earnings of NVDA, on a day that is not sure." in card.text
    assert "VRT" not in card.text
    assert "not known here" not in card.text
    assert "Other releases: Kimi k1.5 of Moonshot (22 Jan)" in card.text
    sources = {one["what"][:8]: one["source"] for one in card.facts["rivals"]}
    assert sources["Stargate"].startswith("https://openai.com/")
    assert sources["earnings"] == "Yahoo"
    # What was heard of only later was not known then.
    asked = datetime(2025, 2, 4, 22, 0, tzinfo=UTC)
    assert "earnings of" not in (await ask("/impact r1 NVDA", at(whole, asked))).text


async def test_a_move_of_the_whole_market_is_named(whole: Services) -> None:
    text = (await ask("/impact 2024-12-18 NVDA", whole)).text
    assert "18 Dec: the S&P 500 itself moved −2.9%, beyond twice its usual daily" in text
    assert text.splitlines()[1].startswith(("Wed 18 Dec 2024", "The day that stands out"))


async def test_releases_like_this_or_that_there_are_too_few(whole: Services) -> None:
    card = await ask("/impact r1 compute", at(whole, FEBRUARY))
    rates = {one["what"]: one for one in card.facts["base_rates"]}
    lab = rates["other releases of DeepSeek"]
    assert lab["rate"]["n"] == lab["days"] == 6
    assert "half: +0.6% (−2.3% to +2.1%) after other releases of DeepSeek, 6 days;" in card.text
    cheap = rates["other models 3 to 10 times cheaper than the leading ones"]
    assert cheap["rate"] is None
    assert cheap["days"] == 2
    assert "Too few days to say, 5 are needed: other models 3 to 10 times cheaper" in card.text


async def test_past_releases_ranked(whole: Services) -> None:
    card = await ask("/impact history=yes", whole)
    assert card.title.startswith("DeepSeek-R1 +1: −9.5% beyond the market, the lowest after a rel")
    assert "Unusual (|t| above 2): 8 of 87; chance alone gives about 4." in card.text
    assert card.table is not None
    assert card.table.rows[0] == ("21 Jan 2025", "DeepSeek-R1 +1", "−9.5%", "−2.84")
    assert len(card.table.rows) == 13
    cars = [one["car"] for one in card.facts["reactions"]]
    assert cars == sorted(cars)
    assert len(cars) == 87
    zeros = [one["session_0"] for one in card.facts["reactions"]]
    assert len(set(zeros)) == len(zeros)
    one = await ask("/impact history=yes NVDA 0..1", at(whole, FEBRUARY))
    assert one.facts["target"] == "NVDA"
    assert one.facts["window"] == [0, 1]
    assert max(each["to"] for each in one.facts["reactions"]) <= "2025-02-05"


@pytest.mark.parametrize(
    ("line", "event", "target", "window"),
    [
        ("/impact DeepSeek R1 NVDA", "DeepSeek-R1", "NVDA", [0, 5]),
        ("/impact DeepSeek R1 NVDA 0..1", "DeepSeek-R1", "NVDA", [0, 1]),
        ("/impact 27 Jan 2025 NVDA", "27 Jan 2025", "NVDA", [0, 5]),
        ("/impact deepseek-r1 nvda [0,+1]", "DeepSeek-R1", "NVDA", [0, 1]),
        ("/impact 2025-01-27 NVDA 3", "27 Jan 2025", "NVDA", [0, 3]),
        ("/impact r1 $NVDA T+3", "DeepSeek-R1", "NVDA", [0, 3]),
        ("/impact NVDA r1", "DeepSeek-R1", "NVDA", [0, 5]),
    ],
)
async def test_words_are_sorted_out(
    whole: Services, line: str, event: str, target: str, window: list[int]
) -> None:
    facts = (await ask(line, whole)).facts
    assert (facts["event"], facts["study"]["target"], facts["window"]) == (event, target, window)


async def test_without_a_target_a_window_may_follow_the_name(whole: Services) -> None:
    facts = (await ask("/impact r1 -1..2", whole)).facts
    assert facts["window"] == [-1, 2]
    assert (await ask("/impact history=yes 0..1", whole)).facts["window"] == [0, 1]


async def test_a_window_that_is_not_over_shows_what_there_is(whole: Services) -> None:
    night = datetime(2025, 1, 27, 22, 0, tzinfo=UTC)
    card = await ask("/impact r1 NVDA", at(whole, night))
    assert "5 sessions, 21 Jan 2025 to 27 Jan 2025; 1 of 6 is not over yet." in card.text
    assert not card.facts["study"]["whole"]
    assert card.footer.endswith("as of 27 Jan 2025")
    assert "2025-01-28" not in json.dumps(card.facts)


async def test_of_a_long_window_the_table_shows_what_stands_out(whole: Services) -> None:
    card = await ask("/impact r1 NVDA -20..60", whole)
    assert card.table is not None
    days = [row[0] for row in card.table.rows]
    assert len(days) == 12
    assert "27 Jan 2025" in days
    assert days[-1] == "31 Mar 2025"
    offsets = [int(row[1].replace("−", "-")) for row in card.table.rows]
    assert offsets == sorted(offsets)
    assert "Of 69 sessions these stand out most" in card.table.note
    assert len(card.facts["study"]["days"]) == 69


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/impact", "Name a release or a day"),
        ("/impact nvda", "nvda is no release; name one as well, such as /impact DeepSeek-R1 nvda"),
        ("/impact 2025-13-01", "2025-13-01 is not a day of the calendar; write one such as"),
        ("/impact r1 nvda amd", "One target at a time: nvda or amd; /basket add makes a basket"),
        ("/impact r1 NVDA,AMD", "One target at a time: NVDA or AMD; /basket add makes a basket"),
        ("/impact zzzz", "No release zzzz is known up to 5 Feb 2025"),
        ("/impact 2026-01-01", "1 Jan 2026 is yet to come"),
        ("/impact 2021-01-04 NVDA", "Closes are known from 3 Jan 2022 on"),
        ("/impact r1 NVDA 5..9", "“5..9” is not a window; write"),
        ("/impact r1 NVDAX", "NVDAX is not a symbol or basket that is watched; did you mean NVDA"),
        ("/impact r1 benchmarks", "benchmarks is a list to compare with"),
        ("/impact r1 ^GSPC", "is what others are measured against"),
        ("/impact 2022-06-01 NVDA", "NVDA has 73 daily returns in sessions 250 to 30 before 1 Jun"),
        ("/impact GPT-4 ARM", "ARM has 0 daily returns .* 14 Mar 2023; 120 .* usual"),
    ],
)
async def test_what_cannot_be_answered_says_why(whole: Services, line: str, said: str) -> None:
    with pytest.raises(UserError, match=said.replace("^", r"\^")):
        await ask(line, at(whole, FEBRUARY))


async def test_before_the_first_session_is_over_there_is_nothing_yet(whole: Services) -> None:
    evening = datetime(2025, 1, 21, 16, 0, tzinfo=UTC)
    with pytest.raises(UserError, match=r"Session 0, 21 Jan 2025, is not over yet"):
        await ask("/impact r1 NVDA", at(whole, evening))
    later = datetime(2025, 6, 2, 22, 0, tzinfo=UTC)
    with pytest.raises(UserError, match=r"known up to 31 Mar 2025 only, and that event came later"):
        await ask("/impact 2025-05-13 NVDA", at(whole, later))


async def test_a_new_listing_says_how_much_there_is(whole: Services) -> None:
    async def work(connection: AsyncConnection) -> None:
        known = await market.bars(connection, ["AMD"], date(2025, 1, 2), FEBRUARY)
        bars = [each._replace(symbol="NEWB") for each in known]
        await market.put_bars(connection, bars)
        row = {"symbol": "NEWB", "name": "New", "kind": "stock", "unit": "USD"}
        await market.put_symbols(connection, [row | {"source": "Yahoo", "first_seen_at": FEBRUARY}])

    await whole.database.write(work)
    with pytest.raises(
        UserError, match=r"NEWB has 0 daily .*; 120 are needed .* Its closes begin on 2 Jan 2025\."
    ):
        await ask("/impact r1 NEWB", at(whole, FEBRUARY))


async def test_a_member_too_new_to_be_judged_by_is_named(whole: Services) -> None:
    said = "ARM has 0 returns in the 221 sessions that tell what is usual; the others stand for it"
    young = await ask("/impact 2023-10-02 compute", whole)
    assert said in young.text
    assert young.facts["lacking"] == [f"{said} there."]
    assert "tell what is usual" not in (await ask("/impact r1 compute", whole)).text


async def test_a_halted_stock_names_its_days(whole: Services) -> None:
    async def work(connection: AsyncConnection) -> None:
        gone = bar.c.symbol.in_(["NVDA"]), bar.c.day == SHOCK
        await connection.execute(delete(bar).where(*gone))

    await whole.database.write(work)
    with pytest.raises(
        UserError, match=r"NVDA has no return on 27 Jan 2025 and 28 Jan 2025, inside the event win"
    ):
        await ask("/impact r1 NVDA", at(whole, FEBRUARY))
    card = await ask("/impact r1 compute", at(whole, FEBRUARY))
    missing = "NVDA has no close on 27 Jan 2025; it counts as unchanged until its next one."
    assert missing in card.text
    assert card.facts["lacking"] == [missing]
    assert "2025-01-27" not in card.facts["closes"]["NVDA"]
    assert "10 of its members" in card.text
    assert card.facts["cross_section"]["left_out"][0]["symbol"] == "NVDA"


async def test_without_the_benchmark_nothing_is_measured(whole: Services) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(delete(bar).where(bar.c.symbol == "^GSPC"))

    await whole.database.write(work)
    with pytest.raises(UserError, match=r"no closes of the S&P 500 \(\^GSPC\) to compare with"):
        await ask("/impact r1 NVDA", at(whole, FEBRUARY))
