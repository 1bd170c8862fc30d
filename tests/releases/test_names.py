"""One spelling for every name of a model or a lab."""

import pytest

from bot.releases.lab_names import lab_key, lab_of, load_names
from bot.releases.mentions import named_in
from bot.releases.names import canonical, each, family
from bot.releases.shipped import load_labs, load_releases

LABS = load_labs()


@pytest.mark.parametrize(
    ("lab", "model", "spelt"),
    [
        ("deepseek", "DeepSeek-R1-0528", "deepseek-r1-0528"),
        ("deepseek", "deepseek/DeepSeek‑R1‑0528:free", "deepseek-r1-0528"),  # U+2011
        ("deepseek", "DeepSeek: DeepSeek V3.1", "deepseek-v3.1"),
        ("deepseek", "V3.1", "deepseek-v3.1"),
        ("alibaba", "qwen/qwen3-32b", "qwen-3-32b"),
        ("alibaba", "Qwen 3 32B", "qwen-3-32b"),
        ("alibaba", "通义千问3", "qwen-3"),
        ("anthropic", "Claude 3.5 Sonnet", "claude-sonnet-3.5"),
        ("anthropic", "anthropic/claude-sonnet-3-5", "claude-sonnet-3.5"),
        ("anthropic", "Opus 4.5", "claude-opus-4.5"),
        ("google", "Gemini 3.0", "gemini-3"),
        ("openai", "OpenAI o3-mini", "o3-mini"),
        ("openai", "gpt-4o-2024-11-20", "gpt-4o-20241120"),
        ("minimax", "MiniMax-Hailuo-02", "hailuo-02"),
        ("minimax", "M2", "minimax-m2"),
        ("moonshot", "K2", "kimi-k2"),
        ("zai", "智谱 GLM-4.6", "glm-4.6"),
        ("meta", "Meta Segment Anything Model 3", "sam-3"),
        ("bfl", "FLUX.2", "flux-2"),
        ("cohere", "Command A", "command-a"),
        ("mistral", "Devstral2", "devstral-2"),
    ],
)
def test_one_model_has_one_spelling(lab: str, model: str, spelt: str) -> None:
    assert canonical(lab, model) == spelt


def test_every_shipped_release_has_a_spelling_that_stays() -> None:
    for release in load_releases():
        spelt = canonical(release.lab, release.model)
        assert spelt, release.model
        assert canonical(release.lab, spelt) == spelt, release.model


@pytest.mark.parametrize(
    ("lab", "models", "shared"),
    [
        ("alibaba", ["Qwen3-235B-A22B", "Qwen3-32B", "Qwen3-4B-Instruct"], "qwen-3"),
        ("deepseek", ["DeepSeek-V4-Flash", "DeepSeek-V4-Pro", "DeepSeek-V4"], "deepseek-v4"),
        ("deepseek", ["DeepSeek-R1", "DeepSeek-R1-Zero"], "deepseek-r1"),
        ("anthropic", ["Claude Opus 4", "Claude Sonnet 4"], "claude-4"),
        ("openai", ["GPT-5", "GPT-5 mini", "GPT-5 nano"], "gpt-5"),
        ("openai", ["gpt-oss-120b", "gpt-oss-20b"], "gpt-oss"),
    ],
)
def test_variants_of_one_release_are_one_family(lab: str, models: list[str], shared: str) -> None:
    assert {family(lab, model) for model in models} == {shared}


@pytest.mark.parametrize(
    ("lab", "one", "other"),
    [
        ("openai", "GPT-5", "GPT-5.1"),
        ("openai", "GPT-5.1", "GPT-5.1-Codex"),
        ("alibaba", "Qwen3", "Qwen3-Coder"),
        ("alibaba", "Qwen3-VL", "Qwen3-Omni"),
        ("meta", "SAM 3", "SAM 3D"),
        ("deepseek", "DeepSeek-V3", "DeepSeek-V3.1"),
        ("mistral", "Mistral Large", "Mistral Small"),
        ("alibaba", "Qwen2.5-1M", "Qwen2.5-Max"),
    ],
)
def test_what_is_another_model_is_another_family(lab: str, one: str, other: str) -> None:
    assert family(lab, one) != family(lab, other)


def test_a_text_may_name_several_models() -> None:
    assert each("openai", "o3, o4-mini") == ("o3", "o4-mini")
    assert each("mistral", "Mistral 3 (Large 3, Ministral 3)") == (
        "mistral-3",
        "mistral-large-3",
        "ministral-3",
    )


@pytest.mark.parametrize(
    ("name", "lab"),
    [
        ("Zhipu", "zai"), ("THUDM", "zai"), ("zai-org", "zai"), ("z-ai", "zai"), ("智谱", "zai"),
        ("moonshotai", "moonshot"), ("Kimi", "moonshot"), ("月之暗面", "moonshot"),
        ("深度求索", "deepseek"), ("deepseek-ai", "deepseek"), ("Qwen", "alibaba"),
        ("阿里", "alibaba"), ("腾讯", "tencent"), ("字节跳动", "bytedance"),
        ("Meta AI", "meta"), ("meta-llama", "meta"), ("Google DeepMind", "google"),
        ("x-ai", "xai"), ("~anthropic", "anthropic"), ("MiniMaxAI", "minimax"), ("nobody", ""),
    ],
)  # fmt: skip
def test_a_lab_goes_by_many_names(name: str, lab: str) -> None:
    assert lab_key(name, LABS) == lab


@pytest.mark.parametrize(
    ("text", "lab"),
    [
        ("智谱发布 GLM-5", "zai"),
        ("月之暗面开源 Kimi K2", "moonshot"),
        ("Z.ai: GLM 5.1", "zai"),
        ("nvidia/Llama-3.3-Nemotron-Super-49B", "nvidia"),
        ("Llama 4 now runs on Nvidia chips", "meta"),
        ("A new reasoning model that rivals OpenAI o1", ""),
        ("The next step in weather", ""),
        ("a meta analysis of studies", ""),
        ("Meta opens its new model", "meta"),
        ("Our Gemini app in schools", "google"),
    ],
)
def test_the_lab_of_a_text(text: str, lab: str) -> None:
    assert lab_of(text, LABS) == lab


def test_every_lab_with_names_is_a_lab() -> None:
    assert set(load_names()) <= set(LABS)


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("DeepSeek R2 takes on GPT-5", ("deepseek-r2",)),
        ("Introducing Claude Opus 5 and Claude Code", ("claude-opus-5",)),
        ("Addendum to the GPT-6 card: GPT-6-Codex", ("gpt-6-codex",)),
        ("阿里发布Qwen4-Coder", ("qwen-4-coder",)),
        ("Claude for schools", ()),
        ("The next step in weather", ()),
    ],
)
def test_models_named_in_a_title(title: str, names: tuple[str, ...]) -> None:
    assert named_in(title) == names
