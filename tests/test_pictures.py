"""The README's pictures of messages say what the program says now."""

import re
from html import unescape

import pytest

from bot.cards.to_discord import Rendered, alert, answer, picture_text
from bot.cards.to_text import to_plain
from bot.model.card import Card
from bot.surfaces.terminal import heading
from tests.cards.slack_seen import rich, said
from tests.discord_picture import seen_after
from tests.january import january_once
from tests.pictures import AGO, BUTTONS, DOCS, in_slack, pictured
from tests.slack_picture import text_of


def _characters(text: str) -> str:
    """What can be read, however it is spaced: the picture is cut where colours change."""
    return "".join(text.replace("▌", " ").split())


def _in_picture(name: str) -> str:
    svg = (DOCS / name).read_text("utf-8").split("</style>")[1]
    return unescape("".join(re.findall(r">([^<]*)<", svg)))


def test_the_pictures_say_what_the_demo_prints_and_a_channel_shows(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    release, shock, study = pictured(*january_once(tmp_path_factory))
    printed = [heading(shown) + to_plain(shown.card) for shown in (release, shock)]
    assert _characters(_in_picture("alert.svg")) == _characters("".join(printed)), "make pictures"
    for name, message, buttons in (
        ("discord.svg", alert(shock.card), BUTTONS),
        ("impact.svg", answer(study), ()),
    ):
        seen = _in_discord(message) + "".join(buttons)
        assert _characters(_in_picture(name)) == _characters(seen), "run `make pictures`"
    assert _characters(_in_picture("slack.svg")) == _characters(_in_slack(shock.card)), (
        "run `make pictures`"
    )


def _in_discord(message: Rendered) -> str:
    """All that a reader sees of a message in Discord, and of its chart what it shows in words."""
    seen = seen_after(picture_text(message), AGO)
    return "Aftershock APP " + re.sub(r"\[chart: (.*)\]", r"\1", seen)


def _in_slack(card: Card) -> str:
    """All that a reader sees of the alert in Slack, and of its chart what it shows in words."""
    parts = ["Aftershock APP"]
    for block in in_slack(card).with_chart("chart"):
        if block["type"] == "table":
            parts += [rich(cell) for row in block["rows"] for cell in row]
        elif block["type"] == "actions":
            parts += [said(button["text"]) for button in block["elements"]]
        else:
            parts.append(block["alt_text"] if block["type"] == "image" else text_of(block, AGO))
    return " ".join(parts)
