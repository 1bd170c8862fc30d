"""What the messages of the outbox say."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.app import release_facts as shipped
from bot.cards.notices import card_of, context_line, headline, members_table
from bot.cards.to_text import to_plain
from bot.cycle.facts import fallback_text, release_facts
from bot.model.card import Tone
from bot.model.release import Release

BASE: dict[str, Any] = {
    "version": 1, "kind": "drawdown", "target": "NVDA", "basket": False, "title": "NVDA",
    "window": "1y", "day": "2025-01-27", "as_of": "2025-01-27T21:00:00+00:00", "depth": -0.2075,
    "move": -0.1697, "last": 118.42, "peak": 149.43, "peak_day": "2025-01-06", "members": [],
    "missing": [], "context": [], "dividend_adjusted": False, "source": "Yahoo, daily close",
    "level": 0.2,
}  # fmt: skip


def _release(**more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "key": "k", "lab": "deepseek", "model": "DeepSeek-R1", "kind": "language",
        "released_on": date(2025, 1, 20), "known_at": datetime(2025, 1, 20, 23, 59, tzinfo=UTC),
        "open_weights": True, "source": "api-docs.deepseek.com",
        "other_dates": "2025-01-19 (a); 2025-05-28 (b)",
    }  # fmt: skip
    facts = shipped()
    return release_facts(Release(**(values | more)), facts.labs, facts.exposures)


def test_a_lone_symbol() -> None:
    card = card_of(BASE)
    assert (card.title, card.badge) == ("NVDA is 20.8% below its peak", "crossed −20%")
    assert "118.42, after a peak of 149.43 on 6 Jan 2025" in card.text
    assert card.footer == "Yahoo, daily close, as of 27 Jan 2025"
    assert (card.table, card.tone) == (None, Tone.DOWN)


def test_an_unknown_move_is_unknown_not_zero() -> None:
    assert "on the day" not in card_of(BASE | {"move": None}).text
    table = members_table([{"symbol": "ARM", "last": 63.59, "move": None, "depth": 0.0}])
    assert table is not None
    assert table.rows[0][2] == "unknown"


def test_missing_members_are_named() -> None:
    facts = BASE | {"basket": True, "title": "AI stocks", "missing": ["ARM", "CEG"]}
    assert "without ARM and CEG (no price that day)" in card_of(facts).footer


def test_recovery() -> None:
    facts = BASE | {
        "kind": "recovery", "depth": -0.02, "first": BASE, "trough_depth": -0.25,
        "trough_day": "2025-02-03",
    }  # fmt: skip
    card = card_of(facts)
    assert (card.title, card.badge, card.tone) == ("NVDA has recovered", "from −20%", Tone.UP)
    assert "2.0% below the peak" in card.text
    assert "At the deepest 25.0% below it, on 3 Feb 2025" in card.text


@pytest.mark.parametrize(
    ("weights", "says"),
    [(True, "open weights"), (False, "closed weights"), (None, "weights not known")],
)
def test_a_release(weights: bool | None, says: str) -> None:
    card = card_of(_release(open_weights=weights))
    assert card.title == f"DeepSeek-R1: a new model, {says}"
    assert "also 19 Jan 2025 (a)" in card.text
    assert card.text.endswith("Stocks to watch, and why:")
    assert [field.name for field in card.fields] == ["NVDA", "MSFT", "GOOG"]


def test_what_was_not_known_then_is_not_said() -> None:
    assert _release()["other_dates"] == "2025-01-19 (a)"
    early = [item["symbol"] for item in _release(lab="mistral")["exposed"]]
    late = _release(lab="mistral", released_on=date(2025, 12, 1))["exposed"]
    assert early == ["MSFT"]
    assert [item["symbol"] for item in late] == ["MSFT", "ASML"]


def test_plain_fallbacks() -> None:
    assert fallback_text(BASE) == (
        "NVDA is 20.8% below the peak (crossed −20%, −17.0% on the day, 2025-01-27)"
    )
    assert fallback_text(_release()) == "DeepSeek released DeepSeek-R1 (2025-01-20)"


def test_headlines_and_context() -> None:
    assert headline(BASE | {"depth": 0}) == "NVDA is at its peak"
    context = [
        {"symbol": "^GSPC", "last": 6012.28, "move": -0.0146},
        {"symbol": "^VIX", "last": 17.9, "move": 0.2},
    ]
    assert context_line(context) == "S&P 500 −1.5%, VIX 17.90"
    assert context_line([]) == ""


def _digest(*moves: float, period: str = "Daily", **more: Any) -> dict[str, Any]:
    names = ("NVDA", "AMD", "META", "MU")
    members = [
        {"symbol": name, "last": 100.0, "move": -0.01, "depth": -0.2, "span_move": move}
        for name, move in zip(names, moves, strict=False)
    ]
    return BASE | {
        "kind": "digest", "title": "AI stocks", "basket": True, "period": period,
        "span_from": "2025-01-20", "span_move": -0.05, "members": members, "under_way": [],
        "released": [], **more,
    }  # fmt: skip


def _fields(facts: dict[str, Any]) -> dict[str, str]:
    return {field.name: field.value for field in card_of(facts).fields}


def test_a_digest_names_as_up_only_what_rose() -> None:
    mixed = _fields(_digest(-0.03, 0.02, 0.0, -0.01))
    assert (mixed["Most up"], mixed["Most down"]) == ("AMD +2.0%", "NVDA −3.0%, MU −1.0%")
    assert "Most up" not in _fields(_digest(-0.03, -0.02))
    assert "Most down" not in _fields(_digest(0.03, 0.0))


def test_a_digest_says_how_deep_what_is_under_way_is() -> None:
    stories = [
        {"title": "NVDA", "depth": -0.121, "since": "2025-03-04"},
        {"title": "AI stocks", "depth": -0.05, "since": "2025-03-01"},
        {"title": "AMD", "depth": None, "since": "2025-03-01"},
        "MU since 2025-03-02",
    ]
    assert _fields(_digest(-0.01, under_way=stories))["Under way"].split("\n") == [
        "NVDA, 12.1% below its peak, since 4 Mar 2025",
        "AI stocks, 5.0% below their peak, since 1 Mar 2025",
        "AMD, since 1 Mar 2025",
        "MU since 2025-03-02",
    ]


def test_a_weekly_digest_shows_the_week_beside_the_day() -> None:
    table = card_of(_digest(-0.01, -0.08, period="Weekly")).table
    assert table is not None
    assert table.columns == ("", "last", "week", "day", "from peak")
    assert table.rows[0] == ("AMD", "100.00", "−8.0%", "−1.0%", "−20.0%")
    daily = card_of(_digest(-0.01, -0.08)).table
    assert daily is not None
    assert daily.columns == ("", "last", "day", "from peak")


@pytest.mark.parametrize("kind", ["drawdown", "condition", "digest"])
def test_a_role_to_mention_is_shown(kind: str) -> None:
    facts = _digest(-0.01) if kind == "digest" else BASE | {"kind": kind}
    facts |= {"condition": "above", "value": 118.42, "mention": "@desk"}
    assert "\nFor: @desk\n" in to_plain(card_of(facts))
    assert "For:" not in to_plain(card_of(facts | {"mention": ""}))


CONDITION = BASE | {"kind": "condition", "condition": "move", "level": 0.05, "value": -0.17}


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, "NVDA is down 17.0% on the day (alert at 5% or more)"),
        ({"value": None}, "NVDA: the move on the day is unknown at the moment"),
        ({"condition": "pe-below", "value": None},
         "NVDA: the forward P/E is unknown at the moment"),
        ({"condition": "volatility", "value": 1.0},
         "NVDA swings unusually: the 21-day volatility is the highest of two years"),
        ({"condition": "crowding", "value": 0.996, "basket": True, "title": "AI compute stocks"},
         ("AI compute stocks move as one: the 21-day correlation of its members is higher than on "
          "99% of days in two years")),
    ],
)  # fmt: skip
def test_conditions_in_a_line(facts: dict[str, Any], says: str) -> None:
    assert card_of(CONDITION | facts).title == says
