"""Prices on the board: series, readings and facts of any target, from stored bars. Pure."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from math import ceil
from operator import attrgetter
from typing import Any, TypeVar, TypeVarTuple

from bot.cycle.awaited import carried_until, is_newest, is_unfinished
from bot.market.index import basket_index
from bot.model.bar import MICRO, Bar, Basis, Measure
from bot.model.basket import Basket

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class Series:
    """Closes of a symbol, or the index of a basket, one per session, in millionths.

    `partial` where the last entry is the price of a session that is not over.
    """

    days: tuple[date, ...]
    values: tuple[int, ...]
    partial: bool = False


# A basket has a price during the session once this share of its members has one.
COVERAGE = 0.8


@dataclass
class Board:
    """Adjusted closes by symbol and day, and what the baskets are made of.

    `partial` holds the day, the price in millionths and when it was traded, of symbols whose
    session is not over;
    `eps` their forward earnings per share by day of observation, in millionths; `daily_from` the
    first day that every close is kept of, where older ones were thinned.
    """

    closes: Mapping[str, Mapping[date, int]]
    baskets: Mapping[str, Basket]
    sources: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, Basis] = field(default_factory=dict)
    as_of: Mapping[date, datetime] = field(default_factory=dict)
    eps: Mapping[str, Mapping[date, int]] = field(default_factory=dict)
    partial: Mapping[str, tuple[date, int, datetime]] = field(default_factory=dict)
    daily_from: Mapping[str, date] = field(default_factory=dict)
    _series: dict[str, Series] = field(default_factory=dict)
    # Not handed on by `replace`: a copy with other closes or prices has other series.
    _running_series: dict[str, Series] = field(default_factory=dict, init=False, repr=False)
    _once: dict[tuple[Any, ...], Any] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(
        cls,
        bars: Iterable[Bar],
        baskets: Mapping[str, Basket],
        eps: Mapping[str, Mapping[date, int]] | None = None,
        daily_from: Mapping[str, date] | None = None,
    ) -> "Board":
        """The board of these bars, which must be adjusted already."""
        closes: dict[str, dict[date, int]] = {}
        sources: dict[str, str] = {}
        bases: dict[str, Basis] = {}
        as_of: dict[date, datetime] = {}
        for symbol, group in groupby(bars, key=attrgetter("symbol")):
            by_day = closes.setdefault(symbol, {})
            for bar in group:
                day, at = bar.day, bar.as_of
                by_day[day] = bar.close
                known = as_of.get(day)
                # Mostly the very same instant: looked at before it is compared.
                if known is not at and (known is None or known < at):
                    as_of[day] = at
            sources[symbol], bases[symbol] = bar.source, bar.basis
        return cls(closes, baskets, sources, bases, as_of, eps or {}, daily_from=daily_from or {})

    def extended(self, bars: Iterable[Bar]) -> "Board":
        """The same board with later closes, adjusted as the others are."""
        closes = dict(self.closes)
        as_of = dict(self.as_of)
        touched = set()
        bases, sources = dict(self.bases), dict(self.sources)
        for bar in bars:
            if bar.symbol not in touched:
                bases.setdefault(bar.symbol, bar.basis)
                sources.setdefault(bar.symbol, bar.source)
                closes[bar.symbol] = dict(closes.get(bar.symbol, {}))
                touched.add(bar.symbol)
            by_day = closes[bar.symbol]
            assert isinstance(by_day, dict)
            by_day[bar.day] = bar.close
            as_of[bar.day] = max(bar.as_of, as_of.get(bar.day, bar.as_of))
        kept = {
            name: s
            for name, s in list(self._series.items())
            if touched.isdisjoint(self.symbols(name)) and not (touched and self._waits(name))
        }
        return replace(
            self,
            closes=closes,
            as_of=as_of,
            bases=bases,
            sources=sources,
            _series=kept,
        )

    def estimated(self, measures: Iterable[Measure]) -> "Board":
        """The same board with newer forward earnings per share."""
        eps = {symbol: dict(known) for symbol, known in self.eps.items()}
        for measure in measures:
            if measure.name == "forward_eps":
                eps.setdefault(measure.symbol, {})[measure.day] = measure.value
        return replace(self, eps=eps) if eps != self.eps else self

    def priced(self, prices: Mapping[str, tuple[date, int, datetime]], now: datetime) -> "Board":
        """The same board with prices of sessions whose close is not there, as known `now`.

        Left out is a price whose close is there, and one that another session has followed.
        """
        newer = {
            symbol: price
            for symbol, price in prices.items()
            if (days := self.final(symbol).days)
            and price[0] > days[-1]
            and is_newest(symbol, price[0], now)
        }
        return replace(self, partial=newer)

    def traded_at(self, target: str) -> datetime | None:
        """When the price of the running session was traded; of a basket, the oldest of them."""
        days = self.final(target).days
        times = [
            at
            for symbol in self.symbols(target)
            if symbol in self.partial
            for day, _price, at in (self.partial[symbol],)
            if days and day > days[-1]
        ]
        return min(times, default=None)

    def without(self, symbols: Iterable[str], day: date) -> "Board":
        """The same board as it was before these symbols had a close of `day`."""
        closes = dict(self.closes)
        for symbol in symbols:
            if day in closes.get(symbol, {}):
                closes[symbol] = {d: close for d, close in closes[symbol].items() if d != day}
        return replace(self, closes=closes, _series={})

    def once(self, find: "Callable[[Board, *Ts], T]", *given: *Ts) -> T:
        """`find(board, *given)`, found once: thousands of stories ask the same of a board.

        What is found is shared, so nobody may change it.
        """
        key = (find, *given)
        if key not in self._once:
            self._once[key] = find(self, *given)
        found: T = self._once[key]
        return found

    def symbols(self, target: str) -> tuple[str, ...]:
        """The symbols that make up `target`."""
        return self.baskets[target].members if target in self.baskets else (target,)

    def series(self, target: str) -> Series:
        """The closes of a symbol, or the equal-weight, daily-rebalanced index of a basket.

        Where the session is not over, its price stands at the end.
        """
        if target not in self._running_series:
            final = self.final(target)
            extra = self._running(target, final)
            self._running_series[target] = (
                final
                if extra is None
                else Series((*final.days, extra[0]), (*final.values, extra[1]), partial=True)
            )
        return self._running_series[target]

    def final(self, target: str) -> Series:
        """As `series`, closes only."""
        if target not in self._series:
            self._series[target] = self._measure(target)
        return self._series[target]

    def _waits(self, target: str) -> bool:
        """Whether its series was made while some of its members had yet to close."""
        days = self._series[target].days
        return (
            target in self.baskets
            and bool(days)
            and days[-1]
            < max((self.final(member).days or days)[-1] for member in self.symbols(target))
        )

    def _running(self, target: str, final: Series) -> tuple[date, int] | None:
        if target not in self.baskets:
            price = self.partial.get(target)
            return None if price is None else price[:2]
        if not final.days:
            return None
        last = final.days[-1]
        members = [member for member in self.baskets[target].members if member in self.closes]
        running = {
            member: price
            for member in members
            if (price := self.partial.get(member)) is not None and price[0] > last
        }
        if not running:
            return None
        day = max(day for day, _price, _at in running.values())
        moves = [
            move
            for member in members
            if (move := self._moved(member, last, day, running.get(member))) is not None
        ]
        if len(moves) < COVERAGE * len(members):
            return None
        return day, round(final.values[-1] * (1 + sum(moves) / len(moves)))

    def _moved(
        self, member: str, last: date, day: date, price: tuple[date, int, datetime] | None
    ) -> float | None:
        """A member's return of the running `day` since its close of `last` or before.

        By its price, or by its close where its exchange has closed already; 0 where it has no
        session; None where it has no price yet.
        """
        own = self.final(member)
        at = bisect_right(own.days, last)
        if at == 0:
            return None
        if price is None and at == len(own.days):
            return 0.0 if day <= carried_until(member, own.days[-1]) else None
        return (price[1] if price is not None else own.values[-1]) / own.values[at - 1] - 1

    def _measure(self, target: str) -> Series:
        if target not in self.baskets:
            closes = self.closes.get(target, {})
            days = sorted(closes)
            return Series(tuple(days), tuple(closes[day] for day in days))
        members = self.baskets[target].members
        # An index that is rebalanced daily takes every day's closes.
        floats = {
            member: {
                day: close / MICRO
                for day, close in self.closes[member].items()
                if day >= self.daily_from.get(member, date.min)
            }
            for member in members
            if member in self.closes
        }
        present = list(floats)
        days = sorted({day for closes in floats.values() for day in closes})
        lasts = {member: max(closes) for member, closes in floats.items() if closes}
        newest = max(self.as_of.values(), default=datetime.max.replace(tzinfo=UTC))
        while days and is_unfinished(lasts, days[-1], newest):
            days.pop()
        if not days:
            return Series((), ())
        until = {
            member: carried_until(member, last) for member, last in lasts.items() if last < days[-1]
        }
        index = basket_index(floats, present, days, until)
        return Series(tuple(index.days), tuple(round(value * MICRO) for value in index.values))


def since(sessions: Iterable[int | None], last: date) -> date:
    """The first day to load so as to have that many sessions at `last`, with some to spare."""
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
