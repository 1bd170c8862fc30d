"""/cost training: what was claimed and what is known, by name, by day and at a rate."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import UserError
from bot.services import Services, SetClock
from tests.asking import ask

BOTH = "/cost training deepseek-v3,llama-3.1-405b"


def at(services: Services, year: int, month: int, day: int) -> Services:
    return replace(services, clock=SetClock(datetime(year, month, day, 23, 59, tzinfo=UTC)))


async def test_the_comparison_that_was_made_of_v3_and_llama(seeded: Services) -> None:
    card = await ask(BOTH, seeded)
    assert card.title == "Llama 3.1-405B took about 11 times the GPU hours of DeepSeek-V3"
    assert "30.84M H100 hours against 2.788M H800 hours." in card.text
    assert "not the same work" in card.text
    assert "The often-quoted 39.3M hours are the whole family" in card.text
    assert "about 14 times, several models against one" in card.text
    assert card.table is not None
    assert card.table.rows == (
        ("DeepSeek-V3", "2.788M H800", "$5.576M", "$5.576M"),
        ("Llama 3.1-405B", "30.84M H100", "$61.68M", "unknown"),
    )
    assert "assumed for the rest" in card.table.note
    assert {"of": "gpu_hours", "times": 11.062}.items() <= card.facts["ratio"].items()


async def test_the_facts_of_a_claim(seeded: Services) -> None:
    card = await ask(BOTH, seeded)
    v3, llama = card.facts["models"]
    hours, cost = v3["claims"]
    assert (hours["hours"], hours["accelerator"], hours["cost_usd"]) == (2_788_000, "H800", None)
    assert (cost["cost_usd"], cost["dollars_of"], cost["hours"]) == (5_576_000, 2024, None)
    assert cost["confidence"] == "confirmed by the lab"
    assert cost["includes"].startswith("the final training run only")
    assert cost["link"] == "https://arxiv.org/abs/2412.19437"
    assert v3["cost_usd"] == {
        "value": 5_576_000, "low": 5_576_000, "high": 5_576_000,
        "sources": ["DeepSeek-V3 technical report"],
    }  # fmt: skip
    assert llama["cost_usd"] is None
    assert llama["hours"]["value"] == 30_840_000


async def test_later_claims_are_shown_later_with_their_range(seeded: Services) -> None:
    card = await ask(BOTH, at(seeded, 2026, 11, 26))
    v3 = card.facts["models"][0]["cost_usd"]
    assert (v3["value"], v3["low"], v3["high"]) == (5_576_000, 5_390_000, 5_576_000)
    assert "epoch.ai (CC BY 4.0)" in card.footer
    assert card.table is not None
    assert card.table.rows[1][3] == "≈ $52.89M"


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("2.5", ["$6.97M", "$77.1M"]),  # 2.788M and 30.84M x 2.5
        ("3", ["$8.364M", "$92.52M"]),
    ],
)
async def test_a_rate_of_ones_own(seeded: Services, typed: str, rows: list[str]) -> None:
    card = await ask(f"{BOTH} {typed}", seeded)
    assert card.table is not None
    assert [row[2] for row in card.table.rows] == rows
    assert "as you gave it" in card.table.note


async def test_r1_was_unknown_when_it_came(seeded: Services) -> None:
    card = await ask("/cost training r1", at(seeded, 2025, 1, 28))
    assert card.title == "DeepSeek-R1: cost of training unknown"
    assert "Shown for “r1”." in card.text
    assert "the often-quoted $5.58M is DeepSeek-V3's" in card.text
    assert card.fields == ()
    assert card.facts["models"][0]["cost_usd"] is None
    later = await ask("/cost training r1", at(seeded, 2026, 11, 26))
    assert later.title == "DeepSeek-R1: estimated at $6.77M in 2023 dollars"
    assert "DeepSeek's $294,000 is only a part" in later.text


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("v3", "DeepSeek-V3"),
        ("deepseek-chat", "DeepSeek-V3"),
        ("'llama 3.1 405b'", "Llama 3.1-405B"),
        ("opt", "OPT-175B"),  # known to the claims alone
        ("gpt-3", "GPT-3"),
        ("'Llama 3.1 family'", "Llama 3.1 family"),
    ],
)
async def test_names_are_forgiven(seeded: Services, typed: str, name: str) -> None:
    card = await ask(f"/cost training {typed}", seeded)
    assert card.title.startswith(f"{name}: ")
    assert card.facts["models"][0]["model"] == name
    assert name not in card.facts["models"][0]["others"]


async def test_a_model_that_is_yet_to_come(seeded: Services) -> None:
    card = await ask("/cost training deepseek-v3", at(seeded, 2024, 6, 1))
    assert card.title == "DeepSeek-V3: not released then"
    assert card.text == "It came on 26 Dec 2024; nothing was claimed by 1 Jun 2024."
    assert card.facts["models"][0]["claims"] == []


async def test_a_model_that_nothing_is_claimed_of(seeded: Services) -> None:
    card = await ask("/cost training gpt-4o", seeded)
    assert card.title == "GPT-4o: cost of training unknown"
    assert card.text == "No claim about its training is known up to 27 Jan 2025."


async def test_the_same_model_twice_is_one(seeded: Services) -> None:
    card = await ask("/cost training v3,deepseek-v3", seeded)
    assert card.title.startswith("DeepSeek-V3: 2.788M")


async def test_without_models_the_dearest(seeded: Services) -> None:
    card = await ask("/cost training", at(seeded, 2026, 11, 26))
    assert card.title == "The dearest training known: Grok 4, $388M"
    assert card.table is not None
    assert len(card.table.rows) == 10
    assert card.table.rows[0] == ("Grok 4", "$388M", "Epoch AI", "speculative")
    assert "epoch.ai (CC BY 4.0)" in card.footer
    then = await ask("/cost training rate=3", seeded)
    assert then.table is not None
    assert then.table.rows[0] == ("Llama 3.1-405B", "$92.5M", "hours × $3", "your rate")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/cost training nosuch", "No model nosuch is known"),
        (f"{BOTH} rate=1,2", "Give one rate, in dollars for an hour of one GPU"),
        (f"{BOTH} -2", "Give one rate"),
        (f"{BOTH} 2000", "at most 1000"),
        ("/cost training v3,r1,gpt-4,gpt-3,opt,palm,o1", "At most 6 models"),
    ],
)
async def test_what_cannot_be_answered_says_what_to_do(
    seeded: Services, line: str, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        await ask(line, seeded)


async def test_before_anything_was_claimed(seeded: Services) -> None:
    with pytest.raises(UserError, match="ask a later day"):
        await ask("/cost training", at(seeded, 2022, 1, 1))


async def test_a_number_behind_a_very_name_is_the_rate(services: Services) -> None:
    card = await ask("/cost training DeepSeek-V3 3", services)
    assert "2.788M H800 hours at $3 an hour (the rate you gave) make $8.364M." in card.text
    bare = await ask("/cost training llama 2", services)
    assert bare.title.startswith("Llama 2-70B: ")
    assert "the rate you gave" not in bare.text
