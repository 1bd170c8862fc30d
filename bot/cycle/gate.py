"""Gate: judge what was fetched against what is stored. The decisions are `bot.alerts.gate`'s."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from itertools import groupby

from bot.alerts.gate import PASSED_OVER, Verdict, held_after, judge_bar, judge_quote
from bot.alerts.plausible import Limits, Trusted
from bot.cycle.fetched import Fetched, Stored
from bot.cycle.rebase import split_since
from bot.market.calendar import (
    exchange_of,
    is_open,
    is_session,
    last_close,
    session_day,
    session_open,
)
from bot.model.bar import Bar, Quote, Split
from bot.model.trust import Held
from bot.services import Live, Services

# Of the past of a symbol such a bar is left out, once later bars are there.
_GAPS = (Verdict.NO_PRICE, Verdict.NOT_A_SESSION, Verdict.SPIKE)


def limits_of(services: Services) -> Limits:
    """The gate's limits, from the settings."""
    return Limits(round(services.settings.market.confirm_percent * 10_000))


async def judge_past(
    services: Services,
    bars: Sequence[Bar],
    splits: Sequence[Split],
    fetched: Fetched,
    now: datetime,
) -> None:
    """Judge the past of symbols that are new; what is let through joins `fetched.bars`."""
    await judge_bars(services, bars, Stored(splits=splits), fetched, now)


async def judge_bars(
    services: Services, bars: Sequence[Bar], stored: Stored, fetched: Fetched, now: datetime
) -> None:
    """Judge new bars; what is let through joins `fetched.bars`, by day and symbol.

    Those of sessions before that have no close yet join `fetched.rewritten`.
    """
    limits = limits_of(services)
    newer = [bar for bar in bars if bar.day > stored.last.get(bar.symbol, date.min)]
    by_symbol = sorted(newer, key=lambda bar: (bar.symbol, bar.day))
    for symbol, group in groupby(by_symbol, key=lambda bar: bar.symbol):
        await asyncio.sleep(0)  # a symbol may bring decades: all others get their turn
        _judge_symbol(symbol, list(group), stored, services.live, limits, fetched, now)
    fetched.bars.sort(key=lambda bar: (bar.day, bar.symbol))
    _fill_in(bars, stored, services.live, limits, fetched, now)


def _fill_in(
    bars: Sequence[Bar], stored: Stored, live: Live, limits: Limits, fetched: Fetched, now: datetime
) -> None:
    """Let closes through that the source lacked when those of later sessions came.

    Each is judged as one of the past, by the stored closes on either side of it.
    """
    rewritten = {bar.symbol for bar in fetched.rewritten}
    for bar in bars:
        recent = stored.recent.get(bar.symbol, {})
        before = max((day for day in recent if day < bar.day), default=None)
        after = min((day for day in recent if day > bar.day), default=None)
        if bar.day in recent or before is None or after is None or bar.symbol in rewritten:
            continue
        ours = recent[before]
        if (bar.source, bar.basis) != (ours.source, ours.basis):
            continue
        verdict = judge_bar(
            bar,
            session=is_session(exchange_of(bar.symbol), bar.day),
            trusted=_trusted(ours, bar, [s for s in stored.splits if s.symbol == bar.symbol]),
            earlier=None,
            now=now,
            limits=limits,
            follower=recent[after].close,
            traded=live.traded(bar.symbol, bar.day),
        )
        if verdict is Verdict.ACCEPTED:
            fetched.rewritten.append(bar)


def _judge_symbol(
    symbol: str,
    bars: Sequence[Bar],
    stored: Stored,
    live: Live,
    limits: Limits,
    fetched: Fetched,
    now: datetime,
) -> None:
    """Judge the new bars of one symbol, in order; the first that is held holds those after it."""
    before, earlier = stored.closes.get(symbol), stored.held_bars.get(symbol)
    exchange, first = exchange_of(symbol), symbol not in stored.last
    # Thousands of bars meet hundreds of splits at a first start, and only these concern them.
    splits = [split for split in stored.splits if split.symbol == symbol]
    for position, bar in enumerate(bars):
        after = bars[position + 1].close if position + 1 < len(bars) else None
        verdict = judge_bar(
            bar,
            session=is_session(exchange, bar.day),
            trusted=_trusted(before, bar, splits),
            earlier=earlier,
            now=now,
            limits=limits,
            follower=after or None,
            first=first,
            traded=live.traded(symbol, bar.day),
            doubted=_doubted(stored.held_quotes.get(symbol), bar.day),
        )
        if verdict is Verdict.ACCEPTED:
            fetched.bars.append(bar)
            before = bar
        elif verdict is Verdict.NOT_CLOSED:
            return
        elif after is not None and verdict in _GAPS:
            continue  # a gap in the past stays one
        else:
            held = held_after(earlier, symbol, bar.day, bar.close, True, verdict, now)
            fetched.hold(held, earlier)
            return
    fetched.let_through(earlier, now)


def _doubted(quoted: Held | None, day: date) -> bool:
    other = Verdict.OTHER_BASIS.name
    return quoted is not None and quoted.day == day and quoted.reason == other


def _trusted(before: Bar | None, bar: Bar, splits: Sequence[Split]) -> Trusted:
    """The close before `bar`, on its share basis."""
    if before is None:
        return Trusted()
    if not splits:
        return Trusted(before.close, before.day)
    split = split_since(before, bar, splits)
    return Trusted(before.close if split == 1 else round(before.close / split), before.day)


def judge_quotes(
    services: Services,
    quotes: Sequence[Quote],
    stored: Stored,
    fetched: Fetched,
    now: datetime,
) -> None:
    """Judge prices of running sessions; what is let through joins `fetched.quotes`."""
    limits, live = limits_of(services), services.live
    for quote in sorted(quotes, key=lambda q: (q.symbol, q.as_of)):
        symbol, exchange = quote.symbol, exchange_of(quote.symbol)
        day = session_day(exchange, quote.as_of)
        today = session_day(exchange, now)
        before, earlier = stored.closes.get(symbol), stored.held_quotes.get(symbol)
        split = split_since(before, None, stored.splits, day) if before else Fraction(1)
        trusted = Trusted()
        if before is not None:
            trusted = Trusted(before.close, before.day, split, live.checked.get(symbol))
        judged = judge_quote(
            quote,
            day=day,
            opened=session_open(exchange, today) if is_open(exchange, now) else None,
            trusted=trusted,
            earlier=earlier,
            now=now,
            limits=limits,
            session_before=last_close(exchange, now)[0],
            traded=live.traded(symbol, day),
            unit=stored.units.get(symbol, ""),
        )
        if judged.verdict is Verdict.ACCEPTED:
            # Without any close of ours there is nothing to measure it by, but it is not wrong.
            if before is not None:
                fetched.quotes.append(replace(quote, price=judged.price))
            fetched.let_through(earlier, now)
        elif judged.verdict not in PASSED_OVER:
            held = held_after(
                earlier, symbol, day, quote.price, False, judged.verdict, now, quote.as_of
            )
            fetched.hold(held, earlier)
