"""Charts: series → PNG, by matplotlib's object API, off the event loop."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bot.cards.bar_chart import bars_png
from bot.cards.lines_chart import lines_png
from bot.cards.sheet import LOCK, Words, put_canvas, to_png, wipe
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
from bot.cards.timeline_chart import timeline_png
from bot.model.card import BarChart, Chart, LinesChart, TimelineChart, UnderwaterChart
from bot.model.wording import day, level, percent
from bot.model.wording import price as price_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    # A transform, and the vertical and horizontal alignment that belong to it.
    Placed = tuple[Any, Any, Any]
    Sheet = tuple[Figure, Axes, Axes]

_sheets: list["Sheet"] = []
# One chart is drawn at a time, and always by the same thread: matplotlib opens its fonts anew, and
# keeps them open, for each thread that draws.
_drawing = ThreadPoolExecutor(1, "charts")
LEFT, RIGHT = 0.085, 0.915
# From a point to its words, in pixels.
APART = 10.0
# What matplotlib calls a side, and Pillow.
_SIDES = {"left": "l", "center": "m", "right": "r"}


async def draw(chart: Chart, *, dark: bool) -> bytes:
    """The chart as PNG, drawn in the thread that draws."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_drawing, partial(chart_png, chart, dark=dark))


def chart_png(chart: Chart, *, dark: bool) -> bytes:
    """The chart as PNG; blocking."""
    if isinstance(chart, TimelineChart):
        return timeline_png(chart, dark=dark)
    if isinstance(chart, BarChart):
        return bars_png(chart, dark=dark)
    if isinstance(chart, LinesChart):
        return lines_png(chart, dark=dark)
    return underwater_png(chart, dark=dark)


def underwater_png(chart: UnderwaterChart, *, dark: bool) -> bytes:
    """A price under its running peak, its depth below; blocking. Equal charts, equal bytes."""
    with LOCK:  # one sheet, wiped and reused: making axes costs more than drawing on them
        if not _sheets:
            _sheets.append(_new_sheet())
        figure, price, below = _sheets[0]
        wipe(figure, price, below)
        labels = _underwater(figure, price, below, chart, DARK if dark else LIGHT)
        return to_png(figure, *labels)


def _new_sheet() -> "Sheet":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), dpi=DPI)
    put_canvas(figure)
    price = figure.add_axes((LEFT, 0.385, RIGHT - LEFT, 0.50))
    below = figure.add_axes((LEFT, 0.115, RIGHT - LEFT, 0.24))
    for axes in (price, below):
        axes.set_axisbelow(True)
        axes.set_autoscale_on(False)
        # Ticks and spines of its own cost a third of the drawing: labels and grid are ours.
        axes.set_axis_off()
    return figure, price, below


def _underwater(
    figure: "Figure", price: "Axes", below: "Axes", chart: UnderwaterChart, palette: Palette
) -> list[Words]:
    """Draw it; the words that go above it all."""
    figure.set_facecolor(palette.background)
    depths = [p / peak - 1 for p, peak in zip(chart.prices, chart.peaks, strict=True)]
    # Limits first: they say where a label stands.
    _limit_days(chart, price, below)
    labels = [
        *_price_panel(price, chart, palette),
        *_depth_panel(below, chart, depths, palette),
        *_dates(price, below, chart, palette),
    ]
    colour = palette.fall if depths[-1] < 0 else palette.text
    fallen = f"{percent(depths[-1])} from peak"
    source = f"{chart.source}, to {day(chart.days[-1])}"
    unit = chart.unit[0].upper() + chart.unit[1:]
    return [
        *labels,
        _words(LEFT, 0.945, chart.title, TITLE_SIZE, palette.text, "lm", bold=True),
        _words(RIGHT, 0.945, fallen, TITLE_SIZE, colour, "rm", bold=True),
        _words(LEFT, 0.025, source, SMALL_SIZE, palette.faint, "lm"),
        _words(LEFT, 0.893, unit, SMALL_SIZE, palette.faint, "ld"),
    ]


