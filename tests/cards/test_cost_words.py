"""How prices, sellers and sources read."""

import pytest

from bot.cards.cost_words import beyond, named, seller
from bot.costs.catalog import LABS
from bot.releases.shipped import load_labs


@pytest.mark.parametrize(
    ("over", "text"),
    [
        (200_000, "over 200K tokens"),
        (199_999, "200K tokens or more"),
        (12_500, "over 12,500 tokens"),
    ],
)
def test_a_bound_is_told_in_round_figures(over: int, text: str) -> None:
    assert beyond(over, "tokens") == text


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("litellm 1.59.8", ["litellm 1.59.8"]),
        ("litellm 1.53.1, for the snapshot of 6 Aug 2024", ["litellm 1.53.1"]),
        ("litellm, api-docs.deepseek.com", ["litellm", "api-docs.deepseek.com"]),
    ],
)
def test_what_a_source_names(source: str, names: list[str]) -> None:
    assert named(source) == names


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("avian", "Avian"),
        ("aws", "Amazon Bedrock"),
        ("elevenlabs", "ElevenLabs"),
        ("huggingface_novita", "Hugging Face (Novita)"),
        ("huggingface_publicai", "Hugging Face (Public AI)"),
        ("openai-decisions", "OpenAI Decisions"),
        ("quicksilverpro", "QuickSilver Pro"),
        (LABS["x-ai"], "xAI"),
    ],
)
def test_a_seller_is_called_by_its_name(key: str, name: str) -> None:
    assert seller(key, load_labs()) == name
