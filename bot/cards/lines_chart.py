"""The picture of series over days: lines or steps, bands, words at some days, days marked."""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.cards.axis import date_ticks, linear_ticks, log_ticks, tick_labels, value_label
from bot.cards.callouts import Ink, Point, apart
from bot.cards.day_scale import BOTTOM, LEFT, RIGHT, Scale, fitting
from bot.cards.lines_words import (
    EDGE,
    HEIGHT,
    WIDTH,
    Style,
    broken,
    day_words,
    legend,
    mark_words,
)
from bot.cards.sheet import LOCK, Words, new_sheet, shortened, to_png, wipe
from bot.cards.style import (
    DARK,
    HEIGHT_INCHES,
    LIGHT,
    SMALL_SIZE,
    TEXT_SIZE,
    TITLE_SIZE,
    Palette,
)
from bot.model.card import Line, LinesChart
from bot.model.wording import day

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bot.cards.sheet import Sheet

END_APART = 14.0
LONGEST_TITLE, LONGEST_SOURCE = 84, 120
_sheets: list["Sheet"] = []


def lines_png(chart: LinesChart, *, dark: bool) -> bytes:
    """Series over days; blocking. Equal charts, equal bytes.

    Values are in the chart's unit: 5.2 in "%" is 5.2%. A line breaks where its value is None.
    """
    with LOCK:
        if not _sheets:
            _sheets.append(new_sheet(HEIGHT_INCHES))
        figure, axes = _sheets[0]
        wipe(figure, axes)
        words = _draw(figure, axes, chart, DARK if dark else LIGHT)
        return to_png(figure, *words)


def _draw(figure: "Figure", axes: "Axes", chart: LinesChart, palette: Palette) -> list[Words]:
    """Draw it; the words that go above it all."""
    figure.set_facecolor(palette.background)
    title = shortened(chart.title, LONGEST_TITLE)
    words = [Words(EDGE, HEIGHT - 28, title, TITLE_SIZE, palette.text, bold=True)]
    days = chart.days
    styles = _styles(chart, palette)
    named, below = legend(axes, chart, styles, palette)
    words += named
    if not days:
        middle = WIDTH / 2, HEIGHT / 2
        return [*words, Words(*middle, "nothing to show", SMALL_SIZE, palette.faint, "ms")]
    source = f"{shortened(chart.source, LONGEST_SOURCE)}, to {day(days[-1])}"
    words.append(Words(EDGE, 14, source, SMALL_SIZE, palette.faint))
    shown = sorted({*days, *(when for when, _ in chart.marks)})
    first, last = shown[0], shown[-1]
    marks, top, marked = mark_words(axes, chart, (first, last), below, palette)
    scale = fitting(chart, (first, last), top)
    words += [*marks, *_grid(axes, chart, scale, palette)]
    ink = Ink()
    for x in marked:
        ink.draw([(x, BOTTOM), (x, top)])
    for line, style in zip(chart.lines, styles, strict=True):
        _line(axes, line, style, scale, ink)
    words += _ends(chart, styles, scale)
    return words + day_words(axes, chart, styles, scale, ink, palette)


def _grid(axes: "Axes", chart: LinesChart, scale: Scale, palette: Palette) -> list[Words]:
    """Lines at the ticks of both axes, and their labels; the line of zero stands out where values
    lie on both sides.
    """
    ticks = (log_ticks if chart.log else linear_ticks)(scale.low, scale.high)
    heights = [scale.y(tick) for tick in ticks]
    dates = [(scale.x(when), word) for when, word in date_ticks(scale.first, scale.last)]
    # All as one line: a collection per line would cost as much again as the rest.
    across = broken(((LEFT, y), (RIGHT, y)) for y in heights)
    up = broken(((x, BOTTOM), (x, scale.top)) for x, _ in dates)
    axes.plot(*across, color=palette.grid, linewidth=0.8, zorder=0.5)
    axes.plot(*up, color=palette.grid, linewidth=0.8, zorder=0.5)
    if scale.low < 0 < scale.high and not chart.log:
        zero = scale.y(0)
        axes.plot([LEFT, RIGHT], [zero, zero], color=palette.faint, linewidth=0.8, zorder=0.6)
    labels = zip(heights, tick_labels(ticks, chart.unit), strict=True)
    return [
        *(Words(LEFT - 8, y, label, TEXT_SIZE, palette.faint, "rm") for y, label in labels),
        *(Words(x, BOTTOM - 7, word, SMALL_SIZE, palette.faint, "ma") for x, word in dates),
    ]


