"""The README's picture of two messages says what the program says now."""

import re
from html import unescape

from bot.cards.to_text import to_plain
from bot.surfaces.terminal import heading
from tests.pictures import DOCS, pictured


def _characters(text: str) -> str:
    """What can be read, however it is spaced: the picture is cut where colours change."""
    return "".join(text.replace("▌", " ").split())


async def test_the_picture_says_what_the_demo_prints() -> None:
    svg = (DOCS / "alert.svg").read_text("utf-8").split("</style>")[1]
    in_picture = unescape("".join(re.findall(r">([^<]*)<", svg)))
    printed = [heading(shown) + to_plain(shown.card) for shown in await pictured()]
    assert _characters(in_picture) == _characters("".join(printed)), "run `make pictures`"
