"""The picture of quantities side by side."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.cards.scale import Scale, numbers
from bot.cards.sheet import LOCK, new_sheet, say, to_png, width_of, wipe
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
        _draw(figure, axes, chart, DARK if dark else LIGHT)
        return to_png(figure)


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


def _draw(figure: "Figure", axes: "Axes", chart: BarChart, palette: Palette) -> None:
    rows = _Rows(chart)
    figure.set_size_inches(WIDTH_INCHES, rows.height / DPI)
    axes.set_ylim(0, rows.height)
    figure.set_facecolor(palette.background)
    title: dict[str, Any] = {"color": palette.text, "fontsize": TITLE_SIZE, "fontweight": "bold"}
    _fit(axes, say(axes, EDGE, rows.height - 34, chart.title, **title), WIDTH - 2 * EDGE)
    small: dict[str, Any] = {"color": palette.faint, "fontsize": SMALL_SIZE}
    _fit(axes, say(axes, EDGE, 14, chart.source, **small), WIDTH - 2 * EDGE)
    bars = [bar for _name, group in chart.groups for bar in group]
    if not bars:
        return
    words = {
        "va": "center",
        "fontsize": TEXT_SIZE if rows.each >= LEAST_FOR_TEXT else SMALL_SIZE,
    }
    heading = {"color": palette.faint, "fontweight": "bold", **words}
    left = max(
        (width_of(axes, say(axes, EDGE, rows.y(at), name, **heading)) for name, at in rows.names),
        default=0.0,
    )
    fitted: dict[str, str] = {}
    for bar, slot in zip(bars, rows.middles, strict=True):
        label = say(axes, EDGE, rows.y(slot), fitted.get(bar.label, bar.label),
                     color=palette.text, **words)  # fmt: skip
        if bar.label not in fitted:  # a model has a bar in each group
            left = max(left, _fit(axes, label, WIDEST_LABEL))
            fitted[bar.label] = label.get_text()
    left += EDGE + 14
    texts = [say(axes, 0, 0, bar.text, **words, **_ink(bar, palette)) for bar in bars]
    widths = [_fit(axes, text, WIDTH - EDGE - left - NARROWEST_BARS) for text in texts]
    scale = _fitting(bars, widths, left, log=chart.log)
    _axis(axes, chart.unit, scale, rows, palette)
    _bars(axes, bars, scale, rows, palette)
    for bar, text, slot in zip(bars, texts, rows.middles, strict=True):
        text.set_position((_end(bar, scale) + 8, rows.y(slot)))


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


def _ink(bar: Bar, palette: Palette) -> dict[str, Any]:
    if bar.value is None:
        return {"color": palette.faint}
    return {"color": palette.text, "fontweight": "bold" if bar.best else "normal"}


def _axis(axes: "Axes", unit: str, scale: Scale, rows: _Rows, palette: Palette) -> None:
    """Round values along the bars, and what is counted."""
    small: dict[str, Any] = {"color": palette.faint, "fontsize": SMALL_SIZE}
    bottom, top = BELOW, rows.height - ABOVE
    axes.vlines([scale.left], bottom - 4, top, color=palette.faint, linewidth=0.8, zorder=2.5)
    if not scale.known:
        return
    last = -math.inf
    ticks = scale.ticks()
    for tick, words in zip(ticks, numbers(ticks, log=scale.log), strict=True):
        label = say(axes, scale.x(tick), bottom - 9, words, ha="center", va="top", **small)
        half = width_of(axes, label) / 2
        if scale.x(tick) - half < last + 6:
            label.remove()
            continue
        last = scale.x(tick) + half
    axes.vlines([scale.x(tick) for tick in ticks], bottom - 4, top, color=palette.grid,
                linewidth=0.8, zorder=0.5)  # fmt: skip
    by = ""
    if scale.log and len(ticks) > 1:
        by = f" (log scale: each step is {ticks[1] / ticks[0]:,.0f} times the last)"
    say(axes, scale.left, bottom - 36, unit + by, **small)


def _fit(axes: "Axes", text: Any, most: float) -> float:
    """Cut a text that is too wide, ending it in an ellipsis; its width."""
    words = text.get_text()
    width = width_of(axes, text)
    while width > most and len(words) > 1:
        words = words[: min(len(words) - 1, int(len(words) * most / width))].rstrip(" …,;")
        text.set_text(f"{words}…")
        width = width_of(axes, text)
    return width
