"""What every picture is drawn on: words stand where they were put."""

import io

import numpy as np
import pytest
from PIL import Image

from bot.cards.sheet import Words, new_sheet, to_png
from bot.cards.style import SMALL_SIZE, TEXT_SIZE, TITLE_SIZE


def _rows(words: Words) -> tuple[int, int]:
    """The first row of pixels that the words darken, from below, and the row after the last."""
    figure, _axes = new_sheet(1)
    figure.set_facecolor("white")
    pixels = np.asarray(Image.open(io.BytesIO(to_png(figure, words))).convert("L"))
    dark = np.nonzero((pixels < 160).any(axis=1))[0]
    return 100 - int(dark[-1]) - 1, 100 - int(dark[0])


@pytest.mark.parametrize("bold", [True, False])
@pytest.mark.parametrize("size", [SMALL_SIZE, TEXT_SIZE, TITLE_SIZE])
@pytest.mark.parametrize("height", [50.0, 50.25, 50.5, 50.75])
def test_figures_stand_around_a_height_or_on_it(height: float, size: float, bold: bool) -> None:
    low, high = _rows(Words(20, height, "H1", size, "black", "lm", bold))
    assert (low + high) / 2 == pytest.approx(height, abs=0.5)  # as near as whole pixels are
    low, _high = _rows(Words(20, height, "H1", size, "black", bold=bold))
    assert low == pytest.approx(height, abs=0.5)


def test_words_of_two_lines_go_down_from_their_height_around_their_middle() -> None:
    one, two = (Words(450, 80, text, SMALL_SIZE, "black", "ma") for text in ("Jan", "Jan\n2025"))
    assert _rows(two)[1] == _rows(one)[1] <= 80
    assert _rows(two)[0] < _rows(one)[0] - SMALL_SIZE
