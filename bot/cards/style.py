"""One style for every chart of the product."""

from dataclasses import dataclass

WIDTH_INCHES, HEIGHT_INCHES, DPI = 9.0, 5.4, 100


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours on one background; text keeps a contrast of at least 4.5 to it."""

    background: str
    text: str
    faint: str
    grid: str
    line: str
    peak: str
    fall: str
    level: str


DARK = Palette(
    background="#1e1f24",
    text="#e6e7ea",
    faint="#a3a7b0",
    grid="#33363d",
    line="#6cb6ff",
    peak="#9aa0aa",
    fall="#ff6b6b",
    level="#d7a64a",
)
LIGHT = Palette(
    background="#ffffff",
    text="#1b1f24",
    faint="#5c6370",
    grid="#e3e6ea",
    line="#1f6fc4",
    peak="#7a818c",
    fall="#c93030",
    level="#8f6410",
)
FONT = "DejaVu Sans"
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 13, 9.5, 8
