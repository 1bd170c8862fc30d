"""Where labels go above dots so that none covers another, or another's leader. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

# Between two labels of one level, and between a label and a leader that passes it.
GAP = 5.0
# With so many levels labels climb like a staircase, each ending (or each beginning) at its leader.
STAIRS = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label of `width` for a dot at `x`, in pixels."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A label that found room: its dot's `index`, level (0 is next to the dot) and left edge."""

    index: int
    level: int
    left: float


@dataclass
class _Level:
    spans: list[tuple[float, float]] = field(default_factory=list)
    leaders: list[float] = field(default_factory=list)

    def free(self, left: float, right: float) -> bool:
        apart = all(right + GAP <= start or end + GAP <= left for start, end in self.spans)
        # A label may begin or end at a leader: that of its own dot is another's, too.
        return apart and all(not left < x < right for x in self.leaders)

    def passable(self, x: float) -> bool:
        return all(not start < x < end for start, end in self.spans)


def place(wanted: Sequence[Wanted], levels: int, left: float, right: float) -> list[Placed]:
    """Labels that find room within `left` to `right`; the newest, which are last, before others.

    A label stands above its dot, moved inwards at the edges; from the second level on a leader
    goes up to it.
    """
    newest_first = range(len(wanted) - 1, -1, -1)
    if levels < STAIRS:
        return _fill(wanted, newest_first, levels, (left, right), anchor=0.5)
    best: list[Placed] = []
    for first in range(len(wanted)):  # fewer of the oldest leave room for all the others
        found = _fill(wanted, range(first, len(wanted)), levels, (left, right), anchor=1)
        has_last = any(one.index == len(wanted) - 1 for one in found)
        if has_last and len(found) > len(best):
            best = found
    # Old dots at the left edge leave no room for labels that end at them: let them begin there.
    other = _fill(wanted, newest_first, levels, (left, right), anchor=0)
    return other if len(other) > len(best) else best


def _fill(
    wanted: Sequence[Wanted],
    order: Iterable[int],
    levels: int,
    edges: tuple[float, float],
    *,
    anchor: float,
) -> list[Placed]:
    """Labels in this order; `anchor` is the part of a label that lies left of its dot."""
    left, right = edges
    rows = [_Level() for _ in range(levels)]
    found: list[Placed] = []
    for index in order:
        one = wanted[index]
        start = one.x - one.width * anchor
        start = min(max(start, left), right - one.width)
        if start < left:
            continue
        for level, row in enumerate(rows):
            if row.free(start, start + one.width):
                row.spans.append((start, start + one.width))
                for below in rows[:level]:
                    below.leaders.append(one.x)
                found.append(Placed(index, level, start))
                break
            if not row.passable(one.x):
                break
    return found