def _line(axes: "Axes", line: Line, style: Style, scale: Scale, ink: Ink) -> None:
    """The line with its band, broken where there is no value."""
    xs: list[float] = []
    ys: list[float] = []
    alone: list[Point] = []
    for run in _runs(line, scale):
        points = [(scale.x(when), scale.y(value)) for when, value, _ in run]
        ink.draw(points)
        if len(points) == 1:
            alone += points
        xs += [*(x for x, _ in points), math.nan]
        ys += [*(y for _, y in points), math.nan]
        bands = [(scale.x(when), band) for when, _, band in run if band is not None]
        if len(bands) > 1:
            lower = [scale.y(band[0]) for _, band in bands]
            upper = [scale.y(band[1]) for _, band in bands]
            axes.fill_between([x for x, _ in bands], lower, upper, color=style["color"],
                              alpha=0.16, linewidth=0, zorder=1)  # fmt: skip
    axes.plot(xs, ys, zorder=3, solid_capstyle="butt", **style)
    if alone:
        dot = {"color": style["color"], "linestyle": "none", "marker": "o", "markersize": 5}
        axes.plot([x for x, _ in alone], [y for _, y in alone], zorder=3, **dot)


def _runs(
    line: Line, scale: Scale
) -> Iterator[list[tuple[date, float, tuple[float, float] | None]]]:
    """What is drawn in one go: points that follow each other, with their bands. A step goes on
    until the next day of the series, even where that has no value.
    """
    bands = line.band or (None,) * len(line.days)
    run: list[tuple[date, float, tuple[float, float] | None]] = []
    for when, value, band in zip(line.days, line.values, bands, strict=True):
        if line.steps and run:
            run.append((when, run[-1][1], run[-1][2]))
        if value is not None and scale.shows(value):
            whole = band is not None and all(scale.shows(edge) for edge in band)
            run.append((when, value, band if whole else None))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _ends(chart: LinesChart, styles: Sequence[Style], scale: Scale) -> list[Words]:
    """The last value of each line that reaches the end, beside it."""
    there = []
    last = chart.days[-1]
    for line, style in zip(chart.lines, styles, strict=True):
        value = line.values[-1] if line.values else None
        if value is not None and scale.shows(value) and line.days[-1] == last:
            there.append((scale.y(value), value_label(value, chart.unit), style["color"]))
    heights = apart([y for y, _, _ in there], END_APART, BOTTOM, scale.top)
    x = scale.x(last) + 7
    return [
        Words(x, height, label, TEXT_SIZE, colour, "lm", bold=True)
        for height, (_, label, colour) in zip(heights, there, strict=True)
    ]


def _styles(chart: LinesChart, palette: Palette) -> list[dict[str, Any]]:
    """A colour and dashes for each line, to be told apart without colours too. Open and closed
    weights have those of the timeline.
    """
    solid = {"color": palette.line, "linewidth": 2.0, "linestyle": "-"}
    dashed = {"color": palette.level, "linewidth": 2.0, "linestyle": (0, (5, 2))}
    weights = [line.open for line in chart.lines]
    if None not in weights and len(set(weights)) == len(weights):
        return [solid if one else dashed for one in weights]
    rest: list[dict[str, Any]] = [
        {"color": palette.fall, "linewidth": 2.0, "linestyle": (0, (1.2, 1.4))},
        {"color": palette.peak, "linewidth": 1.8, "linestyle": (0, (8, 2, 1.5, 2))},
        {"color": palette.text, "linewidth": 1.2, "linestyle": "-"},
        {"color": palette.faint, "linewidth": 1.6, "linestyle": (0, (2, 4))},
    ]
    styles = [solid, dashed, *rest]
    return [styles[number % len(styles)] for number in range(len(chart.lines))]
