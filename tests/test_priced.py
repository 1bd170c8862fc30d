"""The ledger as it is put together."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from genai_prices.data_snapshot import get_snapshot
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.costs.ledger import Ledger
from bot.costs.shipped import retirements
from bot.errors import SourceError
from bot.model.asked import Asked
from bot.model.rate import Key, Meter, Terms
from bot.priced import ledger_of, meant, refreshed, to_hand
from bot.releases.models import load_models
from storage import prices
from storage.database import Database
from tests.servers.feeds import serving_apart

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
async def ledger(database: Database) -> Ledger:
    return await ledger_of(database)


def figures(ledger: Ledger, key: Key, day: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Value, low, high and sources of input and output."""
    quote = ledger.quote(key, datetime.fromisoformat(day).replace(tzinfo=UTC))
    assert quote is not None
    found = [quote.figure(meter) for meter in (Meter.INPUT, Meter.OUTPUT)]
    return [(str(f.value), str(f.low), str(f.high), f.sources) for f in found if f]


def test_sources_that_disagree_are_a_range(ledger: Ledger) -> None:
    """The promotion of V3 against the price that the catalogue has of it."""
    sources = ("litellm 1.59.8", "genai-prices")
    assert figures(ledger, ("deepseek", "DeepSeek-V3"), "2025-01-28") == [
        ("0.14", "0.14", "0.27", sources),
        ("0.28", "0.28", "1.1", sources),
    ]


def test_sources_that_agree_are_named(ledger: Ledger) -> None:
    quote = ledger.quote(("openai", "GPT-4o"), datetime(2025, 1, 28, tzinfo=UTC))
    assert quote is not None
    assert not quote.differ
    assert quote.best.source == "litellm 1.53.1, for the snapshot of 6 Aug 2024"
    assert "genai-prices" in {rate.source for rate in quote.rates}


@pytest.mark.parametrize(
    ("key", "day"),
    [
        (("openai", "GPT-5"), "2025-01-28"),
        (("deepseek", "DeepSeek-V3"), "2024-06-01"),
        # Its name is served by the next one since.
        (("deepseek", "DeepSeek-V4-Flash"), "2026-09-10"),
        (("deepseek", "DeepSeek-V3"), "2025-03-25"),
    ],
)
def test_no_price_before_launch_or_after_the_end(ledger: Ledger, key: Key, day: str) -> None:
    assert ledger.quote(key, datetime.fromisoformat(day).replace(tzinfo=UTC)) is None


def test_known_at_leaves_out_what_was_read_later(ledger: Ledger) -> None:
    day = datetime(2025, 1, 28, tzinfo=UTC)
    quote = ledger.quote(("openai", "GPT-4o"), day, known_at=day)
    assert quote is not None
    assert "genai-prices" not in {rate.source for rate in quote.rates}


def test_what_has_a_price_today(ledger: Ledger) -> None:
    """Most models have one: those that never had are old, given away, or no longer sold."""
    every, own, anybody = Counter[str](), Counter[str](), Counter[str]()
    for model in load_models().models:
        if model.kind == "language":
            key = (model.lab, model.name)
            every[model.lab] += 1
            own[model.lab] += ledger.quote(key, NOW) is not None
            anybody[model.lab] += bool(ledger.quotes(key, NOW))
    for lab in sorted(every):
        print(f"{lab:10} {own[lab]:3} by itself, {anybody[lab]:3} by anybody, of {every[lab]:3}")
    print(own.total(), anybody.total(), every.total())
    assert every.total() > 200
    # DeepSeek sells only its newest, Meta none itself.
    assert own.total() >= 115
    assert anybody.total() >= 170
    gone = Counter(lab for lab, _ in retirements())
    for lab in ("anthropic", "openai", "xai", "moonshot", "minimax"):
        assert own[lab] + gone[lab] >= 0.9 * every[lab], lab


async def test_what_was_seen_is_read_when_it_changed_and_only_then(database: Database) -> None:
    first = await ledger_of(database)
    assert await ledger_of(database) is first
    key = ("deepseek", "DeepSeek-R1")
    named = "deepseek/deepseek-r1"
    one = Asked("OpenRouter", "router", named, Terms(), Decimal("0.4"), None, Decimal(2))

    async def work(connection: AsyncConnection) -> None:
        await prices.put_look(connection, "OpenRouter", [one], meant([one]), NOW)

    await database.write(work)
    second = await ledger_of(database)
    quote = second.quote(key, NOW + timedelta(days=1), provider="router")
    assert quote is not None
    assert (quote.best.input_mtok, quote.best.source) == (Decimal("0.4"), "OpenRouter")
    assert await ledger_of(database) is second


@pytest.mark.parametrize(
    ("provider", "named", "title", "expected"),
    [
        ("openai", "gpt-4o", "GPT-4o", ("openai", "GPT-4o")),
        # Only the catalogue knows it: one model, one name.
        ("openrouter", "openai/gpt-6.1-sol", "GPT-6.1 Sol", ("openai", "GPT-6.1 Sol")),
        # Nobody knows it yet; its lab sells it.
        ("deepseek", "deepseek-v9", "DeepSeek V9", ("deepseek", "DeepSeek V9")),
        ("openrouter", "deepseek/deepseek-v9", "DeepSeek V9", None),
        ("openrouter", "anthropic/claude-opus-4.7-fast", "Claude Opus 4.7 (Fast)", None),
        ("openrouter", "deepseek/deepseek-r1:free", "R1 (free)", None),
        ("deepseek", "deepseek-chat", "DeepSeek Chat", None),
    ],
)
def test_whose_a_line_is(provider: str, named: str, title: str, expected: Key | None) -> None:
    price = Decimal(1)
    one = Asked("models.dev", provider, named, Terms(), price, None, price, title)
    assert meant([one]).get((provider, named)) == expected


@pytest.mark.parametrize(
    ("prices", "why"),
    [
        ({"input_mtok": 2.5, "output_mtok": 10}, "not believed: it lacks"),
        ({"input_mtok": {"base": 1, "tiers": 7}}, "could not be fetched"),
    ],
)
def test_newer_data_that_is_not_believed_leaves_what_there_is(prices: object, why: str) -> None:
    model = {"id": "gpt-4o", "match": {"equals": "gpt-4o"}, "prices": prices}
    data = [{"id": "openai", "name": "OpenAI", "api_pattern": "https://a", "models": [model]}]
    before = asyncio.run(to_hand())
    with serving_apart() as server:
        server.put("/data.json", json.dumps(data).encode())
        with pytest.raises(SourceError, match=why):
            refreshed(NOW, server.url("/data.json"))
    assert asyncio.run(to_hand()) is before


def test_newer_data_that_is_believed_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[object] = []
    shipped = get_snapshot()
    monkeypatch.setattr("bot.costs.catalog.fetch", lambda _url: shipped)
    monkeypatch.setattr("bot.costs.catalog.take", taken.append)
    refreshed(NOW)
    assert taken == [shipped]


def test_newer_data_in_another_shape_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.costs.catalog.fetch", lambda _url: object())
    with pytest.raises(SourceError, match="cannot be read"):
        refreshed(NOW)
