"""A release's message is answered with a study: who is, when, once, and why not."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.why import why
from bot.cards.notices import card_of
from bot.cycle import aftershocks
from bot.cycle.board import Board
from bot.cycle.load import load_board
from bot.cycle.tick import tick
from bot.market.shipped import ShippedHistory
from bot.model.bar import Bar
from bot.model.card import LinesChart
from bot.model.receiver import Notification
from bot.services import Request
from storage import controls, tracked
from storage.controls import Wishes
from tests.cycle.aftermath import RELEASED, TIMING, Aftermath, close

WHOLE = aftershocks.HISTORY  # other studies of these tests look back less
# Large moves are believed at the second look.
MARKS = (close(22), close(27, 0), close(27), close(28, 0), close(28))


@pytest.mark.parametrize(
    ("wish", "studies"), [("always", [1, 5]), (None, [5]), ("unusual", [5]), ("never", [])]
)
async def test_a_channel_is_told_the_studies_that_it_asked_for(
    after: Aftermath, wish: str | None, studies: list[int]
) -> None:
    channel = await after.subscribe(**({"study": wish} if wish else {}))
    await after.tick(RELEASED, *MARKS, close(29))
    rows = await after.rows(channel)
    assert [row.facts["mark"] for row in rows if row.facts["kind"] == "study"] == studies
    first = next(row for row in rows if row.facts["kind"] == "release")
    assert {row.root_id for row in rows if row.facts["kind"] == "study"} <= {first.id}
    assert all(row.action == "reply" for row in rows if row.facts["kind"] == "study")


async def test_each_mark_is_told_once_however_often_it_is_looked_at(after: Aftermath) -> None:
    await after.subscribe(study="always")
    await after.subscribe("other", study="always")
    await after.tick(RELEASED, MARKS[0], MARKS[0] + timedelta(minutes=5), *MARKS[1:])
    await after.tick(MARKS[-1], close(29), close(30))
    assert sorted(await after.told()) == [("post", "release")] * 2 + [("reply", "study")] * 4


async def test_who_was_not_told_of_the_release_is_not_told_what_followed(after: Aftermath) -> None:
    await after.subscribe(study="always")
    await after.tick(RELEASED)
    late = await after.subscribe("late", study="always")
    await after.tick(*MARKS)
    assert await after.told(late) == []


async def test_who_has_unsubscribed_is_told_no_more(after: Aftermath) -> None:
    channel = await after.subscribe(study="always")
    await after.tick(RELEASED)
    await after.said("/subscribe remove 1", channel)
    await after.tick(*MARKS)
    assert await after.told(channel) == [("post", "release")]


async def test_quiet_hours_hold_the_study_and_it_still_answers(after: Aftermath) -> None:
    channel = await after.subscribe()
    await after.tick(RELEASED)
    quiet = Wishes("UTC", 21 * 60, 7 * 60, None)
    await after.services.database.write(lambda c: controls.set_wishes(c, channel.id, quiet))
    await after.tick(*MARKS)
    assert await after.told(channel) == [("post", "release")]
    await after.due(datetime(2025, 1, 29, 7, 1, tzinfo=UTC))
    first, study = await after.rows(channel)
    assert (study.action, study.facts["kind"], study.root_id) == ("reply", "study", first.id)


async def test_a_silence_of_the_lab_holds_the_study(after: Aftermath) -> None:
    channel = await after.subscribe()
    await after.tick(RELEASED)
    await after.said("/silence add DeepSeek 30d", channel)
    await after.tick(*MARKS)
    assert await after.told(channel) == [("post", "release")]
    assert "told later: silenced" in await after.said("/alert explain DeepSeek-R1", channel)


async def test_a_release_that_waits_for_the_morning_is_answered_too(after: Aftermath) -> None:
    """What was held is told as a summary or alone; the study answers whichever it is."""
    channel = await after.subscribe()
    quiet = Wishes("UTC", 21 * 60, 7 * 60, None)
    await after.services.database.write(lambda c: controls.set_wishes(c, channel.id, quiet))
    await after.tick(RELEASED)
    assert await after.told(channel) == []
    await after.due(datetime(2025, 1, 21, 7, 1, tzinfo=UTC))
    none = Wishes("UTC", None, None, None)
    await after.services.database.write(lambda c: controls.set_wishes(c, channel.id, none))
    await after.tick(*MARKS)
    assert await after.told(channel) == [("post", "release"), ("reply", "study")]


async def test_too_little_history_tells_nothing_and_explain_says_why(
    after: Aftermath, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await after.subscribe(study="always")
    monkeypatch.setattr(aftershocks, "HISTORY", "1m")
    await after.tick(RELEASED, *MARKS)
    assert await after.told(channel) == [("post", "release")]
    text = await after.said("/alert explain DeepSeek R1", channel)
    assert "after 2 sessions: nothing told." in text
    assert "120 are needed to tell what is usual" in text


class Patchy(ShippedHistory):
    """The shipped history, in which one symbol lacks the close of 28 January until some moment."""

    def __init__(self, symbol: str, there: datetime) -> None:
        super().__init__()
        self.symbol, self.there = symbol, there

    async def bars(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> list[Bar]:
        return [
            bar
            for bar in await super().bars(symbols, after, until)
            if until >= self.there or (bar.symbol, bar.day) != (self.symbol, date(2025, 1, 28))
        ]


@pytest.mark.parametrize(
    ("symbol", "there", "told", "without"),
    [
        ("AMD", close(28, 10), close(28, 11), []),  # late, but there within the quarter hour
        ("AMD", close(31), close(28, 16), ["AMD"]),  # not waited for any longer
        ("^GSPC", close(28, 86), close(28, 91), []),  # without the index nothing can be said
    ],
)
async def test_a_close_that_is_late_is_waited_for(
    after: Aftermath, symbol: str, there: datetime, told: datetime, without: list[str]
) -> None:
    after.services = replace(after.services, history=Patchy(symbol, there))
    await after.subscribe()
    await after.tick(RELEASED, *MARKS[:-1])
    at = close(28, 0)
    while at < told - timedelta(minutes=1):
        assert ("reply", "study") not in await after.told(), at
        at += timedelta(minutes=5)
        await after.tick(at)
    await after.tick(told)
    study = (await after.rows())[-1].facts
    assert (study["kind"], study["missing"]) == ("study", without)


async def test_while_a_close_is_waited_for_years_of_others_are_not_read(
    after: Aftermath, monkeypatch: pytest.MonkeyPatch
) -> None:
    after.services = replace(after.services, history=Patchy("^GSPC", close(28, 60)))
    await after.subscribe()
    await after.tick(RELEASED, *MARKS[:-1])
    read: list[str] = []

    async def noted(
        connection: AsyncConnection, targets: Any, spans: Any, *more: Any, **by: Any
    ) -> Board:
        read.extend(spans)
        return await load_board(connection, targets, spans, *more, **by)

    monkeypatch.setattr(aftershocks, "load_board", noted)
    await after.tick(*(close(28, minutes) for minutes in (5, 20, 40)))
    assert set(read) == {aftershocks.RECENT}
    await after.tick(close(28, 61))
    assert read[-1] == aftershocks.HISTORY
    assert ("reply", "study") in await after.told()


async def test_what_never_comes_is_given_up_and_said(after: Aftermath) -> None:
    after.services = replace(after.services, history=Patchy("^GSPC", close(31)))
    channel = await after.subscribe()
    await after.tick(RELEASED, *MARKS, close(29, -60))
    assert await after.told(channel) == [("post", "release")]
    text = await after.said("/alert explain DeepSeek-R1", channel)
    assert "S&P 500 has no return on 28 Jan 2025" in text
    assert "Without a close: ^GSPC." in text
    assert (await after.tracked())[-1].due_at is None


async def test_the_figures_are_of_the_closes_that_they_name(after: Aftermath) -> None:
    await after.subscribe()
    await after.tick(RELEASED, *MARKS)
    facts = (await after.rows())[-1].facts
    assert (facts["studied"], facts["zero"], facts["day"]) == (
        "compute",
        "2025-01-21",
        "2025-01-28",
    )
    closes, fit = facts["closes"], facts["fit"]
    car = 0.0
    days = [facts["before"], *(one["day"] for one in facts["days"])]
    members = [symbol for symbol in closes if symbol != "^GSPC"]
    for (before, today), one in zip(pairwise(days), facts["days"], strict=True):
        moves = [closes[symbol][today] / closes[symbol][before] - 1 for symbol in members]
        index = closes["^GSPC"][today] / closes["^GSPC"][before] - 1
        abnormal = sum(moves) / len(moves) - fit["alpha"] - fit["beta"] * index
        assert one["ar"] == pytest.approx(abnormal, abs=1e-9)
        car += abnormal
    assert facts["car"] == pytest.approx(car, abs=1e-9)
    assert len(members) == 11
    card = card_of(facts)
    assert isinstance(card.chart, LinesChart)
    assert card.chart.lines[0].values[-1] == pytest.approx(100 * car)


async def test_a_program_that_slept_says_what_it_would_have_said(
    after: Aftermath, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The study ends with the session of its mark, whatever is known by the time it is made."""
    monkeypatch.setattr(aftershocks, "HISTORY", WHOLE)
    await after.subscribe()
    await after.tick(RELEASED, close(22), *(close(31, late) for late in (0, 5, 10)))
    asleep = (await after.rows())[-1].facts
    assert (asleep["kind"], asleep["day"], asleep["mark"]) == ("study", "2025-01-28", 5)
    assert asleep["placebo"]["n"] == 609  # as for whoever was awake
    assert {day for by in asleep["closes"].values() for day in by} <= {
        "2025-01-17", "2025-01-21", "2025-01-22", "2025-01-23", "2025-01-24", "2025-01-27",
        "2025-01-28",
    }  # fmt: skip


