"""The picture of quantities side by side."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.cards.scale import Scale, numbers
from bot.cards.sheet import LOCK, Words, new_sheet, to_png, wipe
from bot.cards.style import (
    DARK,
    DPI,
    LIGHT,
    SMALL_SIZE,
    TEXT_SIZE,
    TITLE_SIZE,
    WIDTH_INCHES,
    Palette,
)
from bot.model.card import Bar, BarChart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bot.cards.sheet import Sheet

# In pixels. A picture is as high as its bars need, and no higher than any other chart.
WIDTH, HIGHEST = WIDTH_INCHES * DPI, 540.0
EDGE, ABOVE, BELOW = 20.0, 58.0, 82.0
WIDEST_LABEL, NARROWEST_BARS = 230.0, 260.0
THICKEST, LEAST_FOR_TEXT = 36.0, 17.0
_sheets: list["Sheet"] = []


def bars_png(chart: BarChart, *, dark: bool) -> bytes:
    """Bars side by side; blocking. Equal charts, equal bytes."""
    with LOCK:
        if not _sheets:
            _sheets.append(new_sheet(HIGHEST / DPI))
        figure, axes = _sheets[0]
        wipe(figure, axes)
        words = _draw(figure, axes, chart, DARK if dark else LIGHT)
        return to_png(figure, *words)


class _Rows:
    """Where bars and the names of groups lie, from the top down."""

    def __init__(self, chart: BarChart) -> None:
        # A group's name takes the room of a bar; groups lie half a bar apart.
        slots = 0.0
        self.names: list[tuple[str, float]] = []
        self.middles: list[float] = []
        for number, (name, group) in enumerate(chart.groups):
            slots += 0.5 if number else 0
            if name:
                self.names.append((name, slots + 0.5))
                slots += 1
            self.middles += [slots + n + 0.5 for n in range(len(group))]
            slots += len(group)
        self.each = min((HIGHEST - ABOVE - BELOW) / max(slots, 1), THICKEST)
        self.height = round(ABOVE + BELOW + self.each * max(slots, 1))

    def y(self, slot: float) -> float:
        """The height of a slot in the picture."""
        return self.height - ABOVE - slot * self.each


def _draw(figure: "Figure", axes: "Axes", chart: BarChart, palette: Palette) -> list[Words]:
    """Draw it; the words that go above it all."""
    rows = _Rows(chart)
    figure.set_size_inches(WIDTH_INCHES, rows.height / DPI)
    axes.set_ylim(0, rows.height)
    figure.set_facecolor(palette.background)
    title = Words(EDGE, rows.height - 34, chart.title, TITLE_SIZE, palette.text, bold=True)
    source = Words(EDGE, 14, chart.source, SMALL_SIZE, palette.faint)
    framing = [_fit(one, WIDTH - 2 * EDGE) for one in (title, source)]
    bars = [bar for _name, group in chart.groups for bar in group]
    if not bars:
        return framing
    size = TEXT_SIZE if rows.each >= LEAST_FOR_TEXT else SMALL_SIZE
    names = [
        Words(EDGE, rows.y(at), name, size, palette.faint, "lm", bold=True)
        for name, at in rows.names
    ]
    heights = [rows.y(slot) for slot in rows.middles]
    names += [
        _fit(Words(EDGE, y, bar.label, size, palette.text, "lm"), WIDEST_LABEL)
        for bar, y in zip(bars, heights, strict=True)
    ]
    left = EDGE + max(one.width for one in names) + 14
    most = WIDTH - EDGE - left - NARROWEST_BARS
    texts = [_fit(_text(bar, y, size, palette), most) for bar, y in zip(bars, heights, strict=True)]
    scale = _fitting(bars, [text.width for text in texts], left, log=chart.log)
    beside = [replace(text, x=_end(bar, scale) + 8) for bar, text in zip(bars, texts, strict=True)]
    _bars(axes, bars, scale, rows, palette)
    return [*framing, *names, *beside, *_axis(axes, chart.unit, scale, rows, palette)]


def _fitting(bars: Sequence[Bar], widths: Sequence[float], left: float, *, log: bool) -> Scale:
    """The widest scale on which every bar's words still fit beside it."""
    values = [one for bar in bars for one in (bar.value, bar.low, bar.high) if one is not None]
    right = WIDTH - EDGE
    for _ in range(20):  # words of a shorter bar need less: narrowing ends soon
        scale = Scale(values, left, right, log=log)
        over = max(
            _end(bar, scale) + 8 + width - (WIDTH - EDGE)
            for bar, width in zip(bars, widths, strict=True)
        )
        if over < 0.5:
            return scale
        right -= over
    return Scale(values, left, left + NARROWEST_BARS / 2, log=log)


