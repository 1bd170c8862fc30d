"""What every picture is drawn on and ends as: wiped axes, and PNG of equal bytes."""

import io
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

# matplotlib is not made for threads: one picture at a time.
LOCK = Lock()


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
