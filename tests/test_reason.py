"""Reasons of judgements, as people read them."""

import pytest

from bot.cards.judged import judged_fields
from bot.model.reason import in_words


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("release: “GPT-5” is introduced by name", "“GPT-5” is introduced by name"),
        ("product_feature: “app”", "about a product, not a model: “app”"),
        ("other: no name of a model in it", "no name of a model in it"),
        ("its words decided", "its words decided"),
    ],
)
def test_no_inner_name_of_a_kind_is_shown(reason: str, said: str) -> None:
    assert in_words(reason) == said


def test_that_it_is_a_release_is_said_once() -> None:
    (field,) = judged_fields({"reason": "release: “GPT-5” is introduced by name"})
    assert field.value == "a release: “GPT-5” is introduced by name"
