"""News about prices on every surface: golden messages, words for every size of change."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.app import release_facts
from bot.cards.notices import card_of
from bot.cards.price_news import digest_lines
from bot.cards.price_words import all_read, cell, moved, ranged
from bot.cards.slack_limits import faults
from bot.cards.to_discord import alert, picture_text
from bot.cards.to_text import to_plain
from bot.costs.changes import changes
from bot.costs.event_facts import event_facts
from bot.cycle.facts import fallback_text
from bot.cycle.prices import Market, told_facts
from bot.priced import shipped_ledger
from bot.releases.models import load_models
from bot.services import Services
from tests.cards.test_to_discord import within_limits
from tests.cards.test_to_slack import posted, reads
from tests.servers.slack.block_checks import faults_in_message

GOLDEN = Path(__file__).parent / "golden" / "price"
SERVICES = cast(Services, SimpleNamespace(releases=release_facts()))
MARKET = Market(shipped_ledger(), load_models().models)


def facts_of(lab: str, year: int, month: int, number: int) -> dict[str, Any]:
    """The facts of what a lab did on that day, as they would be told that evening."""
    day = datetime(year, month, number, tzinfo=UTC)
    begin = day - timedelta(microseconds=1)
    found = changes(MARKET.book, MARKET.models, begin, begin + timedelta(days=1))
    order = ("cut", "rise", "cheapest", "newcomer")
    events = [event_facts(one) for one in found if one.model[0] == lab]
    events.sort(key=lambda one: (order.index(one["kind"]), one["model"]))
    return told_facts(events, MARKET, SERVICES, day + timedelta(hours=20))


def figure(value: float, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"value": value, "low": low or value, "high": high or value, "sources": ["a"]}


def price(asked: float, answered: float, **more: Any) -> dict[str, Any]:
    source = {"source": "models.dev", "input": asked, "output": answered}
    return {
        "input": figure(asked), "output": figure(answered), "source": "models.dev",
        "as_of": "2026-01-10", "note": "", "sources": [source], **more,
    }  # fmt: skip


def parting() -> dict[str, Any]:
    after = price(2, 8)
    after["input"] = figure(2, 2, 3)
    after["sources"].append({"source": "OpenRouter", "input": 3.0, "output": 8.0})
    return {
        "version": 1, "kind": "prices", "key": "k", "lab": "openai", "lab_name": "OpenAI",
        "beside": [], "exposed": [], "found_at": "2026-01-10T12:00:00+00:00",
        "events": [{
            "key": "k", "kind": "parting", "lab": "openai", "model": "Zeta", "terms": "",
            "hours": "", "at": "2026-01-10T12:00:00+00:00", "ratio": 0.5, "after": after,
            "before": None, "other": None,
        }],
    }  # fmt: skip


def longest() -> dict[str, Any]:
    facts = facts_of("deepseek", 2026, 8, 17)
    name = "Model-" + "超long" * 80
    one = facts["events"][0]
    return facts | {"events": [{**one, "model": f"{name}{n}"} for n in range(12)]}


MESSAGES = {
    "cut": facts_of("openai", 2024, 8, 6),
    "cheapest-of-all": facts_of("deepseek", 2024, 12, 26),
    "newcomer": facts_of("deepseek", 2025, 3, 25),
    "rise": facts_of("deepseek", 2025, 2, 8),
    "off-peak": facts_of("deepseek", 2025, 2, 26),
    "several": facts_of("deepseek", 2026, 8, 17),
    "parting": parting(),
    "longest": longest(),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_golden(name: str) -> None:
    card = card_of(MESSAGES[name])
    surfaces = {
        "text": to_plain(card), "discord": picture_text(alert(card)), "slack": reads(posted(card)),
    }  # fmt: skip
    text = "".join(f"--- {surface}\n{shown}\n" for surface, shown in surfaces.items())
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_within_the_limits(name: str) -> None:
    card = card_of(MESSAGES[name])
    within_limits(alert(card))
    message = posted(card)
    assert faults(message.with_chart(None), message.text) == []
    assert faults_in_message(message.with_chart(None), "F0CHART".__eq__) == []


def test_the_cut_of_6_august_2024() -> None:
    card = card_of(MESSAGES["cut"])
    assert card.title == (
        "GPT-4o costs 33% to 50% less: $2.50 in, $10 out per million tokens, from 6 Aug 2024"
    )
    assert card.text.startswith("Before: $5 in, $15 out\n")
    assert [field.name for field in card.fields] == ["MSFT"]
    assert card.table is not None
    assert card.table.rows[0] == ("GPT-4o", "2.50", "10.00")
    assert "as of 28 Nov 2024" in card.footer
    (cut, *_rest) = card.facts["events"]
    assert cut["after"]["input"] == {
        "value": 2.5, "low": 2.5, "high": 2.5,
        "sources": ["litellm 1.53.1, for the snapshot of 6 Aug 2024"], "differ": [],
    }  # fmt: skip
    assert cut["before"]["output"]["value"] == 15.0


def test_a_line_behind_a_moment_of_its_own_has_no_date() -> None:
    assert fallback_text(MESSAGES["several"], dated=False) == (
        "DeepSeek-V4-Flash and -Pro cost more"
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((5, 15), (2.5, 10), "costs 33% to 50% less"),  # 1 − 10/15 = 33%, 1 − 2.5/5 = 50%
        ((10, 40), (2, 8), "costs 80% less"),
        ((0.14, 0.28), (0.27, 1.10), "costs 1.9 to 3.9 times as much"),  # 1.93 and 3.93
        ((1, 2), (2, 4), "costs 2 times as much"),
        ((1, 5), (1.2, 6), "costs 20% more"),
        ((1, 5), (1, 4), "costs 20% less for output"),
        ((1, 5), (0.8, 5), "costs 20% less for input"),
        ((1, 5), (0.8, 6), "costs 20% less for input, 20% more for output"),
    ],
)
def test_the_size_of_a_change(
    before: tuple[float, float], after: tuple[float, float], said: str
) -> None:
    assert moved({"before": price(*before), "after": price(*after)}) == said


def test_the_lines_of_a_digest() -> None:
    moves = [one for one in MESSAGES["several"]["events"] if one["kind"] == "rise"]
    lowest = {"lab": "deepseek", "model": "DeepSeek-V3.2", "price": price(0.28, 0.42)}
    asked = "DeepSeek-V3.2, $0.28 in, $0.42 out per million tokens (models.dev, as of 10 Jan 2026)"
    assert list(digest_lines({"moves": moves, "cheapest": lowest})) == [
        "DeepSeek-V4-Flash costs 1.6 to 2.4 times as much, from 17 Aug 2026",
        "DeepSeek-V4-Pro costs 1.5 to 2.3 times as much, from 17 Aug 2026",
        f"Cheapest frontier model: {asked}",
    ]
    many = list(digest_lines({"moves": moves * 5, "cheapest": None}))
    assert len(many) == 7
    assert many[-1] == "and 4 more"


def test_figures_in_a_table_and_ranges() -> None:
    assert [cell(figure(one)) for one in (2.5, 10, 0.135, 0.0028, 1200)] == [
        "2.50", "10.00", "0.135", "0.0028", "1,200.00",
    ]  # fmt: skip
    assert cell(None) == "unknown"
    assert ranged({"input": figure(2, 2, 3), "output": None}) == "$2 to $3 in, unknown out"


def test_sources_of_several_prices_in_short() -> None:
    several = [
        {"source": "litellm 1.53.1, for the snapshot of 6 Aug 2024", "as_of": "2024-11-28"},
        {"source": "litellm 1.59.8, api-docs.deepseek.com", "as_of": "2025-01-26"},
    ]
    assert all_read(several) == (
        "litellm and api-docs.deepseek.com, as of 28 Nov 2024 to 26 Jan 2025"
    )
    assert all_read(several[:1]) == "litellm, as of 28 Nov 2024"
