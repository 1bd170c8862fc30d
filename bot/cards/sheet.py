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

    def for_pillow(self, height: float) -> dict[str, Any]:
        """What Pillow draws or measures, but for the colour, on a picture of `height` pixels."""
        font, anchor = font_of(self.size, bold=self.bold), self.anchor
        y = height - self.y
        if anchor[1] == "m":  # the middle of capitals and figures, not that of the font
            y -= font.getbbox("H", anchor="ls")[1] / 2
            anchor = f"{anchor[0]}s"
        return {
            "xy": (self.x, y), "text": self.text, "font": font, "anchor": anchor,
            "align": "center", "spacing": 2,
        }  # fmt: skip


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


def shortened(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def wipe(figure: "Figure", *panels: "Axes") -> None:
    """Take away what was drawn there, and what was drawn last; making axes anew costs more.

    The two megabytes of pixels that each canvas holds go as well.
    """
    for drawn, its in (*_last, (figure, panels)):
        for axes in its:
            for artist in [*axes.lines, *axes.patches, *axes.collections]:
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
            draw.text(fill=one.colour, **one.for_pillow(size[1]))
    buffer = io.BytesIO()
    image.save(buffer, "png", compress_level=1)  # a tenth larger than 6, at half the time
    return buffer.getvalue()
