"""What training took, on every surface: golden messages, how figures read, limits."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.cards.claim_words import at, big, dollars, power, times
from bot.cards.cost_dearest import dearest_card
from bot.cards.cost_training import training_card, trainings_card
from bot.cards.slack_limits import faults
from bot.cards.to_discord import alert, picture_text
from bot.cards.to_text import to_plain
from bot.cards.training_facts import Shown
from bot.costs.claims import Training, dearest, trainings
from bot.model.card import Card
from tests.cards.test_to_discord import within_limits
from tests.cards.test_to_slack import posted, reads
from tests.servers.slack.block_checks import faults_in_message

GOLDEN = Path(__file__).parent / "golden" / "training"
THEN, NOW = date(2025, 1, 28), date(2026, 11, 26)


def shown(name: str, on: date, typed: str = "") -> Shown:
    made = next((one for one in trainings(on) if one.key[1] == name), Training(("x", name)))
    released = made.claims[0].released_on if made.claims else None
    return Shown(name, released, True, made, typed)


def families(on: date) -> list[Training]:
    return [one for one in trainings(on) if one.key[1] == "Llama 3.1 family"]


def compared(names: list[str], on: date, rate: Decimal | None = None) -> Card:
    several = [shown(name, on) for name in names]
    told = families(on) if "Llama 3.1-405B" in names else []
    return trainings_card(several, told, on, rate)


def one(name: str, on: date, *, family: bool = False, typed: str = "") -> Card:
    return training_card(shown(name, on, typed), families(on) if family else [], on, None)


SIX = ["Llama 3.1-405B", "DeepSeek-V3", "DeepSeek-R1", "GPT-4", "Gemini 1.0 Ultra", "Llama 2-70B"]
MESSAGES = {
    "v3-then": one("DeepSeek-V3", THEN),
    "v3": one("DeepSeek-V3", NOW),
    "r1-then": one("DeepSeek-R1", THEN, typed="r1"),
    "r1": one("DeepSeek-R1", NOW),
    "llama": one("Llama 3.1-405B", NOW, family=True),
    "nothing": one("Nothing-1", NOW),
    "v3-llama": compared(["DeepSeek-V3", "Llama 3.1-405B"], NOW),
    "v3-r1": compared(["DeepSeek-V3", "DeepSeek-R1"], NOW),
    "v3-r1-then": compared(["DeepSeek-V3", "DeepSeek-R1"], THEN),
    "six": compared(SIX, NOW, Decimal("2.5")),
    "dearest": dearest_card(dearest(trainings(NOW))[:10], NOW, None),
    "dearest-then": dearest_card(dearest(trainings(THEN))[:10], THEN, None),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_golden(name: str) -> None:
    card = MESSAGES[name]
    surfaces = {
        "text": to_plain(card), "discord": picture_text(alert(card)), "slack": reads(posted(card)),
    }  # fmt: skip
    text = "".join(f"--- {surface}\n{told}\n" for surface, told in surfaces.items())
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_within_the_limits_and_narrow(name: str) -> None:
    card = MESSAGES[name]
    within_limits(alert(card))
    message = posted(card)
    assert faults(message.with_chart(None), message.text) == []
    assert faults_in_message(message.with_chart(None), "F0CHART".__eq__) == []
    if card.table is not None:
        rows = (card.table.columns, *card.table.rows)
        widths = [max(len(row[n]) for row in rows) for n in range(len(card.table.columns))]
        assert sum(widths) + 2 * len(widths) <= 62


@pytest.mark.parametrize(
    ("said", "reads_so"),
    [
        (big(Decimal(2788000)), "2.788M"),
        (big(Decimal(7_000_000)), "7M"),
        (big(Decimal(14_000_000), 3, padded=True), "14.0M"),
        (big(Decimal(999_999)), "1M"),
        (big(Decimal(246_120)), "246,100"),
        (dollars(Decimal(5576000)), "$5.576M"),
        (dollars(Decimal(387_843_000), 3, padded=True), "$388M"),
        (dollars(Decimal(1_250_000_000)), "$1.25B"),
        (at(Decimal(2)), "$2 an hour"),
        (at(Decimal("2.5")), "$2.50 an hour"),
        (power(Decimal("3.3e24")), "3.3 × 10²⁴ operations"),
        (times(Decimal("11.0617")), "about 11 times"),
        (times(Decimal("2.04")), "about 2 times"),
        (times(Decimal("1.05")), "about as much as"),
    ],
)
def test_how_figures_read(said: str, reads_so: str) -> None:
    assert said == reads_so


@pytest.mark.parametrize("name", [name for name in MESSAGES if not name.endswith("then")])
def test_whoever_shows_epochs_figures_credits_epoch(name: str) -> None:
    shows = "Epoch AI" in to_plain(MESSAGES[name]).split("Sources:")[0]
    assert shows == ("epoch.ai (CC BY 4.0), read on 19 Jul 2026" in MESSAGES[name].footer)
