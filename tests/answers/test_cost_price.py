"""/cost price: a model's price on any day, its terms, its past, and who else sells it."""

from datetime import datetime

import pytest

from bot.commands import parse
from bot.errors import UserError
from bot.model.card import Card
from bot.model.rate import Evidence, Terms
from bot.services import Services
from bot.surfaces.answering import answer
from tests.answers.test_cost_compare import add, on
from tests.asking import CONSOLE, ask
from tests.costs.rated import GPT, V3, rate


def fields(card: Card) -> dict[str, str]:
    return {field.name: field.value for field in card.fields}


async def test_what_is_not_out_yet_says_when_it_came(services: Services) -> None:
    card = await ask("/cost price gpt-5", on(services, "2025-01-28"))
    assert card.title == "GPT-5 was not released yet on 28 Jan 2025; it came on 7 Aug 2025"
    assert card.facts["released_on"] == "2025-08-07"
    assert card.facts["price"] is None
    assert not card.facts["released"]


async def test_the_price_of_a_day_with_its_past(services: Services) -> None:
    card = await ask("/cost price gpt-4o", on(services, "2025-01-28"))
    assert card.title == "GPT-4o: $2.50 in, $10 out per million tokens"
    assert "OpenAI's price on 28 Jan 2025, the same since 6 Aug 2024." in card.text
    assert "often-quoted $15 out is GPT-4o's of May 2024" in card.text
    assert fields(card)["Cached input"] == "$1.25"
    assert fields(card)["At launch"] == "$5 in, $15 out (13 May 2024); input −50%, output −33%"
    assert card.table is not None
    assert card.table.rows == (("13 May 2024", "5.00", "15.00"), ("6 Aug 2024", "2.50", "10.00"))
    assert "Sources: litellm 1.53.1 (read 28 Nov 2024)" in card.footer


