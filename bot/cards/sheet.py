"""What every picture is drawn on and ends as: sheets in pixels, words, PNG of equal bytes."""

import io
from threading import Lock
from typing import TYPE_CHECKING, Any

from bot.cards.style import DPI, FONT, WIDTH_INCHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    Sheet = tuple[FigureCanvasAgg, Figure, Axes]

# matplotlib is not made for threads: one picture at a time.
LOCK = Lock()


def new_sheet(height_inches: float) -> "Sheet":
    """A sheet of one panel as large as the picture, whose coordinates are pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, height_inches), dpi=DPI)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_autoscale_on(False)
    axes.set_xlim(0, WIDTH_INCHES * DPI)
    axes.set_ylim(0, height_inches * DPI)
    return canvas, figure, axes


def say(axes: "Axes", x: float, y: float, words: str, **how: Any) -> Any:
    """Words at a place; what people named is no formula, which a dollar sign would begin."""
    return axes.text(x, y, words, fontfamily=FONT, parse_math=False, **how)


def width_of(axes: "Axes", text: Any) -> float:
    """How many pixels a text takes."""
    renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    return float(text.get_window_extent(renderer).width)


def shortened(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def wipe(figure: "Figure", *panels: "Axes") -> None:
    """Take away what was drawn; making axes anew costs more than drawing on them."""
    for text in list(figure.texts):
        text.remove()
    for axes in panels:
        for artist in [*axes.lines, *axes.patches, *axes.collections, *axes.texts]:
            artist.remove()


def to_png(canvas: "FigureCanvasAgg") -> bytes:
    """What is on the canvas, as PNG."""
    from PIL import Image

    canvas.draw()  # type: ignore[no-untyped-call]
    size = canvas.get_width_height()
    # Nothing is transparent: three bytes a pixel are enough.
    pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    image = Image.frombuffer("RGBA", size, pixels).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, "png", compress_level=1)  # a tenth larger than 6, at half the time
    return buffer.getvalue()
