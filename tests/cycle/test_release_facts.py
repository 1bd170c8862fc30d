"""What a release's message is made of: figures of its day, and no price from the future."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.cards.judged import judged_fields
from bot.cycle.release_facts import Account, told_facts
from bot.model.release import Release
from bot.releases.beside import Given
from bot.releases.shipped import load_releases
from bot.releases.together import told_together
from bot.services import Services
from tests.replaying import replayed


def listed(model: str) -> Release:
    return next(one for one in load_releases() if one.model == model)


async def test_what_ai_stocks_did_is_known_at_the_moment_of_telling() -> None:
    async with replayed("2025-01-17", "2025-01-21") as (services, _receiver, _messages):
        now = datetime(2025, 1, 20, 23, 59, 59, tzinfo=UTC)
        async with services.database.read() as connection:
            told = await told_facts(connection, services, [listed("DeepSeek-R1")], now)
            before = datetime(2025, 1, 2, 12, tzinfo=UTC)
            early = await told_facts(connection, services, [listed("DeepSeek-R1")], before)
            few = await told_facts(connection, services, [listed("Grok 3")], now)
    past = told["after"]
    assert (past["n"], past["sessions"], past["as_of"]) == (6, 5, "2025-01-17")
    assert past["low"] < past["median"] < past["high"]
    assert round(past["median"], 4) == 0.0139
    # DeepSeek-V3 came on 26 December: on 2 January its five sessions were not over.
    assert early["after"]["n"] == 5
    assert few["after"] is None


@pytest.mark.parametrize(
    ("day", "price"),
    [
        (date(2024, 12, 26), (0.14, 0.28)),
        (date(2025, 2, 10), (0.27, 1.1)),
        (date(2026, 1, 1), None),
    ],
)
async def test_the_price_is_that_of_the_day(
    services: Services, day: date, price: tuple[float, float] | None
) -> None:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    async with services.database.read() as connection:
        told = await told_facts(connection, services, [listed("DeepSeek-V3")], now)
    found = told["price"] and (told["price"]["input_mtok"], told["price"]["output_mtok"])
    assert found == price
    assert (told["beside"] is None) == (price is None)
    if told["price"]:
        assert told["price"]["as_of"] <= day.isoformat()


async def test_a_model_that_nothing_ships_of_has_what_its_sources_gave(services: Services) -> None:
    new = replace(listed("DeepSeek-R1"), model="DeepSeek-R9", key="k")
    given = [
        Given("Hugging Face", "DeepSeek-R9", {"licence": "mit", "context": "lots"}),
        Given(
            "OpenRouter", "DeepSeek-R9", {"context": 1_000_000, "input_mtok": 0, "output_mtok": 0}
        ),
        Given("models.dev", "DeepSeek-R9", {"context": 5, "input_mtok": 1.0, "output_mtok": 2.0}),
        Given("models.dev", "another", {"parameters": 7}),
    ]
    now = datetime(2026, 10, 1, tzinfo=UTC)
    async with services.database.read() as connection:
        told = await told_facts(connection, services, [new], now, Account(given))
    (model,) = told["models"]
    assert (model["licence"], model["context"], model["parameters"]) == ("MIT", 1_000_000, None)
    assert model["sources"] == ["Hugging Face", "OpenRouter"]
    assert told["price"]["source"] == "models.dev"  # a free offer is no price


def test_variants_of_one_day_are_told_together_and_others_apart() -> None:
    day = [
        one
        for one in load_releases()
        if one.key.startswith("openai/gpt-4.1") and one.released_on == date(2025, 4, 14)
    ]
    assert [one.model for one in told_together(day)[0]] == [
        "GPT-4.1",
        "GPT-4.1 mini",
        "GPT-4.1 nano",
    ]
    two = [listed("DeepSeek-R1"), listed("Janus-Pro")]
    assert [len(group) for group in told_together(two)] == [1, 1]


def test_explain_says_what_decided() -> None:
    facts = {
        "source": "OpenAI News", "also": ["OpenRouter"], "confidence": 0.97,
        "reason": "a lab introduces a model by name", "words": ["introducing", "GPT-5"],
    }  # fmt: skip
    assert {field.name: field.value for field in judged_fields(facts)} == {
        "Judged": "a release: a lab introduces a model by name (“introducing”, “GPT-5”)",
        "Sure": "97%",
        "Sources": "OpenAI News, first; then OpenRouter",
    }
    assert [field.name for field in judged_fields({"source": "Epoch AI"})] == ["Sources"]
