"""Rules, figures and back-tests in words."""

from datetime import date, timedelta

import pytest

from bot.cards.conditions import rule_text
from bot.cards.rules import Figure, figure_text, history_text
from bot.model.rule import Condition, Rule
from bot.model.wording import every, span

DAY = date(2025, 1, 27)


@pytest.mark.parametrize(
    ("condition", "figure", "says"),
    [
        ("drawdown", Figure(-207_500), "−20.8%"),
        ("move", Figure(-170_000, move=-0.17), "down 17.0%"),
        ("move", Figure(-89_000, move=0.089), "up 8.9%"),
        ("move", Figure(-89_000), "8.9% up or down"),
        ("above", Figure(-118_420_000), "at 118.42"),
        ("below", Figure(0), "no price"),
        ("pe-above", Figure(-41_200_000), "P/E 41.2"),
        ("high", Figure(274_000, close=108.38, extreme=149.43),
         "108.38, high of 52 weeks 149.43"),
        ("high", Figure(-10_000, close=150.9, extreme=149.43),
         "150.90, a new 52-week high; before it 149.43"),
        ("low", Figure(274_000, close=108.38, extreme=80.0), "108.38, low of 52 weeks 80.00"),
        ("high", Figure(274_000), "27.4% below the high of 52 weeks"),
        ("volatility", Figure(-1_000_000), "the highest of two years"),
        ("crowding", Figure(-998_000), "higher than on 99% of days"),
    ],
)  # fmt: skip
def test_what_was_measured(condition: str, figure: Figure, says: str) -> None:
    assert figure_text(Condition(condition), figure) == says


def test_what_would_have_fired() -> None:
    fired = [Figure(-9, 50_000, DAY, close=100.0)]
    assert history_text(fired, DAY, DAY, Condition.HIGH).endswith(": on 27 Jan 2025 (at 100.00).")
    deep = [Figure(-120_000, 100_000, DAY)]
    assert "(−12.0%, level −10%)" in history_text(deep, DAY, DAY, Condition.DRAWDOWN)
    assert "cannot be tested yet" in history_text([], None, None, Condition.HIGH)


def test_a_basket_reads_as_in_its_messages() -> None:
    fall = Rule("compute", "1y", (50_000,), 20_000)
    crowd = Rule("compute", "crowding", (950_000,), 50_000, Condition.CROWDING)
    title = "AI compute stocks"
    assert rule_text(fall, title, plural=True) == "AI compute stocks are 5% below their peak"
    several = Rule("NVDA", "1y", (100_000, 125_000), 20_000)
    assert rule_text(several, "NVDA") == "NVDA is 10% or 12.5% below its peak"
    assert rule_text(crowd, title, plural=True) == (
        "AI compute stocks move as one (top 5% of two years)"
    )


@pytest.mark.parametrize(
    ("minutes", "says", "often"),
    [
        (1, "1 minute", "every minute"),
        (30, "30 minutes", "every 30 minutes"),
        (60, "1 hour", "every hour"),
        (90, "1 hour and 30 minutes", "every 90 minutes"),
        (24 * 60, "1 day", "every day"),
        (14 * 24 * 60, "14 days", "every 14 days"),
    ],
)
def test_time_spans(minutes: int, says: str, often: str) -> None:
    value = timedelta(minutes=minutes)
    assert (span(value), every(value)) == (says, often)
