"""What ships about releases: reasons that hold for every model they are shown beside."""

import re

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
