"""/cost workload: the month first, what it is made of, and what is not known."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.cards.to_text import to_json, to_plain
from bot.errors import UserError
from bot.services import Services, SetClock
from tests.asking import ask


def at(services: Services, day: str) -> Services:
    moment = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)
    return replace(services, clock=SetClock(moment))


async def test_the_month_comes_first_then_what_it_is_made_of(services: Services) -> None:
    card = await ask("/cost workload GPT-4o 10000 2000 500 cached=40", services)
    # 10,000 × (1,200 × 2.50 + 800 × 1.25 + 500 × 10) / 1e6 = $90 a day
    assert card.title == "GPT-4o: $2,737.50 a month for 10,000 requests a day"
    assert card.text.startswith(
        "$90.00 a day, $32,850.00 a year. Each request: 2,000 tokens in (40% of them cached), "
        "500 out.\n"
    )
    assert "Per million tokens: $2.50 in, $1.25 cached, $10 out." in card.text
    assert "prices stay as on 27 Jan 2025; a month is 365/12 days" in card.text
    assert card.table is not None
    assert card.table.columns == ("", "day", "month", "year")
    assert card.table.rows == (
        ("input", "$30.00", "$912.50", "$10,950.00"),
        ("cached input", "$10.00", "$304.17", "$3,650.00"),
        ("output", "$50.00", "$1,520.83", "$18,250.00"),
        ("all", "$90.00", "$2,737.50", "$32,850.00"),
    )
    assert "since 6 Aug 2024" in card.footer
    assert "read 28 Nov 2024" in card.footer
    assert card.footer.startswith("US dollars.")


async def test_the_facts_are_figures_with_their_sources(services: Services) -> None:
    card = await ask("/cost workload DeepSeek-V3 10000 2000 500", services)
    facts = json.loads(to_json(card))["facts"]
    assert facts["day"]["value"] == 4.2
    assert facts["year"]["value"] == 1533
    assert facts["currency"] == "USD"
    assert facts["requests_per_day"] == 10000
    (price,) = facts["prices"]
    assert price["input_mtok"]["value"] == 0.14
    assert price["output_mtok"]["sources"][0] == "litellm 1.59.8"
    assert price["until"].startswith("2025-02-08")
    assert facts["ends"]["then"]["prices"][0]["input_mtok"]["value"] == 0.27


async def test_the_end_of_a_promotion_and_what_follows_are_told(services: Services) -> None:
    card = await ask("/cost workload DeepSeek-V3 10000 2000 500", services)
    assert card.title == "DeepSeek-V3: $127.75 a month for 10,000 requests a day"
    # 10,000 × (2,000 × 0.27 + 500 × 1.10) / 1e6 = $10.90 a day; 11.75 days at $4.20 before it
    assert (
        "The price is a promotion to 8 Feb 2025; after it the same costs $331.54 a month, and the "
        "first year comes to $3,899.78." in card.text
    )
    later = await ask("/cost workload DeepSeek-V3 10000 2000 500", at(services, "2025-02-10"))
    assert later.title == "DeepSeek-V3: $331.54 a month for 10,000 requests a day"
    assert "promotion" not in later.text


async def test_what_nobody_knew_beforehand_is_not_told(services: Services) -> None:
    card = await ask("/cost workload GPT-4o 10 2000 500", at(services, "2024-06-01"))
    assert "Per million tokens: $5 in, $15 out." in card.text
    assert card.facts["prices"][0]["until"] is None
    assert card.facts["ends"] is None


async def test_hours_count_where_the_price_goes_by_the_clock(services: Services) -> None:
    now = at(services, "2025-03-01")
    even = await ask("/cost workload DeepSeek-V3 10000 2000 500", now)
    assert "Off-peak hours are 16:30–00:30 UTC; 33.3% of the requests" in even.text
    dear = await ask("/cost workload DeepSeek-V3 10000 2000 500 peak=100", now)
    cheap = await ask("/cost workload DeepSeek-V3 10000 2000 500 peak=0", now)
    assert (dear.facts["day"]["value"], cheap.facts["day"]["value"]) == (10.9, 5.45)
    assert 5.45 < even.facts["day"]["value"] < 10.9
    idle = await ask("/cost workload GPT-4o 10 10 10 peak=50", now)
    assert "does not go by the clock" in idle.text


async def test_a_request_that_does_not_fit_is_said(services: Services) -> None:
    card = await ask("/cost workload GPT-4o 10 128000 1", services)
    assert "A request of 128,001 tokens does not fit: GPT-4o takes 128,000 (models.dev)." in (
        card.text
    )
    fits = await ask("/cost workload GPT-4o 10 127999 1", services)
    assert "does not fit" not in fits.text


async def test_a_model_to_come_has_no_bill(services: Services) -> None:
    card = await ask("/cost workload gpt-5 10 10 10", services)
    assert card.title == "GPT-5: not released by 27 Jan 2025"
    assert card.facts["month"] is None
    assert "$" not in card.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("r1", "“r1” is read as DeepSeek-R1."),
        (
            "deepseek-chat",
            "deepseek-chat meant DeepSeek-V3 on 27 Jan 2025 (api-docs.deepseek.com).",
        ),
    ],
)
async def test_which_model_is_meant_is_said(services: Services, typed: str, said: str) -> None:
    assert said in (await ask(f"/cost workload {typed} 10 10 10", services)).text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("GPT-4o 10 0 0", "give tokens in, out or both"),
        ("GPT-4o 0 10 10", "requests"),
        ("GPT-4o 10 10 10 cached=101", "cached"),
        ("gpt-4oo 10 10 10", "did you mean"),
    ],
)
async def test_what_cannot_be_reckoned_is_refused(services: Services, line: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        await ask(f"/cost workload {line}", services)


async def test_a_table_is_narrow_enough_to_read(services: Services) -> None:
    card = await ask("/cost workload GPT-4o 1000000 100000 5000 cached=50", services)
    assert card.table is not None
    rows = [line for line in to_plain(card).splitlines() if line.startswith(" ")]
    assert rows
    assert max(len(line) for line in rows) <= 62
