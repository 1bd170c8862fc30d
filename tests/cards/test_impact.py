"""The words of /impact."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.cards.impact_chart import impact_chart
from bot.cards.impact_words import (
    Asked,
    beyond,
    largest,
    offset,
    p_text,
    rate_lines,
    rival_lines,
    sessions_text,
    verdict,
)
from bot.market.base_rates import Rate
from bot.market.rivals import Rival, RivalKind
from bot.model.study import Day, MarketModel, Placebo, Study

MONDAY = date(2025, 1, 27)
MODEL = MarketModel(0.0, 1.2, 0.01, 0.5, 221, date(2024, 1, 2), date(2024, 12, 10))


def day(at: int, ar: float, car: float, t: float = -3.0, ar_t: float = 1.0) -> Day:
    """A session so many days after Monday."""
    return Day(
        at, MONDAY + timedelta(days=at), ar, 0.0, ar, 0.01, ar_t, car, 0.02, t, 0.004, car - 0.04,
        car + 0.04,
    )  # fmt: skip


STUDY = Study(
    "XYZ", "^GSPC", MONDAY, MONDAY, (0, 1), MODEL,
    (day(0, -0.1, -0.1, ar_t=-5), day(1, 0.01, -0.09)),
    Placebo(500, 0.02),
)  # fmt: skip
ASKED = Asked("DeepSeek-R1", MONDAY, released=True, window=(0, 1))


@pytest.mark.parametrize(
    ("car", "words"),
    [
        (-0.149, "did 14.9% worse than the market explains"),
        (0.02, "did 2.0% better than the market explains"),
        (-0.0001, "moved as the market explains"),
    ],
)
def test_how_far(car: float, words: str) -> None:
    assert beyond(car) == words


def test_an_index_does_no_better_when_it_rises() -> None:
    assert beyond(0.078, "^VIX") == "ended 7.8% higher than the market explains"
    assert beyond(-0.078, "^VIX") == "ended 7.8% lower than the market explains"


@pytest.mark.parametrize(
    ("t", "share", "n", "words"),
    [
        (-3.0, 0.02, 500, "Unusual: larger than in 98% of the 500 other spans of 2 sessions"),
        (-3.0, 0.004, 500, "Unusual: larger than in 99.6% of the 500 other spans of 2 sessions"),
        (3.0, 0.0, 500, "Unusual: larger than in all of the 500 other spans of 2 sessions"),
        (-1.99, 0.3, 500, "Not unusual: larger than in 70% of the 500 other spans of 2 sessions"),
    ],
)
def test_how_unusual_comes_before_t(t: float, share: float, n: int, words: str) -> None:
    days = (STUDY.days[0], replace(STUDY.days[1], t=t))
    text = verdict(replace(STUDY, days=days, placebo=Placebo(n, share)))
    assert text.startswith(words)
    assert text.endswith(f"(t {t:.2f}, p 0.004).".replace("-", "−"))


def test_without_a_placebo_it_says_by_what_it_is_judged() -> None:
    text = verdict(replace(STUDY, placebo=None))
    assert text.startswith("Unusual, judged by the usual daily swings before it (t −3.00")


def test_a_tiny_p_is_not_zero() -> None:
    assert p_text(0.0000001) == "below 0.001"
    assert p_text(0.0314) == "0.031"


def test_session_zero_and_the_window() -> None:
    assert sessions_text(ASKED, STUDY) == [
        "Released on Mon 27 Jan 2025, a day of trading, which is session 0.",
        "Window [0, +1]: 2 sessions, 27 Jan 2025 to 28 Jan 2025.",
    ]
    sunday = replace(ASKED, day=date(2025, 1, 26), released=False, window=(0, 5))
    first, window = sessions_text(sunday, replace(STUDY, window=(0, 5)))
    assert first.startswith("On Sun 26 Jan 2025 New York was closed: session 0 is Mon 27 Jan 2025")
    assert window.endswith("4 of 6 are not over yet.")
    alone = sessions_text(replace(ASKED, window=(0, 0)), replace(STUDY, days=STUDY.days[:1]))
    assert alone == [
        "Released on Mon 27 Jan 2025, a day of trading, which is session 0, the only one looked at."
    ]
    soon = sessions_text(replace(ASKED, window=(0, 2)), replace(STUDY, window=(0, 2)))
    assert soon[1].endswith("1 of 3 is not over yet.")


def test_the_day_that_stands_out() -> None:
    assert largest(STUDY).startswith("The day that stands out: 27 Jan 2025 (session 0), −10.0% be")
    calm = replace(STUDY, days=tuple(replace(each, ar_t=1.9) for each in STUDY.days))
    assert largest(calm) == ""
    assert [offset(replace(STUDY.days[0], offset=n)) for n in (-1, 0, 4)] == ["−1", "0", "+4"]


def rival(kind: RivalKind, n: int) -> Rival:
    """Something of that kind, so many days after Monday."""
    return Rival(MONDAY + timedelta(days=n), kind, f"{kind} {n}", f"{kind}", "source")


def test_rivals_are_coincident_and_few() -> None:
    several = [rival(RivalKind.POLICY, n) for n in range(6)] + [rival(RivalKind.MARKET, 9)]
    lines = rival_lines(several, earnings_known=True)
    assert lines[0] == "Coincident as well, and each may explain a part:"
    assert len(lines) == 7
    assert lines[-2:] == ["5 Feb: market 9.", "… 2 more."]
    releases = [rival(RivalKind.RELEASE, n) for n in range(6)]
    assert rival_lines(releases, earnings_known=True)[1] == (
        "Other releases: release 0 (27 Jan), release 1 (28 Jan), release 2 (29 Jan), "
        "release 3 (30 Jan) and 2 more."
    )


def test_nothing_known_is_not_nothing_there() -> None:
    none = "Nothing else is known of those days that might explain a move."
    assert rival_lines([], earnings_known=True) == [none]
    assert rival_lines([], earnings_known=False)[1] == "Days of earnings are not known here."


def test_base_rates_in_words() -> None:
    rate = Rate(6, 0.006, -0.023, 0.021)
    (said,) = rate_lines("AI stocks", [("closed models", rate, 6), ("others", rate, 6)])
    assert said == (
        "AI stocks at other times, median and middle half: +0.6% (−2.3% to +2.1%) after closed "
        "models, 6 days; +0.6% (−2.3% to +2.1%) after others, 6 days."
    )
    assert rate_lines("AI stocks", [("one", None, 1), ("two", None, 0)]) == [
        "Too few days to say, 5 are needed: one (1 day) and two (none)."
    ]
    assert rate_lines("AI stocks", []) == []


def test_the_picture_starts_at_nothing_and_marks_days() -> None:
    before = date(2025, 1, 24)
    rivals = [rival(RivalKind.POLICY, 0), rival(RivalKind.MARKET, 1), rival(RivalKind.RELEASE, 1)]
    chart = impact_chart("XYZ", [("XYZ", STUDY, before)], rivals, "Yahoo")
    (line,) = chart.lines
    assert line.days == (before, MONDAY, MONDAY + timedelta(days=1))
    assert line.values == pytest.approx((0.0, -10.0, -9.0))
    assert line.band[-1] == pytest.approx((-13.0, -5.0))
    assert chart.marks == ((MONDAY, "session 0, policy"), (date(2025, 1, 28), "market"))
    assert line.labels == ((MONDAY, "−10.0% on 27 Jan"),)
    both = impact_chart("XYZ", [("a", STUDY, None), ("b", STUDY, None)], [], "Yahoo")
    assert [each.band for each in both.lines] == [(), ()]
    assert "a −9.0%, b −9.0%" in both.alt
