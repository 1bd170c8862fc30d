"""Re-basing: a source that adjusts its past for a split changes closes we have stored."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from bot.alerts.gate import Verdict
from bot.market.calendar import exchange_of, session_open
from bot.market.source import History
from bot.model.bar import Bar, Basis, Split
from bot.model.trust import Held

if TYPE_CHECKING:
    from bot.cycle.poll import Fetched

# Closes of one day that differ by more than this were adjusted for something.
TOLERANCE = 0.005


def split_since(
    before: Bar, bar: Bar | None, splits: Sequence[Split], day: date | None = None
) -> Fraction:
    """New shares per old one of the splits after `before`'s day that its close ignores.

    `bar` is the later bar (or `day` its day). A source that adjusts by itself has done so in what
    it told after the split took effect.
    """
    until = bar.day if bar is not None else day
    assert until is not None
    factor = Fraction(1)
    for split in {(s.symbol, s.day): s for s in splits}.values():
        if split.symbol != before.symbol or not before.day < split.day <= until:
            continue
        if before.basis is Basis.RAW or before.observed_at < session_open(
            exchange_of(split.symbol), split.day
        ):
            factor *= Fraction(split.numerator, split.denominator)
    return factor


async def rebase(
    history: History,
    bars: Sequence[Bar],
    closes: Mapping[str, Bar],
    fetched: "Fetched",
    now: datetime,
) -> list[Bar]:
    """`bars` once the stored past agrees with them.

    A source sends the last stored day again. Where its close there differs from ours by a known
    split, or ours was adjusted for dividends too, the whole past is fetched anew and takes the
    place of what is stored. Where nothing explains the difference, the symbol is held.
    """
    overlap = {bar.symbol: bar for bar in bars if _same_day(bar, closes)}
    kept = list(bars)
    for symbol, bar in sorted(overlap.items()):
        ours = closes[symbol]
        if bar.close <= 0 or abs(bar.close / ours.close - 1) <= TOLERANCE:
            continue
        # A source may take a while to adjust, so a split counts whenever ours was observed.
        unadjusted = replace(ours, basis=Basis.RAW)
        factor = split_since(unadjusted, None, fetched.splits, now.date())
        explained = abs(bar.close * factor / ours.close - 1) <= 2 * TOLERANCE and factor != 1
        kept = [one for one in kept if one.symbol != symbol]
        if not explained and ours.basis is bar.basis and ours.source == bar.source:
            fetched.hold(
                Held(symbol, bar.day, bar.close, True, Verdict.REBASED.name, now, now), None
            )
            continue
        whole = (await history.past([symbol], {}, now)).bars
        past = [one for one in whole if one.close > 0 and one.day <= ours.day]
        fetched.rewritten += past
        if past:
            newest = max(past, key=lambda one: one.day)
            _replace(closes, symbol, newest)
        kept += [one for one in whole if one.day > ours.day]
    return kept


def _same_day(bar: Bar, closes: Mapping[str, Bar]) -> bool:
    return bar.symbol in closes and closes[bar.symbol].day == bar.day


def _replace(closes: Mapping[str, Bar], symbol: str, bar: Bar) -> None:
    assert isinstance(closes, dict)
    closes[symbol] = replace(bar)
