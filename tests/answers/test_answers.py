"""What the commands answer, from the shipped history at the end of 27 January 2025."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.cards.to_text import to_plain
from bot.cycle.seed import seed_shipped
from bot.errors import UserError
from bot.model.bar import Bar
from bot.model.card import UnderwaterChart
from bot.model.receiver import Receiver
from bot.model.wording import day
from bot.services import Services, SetClock
from storage import market
from tests.asking import ask


async def test_drawdown_of_a_symbol(seeded: Services) -> None:
    card = await ask("/drawdown nvda", seeded)
    assert card.title == "Nvidia (NVDA) is 20.8% below its peak"
    fields = {field.name: field.value for field in card.fields}
    assert fields["Last close"] == "$118.42"
    assert fields["Peak"] == "$149.43 on 6 Jan 2025"
    assert fields["Window"] == "1 year (252 sessions)"
    assert card.chart is not None
    assert card.footer == "Yahoo, daily close, as of 27 Jan 2025"


async def test_drawdown_of_a_basket_and_of_all(seeded: Services) -> None:
    card = await ask("/drawdown AI", seeded)
    assert card.title == "AI stocks are 13.7% below their peak"
    assert len(card.facts["members"]) == 18
    lowest = {field.name: field.value for field in card.fields}["Lowest since"]
    assert lowest == "this is the lowest since the peak"
    every = await ask("/drawdown", seeded)
    assert every.table is not None
    assert [row[0] for row in every.table.rows] == [
        "power", "compute", "ai", "open-weights", "proprietary",
    ]  # fmt: skip


async def test_an_index_has_points_and_a_short_history_says_so(seeded: Services) -> None:
    vix = {f.name: f.value for f in (await ask("/drawdown ^VIX", seeded)).fields}
    assert vix["Last close"] == "17.90 points"
    arm = {f.name: f.value for f in (await ask("/drawdown ARM 5y", seeded)).fields}
    assert "only 343 are there, from 14 Sep 2023" in arm["Window"]


async def test_a_dividend_adjusted_series_says_so(seeded: Services) -> None:
    assert "closes adjusted for dividends" in (await ask("/drawdown VST", seeded)).footer


async def test_alerts_are_added_listed_and_removed(seeded: Services) -> None:
    added = await ask("/alert add nvda levels=10,25", seeded)
    assert added.title == "Alert 1: NVDA is 10% or 25% below its peak"
    with pytest.raises(UserError, match="has that alert already, as number 1"):
        await ask("/alert add NVDA levels=25,10", seeded)
    await ask("/alert add ai members=yes", seeded)
    table = (await ask("/alert list", seeded)).table
    assert table is not None
    assert table.rows[0] == ("1", "NVDA is 10% or 25% below its peak", "peak of 1y")
    assert table.rows[1][1].startswith("AI stocks are 5%, 10%")
    assert table.rows[1][1].endswith("or 30% below their peak, and each member too")
    with pytest.raises(UserError, match=r"no alert 9; its alerts are: 1 and 2\."):
        await ask("/alert remove 9", seeded)
    assert (
        await ask("/alert remove 1", seeded)
    ).title == "Alert 1 (NVDA is 10% or 25% below its peak) is removed"
    assert (await ask("/alert list", seeded)).title == "This channel has 1 alert"


async def test_a_channels_own_basket(seeded: Services) -> None:
    added = await ask("/basket add My-Chips amd,NVDA my chip stocks", seeded)
    assert added.title == "Basket my-chips holds AMD and NVDA"
    assert (await ask("/drawdown my-chips", seeded)).title.startswith("My chip stocks are ")
    await ask("/alert add my-chips", seeded)
    for line in ("/basket remove my-chips", "/basket add my-chips NVDA,TSM"):
        with pytest.raises(UserError, match="Alert 1 follows my-chips"):
            await ask(line, seeded)
    await ask("/alert remove 1", seeded)
    await ask("/basket remove my-chips", seeded)
    with pytest.raises(UserError, match="does not exist here"):
        await ask("/basket remove my-chips", seeded)


async def test_one_channels_basket_is_not_anothers(seeded: Services) -> None:
    other = Receiver(0, "console", "other", "other")
    await ask("/basket add mine NVDA,AMD", seeded)
    with pytest.raises(UserError, match="There is no basket mine"):
        await ask("/basket show mine", seeded, other)
    await ask("/basket add mine TSM,MU", seeded, other)
    shown = await ask("/basket show mine", seeded, other)
    assert shown.facts["members"][0]["symbol"] == "TSM"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/basket add ai NVDA,AMD", "ai is taken by a shipped basket"),
        ("/basket add NVDA AMD,TSM", "nvda is taken by a shipped basket or symbol"),
        ("/basket add one NVDA", "A basket holds 2 to 40 symbols; this has 1"),
        ("/basket add x! NVDA,AMD", "cannot name a basket"),
        ("/basket add mine NVDA,AMDX", "did you mean AMD"),
        ("/basket remove ai", "is shipped and stays"),
        ("/basket show aii", "There is no basket aii; there are ai, benchmarks,"),
        ("/alert add benchmarks", "a list to compare with"),
        ("/drawdown comput", "did you mean compute"),
        ("/drawdown microsoft", "watched; did you mean MSFT"),
        ("/valuation microsoft", "watched; did you mean MSFT"),
        ("/drawdown NV$A", '"NV$A" is not a symbol'),
        ("/releases latest deepsek", "deepsek is not a lab that is known; did you mean DeepSeek"),
        ("/releases search zzzz", 'No release matches "zzzz" up to 27 Jan 2025'),
        ("/drawdown FOO", "FOO is not a symbol or basket that is watched; /basket list shows"),
        ("/help foo", "/foo is not a command; /help lists them all."),
        ("/help drawdwn", "did you mean /drawdown?"),
    ],
)
async def test_mistakes(seeded: Services, line: str, says: str) -> None:
    with pytest.raises(UserError) as error:
        await ask(line, seeded)
    assert says in str(error.value)


async def test_releases(seeded: Services) -> None:
    latest = await ask("/releases latest DeepSeek count=2", seeded)
    assert latest.title == "Newest of DeepSeek: DeepSeek-R1, 20 Jan 2025"
    assert latest.table is not None
    assert latest.table.rows[0] == ("20 Jan 2025", "DeepSeek", "DeepSeek-R1", "language", "open")
    found = await ask("/releases search llama 3.1", seeded)
    assert {r["lab"] for r in found.facts["releases"]} == {"meta", "nvidia"}
    open_only = await ask("/releases latest open_only=yes count=50", seeded)
    assert all(r["open_weights"] is True for r in open_only.facts["releases"])


async def test_timeline_counts_gaps_by_hand(seeded: Services) -> None:
    card = await ask("/releases timeline DeepSeek months=3", seeded)
    # 20 Nov, 10 Dec, 26 Dec, 20 Jan: gaps of 20, 16 and 25 days; the last a week ago.
    (facts,) = card.facts["labs"]
    assert (facts["releases"], facts["median_days_between"], facts["days_since_last"]) == (4, 20, 7)


async def test_a_list_that_has_ended_says_so_and_counts_to_its_end(services: Services) -> None:
    end = max(r.released_on for r in services.releases.releases)
    late = datetime.combine(end, datetime.min.time(), UTC) + timedelta(days=70)
    early, services = services, replace(services, clock=SetClock(late))
    await seed_shipped(services, late)
    latest = await ask("/releases latest", services)
    assert latest.footer.endswith(f"; the list ends on {day(end)}")
    timeline = await ask("/releases timeline months=3", services)
    assert timeline.title.endswith(f" in 3 months to {day(end)}")
    assert timeline.footer.endswith(f"; the list ends on {day(end)}")
    assert min(lab["days_since_last"] for lab in timeline.facts["labs"]) == 0
    with pytest.raises(UserError, match=f"up to {day(end)}; "):
        await ask("/releases search zzzz", services)
    assert (await ask("/releases latest", early)).footer.endswith("; as of 27 Jan 2025")


async def test_a_search_keeps_the_spelling_and_matches_where_words_start(seeded: Services) -> None:
    card = await ask("/releases search R1", seeded)
    assert card.title.endswith(" found for R1")
    models = [r["model"] for r in card.facts["releases"]]
    assert "DeepSeek-R1" in models
    assert all(re.search(r"(?<![a-z])r-?1", model.lower()) for model in models)
    for line in ("/releases search seek-r1", "/releases search deepseekr1"):
        assert "DeepSeek-R1" in [r["model"] for r in (await ask(line, seeded)).facts["releases"]]
    with pytest.raises(UserError, match='No release matches "eepSeek" up to'):
        await ask("/releases search eepSeek", seeded)


@pytest.mark.parametrize("last", [11, 14, 27, 28])
async def test_a_script_reads_one_depth_everywhere(seeded: Services, last: int) -> None:
    at = replace(seeded, clock=SetClock(datetime(2025, 1, last, 23, tzinfo=UTC)))
    for basket in (await ask("/drawdown", at)).facts["baskets"]:
        alone = (await ask(f"/drawdown {basket['basket']}", at)).facts
        assert basket["depth"] == alone["depth"]


async def test_status_tells_the_age_of_prices(seeded: Services) -> None:
    card = await ask("/status", seeded)
    fields = {field.name: field.value for field in card.fields}
    assert fields["Prices"] == "to 27 Jan 2025 (today), 25 symbols"
    assert fields["Messages"] == "0 sent, 0 waiting"
    assert card.title == "Working"
    assert card.footer.startswith("Prices: Yahoo, daily close; CBOE, daily close. Asked at ")
    assert fields["Watched"] == "nothing; /alert add begins it"
    await ask("/alert add NVDA", seeded)
    await ask("/alert add NVDA move 5", seeded)
    fields = {field.name: field.value for field in (await ask("/status", seeded)).fields}
    assert fields["Watched"] == "1 symbol or basket for 2 alerts"


async def test_help(seeded: Services) -> None:
    one = await ask("/help alert add", seeded)
    assert one.title.startswith("/alert add <target>")
    assert "For example: /alert add NVDA drawdown 10,20" in one.text
    group = await ask("/help alert", seeded)
    assert group.table is not None
    assert len(group.table.rows) == 5
    text = " ".join(to_plain(await ask("/help", seeded)).split())
    assert "…" not in text
    for command in (await ask("/help", seeded)).facts["commands"]:
        assert all(word in text for word in command["summary"].split())


async def test_a_back_test_agrees_with_an_independent_count(seeded: Services) -> None:
    """Counted over a list of closes, without the program's own steps."""
    import csv
    from importlib.resources import files

    text = files("bot.shipped").joinpath("market/closes.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    closes = [(row["date"], float(row["NVDA"])) for row in rows if row["date"] <= "2025-01-27"]
    fired: list[str] = []
    armed, calm = True, 0
    for at, (on, close) in enumerate(closes):
        window = [c for _day, c in closes[max(0, at - 251) : at + 1]]
        depth = close / max(window) - 1
        if armed and depth <= -0.10:
            fired.append(on)
            armed, calm = False, 0
        elif not armed:
            calm = calm + 1 if depth >= -0.08 else 0
            if calm == 5 or close == max(window):
                armed = True
    card = await ask("/alert test NVDA drawdown 10%", seeded)
    expected = [on for on in fired if on >= "2023-01-27"]
    assert card.facts["dates"] == expected
    assert card.facts["fired"] == len(expected) == 9
    assert isinstance(card.chart, UnderwaterChart)
    assert [on.isoformat() for on in card.chart.marks] == expected


async def test_status_names_old_prices_and_those_that_are_not_there_yet(seeded: Services) -> None:
    at = datetime(2025, 1, 24, 21, tzinfo=UTC)
    late = [Bar(f"OLD{n}", date(2025, 1, 24 - n), 1, at, at, "test") for n in range(9)]
    alone = Bar("OLD.T", date(2025, 1, 2), 1, at, at, "test")
    toronto = Bar("NEW.TO", date(2025, 1, 24), 1, at, at, "test")  # Toronto may have had a holiday
    await seeded.database.write(lambda c: market.put_bars(c, [*late, alone, toronto]))
    names = (*(bar.symbol for bar in late), "OLD.T", "NEW.TO", "ORCL", "ETH-USD")
    named = seeded.settings.market.model_copy(update={"watch": names})
    services = replace(seeded, settings=seeded.settings.model_copy(update={"market": named}))
    card = await ask("/status", services)
    fields = {field.name: field.value for field in card.fields}
    assert fields["Old prices"].startswith(
        "OLD.T to 2 Jan 2025 (25 days behind), OLD8 to 16 Jan 2025 (11 days behind), "
    )
    assert fields["Old prices"].endswith(" and 2 more")
    assert fields["No price yet"] == "ETH-USD, ORCL"
    assert "NEW.TO" not in card.facts["old_prices"]
    quiet = {field.name for field in (await ask("/status", seeded)).fields}
    assert not quiet & {"Old prices", "No price yet"}


async def test_a_basket_stays_while_a_digest_is_of_it(seeded: Services) -> None:
    await ask("/basket add mine NVDA,AMD", seeded)
    await ask("/subscribe digest basket=mine", seeded)
    with pytest.raises(UserError, match=r"A digest is of mine; remove it first with /subscribe"):
        await ask("/basket remove mine", seeded)


async def test_what_cannot_be_answered_says_why(seeded: Services) -> None:
    early = replace(seeded, clock=SetClock(datetime(2023, 9, 13, 22, tzinfo=UTC)))
    with pytest.raises(UserError, match="ARM up to 13 Sep 2023; they begin on 14 Sep 2023"):
        await ask("/drawdown ARM", early)
    with pytest.raises(UserError, match="benchmarks is a list to compare with"):
        await ask("/drawdown benchmarks", seeded)


async def test_titles_begin_as_sentences_do(seeded: Services) -> None:
    card = await ask("/drawdown open-weights", seeded)
    assert card.title.startswith("Open-weight winners are")
    later = replace(seeded, clock=SetClock(datetime(2025, 3, 1, tzinfo=UTC)))
    assert "days old" in (await ask("/basket show ai", later)).footer