async def test_explain_of_the_study_says_how_it_came_about(after: Aftermath) -> None:
    channel = await after.subscribe()
    await after.tick(RELEASED, *MARKS)
    await after.send()
    row = (await after.rows())[-1]
    note = Notification(
        row.id, channel, row.nonce, row.action, row.facts, row.fallback, row.created_at, 0,
        row.subscription_id,
    )  # fmt: skip
    card = await why(Request({}, after.services, channel, after.now), note)
    assert card.title.endswith("AI compute stocks −11.0% beyond the market since DeepSeek-R1")
    names = [field.name for field in card.fields]
    assert names == ["Subscription 1", "Decided", "Expected", "Sessions", "Told"]


async def test_who_subscribes_anew_is_told_what_followed_an_earlier_release(
    after: Aftermath,
) -> None:
    """By the wish that is there now, once for each mark."""
    channel = await after.subscribe(study="never")
    await after.tick(RELEASED)
    await after.said("/subscribe remove 1", channel)
    await after.subscribe(study="always")
    await after.tick(*MARKS, close(29))
    assert await after.told(channel) == [("post", "release"), *[("reply", "study")] * 2]
    first, *studies = await after.rows(channel)
    assert {row.root_id for row in studies} == {first.id}


async def test_who_subscribes_anew_to_other_releases_is_not(after: Aftermath) -> None:
    channel = await after.subscribe(study="always")
    await after.tick(RELEASED)
    await after.said("/subscribe remove 1", channel)
    await after.said("/subscribe releases labs=openai study=always", channel)
    await after.tick(*MARKS)
    assert ("reply", "study") not in await after.told(channel)


