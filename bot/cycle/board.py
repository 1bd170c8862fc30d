"""Prices on the board: series, readings and facts of any target, from stored bars. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil

from bot.market.drawdown import WINDOWS, depth_ppm
from bot.market.index import basket_index
from bot.model.bar import MICRO, Bar, Basis
from bot.model.basket import Basket
from bot.model.level import Reading


@dataclass(frozen=True, slots=True)
class Series:
    """Closes of a symbol, or the index of a basket, one per session, in millionths."""

    days: tuple[date, ...]
    values: tuple[int, ...]


@dataclass
class Board:
    """Adjusted closes by symbol and day, and what the baskets are made of."""

    closes: Mapping[str, Mapping[date, int]]
    baskets: Mapping[str, Basket]
    sources: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, Basis] = field(default_factory=dict)
    as_of: Mapping[date, datetime] = field(default_factory=dict)
    _series: dict[str, Series] = field(default_factory=dict)

    @classmethod
    def of(cls, bars: Iterable[Bar], baskets: Mapping[str, Basket]) -> "Board":
        """The board of these bars, which must be adjusted already."""
        closes: dict[str, dict[date, int]] = {}
        sources: dict[str, str] = {}
        bases: dict[str, Basis] = {}
        as_of: dict[date, datetime] = {}
        for bar in bars:
            closes.setdefault(bar.symbol, {})[bar.day] = bar.close
            sources[bar.symbol] = bar.source
            bases[bar.symbol] = bar.basis
            as_of[bar.day] = bar.as_of
        return cls(closes, baskets, sources, bases, as_of)

    def symbols(self, target: str) -> tuple[str, ...]:
        """The symbols that make up `target`."""
        return self.baskets[target].members if target in self.baskets else (target,)

    def series(self, target: str) -> Series:
        """The closes of a symbol, or the equal-weight, daily-rebalanced index of a basket."""
        if target not in self._series:
            self._series[target] = self._measure(target)
        return self._series[target]

    def _measure(self, target: str) -> Series:
        if target not in self.baskets:
            closes = self.closes.get(target, {})
            days = sorted(closes)
            return Series(tuple(days), tuple(closes[day] for day in days))
        members = self.baskets[target].members
        present = [member for member in members if member in self.closes]
        days = sorted({day for member in present for day in self.closes[member]})
        if not days:
            return Series((), ())
        floats = {
            member: {day: close / MICRO for day, close in self.closes[member].items()}
            for member in present
        }
        index = basket_index(floats, present, days)
        return Series(tuple(index.days), tuple(round(value * MICRO) for value in index.values))

    def until(self, day: date) -> "Board":
        """The board as it stood at the close of `day`."""
        closes = {
            symbol: {at: close for at, close in by_day.items() if at <= day}
            for symbol, by_day in self.closes.items()
        }
        return Board(closes, self.baskets, self.sources, self.bases, self.as_of)


def readings(series: Series, window: str, after: date | None = None) -> list[Reading]:
    """One reading per session later than `after` (all sessions if None)."""
    sessions = WINDOWS[window] or len(series.days)
    found = []
    peaks: list[int] = []  # positions of falling values: the first is the window's peak
    for position, (day, value) in enumerate(zip(series.days, series.values, strict=True)):
        while peaks and series.values[peaks[-1]] <= value:
            peaks.pop()
        peaks.append(position)
        first = max(0, position - sessions + 1)
        if peaks[0] < first:
            peaks.pop(0)
        if after is not None and day <= after:
            continue
        peak = peaks[0]
        depth = depth_ppm(value, series.values[peak])
        found.append(Reading(depth, day, series.days[peak], series.days[first]))
    return found


def since(windows: Iterable[str], last: date) -> date:
    """The first day to load so as to measure these windows at `last`, with some to spare."""
    sessions = [WINDOWS[window] for window in windows]
    longest = max((count or 10**6 for count in sessions), default=0)
    return _before(last, longest + 20)


def _before(day: date, sessions: int) -> date:
    days = ceil(sessions * 366 / 250) + 10
    if days >= day.toordinal():
        return date.min
    return day - timedelta(days=days)


def needed(
    targets: Iterable[str], baskets: Mapping[str, Basket], extra: Sequence[str]
) -> list[str]:
    """Every symbol that these targets are made of, and `extra` ones, sorted."""
    found = set(extra)
    for target in targets:
        found.update(baskets[target].members if target in baskets else (target,))
    return sorted(found)
