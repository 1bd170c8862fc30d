"""January 2025 and its neighbours, through the production cycle."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import pytest

from bot.alerts.levels import fold
from bot.cycle.board import Board
from bot.cycle.measures import drawdowns
from bot.errors import UserError
from bot.market.calendar import NEW_YORK, session_close
from bot.market.shipped import ShippedHistory, load_baskets
from bot.model.bar import Bar, Basis, Split
from bot.model.card import UnderwaterChart
from bot.model.level import Change
from bot.model.rule import PPM
from bot.surfaces.console import Shown
from tests.january import january_once
from tests.replaying import replayed, told


@pytest.fixture(scope="session")
def january(tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    """What is told from 13 January to 10 February 2025."""
    messages, _study = january_once(tmp_path_factory)
    return messages


def test_the_deepseek_shock(january: list[Shown]) -> None:
    market = [line for line in told(january) if line[2] == "ai"]
    assert market == [
        ("2025-01-13", "post", "ai"),
        ("2025-01-21", "edit", "ai"),
        ("2025-01-27", "post", "ai"),
    ]
    assert ("2025-01-20", "post", "DeepSeek-R1") in told(january)
    shock = next(m for m in january if m.at.date() == date(2025, 1, 27)).card
    assert shock.title == "AI stocks are 13.7% below their peak"
    assert shock.badge == "crossed −10%"
    assert "−12.8% on the day" in shock.text
    assert "S&P 500 −1.5%, VIX 17.90" in shock.text
    assert shock.table is not None
    assert ("NVDA", "118.42", "−17.0%", "−20.8%") in shock.table.rows
    assert shock.table.note == "… 8 more; up on the day: META +1.9%"
    assert "Yahoo, daily close, as of 27 Jan 2025" in shock.footer
    assert isinstance(shock.chart, UnderwaterChart)
    assert shock.chart.days[-1] == date(2025, 1, 27)


def test_the_shock_names_the_release_and_the_release_is_answered_with_a_study(
    january: list[Shown],
) -> None:
    messages = [m for m in january if m.at.date() <= date(2025, 2, 7)]
    released = next(m for m in messages if m.notification.facts.get("model") == "DeepSeek-R1")
    assert released.at.date() == date(2025, 1, 20)
    shock = next(m for m in messages if m.notification.facts.get("target") == "ai"
                 and m.at.date() == date(2025, 1, 27))  # fmt: skip
    assert "Coincident: DeepSeek-R1, released 20 Jan 2025; " in shock.card.text
    first, *_others = shock.notification.facts["coincident"]["releases"]
    assert first["row"] == released.notification.id
    studies = [m for m in messages if m.notification.facts["kind"] == "study"]
    ((study, facts),) = [(m, m.notification.facts) for m in studies]
    # Two sessions in it is within what is usual (t 0.8); after six, on the 28th, it is not.
    assert (study.at.date(), study.notification.action) == (date(2025, 1, 28), "reply")
    assert study.notification.root_id == released.notification.id
    assert (facts["studied"], facts["mark"], facts["unusual"]) == ("compute", 5, True)
    assert facts["t"] == pytest.approx(-2.41, abs=0.01)
    assert facts["car"] == pytest.approx(-0.110, abs=0.001)
    assert study.card.title == "AI compute stocks −11.0% beyond the market since DeepSeek-R1"
    assert "Unusual: larger than in 99% of 609 other such windows." in study.card.text


ELEVEN_OF_2024 = (
    "2024-03-11", "2024-04-15", "2024-04-19", "2024-05-31", "2024-06-24", "2024-07-17",
    "2024-07-24", "2024-07-30", "2024-09-03", "2024-11-04", "2024-12-18",
)  # fmt: skip
AFTER_A_REAL_RECOVERY = ("2025-01-13", "2025-01-27", "2025-02-24", "2025-02-27")


def _levels(*percents: int) -> tuple[tuple[int, int], ...]:
    """Levels with the default band, as the step takes them."""
    return tuple((percent * PPM // 100, PPM // 50) for percent in percents)


async def test_folding_the_step_over_2024_gives_eleven_alerts_of_ai_stocks() -> None:
    baskets = load_baskets()
    close = session_close(NEW_YORK, date(2025, 2, 28))
    bars = await ShippedHistory().bars([*baskets["ai"].members], {}, close)
    past = drawdowns(Board.of(bars, baskets).series("ai"), "1y")
    fired = {
        reading.day.isoformat()
        for _state, changes in fold(_levels(5, 10, 15, 20, 30), past, 5)
        for reading, change in changes
        if change is Change.FIRED and reading.day.year >= 2024
    }
    assert sorted(fired) == [*ELEVEN_OF_2024, *AFTER_A_REAL_RECOVERY]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2024-07-16", "2024-07-24"),
        pytest.param("2024-01-02", "2024-12-31", marks=pytest.mark.faults),
        pytest.param("2025-01-01", "2025-02-28", marks=pytest.mark.faults),
    ],
)
async def test_eleven_alerts_in_2024_and_the_next_after_a_real_recovery(
    first: str, last: str
) -> None:
    async with replayed(first, last, ("ai",)) as (_s, _r, messages):
        alerts = [day for day, action, _target in told(messages) if action != "edit"]
    expected = (*ELEVEN_OF_2024, *AFTER_A_REAL_RECOVERY)
    assert alerts == [day for day in expected if first <= day <= last]


async def test_no_symbol_repeats_a_level_after_the_shock() -> None:
    symbols = load_baskets()["ai"].members
    async with replayed("2025-01-27", "2025-02-03", symbols) as (_s, _r, messages):
        levels: dict[str, list[float]] = {}
        for shown in messages:
            facts = shown.notification.facts
            if shown.notification.action != "edit":
                levels.setdefault(facts["target"], []).append(facts["level"])
    assert levels["NVDA"] == [0.2]
    for target, told_levels in levels.items():
        assert len(told_levels) == len(set(told_levels)), target


async def test_two_replays_say_the_same_and_a_target_named_twice_is_told_once() -> None:
    found = []
    for targets in (("NVDA", "ai"), ("NVDA", "nvda", "ai", "NVDA", "AI")):
        async with replayed("2025-01-27", "2025-01-28", targets) as (_s, _r, messages):
            found.append([(m.at, m.notification, m.card) for m in messages])
    assert found[0] == found[1] != []


class RawNvidia(ShippedHistory):
    """The shipped history as it was before adjusting: closes ×10 before 10 June 2024."""

    day = date(2024, 6, 10)

    async def bars(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> list[Bar]:
        return [
            bar._replace(basis=Basis.RAW, close=bar.close * (10 if bar.day < self.day else 1))
            if bar.symbol == "NVDA"
            else bar
            for bar in await super().bars(symbols, after, until)
        ]


class SplitUnknown(RawNvidia):
    """The same, from a source that does not tell of the split."""

    async def splits(self, symbols: Sequence[str], until: datetime) -> list[Split]:
        return []


async def test_a_split_is_not_a_fall_nor_is_one_of_raw_prices() -> None:
    async with replayed("2024-06-07", "2024-06-21", ("NVDA",), RawNvidia()) as (_s, _r, raw):
        from_raw = told(raw)
    async with replayed("2024-06-07", "2024-06-21", ("NVDA",)) as (_s, _r, adjusted):
        assert from_raw == told(adjusted) == [("2024-06-21", "post", "NVDA")]
    async with replayed("2024-06-07", "2024-06-12", ("NVDA",), SplitUnknown()) as (_s, _r, bad):
        assert told(bad) == []  # held: it looks like a split that nobody has announced


async def test_the_replay_says_what_folding_the_same_step_says() -> None:
    bars = await ShippedHistory().bars(["NVDA"], {}, session_close(NEW_YORK, date(2025, 1, 31)))
    past = drawdowns(Board.of(bars, {}).series("NVDA"), "1y")
    folded = {
        (reading.day.isoformat(), state.level)
        for state, changes in fold(_levels(5, 10, 15, 20, 30), past, 5)
        for reading, change in changes
        if change is Change.FIRED and reading.day >= date(2025, 1, 7)
    }
    async with replayed("2025-01-07", "2025-01-31", ("NVDA",)) as (services, _r, messages):
        async with services.database.read() as connection:
            rows = await connection.exec_driver_sql(
                "SELECT a.day, s.level FROM alert a JOIN level_state s ON s.id = a.level_state_id"
            )
            recorded = {
                (date.fromordinal(row._mapping["day"]).isoformat(), row._mapping["level"])
                for row in rows
            }
        days = [day for day, action, _target in told(messages) if action != "edit"]
    assert recorded == folded
    assert len(days) == len({day for day, _level in folded})  # one message, however many levels


@pytest.mark.parametrize(
    ("first", "last", "targets", "says"),
    [
        ("2020-01-01", "2020-02-01", None, "history runs from 3 Jan 2022 to 31 Mar 2025"),
        ("2025-02-01", "2025-01-01", None, "put the earlier day first"),
        ("2025-01-13", "2025-01-14", ("NOPE",), "NOPE is not in the history"),
    ],
)
async def test_what_cannot_be_replayed_is_said(
    first: str, last: str, targets: tuple[str, ...] | None, says: str
) -> None:
    with pytest.raises(UserError, match=says):
        async with replayed(first, last, targets):
            pass
