"""What every picture is drawn on and ends as: sheets in pixels, words, PNG of equal bytes."""

import io
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from bot.cards.style import DPI, FONT, WIDTH_INCHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.ImageFont import FreeTypeFont

    Sheet = tuple[Figure, Axes]

# matplotlib is not made for threads: one picture at a time.
LOCK = Lock()
_last: list[tuple["Figure", tuple["Axes", ...]]] = []


@dataclass(frozen=True, slots=True)
class Words:
    """Words on a finished picture: many of them are drawn in a fraction of the time.

    `x` and `y` are pixels from the left and from below, `size` is in points; `anchor` is the corner
    that stands there, as Pillow names it ("ls": left, on the base line).
    """

    x: float
    y: float
    text: str
    size: float
    colour: str
    anchor: str = "ls"
    bold: bool = False

    @property
    def width(self) -> float:
        """How many pixels they take."""
        return float(font_of(self.size, bold=self.bold).getlength(self.text))


@cache
def font_of(size: float, *, bold: bool) -> "FreeTypeFont":
    """The font of all charts, for Pillow; `size` is in points."""
    from matplotlib.font_manager import FontProperties, findfont
    from PIL import ImageFont

    found = findfont(FontProperties(family=FONT, weight="bold" if bold else "normal"))
    return ImageFont.truetype(found, size * DPI / 72, layout_engine=ImageFont.Layout.BASIC)


def new_sheet(height_inches: float) -> "Sheet":
    """A sheet of one panel as large as the picture, whose coordinates are pixels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, height_inches), dpi=DPI)
    put_canvas(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_autoscale_on(False)
    axes.set_xlim(0, WIDTH_INCHES * DPI)
    axes.set_ylim(0, height_inches * DPI)
    return figure, axes


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
    """Take away what was drawn there, and what was drawn last; making axes anew costs more.

    The two megabytes of pixels that each canvas and its texts hold go as well.
    """
    for drawn, its in (*_last, (figure, panels)):
        for text in list(drawn.texts):
            text.remove()
        for axes in its:
            for artist in [*axes.lines, *axes.patches, *axes.collections, *axes.texts]:
                artist.remove()
        put_canvas(drawn)
    _last[:] = [(figure, panels)]


def put_canvas(figure: "Figure") -> None:
    """A canvas without pixels yet, in place of the figure's last one."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)


def to_png(figure: "Figure", *words: Words) -> bytes:
    """What is on the figure, with `words` above all, as PNG."""
    from PIL import Image, ImageDraw

    canvas: Any = figure.canvas
    canvas.draw()
    size = canvas.get_width_height()
    # Nothing is transparent: three bytes a pixel are enough.
    pixels = canvas.buffer_rgba()
    image = Image.frombuffer("RGBA", size, pixels).convert("RGB")
    if words:
        draw = ImageDraw.Draw(image)
        for one in words:
            at = (one.x, size[1] - one.y)
            draw.text(
                at, one.text, one.colour, font_of(one.size, bold=one.bold), one.anchor,
                align="center", spacing=2,
            )  # fmt: skip
    buffer = io.BytesIO()
    image.save(buffer, "png", compress_level=1)  # a tenth larger than 6, at half the time
    return buffer.getvalue()
