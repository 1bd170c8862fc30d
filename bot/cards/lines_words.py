"""What is written in a picture of series: the legend, words at some days, days that are marked."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.cards.callouts import NEAR, Callout, Ink, Point, arrange
from bot.cards.day_scale import BOTTOM, LEFT, RIGHT, Scale
from bot.cards.lanes import STAIRS, Wanted, place
from bot.cards.sheet import Words, shortened
from bot.cards.style import DPI, HEIGHT_INCHES, SMALL_SIZE, WIDTH_INCHES, Palette
from bot.model.card import LinesChart
from bot.model.wording import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# How a line is drawn: matplotlib's words for its colour, width and dashes.
Style = Mapping[str, Any]

WIDTH, HEIGHT = WIDTH_INCHES * DPI, HEIGHT_INCHES * DPI
EDGE = 20.0
LEGEND_TOP, ROW = HEIGHT - 58, 17.0
SWATCH = 30.0
MARK_ROW, MOST_MARK_ROWS = 13.0, 6
LABEL_HEIGHT = 11.0
# Names of many lines are shorter than those of a few.
FEW, LONGEST_NAME, LONGEST_OF_MANY = 2, 60, 30
LONGEST_LABEL, LONGEST_MARK = 34, 30


def legend(
    axes: "Axes", chart: LinesChart, styles: Sequence[Style], palette: Palette
) -> tuple[list[Words], float]:
    """The unit, then each line's name after a piece of it, in as many rows as it takes; where
    they end.
    """
    words = [Words(EDGE, LEGEND_TOP, sentence(chart.unit), SMALL_SIZE, palette.faint, "lm")]
    x, y = EDGE + words[0].width + 22, LEGEND_TOP
    longest = LONGEST_NAME if len(chart.lines) <= FEW else LONGEST_OF_MANY
    for line, style in zip(chart.lines, styles, strict=True):
        name = Words(0, 0, shortened(line.name, longest), SMALL_SIZE, palette.text, "lm")
        width = SWATCH + 6 + name.width
        if x + width > WIDTH - EDGE and x > EDGE:
            x, y = EDGE, y - ROW
        axes.plot([x, x + SWATCH], [y, y], **style)
        words.append(replace(name, x=x + SWATCH + 6, y=y))
        x += width + 18
    return words, y - 16


def day_words(
    axes: "Axes",
    chart: LinesChart,
    styles: Sequence[Style],
    scale: Scale,
    ink: Ink,
    palette: Palette,
) -> list[Words]:
    """Words at some days of the lines, as many as find room, the newest first."""
    several = []
    for line, style in zip(chart.lines, styles, strict=True):
        values = dict(zip(line.days, line.values, strict=True))
        for when, words in line.labels:
            value = values.get(when)
            if value is not None and scale.shows(value):
                at = (scale.x(when), scale.y(value))
                several.append((when, at, shortened(words, LONGEST_LABEL), style["color"]))
    several.sort(key=lambda one: one[0])
    texts = [Words(*at, words, SMALL_SIZE, colour, "ld") for _, at, words, colour in several]
    wanted = [Callout(text.x, text.y, text.width, LABEL_HEIGHT) for text in texts]
    found = arrange(wanted, (LEFT, BOTTOM + 2, RIGHT + 4, scale.top - 2), ink)
    dots: dict[str, list[Point]] = {}
    leaders: list[tuple[Point, Point]] = []
    placed = []
    for index, (left, bottom, right, top) in found.items():
        text = texts[index]
        x, y = text.x, text.y
        placed.append(replace(text, x=left, y=bottom))
        dots.setdefault(text.colour, []).append((x, y))
        near = bottom if bottom > y else top
        if abs(near - y) > NEAR:
            leaders.append(((x, y), (min(max(x, left + 3), right - 3), near)))
    axes.plot(*broken(leaders), color=palette.faint, linewidth=0.6, zorder=2)
    for colour, points in dots.items():
        axes.plot([x for x, _ in points], [y for _, y in points], linestyle="none", marker="o",
                  markersize=4, color=colour, zorder=4)  # fmt: skip
    return placed


def mark_words(
    axes: "Axes", chart: LinesChart, span: tuple[date, date], ceiling: float, palette: Palette
) -> tuple[list[Words], float, list[float]]:
    """Days marked by a line from top to bottom, their words above it; where the panel ends, and
    where the lines stand.
    """
    if not chart.marks:
        return [], ceiling, []
    marks = sorted(chart.marks)
    flat = Scale(*span, 0, 1, log=False, top=ceiling)
    texts = [
        Words(flat.x(when), 0, shortened(word, LONGEST_MARK), SMALL_SIZE, palette.text, "ld")
        for when, word in marks
    ]
    wanted = [Wanted(text.x, text.width) for text in texts]
    placed = place(wanted, STAIRS - 1, LEFT, WIDTH - EDGE)
    if len(placed) < len(marks):  # stairs lead past neighbours
        placed = place(wanted, MOST_MARK_ROWS, LEFT, WIDTH - EDGE)
    found = {one.index: one for one in placed}
    rows = max((one.level for one in placed), default=-1) + 1
    top = ceiling - rows * MARK_ROW
    heads, words = [], []
    for index, text in enumerate(texts):
        x, head = wanted[index].x, top
        if index in found:
            one = found[index]
            head += one.level * MARK_ROW
            ends = abs(one.left + wanted[index].width - x) < 1
            begins = abs(one.left - x) < 1
            left = one.left + (-3 if ends else 3 if begins else 0)
            words.append(replace(text, x=left, y=head + 2))
            head += MARK_ROW - 3 if ends or begins else 0
        heads.append(((x, BOTTOM), (x, head)))
    axes.plot(*broken(heads), color=palette.fall, linewidth=1.0, linestyle=(0, (1, 2)), zorder=2)
    return words, top, [one.x for one in wanted]


def broken(parts: Iterable[tuple[Point, Point]]) -> tuple[list[float], list[float]]:
    """Pieces of line that do not touch, as one: x and y, with a gap after each."""
    xs: list[float] = []
    ys: list[float] = []
    for (x, y), (to_x, to_y) in parts:
        xs += [x, to_x, math.nan]
        ys += [y, to_y, math.nan]
    return xs, ys
