"""Entries of structured sources: models, but for aliases, copies and old ones."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.model.feed import Entry, Feed, FeedKind, Judgement, Voice
from bot.releases.detect import SURE, judge

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)


def listed(kind: FeedKind, id_: str, title: str = "", lab: str = "", **given: Any) -> Judgement:
    """An entry of a list, made an hour ago."""
    feed = Feed(f"{kind}-x", kind, Voice.REGISTER, "https://huggingface.co/api/x", "x", lab)
    entry = Entry(feed.key, id_, title or id_, published=NOW - timedelta(hours=1), given=given)
    return judge(entry, feed, now=NOW)


def test_a_new_model_in_a_list_is_posted() -> None:
    found = listed(FeedKind.OPENROUTER, "deepseek/deepseek-v9", "DeepSeek: DeepSeek V9")
    assert found.release
    assert found.chance >= SURE
    assert (found.lab, found.model) == ("deepseek", "DeepSeek V9")


def test_a_makers_own_upload_has_open_weights() -> None:
    found = listed(FeedKind.HUGGING_FACE, "Qwen/Qwen9-32B", "Qwen9-32B", "alibaba", org="Qwen")
    assert found.release
    assert found.open_weights is True
    assert found.lab == "alibaba"


@pytest.mark.parametrize(
    ("kind", "id_", "given", "reason"),
    [
        (FeedKind.OPENROUTER, "deepseek/deepseek-v9:free", {"variant": "free"}, "alias"),
        (FeedKind.OPENROUTER, "~openai/gpt-latest", {"alias": True}, "alias"),
        (FeedKind.MODELS_DEV, "openai/gpt-9-chat-latest", {}, "alias"),
        (FeedKind.HUGGING_FACE, "Qwen/Qwen9-32B-GGUF", {"org": "Qwen"}, "repack"),
        (FeedKind.HUGGING_FACE, "Qwen/Qwen9-32B-AWQ", {"org": "Qwen"}, "repack"),
        (FeedKind.HUGGING_FACE, "Qwen/Qwen9-32B-FP8", {"org": "Qwen"}, "repack"),
        (FeedKind.HUGGING_FACE, "fan/Qwen9-32B-tuned", {"org": "fan"}, "repack"),
        (FeedKind.HUGGING_FACE, "Qwen/Qwen9-x", {"org": "Qwen", "derived": "quantized"}, "repack"),
        (FeedKind.HUGGING_FACE, "Qwen/Qwen9-Tokenizer", {"org": "Qwen"}, "tool"),
        (FeedKind.GITHUB, "codex 1.4.2", {}, "tool"),
        (FeedKind.GITHUB, "MiniMax-MCP", {}, "tool"),
    ],
)
def test_what_is_no_new_model(kind: FeedKind, id_: str, given: dict[str, Any], reason: str) -> None:
    found = listed(kind, id_, lab="alibaba" if kind is FeedKind.HUGGING_FACE else "", **given)
    assert not found.release
    assert found.reason.startswith(reason)


def test_what_others_made_of_a_model_is_not_its_makers() -> None:
    found = listed(FeedKind.OPENROUTER, "fanclub/wyvern-mistral-24b", "Fanclub: Wyvern Mistral 24B")
    assert found.lab == ""


def test_an_old_model_listed_again_is_no_news() -> None:
    feed = Feed("openrouter", FeedKind.OPENROUTER, Voice.REGISTER, "", "OpenRouter")
    entry = Entry("openrouter", "meta/llama-9", "Llama 9", published=NOW - timedelta(days=90))
    assert not judge(entry, feed, now=NOW).release
    assert judge(entry, feed).release


def test_a_base_model_alone_waits_for_another_source() -> None:
    found = listed(FeedKind.HUGGING_FACE, "Qwen/Qwen9-8B-Base", "Qwen9-8B-Base", "alibaba")
    assert found.release
    assert found.chance < SURE
