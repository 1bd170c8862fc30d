"""The picture of a timeline: a lane per lab, a dot per day with releases."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.cards.lanes import STAIRS, Wanted, place
from bot.cards.sheet import LOCK, Words, new_sheet, shortened, to_png, wipe
from bot.cards.style import (
    DARK,
    DPI,
    HEIGHT_INCHES,
    LIGHT,
    SMALL_SIZE,
    TEXT_SIZE,
    TITLE_SIZE,
    WIDTH_INCHES,
    Palette,
)
from bot.model.card import Dot, Lane, TimelineChart
from bot.model.wording import day

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bot.cards.sheet import Sheet

# Of the whole picture, in pixels; the lanes lie between.
WIDTH, HEIGHT = WIDTH_INCHES * DPI, HEIGHT_INCHES * DPI
LEFT, RIGHT, TOP, BOTTOM = 150.0, 722.0, 480.0, 62.0
LABEL_HEIGHT, MOST_APART = 13.0, 26.0
MOST_LEVELS = 20
LONGEST_LABEL, LONGEST_NAME = 26, 18
_sheets: list["Sheet"] = []


@dataclass
class Picture:
    """What the picture is made of, gathered first: each kind of it is drawn at once.

    `lines` are across at a height, `months` down at a place; `leaders` go from a dot up to its
    label: x, from, to. `dots` stand by whether the weights are open.
    """

    words: list[Words] = field(default_factory=list)
    lines: list[float] = field(default_factory=list)
    months: list[float] = field(default_factory=list)
    leaders: list[tuple[float, float, float]] = field(default_factory=list)
    dots: dict[bool | None, list[tuple[float, float]]] = field(default_factory=dict)

    def dot(self, weights: bool | None, x: float, y: float) -> None:
        """Add a dot."""
        self.dots.setdefault(weights, []).append((x, y))


def timeline_png(chart: TimelineChart, *, dark: bool) -> bytes:
    """Releases by lab and day; blocking. Equal charts, equal bytes."""
    with LOCK:
        if not _sheets:
            _sheets.append(new_sheet(HEIGHT_INCHES))
        figure, axes = _sheets[0]
        wipe(figure, axes)
        palette = DARK if dark else LIGHT
        figure.set_facecolor(palette.background)
        picture = _picture(chart, palette)
        _draw(axes, picture, palette)
        return to_png(figure, *picture.words)


def _draw(axes: "Axes", picture: Picture, palette: Palette) -> None:
    grid: dict[str, Any] = {"color": palette.grid, "linewidth": 0.8, "zorder": 0.5}
    axes.hlines(picture.lines, LEFT, RIGHT, **grid)
    axes.vlines(picture.months, BOTTOM, TOP, **grid)
    if picture.leaders:
        xs, bottoms, tops = zip(*picture.leaders, strict=True)
        axes.vlines(xs, bottoms, tops, color=palette.faint, linewidth=0.6, zorder=1)
    for weights, style in _styles(palette).items():
        if there := picture.dots.get(weights):
            xs, ys = zip(*there, strict=True)
            axes.plot(xs, ys, linestyle="none", zorder=3, **style)


def _picture(chart: TimelineChart, palette: Palette) -> Picture:
    picture = Picture()
    title = Words(20, HEIGHT - 28, chart.title, TITLE_SIZE, palette.text, bold=True)
    source = f"{chart.source}, to {day(chart.end)}"
    picture.words += [title, Words(20, 14, source, SMALL_SIZE, palette.faint)]
    _legend(picture, chart, palette)
    _months(picture, chart, palette)
    height = (TOP - BOTTOM) / len(chart.lanes)
    for number, lane in enumerate(chart.lanes):
        _lane(picture, chart, lane, (TOP - height * (number + 1), height), palette)
    return picture


def _lane(
    picture: Picture,
    chart: TimelineChart,
    lane: Lane,
    at: tuple[float, float],
    palette: Palette,
) -> None:
    bottom, height = at
    picture.lines.append(bottom)
    # Dots lie low in their lane: what is above them is for the labels.
    y = bottom + min(height * 0.3, 16)
    name = shortened(lane.name, LONGEST_NAME)
    picture.words += [
        Words(LEFT - 14, y, name, TEXT_SIZE, palette.text, "rm", bold=True),
        Words(RIGHT + 14, y, lane.cadence, SMALL_SIZE, palette.faint, "lm"),
    ]
    xs = [_x(dot.day, chart) for dot in lane.dots]
    for x, dot in zip(xs, lane.dots, strict=True):
        picture.dot(dot.open, x, y)
    _labels(picture, lane.dots, xs, (y, bottom + height), palette)


def _labels(
    picture: Picture,
    dots: Sequence[Dot],
    xs: Sequence[float],
    between: tuple[float, float],
    palette: Palette,
) -> None:
    """Names above their dots, as many as have room; the newest first."""
    y, ceiling = between
    first = y + 7
    levels = min(int((ceiling - first) // LABEL_HEIGHT), MOST_LEVELS)
    if levels < 1:
        return
    labels = [
        Words(0, 0, shortened(dot.label, LONGEST_LABEL), SMALL_SIZE, palette.text, "ld")
        for dot in dots
    ]
    widths = [label.width for label in labels]
    wanted = [Wanted(x, width) for x, width in zip(xs, widths, strict=True)]
    found = {one.index: one for one in place(wanted, levels, LEFT - 6, RIGHT + 6)}
    used = max((one.level for one in found.values()), default=0) + 1
    apart = min((ceiling - first) / used, MOST_APART)
    for index, label in enumerate(labels):
        if index not in found:
            continue
        height = first + found[index].level * apart
        left = found[index].left
        if levels >= STAIRS:  # a leader stands at its label, not in it
            left += -2 if left + widths[index] / 2 < xs[index] else 2
        picture.words.append(replace(label, x=left, y=height))
        if found[index].level:
            picture.leaders.append((xs[index], y + 4, height + 10))


def _styles(palette: Palette) -> dict[bool | None, dict[str, Any]]:
    """Open is a ring, closed is full, unknown is small: to be told apart without colours too."""
    ring = {"marker": "o", "markersize": 7, "markeredgewidth": 1.8}
    return {
        None: {"marker": "o", "markersize": 4, "color": palette.faint},
        False: {**ring, "color": palette.level},
        True: {**ring, "color": palette.line, "markerfacecolor": palette.background},
    }


def _legend(picture: Picture, chart: TimelineChart, palette: Palette) -> None:
    """What the dots mean, of those that are there, from the right edge inwards."""
    names = {None: "weights unknown", False: "closed weights", True: "open weights"}
    there = {dot.open for lane in chart.lanes for dot in lane.dots}
    x = WIDTH - 20
    for weights, name in names.items():
        if weights in there:
            words = Words(x, 14, name, SMALL_SIZE, palette.faint, "rs")
            picture.words.append(words)
            x -= words.width + 10
            picture.dot(weights, x, 17)
            x -= 18


def _months(picture: Picture, chart: TimelineChart, palette: Palette) -> None:
    """Lines at the beginning of months, at most nine; the year is named where it changes."""
    first = chart.start.year * 12 + chart.start.month - 1
    last = chart.end.year * 12 + chart.end.month - 1
    step = next(one for one in (1, 2, 3, 6, 12, 24) if (last - first) / one <= 9 or one == 24)
    year = 0
    for month in range(first + 1, last + 1):
        if month % step:
            continue
        at = date(month // 12, month % 12 + 1, 1)
        x = _x(at, chart)
        picture.months.append(x)
        label = f"{at:%b}" if at.year == year else f"{at:%b}\n{at.year}"
        year = at.year
        picture.words.append(Words(x, BOTTOM - 5, label, SMALL_SIZE, palette.faint, "ma"))


def _x(when: date, chart: TimelineChart) -> float:
    whole = max((chart.end - chart.start).days, 1)
    return LEFT + (RIGHT - LEFT) * (when - chart.start).days / whole
