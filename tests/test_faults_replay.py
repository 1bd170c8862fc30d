"""A replay with faults in single polls says what the clean one says, at most a poll later."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import prod
from random import Random
from typing import Any

import pytest

from bot.market.calendar import NEW_YORK, is_session, session_open
from bot.market.shipped import ShippedHistory
from bot.model.bar import Bar, Split
from tests.replaying import replayed, told

FOREVER = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("nan", "x100", "/10", "stale", "missing")


class AsTold(ShippedHistory):
    """The shipped history as a live source would have told it, from day to day.

    Closes are adjusted for the splits in effect by then, and the last stored day is sent again.
    """

    async def bars(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> list[Bar]:
        """As `History.bars`."""
        again = {symbol: day - timedelta(days=1) for symbol, day in after.items()}
        bars = await super().bars(symbols, again, until)
        coming = [s for s in await self.splits(symbols, FOREVER) if opening(s) > until]
        found = []
        for bar in bars:
            factor = prod(
                Fraction(s.numerator, s.denominator) for s in coming if s.symbol == bar.symbol
            )
            found.append(bar._replace(close=round(bar.close * factor), observed_at=until))
        return found


def opening(split: Split) -> datetime:
    """When a split takes effect."""
    return session_open(NEW_YORK, split.day)


class Faulty(AsTold):
    """Such a source, lying in some polls; the next poll of a symbol is always the truth.

    With `once` it lies at most once about a bar.
    """

    def __init__(self, seed: int, *, once: bool) -> None:
        self._random = Random(seed)
        self._once = once
        self._lied: set[str] = set()
        self._about: set[tuple[str, date]] = set()
        self.lies = 0
        self.polls: dict[date, set[datetime]] = {}

    async def bars(
        self, symbols: Sequence[str], after: Mapping[str, date], until: datetime
    ) -> list[Bar]:
        """As `History.bars`, with a fault in one of three bars."""
        found = []
        for bar in await super().bars(symbols, after, until):
            fresh = until - bar.as_of < timedelta(hours=4)
            told = self._once and (bar.symbol, bar.day) in self._about
            if not fresh or told or bar.symbol in self._lied or self._random.random() > 0.3:
                self._lied.discard(bar.symbol)
                found.append(bar)
                continue
            self._lied.add(bar.symbol)
            self._about.add((bar.symbol, bar.day))
            self.lies += 1
            self.polls.setdefault(bar.day, set()).add(until)
            found += await self._lie(bar)
        return found

    async def _lie(self, bar: Bar) -> list[Bar]:
        kind = self._random.choice(KINDS)
        if kind == "missing":
            return []
        if kind == "stale":
            past = await super().bars([bar.symbol], {}, bar.observed_at)
            past = [one for one in past if one.day < bar.day]
            return [bar._replace(close=past[-1].close)] if past else []
        close = {"nan": 0, "x100": bar.close * 100, "/10": bar.close // 10}[kind]
        return [bar._replace(close=close)]


def said(messages: list[Any]) -> list[tuple[str, str, str, Any]]:
    """Day, action, target and title of each message."""
    return [(*line, shown.card.title) for line, shown in zip(told(messages), messages, strict=True)]


def is_no_later_than_it_must(clean: list[Any], messages: list[Any], faulty: Faulty) -> None:
    """Each message comes at most a poll later for each poll that lied of that day's closes."""
    by_key = {(s.notification.action, s.card.title, s.card.text): s.at for s in clean}
    for shown in messages:
        late = shown.at - by_key[(shown.notification.action, shown.card.title, shown.card.text)]
        lied = faulty.polls.get(shown.at.date(), ())
        assert timedelta(0) <= late <= timedelta(minutes=5) * len(lied)


def tells_the_truth(messages: list[Any]) -> None:
    """No alert of a split, and none on a day without a session."""
    for shown in messages:
        facts = shown.notification.facts
        assert is_session(NEW_YORK, date.fromisoformat(facts["day"]))
        assert facts["move"] is None or facts["move"] > -0.4


async def test_faults_in_single_polls_change_nothing() -> None:
    days, targets = ("2025-01-24", "2025-01-28"), ("ai", "NVDA")
    async with replayed(*days, targets, AsTold()) as (_s, _r, clean):
        expected = said(clean)
    for seed, once in [(4, False)]:
        faulty = Faulty(seed, once=once)
        async with replayed(*days, targets, faulty) as (_s, _r, messages):
            assert sorted(said(messages)) == sorted(expected)
        assert faulty.lies > 9
        is_no_later_than_it_must(clean, messages, faulty)


async def test_a_split_amid_faults_is_not_told_of() -> None:
    faulty = Faulty(69, once=True)
    async with replayed("2024-06-07", "2024-06-11", ("NVDA",), faulty) as (_s, _r, messages):
        assert said(messages) == []


SPLIT = ("NVDA", "GOOG", "TSLA", "AVGO", "SMCI", "ANET")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2024-07-12", "2024-07-16"),  # AVGO, after NVDA
        pytest.param("2022-08-18", "2022-08-31", marks=pytest.mark.faults),  # TSLA
        pytest.param("2024-07-11", "2024-07-18", marks=pytest.mark.faults),
        pytest.param("2024-09-27", "2024-10-04", marks=pytest.mark.faults),  # SMCI
    ],
)
async def test_no_split_is_told_of_and_nothing_on_a_holiday(first: str, last: str) -> None:
    async with replayed(first, last, SPLIT) as (_s, _r, messages):
        tells_the_truth(messages)
