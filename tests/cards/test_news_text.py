"""Answers on models and feeds as text: golden layouts."""

import os

import pytest

from bot.cards.to_text import to_plain
from bot.services import Services
from tests.asking import ask
from tests.cards.test_to_text import GOLDEN

ASKED = {
    "model": "/model r1",
    "models": "/model DeepSeek-R1, gpt4o, claude opus",
    "timeline": "/releases timeline DeepSeek months=18",
    "feeds": "/feeds list DeepSeek",
    "feeds-health": "/feeds health OpenAI",
    "subscription": "/subscribe releases DeepSeek,OpenAI language keywords=r1 without=mini "
    "rumours=yes role=@desk",
}


@pytest.mark.parametrize("name", ASKED)
async def test_golden(seeded: Services, name: str) -> None:
    path = GOLDEN / f"news-{name}.txt"
    text = to_plain(await ask(ASKED[name], seeded)) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")
