"""What the messages of the outbox say."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.app import release_facts as shipped
from bot.cards.notices import card_of, context_line, headline, members_table
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
