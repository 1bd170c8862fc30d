"""/cost migrate: what a move saves, both ways, when it pays, and what else is different."""

import json

import pytest

from bot.cards.to_text import to_json
from bot.errors import UserError
from bot.model.card import Card
from bot.services import Services
from tests.answers.test_cost_workload import at
from tests.asking import ask


def fields(card: Card) -> dict[str, str]:
    return {field.name: field.value for field in card.fields}


async def test_a_move_that_saves(services: Services) -> None:
    card = await ask("/cost migrate GPT-4o DeepSeek-V3 10000 2000 500 switching=5000", services)
    # $100.00 and $4.20 a day: 95.80 × 365 / 12
    assert card.title == "GPT-4o to DeepSeek-V3: saves $2,913.92 a month"
    assert card.text.startswith(
        "That is $34,967.00 a year, 96% less. The way back, to GPT-4o, costs $2,913.92 more a "
        "month.\n10,000 requests a day. Each request: 2,000 tokens in, 500 out."
    )
    # 11.75 days × 95.80 = 1,125.65, then 89.10 a day: 11.75 + 43.48 = 55.23
    assert "The move itself, $5,000, is paid back after 56 days" in card.text
    assert (
        "DeepSeek-V3's price is a promotion to 8 Feb 2025; from then on the move saves $2,710.13 "
        "a month. Over the first year it saves" in card.text
    )
    assert "says nothing about quality" in card.text
    assert card.table is not None
    assert card.table.rows == (
        ("GPT-4o", "$100.00", "$3,041.67", "$36,500.00"),
        ("DeepSeek-V3", "$4.20", "$127.75", "$1,533.00"),
        ("saved", "$95.80", "$2,913.92", "$34,967.00"),
    )
    assert "litellm 1.53.1" in card.footer
    assert "litellm 1.59.8" in card.footer


async def test_the_way_back_is_the_same_sum_and_never_pays(services: Services) -> None:
    card = await ask("/cost migrate DeepSeek-V3 GPT-4o 10000 2000 500 switching=5000", services)
    assert card.title == "DeepSeek-V3 to GPT-4o: costs $2,913.92 more a month"
    assert "$34,967.00 more a year, 24 times as much." in card.text
    assert "The way back, to DeepSeek-V3, saves $2,913.92 a month." in card.text
    assert "The move itself, $5,000, is never paid back: the new model costs more." in card.text
    assert card.table is not None
    assert card.table.rows[-1] == ("more", "$95.80", "$2,913.92", "$34,967.00")


async def test_the_facts_have_both_ways(services: Services) -> None:
    card = await ask("/cost migrate GPT-4o DeepSeek-V3 10000 2000 500 switching=5000", services)
    facts = json.loads(to_json(card))["facts"]
    assert facts["saved"]["day"]["value"] == 95.8
    assert facts["back"]["day"]["value"] == -95.8
    assert facts["payback_days"]["value"] == 56
    assert [one["until"] is None for one in facts["stages"]] == [False, True]
    assert facts["from"]["prices"][0]["output_mtok"]["value"] == 10
    assert facts["to"]["prices"][0]["output_mtok"]["value"] == 0.28
    assert facts["fits"] == {"from": True, "to": None}
    plain = await ask("/cost migrate GPT-4o DeepSeek-V3 10000 2000 500", services)
    assert plain.facts["payback_days"] is None
    assert "paid back" not in plain.text


async def test_what_is_known_to_differ_is_said_and_who_says_so(services: Services) -> None:
    card = await ask("/cost migrate GPT-4o r1 10 2000 500", services)
    told = fields(card)
    assert told["Takes"] == (
        "GPT-4o: text, image and pdf; DeepSeek-R1: text. DeepSeek-R1 takes no image or pdf"
    )
    assert told["Weights"] == "GPT-4o: closed; DeepSeek-R1: open (MIT)"
    assert told["Reasons before it answers"] == (
        "GPT-4o: no; DeepSeek-R1: yes. Count its reasoning among the tokens out"
    )
    assert told["Released"] == "GPT-4o: 13 May 2024; DeepSeek-R1: 20 Jan 2025"
    assert "Context window" not in told  # both take 128K
    assert "Differences: models.dev" in card.footer
    assert "Epoch AI" in card.footer
    assert "“r1” is read as DeepSeek-R1." in card.text
    other = await ask("/cost migrate GPT-4o DeepSeek-V3 10 2000 500", services)
    assert fields(other)["Context window"] == "GPT-4o: 128K tokens; DeepSeek-V3: unknown"


async def test_a_request_that_does_not_fit_the_new_model_is_said(services: Services) -> None:
    card = await ask("/cost migrate o1 GPT-4o 10 150000 500", services)
    assert "A request of 150,500 tokens does not fit: GPT-4o takes 128,000 (models.dev)." in (
        card.text
    )
    assert "o1 takes" not in card.text
    assert card.facts["fits"] == {"from": True, "to": False}


@pytest.mark.parametrize("names", ["gpt4o GPT-4o", "DeepSeek-V3 deepseek-chat"])
async def test_the_same_model_twice_is_one_sentence(services: Services, names: str) -> None:
    card = await ask(f"/cost migrate {names} 10 10 10", services)
    assert card.title.endswith("nothing to move")
    assert card.table is None
    assert card.facts["same"] is True


async def test_a_model_that_is_not_out_is_said(services: Services) -> None:
    for names in ("GPT-4o DeepSeek-V3", "DeepSeek-V3 GPT-4o"):
        card = await ask(f"/cost migrate {names} 10 10 10", at(services, "2024-06-01"))
        assert card.title == "DeepSeek-V3: not released by 1 Jun 2024"


async def test_requests_without_tokens_are_refused(services: Services) -> None:
    with pytest.raises(UserError, match="give tokens in, out or both"):
        await ask("/cost migrate GPT-4o o1 10 0 0", services)
