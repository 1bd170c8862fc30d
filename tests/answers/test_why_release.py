"""Why a release was told: the words that decided, how sure, and who said so."""

from typing import Any

import pytest

from bot.cards.judged import judged_fields, verdict, why_text
from bot.model.feed import Judgement


def said(facts: dict[str, Any]) -> dict[str, str]:
    return {field.name: field.value for field in judged_fields(facts)}


def test_a_release_says_what_decided_and_who_told() -> None:
    facts = {
        "source": "OpenAI News", "also": ["Hugging Face", "OpenRouter"], "confidence": 0.934,
        "reason": "is introduced by name", "words": ["Introducing", "GPT-5"], "rumour": False,
    }  # fmt: skip
    assert said(facts) == {
        "Judged": "a release: is introduced by name (“Introducing”, “GPT-5”)",
        "Sure": "93%",
        "Sources": "OpenAI News, first; then Hugging Face, OpenRouter",
    }
    assert said({**facts, "rumour": True})["Judged"].startswith("a rumour: ")


def test_one_from_the_shipped_list_has_its_source_only() -> None:
    assert said({"source": "Epoch AI"}) == {"Sources": "Epoch AI alone"}


@pytest.mark.parametrize(
    ("judgement", "decided"),
    [
        (Judgement(True, 0.9, "x"), "release"),
        (Judgement(True, 0.6, "x"), "waits"),
        (Judgement(False, 0.6, "x"), "waits"),
        (Judgement(False, 0.9, "x"), "no release"),
        (Judgement(False, 0.9, "rumor: said to come"), "rumour"),
    ],
)
def test_what_would_be_done(judgement: Judgement, decided: str) -> None:
    assert verdict(judgement, 0.65, 0.25) == decided


def test_words_that_the_reason_quotes_are_not_said_twice() -> None:
    assert why_text("“GPT-5” is called new", ("GPT-5",)) == "“GPT-5” is called new"
    assert why_text("product_feature", ()) == "product feature"
