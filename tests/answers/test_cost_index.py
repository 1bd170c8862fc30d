"""/cost index: the price war as of a day, by class, nothing from the future."""

import json

import pytest

from bot.errors import UserError
from bot.model.card import LinesChart
from bot.services import Services
from tests.asking import ask


async def test_the_price_war_on_the_evening_of_the_shock(seeded: Services) -> None:
    card = await ask("/cost index", seeded)
    assert card.title == "The cheapest frontier model costs $0.175 per million tokens"
    assert card.text.startswith("DeepSeek-V3, since 26 Dec 2024.")
    assert (
        "Open weights: $0.175, DeepSeek-V3. Closed weights: $4.38, GPT-4o. "
        "Closed costs 25 times as much." in card.text
    )
    assert card.table is not None
    assert card.table.rows[0] == ("26 Dec 2024", "DeepSeek-V3", "$0.175", "promotion")
    assert "as of 27 Jan 2025" in card.footer
    assert card.facts["lowest"][-1]["sources"] == ["litellm 1.59.8"]
    assert "2025-02" not in json.dumps(card.facts["lowest"])
    assert isinstance(card.chart, LinesChart)
    assert card.chart.days[-1].isoformat() == "2025-01-27"


async def test_another_class_and_a_shorter_span(seeded: Services) -> None:
    card = await ask("/cost index reasoning 3", seeded)
    assert card.title == "The cheapest reasoning model costs $0.96 per million tokens"
    assert "On 28 Nov 2024 it was $5.25 (o1-mini), 5.5 times as much as now." in card.text
    assert card.facts["from"] == "2024-10-27"
    every = await ask("/cost index all", seeded)
    assert every.title.startswith("The cheapest language model costs $0.175")


async def test_a_class_that_does_not_exist_is_a_mistake(seeded: Services) -> None:
    with pytest.raises(UserError, match="frontier"):
        await ask("/cost index cheap", seeded)
