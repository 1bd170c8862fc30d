"""What ships about releases: reasons that hold for every model they are shown beside."""

import re

import pytest

from bot.cards.release import release_card
from bot.cycle.facts import release_facts
from bot.releases.shipped import load_exposures, load_labs, load_releases


def test_no_reason_speaks_of_weights_that_the_model_may_not_have() -> None:
    both = {True, False}
    for lab, exposures in load_exposures().items():
        weights = {r.open_weights for r in load_releases() if r.lab == lab}
        for exposure in exposures:
            spoken = re.search(r"\b(open|closed)\b", exposure.reason)
            assert spoken is None or not both <= weights, f"{lab}: {exposure.reason}"


def test_the_card_of_a_closed_qwen_model_does_not_contradict_itself() -> None:
    closed = next(r for r in load_releases() if r.lab == "alibaba" and r.open_weights is False)
    card = release_card(release_facts(closed, load_labs(), load_exposures()))
    assert card.title.endswith("closed weights")
    reasons = {field.name: field.value for field in card.fields}
    assert reasons["GOOG"] == "sells Gemini, which competes with these models"
    assert reasons["MSFT"] == "sells OpenAI's models, which compete with these"


@pytest.mark.parametrize(
    ("model", "snapshot"),
    [
        ("DeepSeek-R1", "2025-05-28"),
        ("DeepSeek-V3", "2025-03-24"),
        ("GPT-4", "2023-06-13"),
        ("GPT-4o", "2025-03-27"),
        ("Claude 3.5 Sonnet", "2024-10-22"),
    ],
)
def test_the_day_of_a_later_snapshot_is_no_other_date_of_the_first(
    model: str, snapshot: str
) -> None:
    (one,) = [release for release in load_releases() if release.model == model]
    assert snapshot not in one.other_dates