async def test_a_study_that_comes_weeks_late_is_kept_and_not_told(after: Aftermath) -> None:
    channel = await after.subscribe(study="always")
    await after.tick(RELEASED, close(22, -60))
    late = datetime(2025, 3, 3, 22, tzinfo=UTC)
    await after.tick(*(late + timedelta(minutes=5 * n) for n in range(4)))
    assert await after.told(channel) == [("post", "release")]
    found = next(one for one in await after.tracked() if "DeepSeek-R1" in one.facts["models"])
    assert found.due_at is None
    assert all(study["facts"] for study in (found.studies or {}).values())
    text = await after.said("/alert explain DeepSeek-R1", channel)
    assert (
        "after 6 sessions: nothing told. It could be made only 34 days after that session." in text
    )


async def test_many_that_are_due_are_studied_a_few_at_a_time(after: Aftermath) -> None:
    await after.subscribe(study="always")
    await after.tick(RELEASED, close(22))
    one = next(each for each in await after.tracked() if "DeepSeek-R1" in each.facts["models"])
    due = close(22, 10)

    async def more(connection: AsyncConnection) -> None:
        for number in range(5):
            other = replace(one, key=f"k{number}", mark=1, due_at=due, studies={})
            await tracked.open_event(connection, other)

    await after.services.database.write(more)
    left = []
    for second in range(4):
        await after.due(due + timedelta(seconds=second))
        left.append(sum(each.due_at == due for each in await after.tracked()))
    assert left == [4, 2, 0, 0]  # DeepSeek-R1 itself is looked at again then


async def test_two_ticks_at_once_tell_a_study_once(after: Aftermath) -> None:
    await after.subscribe(study="always")
    await after.tick(RELEASED, *MARKS[:-1])
    after.at(MARKS[-1])
    await asyncio.gather(*(tick(after.services, TIMING) for _twice in range(2)))
    marks = [row.facts["mark"] for row in await after.rows() if row.facts["kind"] == "study"]
    assert marks == [1, 5]
    after.at(close(21))  # a clock that jumps back asks for nothing again
    await tick(after.services, TIMING)
    await after.tick(*MARKS)
    assert len([row for row in await after.rows() if row.facts["kind"] == "study"]) == 2
