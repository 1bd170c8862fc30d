"""Poll: fetch what is new, judge whether it may be trusted, store it. First step of a tick."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.gate import Limits, Trusted, Verdict, held_after, judge_bar, judge_quote
from bot.cycle.board import needed
from bot.cycle.load import CONTEXT
from bot.cycle.rebase import rebase, split_since
from bot.errors import SourceError
from bot.market.calendar import exchange_of, is_open, is_session, last_close, session_day
from bot.market.health import after_failure, after_success
from bot.market.source import Batch, Instrument
from bot.model.bar import Bar, Quote, Split
from bot.model.release import Release
from bot.model.trust import Health, Held
from bot.services import Services
from storage import levels, market, releases, trust
from storage.trust import Decision

# A bar that is due, or held, is asked for at every poll for so long, then only this often.
EAGER = timedelta(minutes=30)
_GAPS = (Verdict.NO_PRICE, Verdict.NOT_A_SESSION, Verdict.SPIKE)
log = logging.getLogger(__name__)


@dataclass
class Fetched:
    """What the sources told, judged: bars and quotes let through, prices held back, and the rest.

    `rewritten` are bars that take the place of stored ones; `first` marks the very first poll,
    which posts nothing of the past; `last` is the last stored day by symbol, before this poll;
    `asked` whether any source was asked.
    """

    bars: list[Bar] = field(default_factory=list)
    rewritten: list[Bar] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    released: set[str] = field(default_factory=set)
    splits: Sequence[Split] = ()
    releases: Sequence[Release] = ()
    instruments: Sequence[Instrument] = ()
    batch: Batch = field(default_factory=Batch)
    health: list[Health] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    last: Mapping[str, date] = field(default_factory=dict)
    first: bool = False
    asked: bool = False

    def hold(self, held: Held, earlier: Held | None) -> None:
        """Hold a price, and keep the reason if it is a new one."""
        self.held.append(held)
        if earlier is None or (earlier.reason, earlier.day) != (held.reason, held.day):
            why = Verdict[held.reason].value
            self.decisions.append(Decision(held.seen_at, None, held.symbol, "gate", f"held: {why}"))

    def let_through(self, symbol: str, earlier: Held | None, now: datetime) -> None:
        """Whatever was held of this symbol is settled."""
        if earlier is not None:
            self.released.add(symbol)
            self.decisions.append(Decision(now, None, symbol, "gate", "let through"))


@dataclass(frozen=True)
class _Stored:
    """What is stored already, as far as a poll needs it."""

    last: Mapping[str, date]
    closes: Mapping[str, Bar]
    splits: Sequence[Split]
    held: Mapping[str, Held]
    health: Mapping[str, Health]


async def fetch(services: Services, now: datetime) -> Fetched:
    """Ask the sources for what is newer than what is stored, and judge it; writes nothing.

    A source that fails leaves what is stored as it is, and is given a pause.
    """
    async with services.database.read() as connection:
        baskets = await market.baskets(connection)
        keys = await levels.watched(connection)
        last = await market.last_days(connection)
        told = await releases.known_keys(connection)
        wanted = needed([key.target for key in keys], baskets, CONTEXT)
        shipped = needed(baskets, baskets, services.settings.market.watch)
        symbols = sorted({*wanted, *shipped})
        stored = _Stored(
            last,
            await market.last_bars(connection, last),
            await market.splits(connection, symbols, now.date()),
            await trust.held(connection),
            await trust.sources(connection),
        )
    known = await services.history.known()
    fetched = Fetched(
        last=last,
        releases=[
            release
            for release in services.releases.releases
            if release.known_at <= now and release.key not in told
        ],
        first=not last and not told,
    )
    if known is not None:
        symbols = [symbol for symbol in symbols if symbol in known]
        fetched.instruments = [known[symbol] for symbol in symbols if symbol not in last]
    await _fetch_bars(services, symbols, stored, fetched, now)
    await _fetch_quotes(services, symbols, stored, fetched, now)
    return fetched


def _due(services: Services, symbols: Sequence[str], stored: _Stored, now: datetime) -> list[str]:
    """Symbols of which a session has closed that is not stored yet, or a split has to be seen."""
    found = []
    for symbol in symbols:
        day, closed = last_close(exchange_of(symbol), now)
        held = stored.held.get(symbol)
        done = symbol in stored.last and stored.last[symbol] >= day
        if done and (held is None or held.reason not in ("SPLIT", "SPLIT_LIKE", "REBASED")):
            continue
        tried = services.live.tried.get(symbol)
        begun = max(closed, held.since) if held is not None and held.final else closed
        if now - begun <= EAGER or tried is None or now - tried >= EAGER:
            found.append(symbol)
    return found


async def _fetch_bars(
    services: Services,
    symbols: Sequence[str],
    stored: _Stored,
    fetched: Fetched,
    now: datetime,
) -> None:
    history = services.history
    health = stored.health.get(history.name, Health(history.name))
    due = _due(services, symbols, stored, now)
    if not due or not health.may_ask(now):
        return
    try:
        past = await history.past(due, stored.last, now)
        fetched.splits = past.splits
        bars = await rebase(history, past.bars, stored.closes, fetched, now)
    except SourceError as error:
        log.warning("%s: %s", history.name, error)
        fetched.health.append(after_failure(health, now, str(error), services.random.random()))
        return
    if health.failures or health.ok_at is None or now - health.ok_at > EAGER:
        fetched.health.append(after_success(health, now))
    fetched.asked = True
    services.live.tried.update(dict.fromkeys(due, now))
    splits = [*stored.splits, *fetched.splits]
    fetched.splits = [split for split in fetched.splits if split not in stored.splits]
    limits = limits_of(services)
    newer = [bar for bar in bars if bar.day > stored.last.get(bar.symbol, date.min)]
    by_symbol = sorted(newer, key=lambda bar: (bar.symbol, bar.day))
    for symbol, group in groupby(by_symbol, key=lambda bar: bar.symbol):
        _judge_bars(symbol, list(group), stored, splits, limits, fetched, now)
    fetched.bars.sort(key=lambda bar: (bar.day, bar.symbol))


def judge_past(
    services: Services,
    bars: Sequence[Bar],
    splits: Sequence[Split],
    fetched: Fetched,
    now: datetime,
) -> None:
    """Judge the past of a symbol that is new; what is let through joins `fetched.bars`."""
    nothing = _Stored({}, {}, (), {}, {})
    by_symbol = sorted(bars, key=lambda bar: (bar.symbol, bar.day))
    for symbol, group in groupby(by_symbol, key=lambda bar: bar.symbol):
        _judge_bars(symbol, list(group), nothing, splits, limits_of(services), fetched, now)


def _judge_bars(
    symbol: str,
    bars: Sequence[Bar],
    stored: _Stored,
    splits: Sequence[Split],
    limits: Limits,
    fetched: Fetched,
    now: datetime,
) -> None:
    """Judge the new bars of one symbol, in order; the first that is held holds those after it."""
    before = stored.closes.get(symbol)
    earlier = stored.held.get(symbol)
    exchange = exchange_of(symbol)
    for position, bar in enumerate(bars):
        after = bars[position + 1].close if position + 1 < len(bars) else None
        if after is None and symbol not in stored.last:
            after = bar.close  # a past that is told to nobody needs no second opinion
        verdict = judge_bar(
            bar,
            session=is_session(exchange, bar.day),
            trusted=_trusted(before, bar, splits),
            earlier=earlier,
            now=now,
            limits=limits,
            follower=after or None,
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
    fetched.let_through(symbol, earlier, now)


def _trusted(before: Bar | None, bar: Bar, splits: Sequence[Split]) -> Trusted:
    if before is None:
        return Trusted()
    close, split = before.close, split_since(before, bar, splits)
    return (
        Trusted(close, before.day, split)
        if split == 1
        else Trusted(round(close / split), before.day)
    )


def limits_of(services: Services) -> Limits:
    """The gate's limits, from the settings."""
    return Limits(round(services.settings.market.confirm_percent * 10_000))


