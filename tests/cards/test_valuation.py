"""/valuation and /stress on every surface: as they read, and within each surface's limits."""

import os
from pathlib import Path

import pytest

from bot.cards.slack_limits import faults
from bot.cards.to_discord import alert, picture_text
from bot.cards.to_text import to_plain
from bot.services import Services
from tests.answers.valued import at
from tests.asking import ask
from tests.cards.test_to_discord import within_limits
from tests.cards.test_to_slack import posted, reads
from tests.servers.slack.block_checks import faults_in_message

GOLDEN = Path(__file__).parent / "golden" / "valuation"
LINES = {
    "nvidia": "/valuation NVDA",
    "trailing-only": "/valuation MSFT",
    "unknown": "/valuation ASML",
    "ai": "/valuation",
    "stress": "/stress NVDA",
    "stress-basket": "/stress compute 20 30",
}


@pytest.mark.parametrize("name", LINES)
async def test_golden(whole: Services, name: str) -> None:
    card = await ask(LINES[name], at(whole, 2025, 2, 5))
    within_limits(alert(card))
    message = posted(card)
    assert faults(message.with_chart(None), message.text) == []
    assert faults_in_message(message.with_chart(None), "F0CHART".__eq__) == []
    surfaces = {
        "text": to_plain(card), "discord": picture_text(alert(card)), "slack": reads(message),
    }  # fmt: skip
    text = "".join(f"--- {surface}\n{told}\n" for surface, told in surfaces.items())
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")
