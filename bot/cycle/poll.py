"""Poll: fetch what is new, have it judged, store it. First step of a tick."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.gate import ASKS_HISTORY, Verdict, held_after
from bot.alerts.plausible import MATCH_PPM, apart
from bot.cycle.fetched import Fetched, Stored
from bot.cycle.gate import judge_bars, judge_quotes
from bot.cycle.news_known import unheard
from bot.cycle.rebase import carried, rebase
from bot.cycle.rescale import rescale_unit
from bot.cycle.watched import watched_symbols
from bot.errors import SourceError
from bot.market.calendar import Phase, exchange_of, is_open, last_close, phase, session_day
from bot.market.health import after_failure, after_success
from bot.market.source import Batch
from bot.model.trust import Health
from bot.services import Services
from storage import market, releases, trust, valuations
from storage.trust import Decision

# A bar that is due, or held, is asked for at every poll for so long, then only this often.
EAGER = timedelta(minutes=30)
# A close is looked at again so long after the bell: auctions end late, and some sources are.
LOOK_AGAIN = (timedelta(minutes=5), timedelta(minutes=25))
# The price of a symbol whose unit has another name now is as near as this to its last close.
NEAR_PPM = 30_000
_ASKS_HISTORY = frozenset(verdict.name for verdict in ASKS_HISTORY)
log = logging.getLogger(__name__)


async def fetch(services: Services, now: datetime) -> Fetched:
    """Ask the sources for what is newer than what is stored, and judge it; writes nothing.

    A source that fails leaves what is stored as it is, and is given a pause.
    """
    async with services.database.read() as connection:
        symbols = await watched_symbols(connection, services.settings.market.watch)
        told = await releases.known_keys(connection)
        stored = await Stored.load(connection, services.live, symbols, now)
        health = await trust.sources(connection)
        new = await unheard(
            connection,
            [
                release
                for release in services.releases.releases
                if release.known_at <= now and release.key not in told
            ],
        )
    fetched = Fetched(
        last=stored.last,
        releases=new,
        first=not stored.last and not told,
    )
    await _fetch_bars(services, symbols, stored, fetched, health, now)
    await _fetch_quotes(services, symbols, stored, fetched, health, now)
    return fetched


def due(services: Services, symbols: Sequence[str], stored: Stored, now: datetime) -> list[str]:
    """Symbols to ask the history for.

    Those of which a session has closed that is not stored yet, whose close is so fresh that it
    may be corrected, or of which a price is held that only the history can settle.
    """
    found = []
    for symbol in symbols:
        exchange = exchange_of(symbol)
        day, closed = last_close(exchange, now)
        tried = services.live.tried.get(symbol)
        bar, held = stored.closes.get(symbol), stored.held_bars.get(symbol)
        asking = [
            one
            for one in (held, stored.held_quotes.get(symbol))
            if one is not None and one.reason in _ASKS_HISTORY
        ]
        if bar is not None and bar.day >= day and not asking:
            looks = [closed + pause for pause in LOOK_AGAIN if closed + pause <= now]
            if looks and bar.observed_at < looks[-1] and (tried is None or tried < looks[-1]):
                found.append(symbol)
            continue
        if tried is not None and tried > closed and phase(exchange, now) is Phase.HOLIDAY:
            continue
        since = [one.since for one in (*asking, held) if one is not None]
        if now - max([closed, *since]) <= EAGER or tried is None or now - tried >= EAGER:
            found.append(symbol)
    return found


async def _fetch_bars(
    services: Services,
    symbols: Sequence[str],
    stored: Stored,
    fetched: Fetched,
    health: Mapping[str, Health],
    now: datetime,
) -> None:
    history, live = services.history, services.live
    state = health.get(history.name, Health(history.name))
    if not state.may_ask(now):
        return
    try:
        known = await history.known()
        if known is not None:
            symbols = [symbol for symbol in symbols if symbol in known]
            fetched.instruments = [known[s] for s in symbols if s not in stored.last]
        wanted = due(services, symbols, stored, now)
        if not wanted:
            return
        past = await history.past(wanted, stored.last, now)
    except SourceError as error:
        log.warning("%s: %s", history.name, error)
        fetched.health.append(after_failure(state, now, str(error), services.random.random()))
        return
    fetched.asked = True
    live.tried.update(dict.fromkeys(wanted, now))
    have = {(split.symbol, split.day) for split in stored.splits}
    fetched.splits = [split for split in past.splits if (split.symbol, split.day) not in have]
    fetched.dividends = past.dividends
    bars = await rebase(history, past, stored, fetched, live, now)
    if past.limited:
        detail = next(iter(past.failed.values()), "it limits our requests")
        fetched.health.append(after_failure(state, now, detail, services.random.random()))
    elif state.failures or state.ok_at is None or now - state.ok_at > EAGER:
        fetched.health.append(after_success(state, now))
    known_splits = [*stored.splits, *fetched.splits]
    await judge_bars(services, bars, stored.with_splits(known_splits), fetched, now)
    stored.closes.update({bar.symbol: bar for bar in fetched.bars})  # by day: the newest stays


async def _fetch_quotes(
    services: Services,
    symbols: Sequence[str],
    stored: Stored,
    fetched: Fetched,
    health: Mapping[str, Health],
    now: datetime,
) -> None:
    source = services.quotes
    open_now = [symbol for symbol in symbols if is_open(exchange_of(symbol), now)]
    if source is None or not open_now:
        return
    name = f"{source.name} quotes"
    state = health.get(name, Health(name))
    if not state.may_ask(now):
        return
    try:
        batch = await source.quotes(open_now, now)
    except SourceError as error:
        log.warning("%s: %s", name, error)
        fetched.health.append(after_failure(state, now, str(error), services.random.random()))
        return
    fetched.health.append(after_success(state, now))
    fetched.batch = batch
    fetched.asked = True
    known = stored.units
    fetched.learned = any(
        i.symbol not in known or (i.unit and not known[i.symbol]) for i in batch.instruments
    )
    renamed = _renamed(batch, stored)
    # A unit that changed is held below, and must not take the place of the one we know.
    fetched.instruments = [
        *fetched.instruments,
        *(
            i
            for i in batch.instruments
            if i.symbol in renamed or known.get(i.symbol) in (i.unit, None, "")
        ),
    ]
    fetched.learned = fetched.learned or bool(renamed)
    stored = replace(stored, splits=[*stored.splits, *fetched.splits], units={**known, **renamed})
    judge_quotes(services, batch.quotes, stored, fetched, now)
    for symbol in sorted(set(batch.missing) & set(stored.last)):
        earlier = stored.held_quotes.get(symbol)
        day = session_day(exchange_of(symbol), now)
        missing = held_after(earlier, symbol, day, 0, False, Verdict.NO_PRICE, now)
        fetched.hold(missing, earlier)


def _renamed(batch: Batch, stored: Stored) -> dict[str, str]:
    """Symbols that are quoted in another unit than we know, in which our last close is already.

    The source's own last close says so, and the price is near it.
    """
    found = {}
    for quote in batch.quotes:
        ours, unit = stored.closes.get(quote.symbol), stored.units.get(quote.symbol)
        if not unit or not quote.unit or quote.unit == unit or ours is None:
            continue
        before = quote.previous_close
        if (
            before
            and apart(before, ours.close) <= MATCH_PPM
            and apart(quote.price, before) <= NEAR_PPM
        ):
            found[quote.symbol] = quote.unit
    return found


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
    await market.put_splits(connection, fetched.splits, now)
    for symbol, factor in fetched.rebased.items():
        await _carry(connection, symbol, fetched, now)
        if factor != 1:
            await rescale_unit(connection, symbol, factor, now)
    await market.put_bars(connection, fetched.rewritten, replace=True)
    await market.put_bars(connection, fetched.bars)
    await market.put_quotes(connection, fetched.quotes)
    await market.put_events(connection, [*fetched.batch.events, *fetched.dividends], now)
    await valuations.put_measures(connection, fetched.batch.measures)
    await trust.put_held(connection, fetched.held)
    await trust.release_held(connection, fetched.released)
    await trust.record(connection, fetched.decisions)
    for health in fetched.health:
        await trust.put_source(connection, health)
    await releases.put_releases(connection, fetched.releases, now)


async def _carry(connection: AsyncConnection, symbol: str, fetched: Fetched, now: datetime) -> None:
    """Let the stored closes that a rewritten past does not reach follow it onto its basis."""
    stored = await market.bars(connection, [symbol], date.min, now)
    splits = await market.splits(connection, [symbol], now.date())
    anew = [bar for bar in fetched.rewritten if bar.symbol == symbol]
    moved, lost = await asyncio.to_thread(carried, stored, anew, splits)
    await market.put_bars(connection, moved, replace=True)
    if lost:
        await market.remove_bars(connection, symbol, lost)
        why = f"closes of {lost[0]} to {lost[-1]} forgotten: on another share basis"
        await trust.record(connection, [Decision(now, None, symbol, "gate", why)])
