"""A release's message on every surface: golden messages, what is unknown, what is too long."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.app import release_facts as shipped
from bot.cards.notices import card_of
from bot.cards.release_words import compared, dollars, size, together, tokens
from bot.cards.slack_limits import faults
from bot.cards.to_discord import alert, picture_text
from bot.cards.to_text import to_plain
from bot.cycle.facts import burst_facts, fallback_text, release_facts
from bot.cycle.release_facts import Account, told
from bot.model.release import Release
from bot.releases.models import load_models
from bot.releases.shipped import load_releases
from bot.releases.together import told_together
from bot.services import Services
from tests.cards.test_to_discord import within_limits
from tests.cards.test_to_slack import posted, reads
from tests.servers.slack.block_checks import faults_in_message

GOLDEN = Path(__file__).parent / "golden" / "release"
SERVICES = cast(Services, SimpleNamespace(releases=shipped()))
PAST = {
    "n": 6, "median": 0.004, "low": -0.0101, "high": 0.0213, "sessions": 5,
    "what": "AI stocks after DeepSeek's earlier language models", "as_of": "2025-01-17",
    "source": "Yahoo, daily close",
}  # fmt: skip


def facts_of(*releases: Release, past: Any = None, **how: Any) -> dict[str, Any]:
    """The facts of one message, on the day of the release."""
    return told(releases, SERVICES, load_models(), past, releases[0].released_on, Account(**how))


def listed(lab: str, day: date) -> list[tuple[Release, ...]]:
    """The messages of a lab's shipped releases of that day."""
    return told_together(r for r in load_releases() if (r.lab, r.released_on) == (lab, day))


def release(**more: Any) -> Release:
    values: dict[str, Any] = {
        "key": "acme/x/2025-01-20", "lab": "acme", "model": "X", "kind": "language",
        "released_on": date(2025, 1, 20), "known_at": datetime(2025, 1, 20, 10, 5, tzinfo=UTC),
        "open_weights": None, "source": "Hugging Face",
    }  # fmt: skip
    return Release(**(values | more))