def _words(
    x: float, y: float, text: str, size: float, colour: str, anchor: str, *, bold: bool = False
) -> Words:
    """Words at a share of the picture's width and height."""
    across, up = x * WIDTH_INCHES * DPI, y * HEIGHT_INCHES * DPI
    return Words(across, up, text, size, colour, anchor, bold)


def _price_panel(axes: "Axes", chart: UnderwaterChart, palette: Palette) -> list[Words]:
    from matplotlib.ticker import MaxNLocator

    x = range(len(chart.days))
    last, top = len(chart.days) - 1, chart.peaks[-1]
    peak = max(i for i in x if chart.prices[i] == top)
    # The dots are markers of the lines: a line of one point would cost as much as a whole one.
    peaks: dict[str, Any] = {"color": palette.peak, "linewidth": 1.0, "linestyle": (0, (3, 2))}
    axes.plot(
        x, chart.peaks, drawstyle="steps-post", marker="o", markersize=4, markevery=[peak], **peaks
    )
    prices: dict[str, Any] = {"color": palette.line, "linewidth": 1.5}
    axes.plot(x, chart.prices, marker="o", markersize=4.5, markevery=[last], **prices)
    if chart.marks:
        marked = set(chart.marks)
        at = [i for i in x if chart.days[i] in marked]
        axes.plot(
            at,
            [chart.prices[i] for i in at],
            marker="v",
            markersize=6,
            linestyle="none",
            color=palette.fall,
        )
    lowest, highest = min(chart.prices), max(chart.peaks)
    room = (highest - lowest) or highest * 0.02
    bottom, ceiling = lowest - room * 0.06, highest + room * 0.20
    axes.set_ylim(bottom, ceiling)
    found = MaxNLocator(5, min_n_ticks=3).tick_values(bottom, ceiling)
    ticks = [float(tick) for tick in found if bottom <= tick <= ceiling]  # others would widen it
    labels = _rows(axes, ticks, price_labels(ticks), palette)
    return [*labels, *_named_points(axes, chart, peak, palette)]


def _named_points(axes: "Axes", chart: UnderwaterChart, peak: int, palette: Palette) -> list[Words]:
    """The peak with its day above it, and the last price beside it."""
    last, top = len(chart.days) - 1, chart.peaks[-1]
    label = f"{price_text(top)} on {day(chart.days[peak])}"
    side = "r" if peak > last * 0.5 else "l"
    x, y = map(float, axes.transData.transform((peak, top)))
    end, height = map(float, axes.transData.transform((last, chart.prices[-1])))
    shown = price_text(chart.prices[-1])
    return [
        Words(x, y + APART, label, TEXT_SIZE, palette.text, f"{side}d"),
        Words(end + APART, height, shown, TEXT_SIZE, palette.line, "lm", bold=True),
    ]


def _depth_panel(
    axes: "Axes", chart: UnderwaterChart, depths: list[float], palette: Palette
) -> list[Words]:
    from matplotlib.patches import Polygon
    from matplotlib.ticker import MaxNLocator

    x = range(len(depths))
    corners = [(0, 0), *zip(x, depths, strict=True), (len(depths) - 1, 0)]
    # `fill` and `add_patch` look for the limits of the shape too, which takes longer than drawing.
    axes.add_artist(Polygon(corners, color=palette.fall, alpha=0.3, linewidth=0))
    axes.plot(x, depths, color=palette.fall, linewidth=1.2)
    deepest = min(depths)
    bottom = min(deepest * 1.18, -0.02)
    shown = [one for one in chart.levels if -one >= bottom]
    axes.set_ylim(bottom, 0)
    lines: dict[str, Any] = {"color": palette.level, "linewidth": 0.9, "linestyle": (0, (5, 3))}
    across = axes.get_yaxis_transform()
    axes.hlines([-one for one in shown], 0, 1, transform=across, zorder=2, **lines)
    apart, labels = 0.0, []
    for one in sorted(shown):
        # A label needs a tenth of the panel; levels closer together share the first one's.
        if one - apart >= -bottom * 0.13 or not apart:
            placed = axes.get_yaxis_text2_transform(7)
            labels.append(_label(level(one), (1, -one), placed, palette.level, SMALL_SIZE))
            apart = one
    found = MaxNLocator(4, min_n_ticks=2, steps=[1, 2, 5, 10]).tick_values(bottom, 0)
    ticks = [float(tick) for tick in found if bottom <= tick <= 0]
    percents = [f"{one}%" for one in price_labels([tick * 100 + 0.0 for tick in ticks])]
    return labels + _rows(axes, ticks, percents, palette)


