"""Which headlines are releases: of models that do not exist, in English and Chinese."""

import pytest

from bot.model.feed import Entry, Feed, FeedKind, Judgement, Voice
from bot.releases.detect import DOUBTFUL, SURE, judge
from bot.releases.shipped import load_labs
from bot.releases.speaker import feed_named

LABS = load_labs()


def judged(source: str, title: str, url: str = "", summary: str = "") -> Judgement:
    """A headline as `judge` sees it."""
    return judge(Entry("", "", title, url, summary), feed_named(source, url), LABS)


@pytest.mark.parametrize(
    ("source", "title", "url", "lab", "model"),
    [
        ("openai", "Introducing GPT-7.5", "https://openai.com/index/gpt-7-5", "openai", "GPT-7.5"),
        ("anthropic", "Claude Saga 8", "", "anthropic", "Claude Saga 8"),
        ("anthropic", "Introducing Claude Opus 8", "", "anthropic", "Claude Opus 8"),
        ("google", "Gemini 8 Ultra: our most capable model", "", "google", "Gemini 8 Ultra"),
        ("meta_ai", "Introducing Kestrel 2, our first world model", "", "meta", "Kestrel 2"),
        ("xai", "Grok 11", "https://x.ai/news/grok-11", "xai", "Grok 11"),
        ("deepseek", "DeepSeek‑V7‑0901 发布 2029/09/01", "", "deepseek", "DeepSeek-V7-0901"),
        ("hn", "Kimi K9", "https://www.kimi.com/blog/kimi-k9", "moonshot", "Kimi K9"),
        ("reuters", "DeepSeek launches V7 model with open weights", "", "deepseek", "DeepSeek V7"),
        ("theverge", "Meta's new Llama 9 model is here", "", "meta", "Llama 9"),
        ("36kr", "智谱发布新一代大模型 GLM-8.5，并宣布开源", "", "zai", "GLM-8.5"),
        ("36kr", "阿里开源 Qwen9-Omni：全模态再升级", "", "alibaba", "Qwen9-Omni"),
        ("nvidia", "NVIDIA Launches Nemotron 8 Open Models", "", "nvidia", "Nemotron 8"),
        ("theverge", "OpenAI releases GPT-7.5 max", "", "openai", "GPT-7.5 max"),
        ("theverge", "OpenAI releases GPT-7.5 flash, its fastest model yet", "", "openai",
         "GPT-7.5 flash"),
        ("theverge", "OpenAI launches GPT-7.5 with max effort", "", "openai", "GPT-7.5"),
        ("theverge", "OpenAI launches GPT-7.5 max effort mode", "", "openai", "GPT-7.5"),
        ("minimax", "MiniMax Hailuo 9: sharper and longer", "", "minimax", "MiniMax Hailuo 9"),
    ],
)  # fmt: skip
def test_a_release_is_told_with_its_lab_and_model(
    source: str, title: str, url: str, lab: str, model: str
) -> None:
    found = judged(source, title, url)
    assert found.release, found.reason
    assert (found.lab, found.model) == (lab, model)
    assert found.reason.startswith("release: ")
    assert found.words


@pytest.mark.parametrize(
    ("source", "title", "reason"),
    [
        ("theverge", "OpenAI reportedly plans to launch GPT-8 in June", "rumor"),
        ("reuters", "Google may release Gemini 8 next week, report says", "rumor"),
        ("36kr", "传 DeepSeek V7 将于春节前发布", "rumor"),
        ("windsurf", "GPT-8 is now available in Windsurf", "availability"),
        ("groq", "Qwen9 now live on GroqCloud", "availability"),
        ("openai", "GPT-8 System Card", "system_card"),
        ("anthropic", "Anthropic raises Series K at a higher valuation", "funding"),
        ("anthropic", "Claude for Libraries", "product_feature"),
        ("meta_ai", "How a clinic in Porto uses Llama 9", "case_study"),
        ("hn", "GGUF quants of Kimi K9 by a fan", "repack"),
        ("36kr", "月之暗面完成新一轮融资", "funding"),
        ("the_batch", "GPT-8 Ships, Robots Cook, Chips Get Scarce, Small Models Plan", "digest"),
        ("hn", "GPT-8 is bad at chess", "opinion"),
        ("mistral", "Introducing Le Chat for Families", "product_feature"),
    ],
)
def test_what_is_no_release_says_what_it_is_instead(source: str, title: str, reason: str) -> None:
    found = judged(source, title)
    assert not found.release
    assert found.reason.startswith(reason)
    assert found.confidence > 0.5


def test_an_unheard_name_in_a_makers_words_is_a_release() -> None:
    found = judged("thinkingmachines", "Introducing Fernhill-3: an open multimodal model")
    assert found.release
    assert found.model == "Fernhill-3"
    assert found.open_weights is None or found.open_weights


def test_what_a_model_is_compared_with_is_not_its_name() -> None:
    found = judged("reuters", "Alibaba launches new reasoning model to rival OpenAI o9")
    assert found.lab == "alibaba"
    assert "o9" not in found.model


def test_a_headline_that_plays_with_words_takes_the_name_from_the_summary() -> None:
    found = judged("mistral", "Big Enough", summary="Today we announce Mistral Large 9.")
    assert found.model == "Mistral Large 9"


def test_certain_and_doubtful_headlines_are_kept_apart() -> None:
    plain = judged("openai", "Introducing GPT-7.5", "https://openai.com/index/gpt-7-5")
    policy = judged("anthropic", "Our view on export controls")
    assert plain.chance >= SURE
    assert policy.chance < DOUBTFUL


@pytest.mark.parametrize(
    ("title", "summary", "opened", "kind"),
    [
        ("Introducing FLUX.7: image editing", "Weights on Hugging Face.", True, "image"),
        ("通义 Qwen9-TTS 开源", "", True, "audio"),
        ("Introducing Veo 9", "", None, "video"),
        ("Introducing Rerank 9", "A proprietary reranker.", False, "embedding"),
        ("Qwen9-Coder: agentic coding", "", None, "code"),
        ("Introducing GPT-8", "", None, "language"),
    ],
)
def test_open_weights_and_kind(title: str, summary: str, opened: bool | None, kind: str) -> None:
    found = judged("openai", title, summary=summary)
    assert (found.open_weights, found.kind) == (opened, kind)


@pytest.mark.parametrize("title", ["", " ", "：", "<b>", "a" * 5_000, "🤖" * 40, "发" * 900, "- -"])
def test_any_title_gets_a_judgement(title: str) -> None:
    assert 0.0 <= judged("nobody", title, "http://[bad").confidence <= 1.0


def test_a_source_of_any_name_gets_a_voice() -> None:
    assert feed_named("olshansk:anthropic_news").lab == "anthropic"
    assert feed_named("hn").voice is Voice.NEWS
    assert feed_named("ollama").voice is Voice.PLATFORM
    assert feed_named("").kind is FeedKind.FEED
    assert isinstance(feed_named("something new", "https://x.ai/news"), Feed)
