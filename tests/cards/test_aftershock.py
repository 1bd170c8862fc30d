"""The study of the sessions after a release on every surface, and its words."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.cards.aftershock import meaning, study_card, study_fields
from bot.cards.notices import card_of
from bot.cards.slack_limits import faults
from bot.cards.to_discord import alert, picture_text
from bot.cards.to_text import to_plain
from bot.cycle.facts import fallback_text
from bot.model.card import LinesChart, Tone
from tests.cards.test_to_discord import within_limits
from tests.cards.test_to_slack import posted, reads
from tests.servers.slack.block_checks import faults_in_message

GOLDEN = Path(__file__).parent / "golden" / "aftershock.txt"


def day(offset: int, name: str, ar: float, car: float) -> dict[str, Any]:
    return {
        "offset": offset, "day": name, "ret": ar, "market": 0.0, "ar": ar, "ar_se": 0.02,
        "ar_t": ar / 0.02, "car": car, "car_se": 0.04, "t": car / 0.04, "p": 0.02,
        "low": car - 0.08, "high": car + 0.08,
    }  # fmt: skip


def facts(**more: Any) -> dict[str, Any]:
    """The study of two falling sessions and a rise."""
    given = {
        "version": 1, "kind": "study", "key": "k", "lab": "deepseek", "lab_name": "DeepSeek",
        "model": "DeepSeek-R1", "released_on": "2025-01-20", "mark": 2, "studied": "compute",
        "title": "AI compute stocks", "benchmark": "^GSPC", "benchmark_name": "S&P 500",
        "zero": "2025-01-21", "before": "2025-01-17", "day": "2025-01-23",
        "as_of": "2025-01-23T21:00:00+00:00", "window": [0, 2], "car": -0.11, "t": -2.41,
        "p": 0.017, "unusual": True, "placebo": {"n": 609, "share": 0.0115}, "closes": {},
        "days": [
            day(0, "2025-01-21", -0.02, -0.02), day(1, "2025-01-22", -0.12, -0.14),
            day(2, "2025-01-23", 0.03, -0.11),
        ],
        "fit": {
            "alpha": 0.0, "beta": 2.51, "sigma": 0.018, "r_squared": 0.5, "n": 221,
            "first": "2024-01-22", "last": "2024-12-04", "missing": 0,
        },
        "missing": [], "source": "Yahoo, daily close",
    }  # fmt: skip
    return given | more


def test_golden() -> None:
    card = card_of(facts())
    surfaces = {
        "text": to_plain(card), "discord": picture_text(alert(card)), "slack": reads(posted(card)),
    }  # fmt: skip
    text = "".join(f"--- {surface}\n{shown}\n" for surface, shown in surfaces.items())
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8")
    within_limits(alert(card))
    message = posted(card)
    assert faults(message.with_chart(None), message.text) == []
    assert faults_in_message(message.with_chart(None), "F0CHART".__eq__) == []


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "Unusual: larger than in 99% of 609 other such windows."),
        (
            {"unusual": False, "placebo": {"n": 609, "share": 0.31}},
            "Within what is usual: larger than in 69% of 609 other such windows.",
        ),
        (
            {"placebo": None},
            "Unusual: by chance alone, about 1.7 in 100 such windows would lie this far out.",
        ),
        (
            {"placebo": None, "p": 0.0002},
            "Unusual: by chance alone, less than 1 in 1,000 such windows would lie this far out.",
        ),
        (
            {"placebo": None, "p": 0.31, "unusual": False},
            "Within what is usual: by chance alone, about 31 in 100 such windows lie this far out.",
        ),
        (
            {"placebo": {"n": 609, "share": 0.0}},
            "Unusual: larger than in all 609 other such windows.",
        ),
    ],
)
def test_what_it_means_for_somebody_who_never_took_statistics(
    more: dict[str, Any], says: str
) -> None:
    assert meaning(facts(**more)) == says


def test_the_card_has_the_figure_first_and_where_it_is_from() -> None:
    card = study_card(facts(missing=["AMD"]))
    assert card.title == "AI compute stocks −11.0% beyond the market since DeepSeek-R1"
    assert fallback_text(facts()) == card.title
    assert "3 sessions, 21 Jan 2025 to 23 Jan 2025: t −2.4, p 0.017" in card.text
    assert "The largest day was 22 Jan 2025: −12.0%" in card.text
    assert "caused:" in card.text
    assert "not caused" in card.text
    assert card.tone is Tone.DOWN
    assert study_card(facts(car=0.05)).tone is Tone.UP
    assert card.footer.endswith("; without AMD (a close is missing)")
    assert json.loads(json.dumps(card.facts)) == card.facts


def test_the_chart_begins_at_nothing_the_session_before() -> None:
    chart = study_card(facts()).chart
    assert isinstance(chart, LinesChart)
    (line,) = chart.lines
    assert line.values == pytest.approx((0.0, -2.0, -14.0, -11.0))
    assert line.band[0] == (0.0, 0.0)
    assert line.band[-1] == pytest.approx((-19.0, -3.0))
    assert [mark.isoformat() for mark, _word in chart.marks] == ["2025-01-21"]


def test_two_sessions_need_no_largest_day() -> None:
    two = facts(days=facts()["days"][:2])
    assert "largest day" not in study_card(two).text


def test_whoever_asks_is_told_how_it_came_about() -> None:
    expected, sessions, told = (field.value for field in study_fields(facts()))
    assert "221 sessions, 22 Jan 2024 to 4 Dec 2024: 2.51 times the move of the S&P 500" in expected
    assert sessions.splitlines()[1] == ("22 Jan 2025: −12.0%, S&P 500 0.0%, so −12.0% beyond it")
    assert told == "because |t| is 2.41; more than 2 is taken as unusual"
    usual = study_fields(facts(unusual=False))[-1]
    assert usual.value == "because this channel asked for every study"
