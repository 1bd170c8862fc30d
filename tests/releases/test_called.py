"""Models as catalogues and lists call them."""

import pytest

from bot.releases.called import key_called, made_by, moves


@pytest.mark.parametrize(
    ("lab", "text", "expected"),
    [
        ("openai", "gpt-4o", "GPT-4o"),
        ("openai", "gpt-4o-2024-08-06", "GPT-4o"),
        ("", "deepseek/deepseek-r1", "DeepSeek-R1"),
        ("", "deepseek/deepseek-r1-0528", "DeepSeek-R1-0528"),
        ("", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "Llama 3.3 70B"),
        ("", "deepseek-v3p2", "DeepSeek-V3.2"),
        ("", "accounts/fireworks/models/kimi-k2p6", "Kimi K2.6"),
        ("", "@cf/qwen/qwen3-30b-a3b-fp8", "Qwen3-30B-A3B"),
        ("", "us.anthropic.claude-opus-4-5-20251101-v1:0", "Claude Opus 4.5"),
        ("", "databricks-meta-llama-3-3-70b-instruct", "Llama 3.3 70B"),
        ("", "zai-org/GLM-4.7-FP8", "GLM-4.7"),
        ("", "x-ai/grok-4-0709", "Grok 4"),
        ("anthropic", "claude-opus-4-0", "Claude Opus 4"),
        # Another model, another product, or a name that moves.
        ("openai", "gpt-4o-mini-tts", None),
        ("", "google/gemini-2.0-flash-thinking-exp", None),
        ("mistral", "mistral-large-2512", None),
        ("", "z-ai/glm-4.5-air:free", None),
        ("", "qwen/qwen-plus-2025-07-28:thinking", None),
        ("deepseek", "deepseek-chat", None),
        ("mistral", "mistral-large-latest", None),
        ("mistral", "mistral-large", None),  # a model of 2024 has that name, another is served
        ("", "nvidia/llama-3.3-nemotron-super-49b-v1.5", None),
        ("", "nobody/nothing-9", None),
    ],
)
def test_a_name_is_the_models_or_nobodys(lab: str, text: str, expected: str | None) -> None:
    found = key_called(lab, text)
    assert (found[1] if found else None) == expected


@pytest.mark.parametrize(
    ("text", "lab"),
    [
        ("deepseek-ai/DeepSeek-R1", "deepseek"),
        ("claude-fable-9", "anthropic"),
        ("qwen/qwen9-max", "alibaba"),
        ("mistralai/mistral-tiny", "mistral"),
        ("mixture-9", ""),
    ],
)
def test_whose_model_it_is(text: str, lab: str) -> None:
    assert made_by(text) == lab


def test_names_that_move() -> None:
    assert moves("~openai/gpt-latest")
    assert moves("gemini-flash-latest")
    assert moves("deepseek/deepseek-chat")
    assert not moves("deepseek/deepseek-chat-v3.1")
