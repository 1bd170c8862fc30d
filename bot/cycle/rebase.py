"""Re-basing: a source that adjusts or corrects its past changes closes we have stored."""

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

from bot.alerts.gate import Verdict, held_after
from bot.alerts.plausible import apart
from bot.cycle.fetched import Fetched, Stored
from bot.errors import SourceError
from bot.market.calendar import exchange_of, session_open
from bot.market.source import History, Past
from bot.market.splits import adjust
from bot.model.bar import Bar, Basis, Split
from bot.model.trust import Held
from bot.services import Live

# Closes of one day that differ by less are one close, rounded twice.
NOISE_PPM = 20
# Up to this a close was corrected; up to the second it may be, with its whole past; beyond it
# something was adjusted.
TOLERANCE_PPM = 5_000
CORRECTION_PPM = 30_000
# A past that changes without a reason is believed after so many answers, over so long.
INSISTED_POLLS, INSISTED_FOR = 3, timedelta(hours=1)
log = logging.getLogger(__name__)


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
    past: Past,
    stored: Stored,
    fetched: Fetched,
    live: Live,
    now: datetime,
) -> list[Bar]:
    """The bars of `past` once the stored past agrees with them; it notes what bore it out.

    A source sends the last stored day again. Where its close differs a little, in two answers, it
    was corrected, after the closing auction, say. Where it differs by a known split, or ours was
    adjusted for dividends too, the whole past is fetched anew and takes the place of what is
    stored; what it does not reach is `carried` along. Where nothing explains the difference, the
    symbol is held until the source has insisted.
    """
    # A split may have been announced, and stored, before the source adjusted its closes for it.
    splits = [*stored.splits, *past.splits]
    overlap = {bar.symbol: bar for bar in past.bars if _same_day(bar, stored.closes)}
    kept = list(past.bars)
    for symbol, bar in sorted(overlap.items()):
        ours, held = stored.closes[symbol], stored.held_bars.get(symbol)
        if bar.close <= 0:
            continue
        if apart(bar.close, ours.close) <= NOISE_PPM:
            live.corrections.pop(symbol, None)
            _bear_out(symbol, held, fetched, live, now)
            continue
        same = ours.basis is bar.basis and ours.source == bar.source
        if apart(bar.close, ours.close) <= TOLERANCE_PPM:
            if same and _said_before(bar, live):
                fetched.rewritten.append(bar)
                stored.closes[symbol] = bar
            _bear_out(symbol, held, fetched, live, now)
            continue
        kept = [one for one in kept if one.symbol != symbol]
        explained = _explained(bar, ours, splits, now)
        if same and not explained and not _insisted(held, now):
            verdict = Verdict.REBASED
            fetched.hold(held_after(held, symbol, bar.day, bar.close, True, verdict, now), held)
            live.checked.pop(symbol, None)
            continue
        try:
            whole = (await history.past([symbol], {}, now)).bars
        except SourceError as error:  # the others need not wait for it
            log.warning("no history of %s: %s", symbol, error)
            continue
        before = [one for one in whole if one.close > 0 and one.day <= ours.day]
        fetched.rewritten += before
        if before:
            fetched.rebased[symbol] = Fraction(1) if explained else _unit_factor(bar, ours)
            stored.closes[symbol] = max(before, key=lambda one: one.day)
            _bear_out(symbol, held, fetched, live, now)
        kept += [one for one in whole if one.day > ours.day]
    return kept


def carried(
    stored: Sequence[Bar], anew: Sequence[Bar], splits: Sequence[Split]
) -> tuple[list[Bar], list[date]]:
    """Of a symbol's stored past, by ascending day, what the past told `anew` does not reach or
    leaves out: those bars brought onto its basis, and the days of those that cannot be.

    The next day that both have, of closes adjusted alike, says by how much theirs differ.
    """
    # Raw closes follow every known split by themselves, so what is read of them is compared.
    told = {bar.day: bar.close for bar in adjust(anew, splits)}
    moved, lost = [], []
    ratios: dict[Basis, Fraction] = {}
    for bar in reversed(stored):
        if bar.day in told:
            ratios[bar.basis] = Fraction(told[bar.day], max(1, adjust([bar], splits)[0].close))
            continue
        ratio = ratios.get(bar.basis)
        if ratio is not None and abs(ratio - 1) * 10**6 > NOISE_PPM:
            moved.append(bar._replace(close=round(bar.close * ratio)))
        elif ratio is None and bar.basis is not Basis.RAW:
            lost.append(bar.day)
    return moved[::-1], lost[::-1]


def _bear_out(symbol: str, held: Held | None, fetched: Fetched, live: Live, now: datetime) -> None:
    live.checked[symbol] = now
    if held is not None and held.reason == Verdict.REBASED.name:
        fetched.let_through(held, now)


def _explained(bar: Bar, ours: Bar, splits: Sequence[Split], now: datetime) -> bool:
    """Whether a correction or a known split is all that lies between two closes of one day."""
    if apart(bar.close, ours.close) <= CORRECTION_PPM:
        return True
    # A source may take a while to adjust, so a split counts whenever ours was observed.
    unadjusted = ours._replace(basis=Basis.RAW)
    factor = split_since(unadjusted, None, splits, now.date())
    return factor != 1 and apart(round(bar.close * factor), ours.close) <= 2 * TOLERANCE_PPM


def _unit_factor(bar: Bar, ours: Bar) -> Fraction:
    """How many of the source's units make one of ours, where one is a hundredth of the other."""
    for factor in (Fraction(1, 100), Fraction(100)):
        if apart(round(ours.close * factor), bar.close) <= TOLERANCE_PPM:
            return factor
    return Fraction(1)


def _insisted(held: Held | None, now: datetime) -> bool:
    """Whether the source has said so for a while."""
    return (
        held is not None
        and held.reason == Verdict.REBASED.name
        and held.polls >= INSISTED_POLLS
        and now - held.since >= INSISTED_FOR
    )


def _said_before(bar: Bar, live: Live) -> bool:
    """Whether the last answer corrected the close to the same figure: one alone may be stale."""
    known = live.corrections.get(bar.symbol)
    live.corrections[bar.symbol] = (bar.day, bar.close)
    return known == (bar.day, bar.close)


def _same_day(bar: Bar, closes: Mapping[str, Bar]) -> bool:
    return bar.symbol in closes and closes[bar.symbol].day == bar.day