def _end(bar: Bar, scale: Scale) -> float:
    ends = [one for one in (bar.value, bar.high) if one is not None]
    return scale.x(max(ends)) if ends else scale.left


def _bars(axes: "Axes", bars: Sequence[Bar], scale: Scale, rows: _Rows, palette: Palette) -> None:
    """All bars at once, and above them the range of what sources say."""
    from matplotlib.collections import PolyCollection

    half = rows.each * 0.34
    corners, colours, ranges = [], [], []
    for bar, slot in zip(bars, rows.middles, strict=True):
        if bar.value is None:
            continue
        y = rows.y(slot)
        end = max(scale.x(bar.value), scale.left + 1.5)  # nothing is seen of a bar of no width
        corners.append([(scale.left, y - half), (end, y - half), (end, y + half),
                        (scale.left, y + half)])  # fmt: skip
        colours.append(palette.line if bar.best else palette.peak)
        if bar.low is not None and bar.high is not None and bar.low != bar.high:
            ranges.append((y, scale.x(bar.low), scale.x(bar.high)))
    axes.add_collection(
        PolyCollection(corners, facecolors=colours, linewidths=0, zorder=2), autolim=False
    )
    if ranges:
        ys, lows, highs = zip(*ranges, strict=True)
        line: dict[str, Any] = {"color": palette.text, "linewidth": 1.4, "zorder": 3}
        axes.hlines(ys, lows, highs, **line)
        down, up = [y - half / 2 for y in ys] * 2, [y + half / 2 for y in ys] * 2
        axes.vlines([*lows, *highs], down, up, **line)


def _text(bar: Bar, y: float, size: float, palette: Palette) -> Words:
    """What stands beside a bar, where it ends."""
    if bar.value is None:
        return Words(0, y, bar.text, size, palette.faint, "lm")
    return Words(0, y, bar.text, size, palette.text, "lm", bold=bar.best)


def _axis(axes: "Axes", unit: str, scale: Scale, rows: _Rows, palette: Palette) -> list[Words]:
    """Round values along the bars, and what is counted."""
    bottom, top = BELOW, rows.height - ABOVE
    axes.vlines([scale.left], bottom - 4, top, color=palette.faint, linewidth=0.8, zorder=2.5)
    if not scale.known:
        return []
    labels: list[Words] = []
    last = -math.inf
    ticks = scale.ticks()
    for tick, words in zip(ticks, numbers(ticks, log=scale.log), strict=True):
        label = Words(scale.x(tick), bottom - 7, words, SMALL_SIZE, palette.faint, "ma")
        half = label.width / 2
        if label.x - half >= last + 6:
            labels.append(label)
            last = label.x + half
    axes.vlines([scale.x(tick) for tick in ticks], bottom - 4, top, color=palette.grid,
                linewidth=0.8, zorder=0.5)  # fmt: skip
    by = ""
    if scale.log and len(ticks) > 1:
        by = f" (log scale: each step is {ticks[1] / ticks[0]:,.0f} times the last)"
    counted = Words(scale.left, bottom - 36, unit + by, SMALL_SIZE, palette.faint)
    return [*labels, counted]


def _fit(words: Words, most: float) -> Words:
    """Words at most so wide; what is cut ends in an ellipsis."""
    text, width = words.text, words.width
    while width > most and len(text) > 1:
        text = text[: min(len(text) - 1, int(len(text) * most / width))].rstrip(" …,;")
        words = replace(words, text=f"{text}…")
        width = words.width
    return words