async def test_what_came_later_is_not_told_before(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = await ask("/cost price gpt-4o", on(services, "2024-06-01"))
    assert listed.title == "GPT-4o: $5 in, $15 out per million tokens"
    assert "has $2.50 in, $10 out, without saying since when." in listed.text
    add(monkeypatch)
    card = await ask("/cost price gpt-4o", on(services, "2024-06-01"))
    assert card.title == "GPT-4o: $5 in, $15 out per million tokens"
    assert card.table is None
    assert "2.50" not in str(card)
    assert "2024-08-06" not in str(card.facts)


@pytest.mark.parametrize(
    "line", ["2025-01-28", "28 Jan 2025", "on=2025-01-28", "on 2025-01-28", "on 28 Jan 2025"]
)
async def test_a_promotion_says_when_it_ends_and_what_follows(
    services: Services, line: str
) -> None:
    card = await ask(f"/cost price DeepSeek-V3 {line}", on(services, "2026-01-01"))
    assert card.title == "DeepSeek-V3: $0.14 in, $0.28 out per million tokens"
    assert "It is a promotion to 8 Feb 2025, 16:00 UTC, then $0.27 in, $1.10 out." in card.text
    assert "not R1's ($2.19)" in card.text
    assert card.facts["price"]["promotion_until"] == "2025-02-08T16:00:00+00:00"
    assert card.facts["then"]["input_mtok"]["value"] == 0.27
    assert [one["price"] is None for one in card.facts["history"]] == [False, False, True]


async def test_what_is_no_longer_sold_says_since_when_and_what_it_cost_last(
    services: Services,
) -> None:
    card = await ask("/cost price DeepSeek-V3", on(services, "2025-06-01"))
    assert card.title == "DeepSeek-V3: no longer sold on 1 Jun 2025"
    assert card.text == (
        "DeepSeek has not sold it since 25 Mar 2025; its last price was $0.27 in, $1.10 out."
    )
    assert card.facts["price"] is None
    assert card.facts["sold_until"] == "2025-03-25T00:00:00+00:00"


async def test_a_retired_model_has_no_price_and_its_end_is_not_told_before(
    services: Services,
) -> None:
    gone = await ask("/cost price claude-2", on(services, "2026-01-01"))
    assert "Anthropic has not sold it since 21 Jul 2025 (docs.anthropic.com)" in gone.text
    assert "its last price was $8 in, $24 out." in gone.text
    before = await ask("/cost price claude-2", on(services, "2025-07-20"))
    assert before.title == "Claude 2: $8 in, $24 out per million tokens"
    grok = await ask("/cost price grok 4", on(services, "2025-08-10"))
    assert grok.title == "Grok 4: $3 in, $15 out per million tokens"
    assert "2026" not in grok.text


async def test_a_price_that_is_first_known_later_is_told_as_that(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch)
    card = await ask("/cost price gpt-4o-mini 2024-08-01", on(services, "2025-01-28"))
    assert card.title == "GPT-4o mini: price unknown on 1 Aug 2024"
    assert "The first that is known is $0.15 in, $0.60 out, of 28 Nov 2024." in card.text
    then = await ask("/cost price gpt-4o-mini", on(services, "2025-01-28"))
    assert "OpenAI's price on 28 Jan 2025, first seen 28 Nov 2024; what it was before" in then.text


@pytest.mark.parametrize(
    ("day", "name"),
    [("2025-01-28", "DeepSeek-V3"), ("2025-05-01", "DeepSeek-V3-0324"),
     ("2025-10-01", "DeepSeek-V3.2-Exp"), ("2026-05-01", "DeepSeek-V4-Flash")],
)  # fmt: skip
async def test_a_moving_name_means_what_it_meant_then(
    services: Services, day: str, name: str
) -> None:
    card = await ask("/cost price deepseek-chat", on(services, day))
    assert card.title.startswith(f"{name}: $")
    assert f"deepseek-chat meant {name} on " in card.text
    assert card.facts["asked"] == "deepseek-chat"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2024-12-01", "before 26 Dec 2024 is not known"),
        ("2026-11-01", "nothing since 24 Jul 2026"),
    ],
)
async def test_a_moving_name_outside_what_is_known_of_it(
    services: Services, day: str, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        await ask("/cost price deepseek-chat", on(services, day))


async def test_hours_batch_and_long_requests_stand_beside_the_usual_price(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(
        monkeypatch,
        rate(GPT, "1.25/5", since="2024-08-06", terms=Terms(batch=True)),
        rate(GPT, "5/15", since="2024-08-06", terms=Terms(over=272_000)),
    )
    card = await ask("/cost price gpt-4o", on(services, "2025-01-28"))
    said = fields(card)
    assert said["Batch"] == "$1.25 in, $5 out; for requests that may wait"
    assert said["Requests of over 272K tokens"] == (
        "$5 in, $15 out; for the whole of such a request"
    )
    pro = await ask("/cost price DeepSeek-V4-Pro", on(services, "2026-11-01"))
    assert fields(pro)["Peak hours"] == (
        "$1.32 in, $3.96 out; 01:00–04:00 and 06:00–10:00 UTC, Monday to Friday"
    )
    assert pro.facts["terms"][0]["hours_utc"] == [[60, 240], [360, 600]]
    assert pro.facts["terms"][0]["weekdays"]


async def test_a_price_of_a_list_that_does_not_say_since_when_says_so(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    mini = ("openai", "GPT-4o mini")
    listed = {"source": "genai-prices", "since": "", "read": "2026-11-03"}
    add(
        monkeypatch,
        rate(mini, "0.15/0.6", evidence=Evidence.CATALOG, **listed),  # type: ignore[arg-type]
        rate(mini, "0.07/0.3", terms=Terms(batch=True), **listed),  # type: ignore[arg-type]
        rate(mini, "0.2/0.8", provider="openrouter", evidence=Evidence.LISTED, **listed),  # type: ignore[arg-type]
    )
    card = await ask("/cost price gpt-4o-mini 2024-08-01", on(services, "2026-11-20"))
    assert card.title == "GPT-4o mini: $0.15 in, $0.60 out per million tokens"
    assert (
        "Genai-prices, read on 3 Nov 2026, does not say since when; on 1 Aug 2024 it may have "
        "been another."
    ) in card.text
    # Sellers' prices and those for batches are told from when they were read.
    assert (card.facts["elsewhere"], card.facts["terms"]) == ([], [])
    today = await ask("/cost price gpt-4o-mini", on(services, "2026-11-20"))
    assert "does not say since when" not in today.text
    assert [one["batch"] for one in today.facts["terms"]] == [True]
    assert [one["provider"] for one in today.facts["elsewhere"]] == ["openrouter"]
    compared = await ask("/cost compare gpt-4o-mini on=2024-08-01", on(services, "2026-11-20"))
    assert "GPT-4o mini: genai-prices, read on 3 Nov 2026, does not say" in compared.text


async def test_a_model_that_only_a_catalogue_knows_is_not_meant_before_it_was_seen(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = rate(("anthropic", "Claude Opus 9"), "9/9", since="", read="2026-11-03")
    add(monkeypatch, later)
    card = await ask("/cost price claude opus", on(services, "2025-01-28"))
    assert card.title.startswith("Claude 3 Opus: ")


async def test_where_sources_differ_they_are_named(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, rate(asked="0.27/1.10", source="genai-prices", evidence=Evidence.CATALOG,
                          cached="0.07"))  # fmt: skip
    card = await ask("/cost price deepseek-v3", on(services, "2025-01-28"))
    assert "Sources differ: genai-prices has $0.27 in, $1.10 out." in card.text
    assert fields(card)["Cached input"] == "$0.014 ($0.014 to $0.07)"
    assert card.facts["price"]["output_mtok"]["low"] == 0.28
    assert card.facts["price"]["output_mtok"]["high"] == 1.10
    assert "genai-prices" in card.footer


async def test_other_sellers_the_cheapest_first_and_the_rest_counted(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, *(rate(V3, f"{n}/{n}", provider=f"seller{n}") for n in range(1, 9)))
    card = await ask("/cost price deepseek-v3", on(services, "2025-01-28"))
    assert card.table is not None
    assert card.table.columns[0] == "elsewhere"
    assert [row[0] for row in card.table.rows] == [f"Seller{n}" for n in range(1, 6)]
    assert card.table.note == "… 3 more, dearer"
    later = await ask("/cost price deepseek-v3 2025-01-28", on(services, "2026-01-01"))
    assert fields(later)["Elsewhere"].startswith("Seller1 $1 in, $1 out; ")
    assert fields(later)["Elsewhere"].endswith("; 3 more")


async def test_a_model_that_only_others_sell_leads_with_the_cheapest(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    llama = ("meta", "Llama 3.1-405B")
    add(monkeypatch, rate(llama, "3/3", provider="fireworks"), rate(llama, "2/4", provider="aws"))
    card = await ask("/cost price llama 3.1 405b", on(services, "2025-01-28"))
    assert card.title == (
        "Llama 3.1-405B: from $2 in, $4 out per million tokens, at Amazon Bedrock"
    )
    assert "Meta's own price on 28 Jan 2025 is unknown." in card.text
    assert card.table is not None
    assert [row[0] for row in card.table.rows] == ["Amazon Bedrock", "Fireworks"]


async def test_one_provider_may_be_asked_for(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, rate(V3, "0.4/0.9", provider="openrouter", source="OpenRouter"))
    there = on(services, "2025-01-28")
    card = await ask("/cost price deepseek-v3 provider=OpenRouter", there)
    assert card.title == "DeepSeek-V3: $0.40 in, $0.90 out per million tokens"
    assert "OpenRouter's price on 28 Jan 2025" in card.text
    assert "often-quoted" not in card.text
    assert card.facts["provider"] == "openrouter"
    own = await ask("/cost price deepseek-v3 provider=deepseek", there)
    assert own.facts["price"]["input_mtok"]["value"] == 0.14
    with pytest.raises(UserError, match="at nobody is known; those known are of DeepSeek and Open"):
        await ask("/cost price deepseek-v3 provider=nobody", there)


async def test_names_have_spaces_and_are_forgiven(services: Services) -> None:
    there = on(services, "2025-01-28")
    card = await ask("/cost price claude opus", there)
    assert card.title.startswith("Claude 3 Opus: $15 in, $75 out")
    assert "“claude opus” is read as Claude 3 Opus." in card.text
    dated = await ask("/cost price claude 3.5 sonnet 28 Jan 2025", on(services, "2026-01-01"))
    assert dated.title.startswith("Claude 3.5 Sonnet: $3 in, $15 out")
    assert dated.facts["on"] == "2025-01-28"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("gpt-4o soon", "“soon” is not a day; write it as 2025-01-28 or 28 Jan 2025"),
        ("gpt-4o 2030-01-01", "1 Jan 2030 has not come yet; give today or an earlier day"),
        ("gpt-4o 2025-02-30", "“2025-02-30” is not a day"),
        ("depseek-v3 2025-01-28", "did you mean DeepSeek-V3"),
        ("zzz", "No model zzz is known"),
    ],
)
async def test_what_cannot_be_read_says_what_to_do(
    services: Services, line: str, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        await ask(f"/cost price {line}", on(services, "2025-03-01"))


@pytest.mark.parametrize(
    ("known", "title"),
    [
        ("2025-01-25", "DeepSeek-V3: price unknown on 28 Jan 2025"),  # first read on the 26th
        ("2025-01-27", "DeepSeek-V3: $0.14 in, $0.28 out per million tokens"),
    ],
)
async def test_what_had_not_been_read_by_then_is_left_out(
    services: Services, known: str, title: str
) -> None:
    then = on(services, "2025-01-28")
    known_at = datetime.fromisoformat(f"{known}T00:00:00+00:00")
    for line in ("/cost price DeepSeek-V3", "/cost compare DeepSeek-V3"):
        card = await answer(parse(line), then, CONSOLE, then.clock.now(), known_at=known_at)
        assert card.title.replace("no price known", "price unknown") == title
        assert "genai-prices" not in card.text + card.footer
