"""The picture of a timeline: what it shows, on both backgrounds, and in words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.cards import timeline_chart as drawing
from bot.cards.charts import draw
from bot.cards.style import DARK, LIGHT
from bot.cards.timeline import MOST_LANES, timeline_chart
from bot.model.card import TimelineChart
from bot.model.release import Release
from bot.releases.cadence import Cadence, cadence
from bot.releases.shipped import load_labs
from tests.cards.test_charts import size
from tests.cards.written import all_seen

START, END = date(2024, 7, 1), date(2025, 1, 27)
WEIGHTS = (True, False, None)


def release(lab: str, name: str, days: int, weights: bool | None = True) -> Release:
    on = START + timedelta(days=days)
    known = datetime(2025, 1, 1, tzinfo=UTC)
    return Release(f"{lab}/{name}/{on}", lab, name, "language", on, known, weights, "a test")


def chart(by_lab: dict[str, list[Release]]) -> TimelineChart:
    cadences = {key: cadence((r.released_on for r in found), END) for key, found in by_lab.items()}
    return timeline_chart(by_lab, cadences, load_labs(), (START, END), "a test")


def many(labs: int, each: int) -> dict[str, list[Release]]:
    return {
        f"lab{n}": [release(f"lab{n}", f"Model {n}.{i}", i * 200 // each, WEIGHTS[i % 3])
                    for i in range(each)]
        for n in range(labs)
    }  # fmt: skip


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize(("labs", "each"), [(1, 1), (1, 60), (3, 5), (20, 40)])
async def test_any_timeline_draws_at_one_size(labs: int, each: int, dark: bool) -> None:
    assert size(await draw(chart(many(labs, each)), dark=dark)) == (900, 540)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("labs", [1, 2, 12])
def test_no_two_texts_overlap(labs: int, dark: bool) -> None:
    words = drawing._picture(chart(many(labs, 25)), DARK if dark else LIGHT).words
    assert len(words) > 2 * labs
    all_seen(words)


async def test_equal_timelines_are_equal_bytes_and_others_are_not() -> None:
    one = await draw(chart(many(3, 4)), dark=True)
    await draw(chart(many(12, 9)), dark=False)  # the sheet is reused
    assert await draw(chart(many(3, 4)), dark=True) == one
    assert await draw(chart(many(3, 4)), dark=False) != one
    assert await draw(chart(many(3, 5)), dark=True) != one


def test_open_closed_and_unknown_weights_are_told_apart() -> None:
    found = chart({"deepseek": [release("deepseek", "R1", 3), release("deepseek", "X", 3, None)]})
    assert [(dot.label, dot.open) for dot in found.lanes[0].dots] == [("R1", True), ("X", None)]
    styles = drawing._styles(DARK)
    assert len({str(sorted(style.items())) for style in styles.values()}) == 3


def test_several_of_one_day_are_one_dot_and_counted() -> None:
    models = [release("deepseek", name, 3) for name in ("A", "B", "C")]
    assert [dot.label for dot in chart({"deepseek": models}).lanes[0].dots] == ["A +2"]


def test_the_alt_text_and_the_lane_say_how_often() -> None:
    found = chart(
        {"deepseek": [release("deepseek", "V3", 178), release("deepseek", "R1", 203, False)]}
    )
    assert found.alt == (
        "Releases from 1 Jul 2024 to 27 Jan 2025: DeepSeek 2 models, 1 with open weights, the last "
        "R1 7 days before the end."
    )
    assert found.lanes[0].cadence == "every 25 d, last 20 Jan"


def test_more_labs_than_can_be_told_apart_are_left_out_and_counted() -> None:
    found = chart(many(20, 2))
    assert len(found.lanes) == MOST_LANES
    assert found.title == f"Model releases by lab (the {MOST_LANES} with most of 20)"


@pytest.mark.parametrize(
    ("days", "between"), [([0], None), ([0, 0], None), ([0, 10, 30], 15.0), ([0, 10, 10, 40], 20.0)]
)
def test_cadence(days: list[int], between: float | None) -> None:
    found = cadence((START + timedelta(days=n) for n in days), START + timedelta(days=50))
    assert found == Cadence(between, 50 - max(days))
