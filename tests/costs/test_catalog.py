"""What genai-prices says, as rates: against its own reckoning, and where it is less than plain."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest

from bot.costs.catalog import LABS, Names, catalog, fetch
from bot.costs.ledger import Ledger
from bot.errors import SourceError
from bot.model.rate import Evidence, Key, Meter, Rate, Terms
from bot.releases.called import key_called, made_by, moves
from tests.servers.feeds import serving_apart

OFF = Terms("off-peak", ((990, 30),))
AT_PEAK = Terms("peak", ((60, 240), (360, 600)), weekdays=True)


NEWER = {
    "id": "openai",
    "name": "OpenAI",
    "api_pattern": "https://api",
    "models": [
        {
            "id": "gpt-4o",
            "match": {"equals": "gpt-4o"},
            "prices": {"input_mtok": 0.5, "output_mtok": 3},
        }
    ],
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@cache
def rates() -> tuple[Rate, ...]:
    return catalog(Names(key_called, made_by, moves))


def of(lab: str, name: str, day: str, terms: Terms) -> tuple[str, str, str] | None:
    """Input, cached and output of the lab itself on that day."""
    fitting = [
        rate
        for rate in rates()
        if rate.key == (lab, name)
        and rate.provider == lab
        and rate.terms == terms
        and rate.holds(at(day))
    ]
    assert len(fitting) <= 1, fitting
    return tuple(str(fitting[0].of(meter)) for meter in Meter) if fitting else None  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("lab", "name", "day", "terms", "expected"),
    [
        ("openai", "GPT-4o", "2025-01-28", Terms(), ("2.5", "1.25", "10")),
        # A cut by date: o3 on 10 June 2025.
        ("openai", "o3", "2025-06-09", Terms(), ("10", "0.5", "40")),
        ("openai", "o3", "2025-06-10", Terms(), ("2", "0.5", "8")),
        # Longer requests cost more, all of their tokens.
        ("openai", "GPT-5.5", "2026-11-01", Terms(), ("5", "0.5", "30")),
        ("openai", "GPT-5.5", "2026-11-01", Terms(over=272000), ("10", "1", "45")),
        # Half the price for who waits; noted on 14 October 2026, unknown before.
        ("openai", "GPT-5.5", "2026-10-13", Terms(batch=True), None),
        ("openai", "GPT-5.5", "2026-10-14", Terms(batch=True), ("2.5", "0.25", "15")),
        ("openai", "GPT-5.5", "2026-10-14", Terms(batch=True, over=272000), ("5", "0.5", "22.5")),
        # The day is sixteen hours long, so its price is the usual one and the night's is not.
        ("deepseek", "DeepSeek-V3", "2025-01-28", Terms(), ("0.27", "0.07", "1.1")),
        ("deepseek", "DeepSeek-V3", "2025-01-28", OFF, ("0.135", "0.035", "0.55")),
        ("deepseek", "DeepSeek-R1", "2025-01-28", Terms(), ("0.55", "0.14", "2.19")),
        # Peak hours came with the new prices, on weekdays; before them there was one price.
        ("deepseek", "DeepSeek-V4-Pro", "2026-08-16", Terms(), ("0.435", "0.003625", "0.87")),
        ("deepseek", "DeepSeek-V4-Pro", "2026-08-16", AT_PEAK, None),
        ("deepseek", "DeepSeek-V4-Pro", "2026-08-17", Terms(), ("0.66", "0.022", "1.98")),
        ("deepseek", "DeepSeek-V4-Pro", "2026-08-17", AT_PEAK, ("1.32", "0.044", "3.96")),
        # R is not R+.
        ("cohere", "Command R+", "2026-11-01", Terms(), ("2.5", "None", "10")),
        # What is called mistral-large today is not the model of that name of 2024.
        ("mistral", "Mistral Large", "2026-11-01", Terms(), None),
        ("mistral", "Mistral Large 2.1", "2026-11-01", Terms(), ("2", "None", "6")),
        ("mistral", "Mistral Medium", "2026-11-01", Terms(), None),
        ("mistral", "Mistral Medium 3", "2026-11-01", Terms(), ("0.4", "0.04", "2")),
    ],
)  # fmt: skip
def test_a_price_at_a_day_under_its_terms(
    lab: str, name: str, day: str, terms: Terms, expected: tuple[str, str, str] | None
) -> None:
    assert of(lab, name, day, terms) == expected


def test_the_same_as_the_library_reckons_itself() -> None:
    """Over every model that is known and sold by its own lab, on five days of the last years."""
    from genai_prices import Usage, calc_price

    ids = {lab: provider for provider, lab in reversed(LABS.items())}
    compared, wrong = 0, []
    for day in ("2024-09-01", "2025-06-15", "2025-12-24", "2026-06-01", "2026-11-02"):
        moment = at(day) + timedelta(hours=12)
        for rate in rates():
            lab, name = rate.key
            usual = rate.terms == Terms() and rate.provider == lab and rate.holds(moment)
            # DeepSeek's names have moved, and mistral-medium-3 is 3.5 today; the price of a
            # request is in what Perplexity's costs.
            if not usual or lab in ("deepseek", "perplexity") or name == "Mistral Medium 3":
                continue
            try:
                theirs = calc_price(
                    Usage(input_tokens=1_000_000, output_tokens=0),
                    name.lower().replace(" ", "-"),
                    provider_id=ids[lab],
                    genai_request_timestamp=moment,
                )
            except (LookupError, ValueError):
                continue  # it spells the name in another way
            if hasattr(theirs.model_price.input_mtok, "tiers"):
                continue  # a million tokens in one request cost more
            compared += 1
            if theirs.total_price != rate.input_mtok:
                wrong.append((day, name, theirs.total_price, rate.input_mtok))
    assert compared > 200
    assert wrong == [], "\n".join(map(str, wrong))


def test_one_price_of_one_model_at_one_provider() -> None:
    """No two that hold at once under the same terms: else the catalogue disagreed with itself."""
    for day in ("2024-06-01", "2025-03-01", "2026-03-01", "2026-11-03"):
        holding = Counter(
            (rate.key, rate.provider, rate.terms) for rate in rates() if rate.holds(at(day))
        )
        assert [place for place, number in holding.items() if number > 1] == []


def test_all_say_who_and_when_and_cost_something() -> None:
    for rate in rates():
        assert (rate.source, rate.evidence) == ("genai-prices", Evidence.CATALOG)
        assert rate.observed_at == at("2026-11-03")  # the last look that its people noted
        assert rate.input_mtok is not None
        assert rate.output_mtok is not None
        assert rate.input_mtok + rate.output_mtok > 0
        assert rate.since is None or rate.until is None or rate.since < rate.until


@pytest.mark.parametrize("name", ["Mistral Large Latest", "GPT Chat Latest", "ft:gpt-4o"])
def test_names_that_move_and_what_customers_trained_are_no_models(name: str) -> None:
    assert [rate for rate in rates() if rate.key[1] == name] == []


@pytest.mark.parametrize(
    ("provider", "key"),
    [
        ("openrouter", ("deepseek", "DeepSeek-R1")),
        ("together", ("meta", "Llama 3.3 70B")),
        ("fireworks", ("deepseek", "DeepSeek-V3.2")),
        ("aws", ("anthropic", "Claude Opus 4.5")),
        ("google", ("anthropic", "Claude Opus 4.8")),
        ("mistral", ("zai", "GLM-5.3")),
        ("groq", ("openai", "gpt-oss-120b")),
    ],
)
def test_who_sells_the_models_of_others(provider: str, key: Key) -> None:
    assert [rate for rate in rates() if rate.provider == provider and rate.key == key]


def test_what_only_the_catalogue_knows_is_told_from_when_it_was_read() -> None:
    key = ("openai", "GPT-6.1 Sol")
    ledger = Ledger(rates())
    assert ledger.quote(key, at("2026-06-01")) is None
    quote = ledger.quote(key, at("2026-11-20"))
    assert quote is not None
    assert quote.best.input_mtok is not None
    assert quote.best.input_mtok > Decimal(0)


def test_whoever_asks_for_no_price_does_not_wait_for_the_catalogue() -> None:
    program = "import sys, bot.priced, bot.answers.help; sys.exit('genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_newer_data_is_read_as_what_ships_is() -> None:
    with serving_apart() as server:
        server.put("/data.json", json.dumps([NEWER]).encode())
        newer = fetch(server.url("/data.json"))
    (one,) = catalog(Names(key_called, made_by, moves), newer)
    assert (one.key, one.input_mtok, one.output_mtok) == (
        ("openai", "GPT-4o"),
        Decimal("0.5"),
        Decimal(3),
    )
    assert one.observed_at > at("2026-11-03")


@pytest.mark.parametrize("body", [b"", b"[", b"{}", b"[]"])
def test_newer_data_that_cannot_be_had_leaves_what_there_is(body: bytes) -> None:
    with serving_apart() as server:
        server.put("/data.json", body, status=200 if body else 404)
        with pytest.raises(SourceError, match="could not be fetched"):
            fetch(server.url("/data.json"))
