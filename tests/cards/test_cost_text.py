"""Answers on prices as text: golden layouts."""

import os

import pytest

from bot.cards.to_text import to_plain
from bot.services import Services
from tests.answers.test_cost_compare import add, on
from tests.asking import ask
from tests.cards.test_to_text import GOLDEN
from tests.costs.rated import CATALOGUED

ASKED = {
    "compare": "/cost compare gpt-4o,deepseek-v3",
    "compare-many": "/cost compare claude opus,o1,gpt-4o-mini,deepseek-v3,gpt-5,llama 3.1 405b",
    "price": "/cost price deepseek-v3",
    "price-alias": "/cost price deepseek-chat",
    "price-not-out": "/cost price gpt-5",
    "price-unknown": "/cost price llama 3.1 405b",
}


@pytest.mark.parametrize("name", ASKED)
async def test_golden(services: Services, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    add(monkeypatch, CATALOGUED)
    path = GOLDEN / f"cost-{name}.txt"
    text = to_plain(await ask(ASKED[name], on(services, "2025-01-28"))) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")
