"""The picture of a timeline: a lane per lab, a dot per day with releases."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.cards.lanes import STAIRS, Wanted, place
from bot.cards.sheet import LOCK, new_sheet, say, shortened, to_png, width_of, wipe
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
    from matplotlib.figure import Figure

    from bot.cards.sheet import Sheet

# Of the whole picture, in pixels; the lanes lie between.
WIDTH, HEIGHT = WIDTH_INCHES * DPI, HEIGHT_INCHES * DPI
LEFT, RIGHT, TOP, BOTTOM = 150.0, 722.0, 480.0, 62.0
LABEL_HEIGHT, MOST_APART = 13.0, 26.0
MOST_LEVELS = 20
LONGEST_LABEL, LONGEST_NAME = 26, 18
_sheets: list["Sheet"] = []


def timeline_png(chart: TimelineChart, *, dark: bool) -> bytes:
    """Releases by lab and day; blocking. Equal charts, equal bytes."""
    with LOCK:
        if not _sheets:
            _sheets.append(new_sheet(HEIGHT_INCHES))
        canvas, figure, axes = _sheets[0]
        wipe(figure, axes)
        _draw(figure, axes, chart, DARK if dark else LIGHT)
        return to_png(canvas)


def _draw(figure: "Figure", axes: "Axes", chart: TimelineChart, palette: Palette) -> None:
    figure.set_facecolor(palette.background)
    title: dict[str, Any] = {"color": palette.text, "fontsize": TITLE_SIZE, "fontweight": "bold"}
    say(axes, 20, HEIGHT - 28, chart.title, **title)
    small: dict[str, Any] = {"color": palette.faint, "fontsize": SMALL_SIZE}
    say(axes, 20, 14, f"{chart.source}, to {day(chart.end)}", **small)
    _legend(axes, chart, palette)
    _months(axes, chart, palette)
    height = (TOP - BOTTOM) / len(chart.lanes)
    for number, lane in enumerate(chart.lanes):
        _lane(axes, chart, lane, (TOP - height * (number + 1), height), palette)


def _lane(
    axes: "Axes", chart: TimelineChart, lane: Lane, at: tuple[float, float], palette: Palette
) -> None:
    bottom, height = at
    axes.hlines([bottom], LEFT, RIGHT, color=palette.grid, linewidth=0.8, zorder=0.5)
    # Dots lie low in their lane: what is above them is for the labels.
    y = bottom + min(height * 0.3, 16)
    words = {"va": "center", "fontsize": TEXT_SIZE}
    name = {"color": palette.text, "ha": "right", "fontweight": "bold", **words}
    say(axes, LEFT - 14, y, shortened(lane.name, LONGEST_NAME), **name)
    say(axes, RIGHT + 14, y, lane.cadence, **{**words, "fontsize": SMALL_SIZE}, color=palette.faint)
    xs = [_x(dot.day, chart) for dot in lane.dots]
    for weights, style in _styles(palette).items():
        mine = [x for x, dot in zip(xs, lane.dots, strict=True) if dot.open is weights]
        axes.plot(mine, [y] * len(mine), linestyle="none", zorder=3, **style)
    _labels(axes, lane.dots, xs, (y, bottom + height), palette)


def _labels(
    axes: "Axes",
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
    texts = [
        say(axes, x, first, shortened(dot.label, LONGEST_LABEL), color=palette.text,
             fontsize=SMALL_SIZE, va="bottom")
        for x, dot in zip(xs, dots, strict=True)
    ]  # fmt: skip
    widths = [width_of(axes, text) for text in texts]
    wanted = [Wanted(x, width) for x, width in zip(xs, widths, strict=True)]
    found = {one.index: one for one in place(wanted, levels, LEFT - 6, RIGHT + 6)}
    used = max((one.level for one in found.values()), default=0) + 1
    apart = min((ceiling - first) / used, MOST_APART)
    for index, text in enumerate(texts):
        if index not in found:
            text.remove()
            continue
        height = first + found[index].level * apart
        left = found[index].left
        if levels >= STAIRS:  # a leader stands at its label, not in it
            left += -2 if left + widths[index] / 2 < xs[index] else 2
        text.set_position((left, height))
        if found[index].level:
            axes.vlines(
                [xs[index]], y + 4, height + 10, color=palette.faint, linewidth=0.6, zorder=1
            )


def _styles(palette: Palette) -> dict[bool | None, dict[str, Any]]:
    """Open is a ring, closed is full, unknown is small: to be told apart without colours too."""
    ring = {"marker": "o", "markersize": 7, "markeredgewidth": 1.8}
    return {
        None: {"marker": "o", "markersize": 4, "color": palette.faint},
        False: {**ring, "color": palette.level},
        True: {**ring, "color": palette.line, "markerfacecolor": palette.background},
    }


def _legend(axes: "Axes", chart: TimelineChart, palette: Palette) -> None:
    """What the dots mean, of those that are there, from the right edge inwards."""
    names = {None: "weights unknown", False: "closed weights", True: "open weights"}
    there = {dot.open for lane in chart.lanes for dot in lane.dots}
    styles, x = _styles(palette), WIDTH - 20
    for weights, name in names.items():
        if weights in there:
            text = say(axes, x, 14, name, color=palette.faint, fontsize=SMALL_SIZE, ha="right")
            x -= width_of(axes, text) + 10
            axes.plot([x], [17], linestyle="none", **styles[weights])
            x -= 18


def _months(axes: "Axes", chart: TimelineChart, palette: Palette) -> None:
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
        axes.vlines([x], BOTTOM, TOP, color=palette.grid, linewidth=0.8, zorder=0.5)
        label = f"{at:%b}" if at.year == year else f"{at:%b}\n{at.year}"
        year = at.year
        say(axes, x, BOTTOM - 5, label, color=palette.faint, fontsize=SMALL_SIZE, ha="center",
             va="top", linespacing=1.2)  # fmt: skip


def _x(when: date, chart: TimelineChart) -> float:
    whole = max((chart.end - chart.start).days, 1)
    return LEFT + (RIGHT - LEFT) * (when - chart.start).days / whole