R1 = listed("deepseek", date(2025, 1, 20))[0]
V4 = listed("deepseek", date(2026, 4, 24))[0]
LONG = "Model-" + "超long" * 80
SEEN = ("Hugging Face", "OpenRouter")
MESSAGES = {
    "r1": facts_of(*R1, past=PAST, also=SEEN),
    "several": facts_of(*V4),
    "dearer": facts_of(*listed("anthropic", date(2025, 8, 5))[0]),
    "unknown": facts_of(release()),
    "longest": facts_of(
        *(release(key=f"k{n}", model=f"{LONG}{n}") for n in range(9)), past=PAST, also=[LONG] * 9
    ),
    "rumour": facts_of(release(lab="deepseek", model="DeepSeek-V4"), rumour=True),
    "burst": burst_facts("OpenAI News", 182, ["GPT-5", "o3"], datetime(2025, 1, 20, tzinfo=UTC)),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_golden(name: str) -> None:
    card = card_of(MESSAGES[name])
    surfaces = {
        "text": to_plain(card), "discord": picture_text(alert(card)), "slack": reads(posted(card)),
    }  # fmt: skip
    text = "".join(f"--- {surface}\n{shown}\n" for surface, shown in surfaces.items())
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_within_the_limits(name: str) -> None:
    card = card_of(MESSAGES[name])
    within_limits(alert(card))
    message = posted(card)
    assert faults(message.with_chart(None), message.text) == []
    assert faults_in_message(message.with_chart(None), "F0CHART".__eq__) == []


def test_the_message_that_people_read_on_20_january_2025() -> None:
    card = card_of(MESSAGES["r1"])
    assert card.title == "DeepSeek-R1: a new model, open weights (MIT)"
    lines = card.text.split("\n")
    assert lines[0] == (
        "DeepSeek, 20 Jan 2025 · reasoning model · 671B parameters (37B active), 128K context"
    )
    assert lines[1] == (
        "$0.55 in, $2.19 out per million tokens; OpenAI's o1 costs 27 times as much ($15, $60)"
    )
    assert "Seen at: api-docs.deepseek.com; also: Hugging Face and OpenRouter" in lines
    assert [field.name for field in card.fields] == ["NVDA", "MSFT", "GOOG"]
    assert "Epoch AI (CC BY 4.0)" in card.footer
    assert "as of 20 Jan 2025" in card.footer


def test_what_is_unknown_is_left_out_and_never_zero() -> None:
    card = card_of(MESSAGES["unknown"])
    assert card.title == "X: a new model, weights not known"
    assert card.text == "acme, 20 Jan 2025 · language model"
    assert card.footer == "Source: Hugging Face, seen 20 Jan 2025, 10:05 UTC"


def test_a_row_of_the_first_version_still_renders() -> None:
    known = shipped()
    old = release_facts(R1[0], known.labs, known.exposures)
    del old["key"]
    card = card_of(old)
    assert card.title == "DeepSeek-R1: a new model, open weights"
    assert card.text.startswith("DeepSeek, 20 Jan 2025 · language model\n")
    assert fallback_text(old) == "DeepSeek released DeepSeek-R1 (2025-01-20)"


def test_several_models_of_one_day_are_one_message() -> None:
    assert len(listed("deepseek", date(2026, 4, 24))) == 1
    assert card_of(MESSAGES["several"]).title.startswith("DeepSeek-V4-Pro and -Flash: two new")
    assert fallback_text(MESSAGES["several"], dated=False) == (
        "DeepSeek released DeepSeek-V4-Pro and -Flash"
    )


def test_a_rumour_names_no_stocks_and_says_that_it_is_one() -> None:
    card = card_of(MESSAGES["rumour"])
    assert card.title == "Rumour: DeepSeek-V4, not confirmed"
    assert not card.fields
    assert "NVDA" not in card.text
    assert fallback_text(MESSAGES["rumour"], dated=False) == card.title


@pytest.mark.parametrize(
    ("price", "other", "text"),
    [
        ((0.55, 2.19), (15, 60), "OpenAI's o1 costs 27 times as much ($15, $60)"),
        ((1, 1), (15, 60), "OpenAI's o1 costs 15 to 60 times as much ($15, $60)"),
        ((75, 150), (15, 60), "2.5 to 5 times what OpenAI's o1 costs ($15, $60)"),
        ((15, 60), (15, 60), "OpenAI's o1 costs about the same ($15, $60)"),
        ((5, 120), (15, 60), "OpenAI's o1 asks $15, $60"),
        ((0, 0), (15, 60), "OpenAI's o1 costs $15, $60"),
    ],
)
def test_a_price_beside_another(
    price: tuple[float, float], other: tuple[float, float], text: str
) -> None:
    own = {"input_mtok": price[0], "output_mtok": price[1]}
    field = {"lab_name": "OpenAI", "model": "o1", "input_mtok": other[0], "output_mtok": other[1]}
    assert compared(own, field) == text


def test_figures_read_as_people_write_them() -> None:
    assert [size(n) for n in (671 * 10**9, 1_600_000_000_000, 116_830_000_000, 500)] == [
        "671B", "1.6T", "117B", "500",
    ]  # fmt: skip
    assert [tokens(n) for n in (128000, 131072, 1048576, 1000000, 1047576, 8191)] == [
        "128K", "128K", "1M", "1M", "1.05M", "8K",
    ]  # fmt: skip
    assert [dollars(n) for n in (15, 0.55, 2.5, 0.435, 1200)] == [
        "$15", "$0.55", "$2.50", "$0.435", "$1,200",
    ]  # fmt: skip


def test_names_in_one_breath() -> None:
    assert together(["DeepSeek-V4-Flash", "DeepSeek-V4-Pro"]) == "DeepSeek-V4-Flash and -Pro"
    assert together(["GPT-4.1", "GPT-4.1 mini", "GPT-4.1 nano"]) == "GPT-4.1, mini and nano"
    assert together(["Qwen3-8B", "Qwen3-14B"]) == "Qwen3-8B and -14B"
    assert together(["o3", "o4-mini"]) == "o3 and o4-mini"
    assert together([f"Qwen3-{n}B" for n in range(7)]) == "Qwen3-0B, -1B, -2B, -3B and 3 more"
