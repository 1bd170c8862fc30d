"""Where words go beside the points they speak of, so that none covers another or a line. Pure.

Everything is in pixels, y upwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, bottom, right, top

_CELL = 5.0
_GAP = 4.0
# Words nearer than this to their point need no leader.
NEAR = 16.0
_HEIGHTS = (7.0, 20.0, 33.0, 46.0, 60.0, 74.0)
# A cell of line under words is as bad as so many pixels of distance.
_INK_COST = 12.0
# Words of which more than this lies on lines are left out.
_MOST_INK = 0.25


@dataclass(frozen=True, slots=True)
class Callout:
    """Words of `width` × `height` for the point (x, y)."""

    x: float
    y: float
    width: float
    height: float


class Ink:
    """What lines cover, by cells."""

    def __init__(self) -> None:
        self._cells: set[tuple[int, int]] = set()

    def draw(self, points: Sequence[Point]) -> None:
        """Cover what a line through these points does."""
        for (x, y), (to_x, to_y) in pairwise(points):
            steps = max(int(hypot(to_x - x, to_y - y) / (_CELL * 0.7)), 1)
            for n in range(steps + 1):
                part = n / steps
                self._cells.add(_cell(x + (to_x - x) * part, y + (to_y - y) * part))

    def under(self, box: Box) -> tuple[int, int]:
        """How many cells of the box are covered, and of how many."""
        left, bottom = _cell(box[0], box[1])
        right, top = _cell(box[2], box[3])
        cells = [(x, y) for x in range(left, right + 1) for y in range(bottom, top + 1)]
        return sum(cell in self._cells for cell in cells), len(cells)


def arrange(wanted: Sequence[Callout], bounds: Box, ink: Ink) -> dict[int, Box]:
    """The boxes of those that find room, by their index; the last of `wanted` choose first."""
    boxes: list[Box] = []
    found: dict[int, Box] = {}
    for index in range(len(wanted) - 1, -1, -1):
        best: tuple[float, Box] | None = None
        for distance, box in _places(wanted[index]):
            if best is not None and distance >= best[0]:
                continue
            if not _within(box, bounds) or any(_touch(box, other) for other in boxes):
                continue
            covered, cells = ink.under(box)
            cost = distance + covered * _INK_COST
            if covered <= cells * _MOST_INK and (best is None or cost < best[0]):
                best = (cost, box)
        if best is not None:
            found[index] = best[1]
            boxes.append(best[1])
    return found


def _places(one: Callout) -> Iterator[tuple[float, Box]]:
    """Boxes around the point, each with its cost: above before below, to the right before left."""
    for height in _HEIGHTS:
        for bottom, below in ((one.y + height, 0.0), (one.y - height - one.height, 3.0)):
            for left, aside in (
                (one.x + 3, 0.0),
                (one.x - one.width / 2, 1.0),
                (one.x - one.width - 3, 2.0),
            ):
                box = (left, bottom, left + one.width, bottom + one.height)
                yield height + below + aside, box


def _within(box: Box, bounds: Box) -> bool:
    return (
        bounds[0] <= box[0]
        and bounds[1] <= box[1]
        and box[2] <= bounds[2]
        and box[3] <= bounds[3]
    )  # fmt: skip


def _touch(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2] + _GAP
        and other[0] < one[2] + _GAP
        and one[1] < other[3] + 1
        and other[1] < one[3] + 1
    )


def apart(heights: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Heights moved as little as it takes to lie `least` apart between `low` and `high`, in their
    order.
    """
    order = sorted(range(len(heights)), key=lambda index: (heights[index], index))
    found = list(heights)
    floor = low
    for index in order:
        found[index] = floor = max(found[index], floor)
        floor += least
    ceiling = high
    for index in reversed(order):
        found[index] = ceiling = min(found[index], ceiling)
        ceiling -= least
    return found


def _cell(x: float, y: float) -> tuple[int, int]:
    return int(x // _CELL), int(y // _CELL)
