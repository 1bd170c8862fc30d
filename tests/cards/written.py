"""Where the words of a picture lie."""

from collections.abc import Iterable

from PIL import Image, ImageDraw

from bot.cards.sheet import Words

WIDTH = 900


def boxes(words: Iterable[Words], height: float = 540) -> list[tuple[float, float, float, float]]:
    """What each of them covers: left, top, right, bottom in pixels from the upper left."""
    sheet = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    return [sheet.textbbox(**one.for_pillow(height)) for one in words]


def all_seen(words: list[Words], height: float = 540) -> None:
    """Assert that none of them lies on another or goes beyond the picture."""
    found = boxes(words, height)
    for i, (left, top, right, bottom) in enumerate(found):
        assert 0 <= left < right <= WIDTH, words[i].text
        assert 0 <= top < bottom <= height, words[i].text
        for j, other in enumerate(found[:i]):
            beside = right <= other[0] or other[2] <= left
            apart = bottom <= other[1] or other[3] <= top
            assert beside or apart, (words[i].text, words[j].text)
