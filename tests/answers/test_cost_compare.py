"""/cost compare: prices side by side on a day, who is cheapest, where sources differ."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.answers import costing
from bot.costs.ledger import Ledger
from bot.errors import UserError
from bot.model.card import BarChart, Card
from bot.model.rate import Evidence
from bot.priced import shipped_ledger
from bot.services import Services, SetClock
from tests.asking import ask
from tests.costs.rated import rate


def on(services: Services, text: str) -> Services:
    """The services as of the end of that day."""
    moment = datetime.fromisoformat(f"{text}T23:59:59").replace(tzinfo=UTC)
    return replace(services, clock=SetClock(moment))


def add(monkeypatch: pytest.MonkeyPatch, *rates: Any) -> None:
    """Rates beside those that ship; nothing else."""

    async def ledger_of(_database: object) -> Ledger:
        shipped = shipped_ledger()
        return Ledger((*shipped.rates, *rates), shipped.released)

    monkeypatch.setattr(costing, "ledger_of", ledger_of)


def model(card: Card, name: str) -> dict[str, Any]:
    found = [one for one in card.facts["models"] if one["model"] == name]
    assert len(found) == 1
    return dict(found[0])


def rows(card: Card) -> dict[str, tuple[str, ...]]:
    assert card.table is not None
    return {row[0]: row[1:] for row in card.table.rows}


async def test_two_models_on_a_day(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, rate(asked="0.27/1.10", source="genai-prices", evidence=Evidence.CATALOG))
    card = await ask("/cost compare gpt-4o,deepseek-v3", on(services, "2025-01-28"))
    assert card.title == "DeepSeek-V3 is the cheapest: $0.14 in, $0.28 out per million tokens"
    assert rows(card) == {
        "GPT-4o": ("2.50", "10.00", "4.38", "25 times"),
        "DeepSeek-V3": ("0.14", "0.28", "0.18", "cheapest"),
    }
    assert "Sources differ on DeepSeek-V3: genai-prices has $0.27 in, $1.10 out." in card.text
    assert "promotion to 8 Feb 2025, 16:00 UTC, then $0.27 in, $1.10 out" in card.text
    v3, gpt = model(card, "DeepSeek-V3"), model(card, "GPT-4o")
    assert v3["price"]["input_mtok"] == {
        "value": 0.14, "low": 0.14, "high": 0.27, "sources": ["litellm 1.59.8", "genai-prices"],
        "differ": [{"source": "genai-prices", "value": 0.27}],
    }  # fmt: skip
    assert v3["price"]["output_mtok"]["high"] == 1.10
    assert v3["price"]["promotion_until"] == "2025-02-08T16:00:00+00:00"
    assert v3["then"]["output_mtok"]["value"] == 1.10
    assert gpt["price"]["input_mtok"]["value"] == gpt["price"]["input_mtok"]["high"] == 2.50
    assert gpt["price"]["output_mtok"]["value"] == 10.00
    assert gpt["price"]["promotion_until"] is None
    assert (v3["blend_mtok"]["value"], gpt["times_cheapest"]) == (0.175, 25.0)
    assert "litellm 1.59.8 and genai-prices (read 26 Jan 2025)" in card.footer
    assert "genai-prices" in card.footer


async def test_the_chart_shows_the_range_marks_the_cheapest_and_is_log_where_it_must(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, rate(asked="0.27/1.10", source="genai-prices", evidence=Evidence.CATALOG))
    chart = (await ask("/cost compare gpt-4o,deepseek-v3", on(services, "2025-01-28"))).chart
    assert isinstance(chart, BarChart)
    assert chart.log
    assert chart.unit == "US dollars per million tokens"
    assert [name for name, _ in chart.groups] == ["input", "output"]
    gpt, v3 = chart.groups[1][1]
    assert (v3.value, v3.low, v3.high, v3.best) == (0.28, 0.28, 1.10, True)
    assert v3.text == "$0.28 (sources: $0.28 to $1.10), cheapest"
    assert (gpt.text, gpt.best) == ("$10", False)
    near = (await ask("/cost compare o1,gpt-4o", on(services, "2025-01-28"))).chart
    assert isinstance(near, BarChart)
    assert near.log  # from 2.50 to 60
    nearer = (await ask("/cost compare o3-mini,gpt-4o", on(services, "2025-02-28"))).chart
    assert isinstance(nearer, BarChart)
    assert not nearer.log  # from 1.10 to 10


async def test_before_its_release_a_model_has_no_price(services: Services) -> None:
    card = await ask("/cost compare gpt-4o,deepseek-v3", on(services, "2024-06-01"))
    assert card.title == "GPT-4o: $5 in, $15 out per million tokens"
    assert "DeepSeek-V3 was not released until 26 Dec 2024." in card.text
    assert rows(card)["GPT-4o"] == ("5.00", "15.00", "7.50", "")
    assert rows(card)["DeepSeek-V3"] == ("", "", "", "not out")
    assert isinstance(card.chart, BarChart)
    assert [bar.text for _, bars in card.chart.groups for bar in bars] == [
        "$5 (sources: $2.50 to $5)", "not released", "$15 (sources: $10 to $15)", "not released"
    ]  # fmt: skip
    assert model(card, "DeepSeek-V3")["price"] is None
    assert model(card, "GPT-4o")["price"]["output_mtok"]["value"] == 15.0
    assert "often-quoted" not in card.text


async def test_the_day_may_be_named_instead(services: Services) -> None:
    later = on(services, "2026-01-01")
    card = await ask("/cost compare gpt-4o,deepseek-v3 on=28 Jan 2025", later)
    assert rows(card)["DeepSeek-V3"][:2] == ("0.14", "0.28")
    assert card.facts["on"] == "2025-01-28"
    gone = await ask("/cost compare gpt-4o,deepseek-v3", later)
    assert rows(gone)["DeepSeek-V3"] == ("", "", "", "unknown")
    assert "the last that is known is $0.27 in, $1.10 out until 25 Mar 2025" in gone.text


async def test_the_often_quoted_figures_are_put_right(services: Services) -> None:
    card = await ask("/cost compare gpt-4o,deepseek-v3,deepseek-r1", on(services, "2025-01-28"))
    assert "often-quoted $15 out is GPT-4o's of May 2024; from 6 Aug 2024 on it is $10" in card.text
    assert "often-quoted $0.28 out is V3's in its promotion to 8 Feb 2025" in card.text
    assert rows(card)["DeepSeek-R1"][:2] == ("0.55", "2.19")


async def test_the_mix_decides_the_blend(services: Services) -> None:
    card = await ask("/cost compare gpt-4o,deepseek-v3 mix=50/50", on(services, "2025-01-28"))
    assert card.table is not None
    assert card.table.columns == ("model", "in", "out", "1:1", "cost")
    assert rows(card)["GPT-4o"][2:] == ("6.25", "30 times")  # 6.25 / 0.21 = 29.8
    with pytest.raises(UserError, match="above zero"):
        await ask("/cost compare gpt-4o mix=0:1", services)


async def test_equal_prices_and_the_same_model_twice(services: Services) -> None:
    then = on(services, "2026-01-01")
    card = await ask("/cost compare gpt-5, GPT-5.1, gpt5", then)
    assert card.title == "GPT-5 and GPT-5.1 cost the same: $1.25 in, $10 out per million tokens"
    assert len(card.facts["models"]) == 2


async def test_what_only_others_sell_is_shown_at_the_cheapest_of_them(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    llama = ("meta", "Llama 3.1-405B")
    several = [
        rate(llama, price, provider=seller, since="2024-08-01")
        for seller, price in (("together", "3.5/3.5"), ("fireworks", "3/3"), ("aws", "2.4/2.4"))
    ]
    add(monkeypatch, *several)
    card = await ask("/cost compare llama 3.1 405b, gpt-4o", on(services, "2025-01-28"))
    assert rows(card)["Llama 3.1-405B"] == ("2.40", "2.40", "2.40", "cheapest")
    assert (
        "No price of Meta's own is known for Llama 3.1-405B; shown is that of Amazon Bedrock, the "
        "cheapest of 3 sellers."
    ) in card.text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/cost compare a,b,c,d,e,f,g,h,i", "At most 8 models"),
        ("/cost compare gpt-4o,depseek-v3", "did you mean DeepSeek-V3"),
        ("/cost compare gpt-4o on=soon", "“soon” is not a day; write it as 2025-01-28"),
        ("/cost compare gpt-4o on=2030-01-01", "1 Jan 2030 has not come yet"),
    ],
)
async def test_what_cannot_be_read_says_what_to_do(
    services: Services, line: str, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        await ask(line, services)


async def test_nothing_is_known_of_any(services: Services) -> None:
    card = await ask("/cost compare gpt-5,gpt-5.1", on(services, "2025-01-28"))
    assert card.title == "GPT-5 and GPT-5.1: no price known on 28 Jan 2025"
    assert (card.table, card.chart, card.footer) == (None, None, "")
    assert "GPT-5 was not released until 7 Aug 2025." in card.text


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("gpt", "GPT-5.5"),  # GPT-5.5 Instant is newer, and its price is not known
        ("mistral large", "Mistral Large 2.1"),  # what only a catalogue knows stands behind
        ("deepseek", "DeepSeek-V4-Pro"),  # DeepSeek sells V4 Flash no more
        ("sonnet", "Claude Sonnet 5"),
        ("claude opus", "Claude Opus 5"),
    ],
)
async def test_a_bare_name_means_the_newest_that_is_sold(
    services: Services, typed: str, name: str
) -> None:
    card = await ask(f"/cost compare {typed}", on(services, "2026-11-20"))
    assert card.facts["models"][0]["model"] == name


async def test_what_its_lab_sells_no_more_is_shown_at_anothers_price(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, rate(("anthropic", "Claude 2"), "8/24", provider="aws", since="2024-08-01"))
    card = await ask("/cost compare claude-2, gpt-5", on(services, "2026-01-01"))
    assert (
        "Anthropic has not sold Claude 2 since 21 Jul 2025; shown is the price of Amazon Bedrock, "
        "the only one known."
    ) in card.text


@pytest.mark.parametrize(
    "words", ["gpt-4o, deepseek v3 on 2025-01-28", "gpt-4o vs deepseek v3 28 Jan 2025"]
)
async def test_a_day_behind_the_names_is_the_day(services: Services, words: str) -> None:
    card = await ask(f"/cost compare {words}", on(services, "2026-01-01"))
    assert card.facts["on"] == "2025-01-28"
    assert [one["model"] for one in card.facts["models"]] == ["GPT-4o", "DeepSeek-V3"]


async def test_of_several_bare_names_only_the_reading_is_told(services: Services) -> None:
    one = await ask("/cost compare sonnet", on(services, "2026-11-20"))
    assert "“sonnet” is read as Claude Sonnet 5; also of that name: Claude Sonnet 4.6" in one.text
    assert one.table is not None
    assert one.table.columns == ("model", "in", "out", "3:1")  # there is nothing to compare with
    many = await ask("/cost compare sonnet, gpt-5, claude opus", on(services, "2026-11-20"))
    assert "“sonnet” is read as Claude Sonnet 5." in many.text
    assert "also of that name" not in many.text


async def test_names_without_a_comma_are_told_to_have_one(services: Services) -> None:
    with pytest.raises(UserError, match="write commas between several, such as GPT-4o, Deep"):
        await ask("/cost compare gpt-4o deepseek-v3", on(services, "2025-01-28"))