async def _fetch_quotes(
    services: Services,
    symbols: Sequence[str],
    stored: _Stored,
    fetched: Fetched,
    now: datetime,
) -> None:
    source = services.quotes
    open_now = [symbol for symbol in symbols if is_open(exchange_of(symbol), now)]
    if source is None or not open_now:
        return
    name = f"{source.name} quotes"
    health = stored.health.get(name, Health(name))
    if not health.may_ask(now):
        return
    try:
        batch = await source.quotes(open_now, now)
    except SourceError as error:
        log.warning("%s: %s", name, error)
        fetched.health.append(after_failure(health, now, str(error), services.random.random()))
        return
    fetched.health.append(after_success(health, now))
    fetched.batch = batch
    fetched.asked = True
    fetched.instruments = [*fetched.instruments, *batch.instruments]
    take_quotes(services, batch.quotes, stored.closes, stored.splits, stored.held, fetched, now)


def take_quotes(
    services: Services,
    quotes: Sequence[Quote],
    closes: Mapping[str, Bar],
    splits: Sequence[Split],
    held: Mapping[str, Held],
    fetched: Fetched,
    now: datetime,
) -> None:
    """Judge prices of running sessions; what is let through joins `fetched.quotes`."""
    limits = limits_of(services)
    for quote in sorted(quotes, key=lambda q: (q.symbol, q.as_of)):
        exchange = exchange_of(quote.symbol)
        day = session_day(exchange, quote.as_of)
        before, earlier = closes.get(quote.symbol), held.get(quote.symbol)
        split = split_since(before, None, splits, day) if before else Fraction(1)
        trusted = Trusted(before.close, before.day, split) if before else Trusted()
        verdict = judge_quote(
            quote,
            day=day,
            exchange_open=is_open(exchange, now),
            trusted=trusted,
            earlier=earlier,
            now=now,
            limits=limits,
            session_before=last_close(exchange, now)[0],
        )
        if verdict is Verdict.ACCEPTED and before is not None:
            fetched.quotes.append(quote)
            if earlier is not None and not earlier.final:
                fetched.let_through(quote.symbol, earlier, now)
        elif verdict is not Verdict.ACCEPTED and (earlier is None or not earlier.final):
            fetched.hold(
                held_after(earlier, quote.symbol, day, quote.price, False, verdict, now), earlier
            )


async def store(connection: AsyncConnection, fetched: Fetched, now: datetime) -> None:
    """Keep what was fetched."""
    rows = [
        {
            "symbol": item.symbol,
            "name": item.name,
            "kind": item.kind,
            "unit": item.unit,
            "source": item.source,
            "first_seen_at": now,
        }
        for item in fetched.instruments
    ]
    await market.put_symbols(connection, rows)
    await market.put_bars(connection, fetched.rewritten, replace=True)
    await market.put_bars(connection, fetched.bars)
    await market.put_splits(connection, fetched.splits, now)
    await market.put_quotes(connection, fetched.quotes)
    await market.put_events(connection, fetched.batch.events, now)
    await market.put_measures(connection, fetched.batch.measures)
    await trust.put_held(connection, fetched.held)
    await trust.release_held(connection, fetched.released)
    await trust.record(connection, fetched.decisions)
    for health in fetched.health:
        await trust.put_source(connection, health)
    await releases.put_releases(connection, fetched.releases, now)
