"""A card: what an answer or an alert says, before any surface renders it.

Text is plain: no markup of any platform. Each surface renders a card within its own limits.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Tone(StrEnum):
    """The colour bar beside a card."""

    DOWN = "down"
    UP = "up"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Field:
    """A short label and its value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` of cells as text. `numeric` names the columns (by index) that align right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnderwaterChart:
    """A price under its running peak.

    `days`, `prices` (quoted units) and `peaks` (same units) have one entry per session;
    `levels` are depths as positive fractions (0.10), drawn as lines in the lower panel.
    `marks` are sessions to point at. `unit` labels the price axis ("USD", "points",
    "index, 100 at the start").
    """

    title: str
    days: Sequence[date]
    prices: Sequence[float]
    peaks: Sequence[float]
    levels: Sequence[float]
    unit: str
    alt: str
    source: str
    marks: Sequence[date] = ()

    @property
    def key(self) -> Hashable:
        """What is equal for charts that look alike."""
        figures = (self.days, self.prices, self.peaks, self.levels, self.marks)
        return self.title, self.unit, self.alt, self.source, *(tuple(one) for one in figures)


@dataclass(frozen=True, slots=True)
class Dot:
    """A day on which a lab released; `open` says of its weights what `Release` does."""

    day: date
    label: str
    open: bool | None


@dataclass(frozen=True, slots=True)
class Lane:
    """A lab's releases, oldest first. `cadence` says in short how often they come."""

    name: str
    dots: tuple[Dot, ...]
    cadence: str = ""


@dataclass(frozen=True, slots=True)
class TimelineChart:
    """Releases from `start` to `end`, a lane per lab."""

    title: str
    start: date
    end: date
    lanes: tuple[Lane, ...]
    alt: str
    source: str

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that is shown."""
        return self.start, self.end

    @property
    def key(self) -> Hashable:
        """What is equal for charts that look alike."""
        return self.title, self.start, self.end, self.lanes, self.alt, self.source


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar and its label. `value` is what it shows, `low` to `high` the range that sources give
    (equal where they agree); None where nothing is known. `text` is the value in words; `best`
    marks the one to look at first.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    text: str = ""
    best: bool = False


@dataclass(frozen=True, slots=True)
class BarChart:
    """Quantities side by side, a bar each, in `unit`. `groups` are bars that belong together, with
    their name ("input", "output"); `log` where they are too far apart for a linear axis.
    """

    title: str
    groups: tuple[tuple[str, tuple[Bar, ...]], ...]
    unit: str
    log: bool
    alt: str
    source: str

    @property
    def key(self) -> Hashable:
        """What is equal for charts that look alike."""
        return self.title, self.groups, self.unit, self.log, self.alt, self.source


@dataclass(frozen=True, slots=True)
class Line:
    """A named series: a value per day, None where there is none. `band` is a range around it, as
    (low, high) per day. `steps` where a value holds until the next one; `open` as in `Dot`.
    """

    name: str
    days: tuple[date, ...]
    values: tuple[float | None, ...]
    band: tuple[tuple[float, float], ...] = ()
    steps: bool = False
    open: bool | None = None
    labels: tuple[tuple[date, str], ...] = ()  # words at some of its days


@dataclass(frozen=True, slots=True)
class LinesChart:
    """Series over days, in `unit` ("USD", "%"). `marks` are days to point at, each with a word."""

    title: str
    lines: tuple[Line, ...]
    unit: str
    log: bool
    alt: str
    source: str
    marks: tuple[tuple[date, str], ...] = ()

    @property
    def days(self) -> tuple[date, ...]:
        """Every day that a line has something to say of, in order."""
        return tuple(sorted({when for line in self.lines for when in line.days}))

    @property
    def key(self) -> Hashable:
        """What is equal for charts that look alike."""
        figures = (self.lines, self.unit, self.log, self.marks)
        return self.title, *figures, self.alt, self.source


Chart = UnderwaterChart | TimelineChart | BarChart | LinesChart


@dataclass(frozen=True, slots=True)
class Card:
    """One message: the figure first, then what it means.

    `badge` is a word or two beside the title ("crossed −10%"). `footer` names the source and
    the as-of of what is shown. `facts` are the raw figures by name, JSON-ready (str, int,
    float, bool, None, lists and mappings of these); an unknown is None, never 0. `mention` is the
    role to call, as people wrote it ("@desk"); a surface makes a real mention of it. `at` is the
    moment that the first line of the text speaks of, for surfaces that show how long ago it was.
    `marks` are lines on what has come of an alert since: who snoozed it until when, how deep it
    went.
    """

    title: str
    text: str = ""
    badge: str = ""
    fields: tuple[Field, ...] = ()
    table: Table | None = None
    chart: Chart | None = None
    footer: str = ""
    tone: Tone = Tone.NEUTRAL
    mention: str = ""
    at: datetime | None = None
    marks: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