def _rows(
    axes: "Axes", ticks: Sequence[float], labels: Sequence[str], palette: Palette
) -> list[Words]:
    """Grid lines across at `ticks`; their labels on the left."""
    axes.hlines(ticks, 0, 1, transform=axes.get_yaxis_transform(), **_grid(palette))
    placed = axes.get_yaxis_text1_transform(5)
    return [
        _label(label, (0, tick), placed, palette.faint)
        for tick, label in zip(ticks, labels, strict=True)
    ]


def _grid(palette: Palette) -> dict[str, Any]:
    return {"color": palette.grid, "linewidth": 0.8, "zorder": 0.5}


def _label(
    words: str,
    at: tuple[float, float],
    placed: "Placed",
    colour: str,
    size: float = TEXT_SIZE,  # levels on the right are less than prices
) -> Words:
    """Words beside an axis, `placed` as matplotlib would place its own."""
    transform, va, ha = placed
    x, y = map(float, transform.transform(at))
    return Words(x, y, words, size, colour, _SIDES[ha] + ("a" if va == "top" else "m"))


def _limit_days(chart: UnderwaterChart, *panels: "Axes") -> None:
    last = len(chart.days) - 1
    margin = max(last * 0.01, 0.5)
    for axes in panels:
        axes.set_xlim(-margin, last + margin)


def _dates(price: "Axes", below: "Axes", chart: UnderwaterChart, palette: Palette) -> list[Words]:
    """At most eight ticks, each on a session, the year named where it changes."""
    days = chart.days
    long = (days[-1] - days[0]).days > 70
    if long:
        months = (days[-1] - days[0]).days / 30.4
        step = next(
            step for step in (1, 2, 3, 4, 6, 12, 24, 60) if months / step <= 9 or step == 60
        )
        ticks = [
            i
            for i in range(1, len(days))
            if days[i].month != days[i - 1].month
            and (days[i].year * 12 + days[i].month - 1) % step == 0
        ]
    else:
        ticks = list(range(0, len(days), -(-len(days) // 8)))
    labels = []
    year = None
    for tick in ticks:
        text = f"{days[tick]:%b}" if long else f"{days[tick].day} {days[tick]:%b}"
        if days[tick].year != year:
            text += f"\n{days[tick].year}"
            year = days[tick].year
        labels.append(text)
    for axes in (price, below):
        axes.vlines(ticks, 0, 1, transform=axes.get_xaxis_transform(), **_grid(palette))
    placed = below.get_xaxis_text1_transform(5)
    return [
        _label(text, (tick, 0), placed, palette.faint)
        for tick, text in zip(ticks, labels, strict=True)
    ]


def price_labels(ticks: Sequence[float]) -> list[str]:
    """What a price axis shows at evenly spaced `ticks`: just the decimals their step needs."""
    step = min((b - a for a, b in pairwise(ticks)), default=1.0)
    decimals = next((n for n in range(9) if abs(step - round(step, n)) < step * 1e-6), 9)
    return [f"{tick:,.{decimals}f}".replace("-", "−") for tick in ticks]
