"""Which releases a subscription lets through, and how that is said."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.model.release import Release
from bot.releases.shipped import load_labs
from bot.releases.wanted import identity, wanted, wanted_text

LABS = load_labs()
R1 = Release(
    "deepseek/deepseek-r1/2025-01-20", "deepseek", "DeepSeek-R1", "language", date(2025, 1, 20),
    datetime(2025, 1, 20, tzinfo=UTC), open_weights=True, source="test",
)  # fmt: skip
GPT = replace(R1, lab="openai", model="GPT-4o mini", open_weights=False)
SORA = replace(GPT, model="Sora", kind="video")
SMALL = replace(R1, lab="reka", model="Reka Flash 3")


@pytest.mark.parametrize(
    ("filters", "passing"),
    [
        ({}, {"DeepSeek-R1", "GPT-4o mini"}),
        ({"labs": ["openai"]}, {"GPT-4o mini", "Sora"}),
        ({"labs": ["openai", "reka"]}, {"GPT-4o mini", "Sora", "Reka Flash 3"}),
        ({"labs": ["openai"], "kinds": ["video"]}, {"Sora"}),
        ({"kinds": ["language"]}, {"DeepSeek-R1", "GPT-4o mini", "Reka Flash 3"}),
        ({"open_only": True}, {"DeepSeek-R1"}),
        ({"keywords": ["flash", "r1"]}, {"DeepSeek-R1", "Reka Flash 3"}),
        ({"keywords": ["openai"]}, {"GPT-4o mini", "Sora"}),
        ({"keywords": ["eepseek"]}, set()),
        ({"without": ["mini"]}, {"DeepSeek-R1"}),
        ({"labs": ["openai"], "keywords": ["gpt"], "without": ["mini"]}, set()),
        ({"labs": None, "kinds": [], "open_only": False}, {"DeepSeek-R1", "GPT-4o mini"}),
    ],
)
def test_filters_let_through(filters: dict[str, Any], passing: set[str]) -> None:
    every = (R1, GPT, SORA, SMALL)
    assert {one.model for one in every if wanted(one, LABS, filters)} == passing


def test_words_are_looked_for_in_the_headline_too_in_any_language() -> None:
    title = "深度求索发布推理模型 R1 preview"
    assert wanted(R1, LABS, {"keywords": ["推理"]}, title=title)
    assert not wanted(R1, LABS, {"keywords": ["推理"]})
    assert not wanted(R1, LABS, {"without": ["preview"]}, title=title)


@pytest.mark.parametrize("filters", [{}, {"labs": ["deepseek"]}, {"keywords": ["r1"]}])
def test_rumours_pass_only_where_they_were_asked_for(filters: dict[str, Any]) -> None:
    assert not wanted(R1, LABS, filters, rumour=True)
    assert wanted(R1, LABS, {**filters, "rumours": True}, rumour=True)
    assert wanted(R1, LABS, {**filters, "rumours": True})


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        ({}, "new language models of frontier labs"),
        ({"labs": ["deepseek"]}, "new models of DeepSeek"),
        (
            {"labs": ["deepseek", "openai"], "kinds": ["code", "language"], "open_only": True},
            "new language and code models of DeepSeek and OpenAI with open weights",
        ),
        ({"kinds": ["other"]}, "new models of other kinds of all labs"),
        (
            {"keywords": ["coder", "math"], "without": ["preview"], "rumours": True},
            "new models of all labs, named coder or math, without preview, rumours too",
        ),
        ({"rumours": True}, "new language models of frontier labs, rumours too"),
    ],
)
def test_a_filter_is_one_sentence(filters: dict[str, Any], text: str) -> None:
    assert wanted_text(filters, LABS) == text


def test_filters_are_the_same_in_any_order_and_with_nothing_left_out() -> None:
    one = {"labs": ["openai", "deepseek"], "open_only": False}
    assert identity(one) == identity({"labs": ["deepseek", "openai"], "keywords": []})
    assert identity(one) == identity({**one, "study": "always"})  # who is told stays the same
    for more in ({"keywords": ["r1"]}, {"without": ["r1"]}, {"rumours": True}, {"kinds": ["code"]}):
        assert identity(one) != identity({**one, **more})
