"""The README's pictures of messages say what the program says now."""

import re
from html import unescape

from bot.cards.to_discord import alert, picture_text
from bot.cards.to_text import to_plain
from bot.surfaces.terminal import heading
from tests.discord_picture import seen_after
from tests.pictures import AGO, DOCS, pictured


def _characters(text: str) -> str:
    """What can be read, however it is spaced: the picture is cut where colours change."""
    return "".join(text.replace("▌", " ").split())


def _in_picture(name: str) -> str:
    svg = (DOCS / name).read_text("utf-8").split("</style>")[1]
    return unescape("".join(re.findall(r">([^<]*)<", svg)))


async def test_the_pictures_say_what_the_demo_prints_and_a_channel_shows() -> None:
    messages = await pictured()
    printed = [heading(shown) + to_plain(shown.card) for shown in messages]
    assert _characters(_in_picture("alert.svg")) == _characters("".join(printed)), "make pictures"
    seen = seen_after(picture_text(alert(messages[1].card)), AGO)
    seen = "Aftershock APP " + re.sub(r"\[chart: (.*)\]", r"\1", seen)
    assert _characters(_in_picture("discord.svg")) == _characters(seen), "run `make pictures`"
