"""Poll: fetch what is new, have it judged, store it. First step of a tick."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.gate import ASKS_HISTORY, Verdict, held_after
from bot.cycle.fetched import Fetched, Stored
from bot.cycle.gate import judge_bars, judge_quotes
from bot.cycle.news_known import unheard
from bot.cycle.rebase import rebase
from bot.cycle.watched import watched_symbols
from bot.errors import SourceError
from bot.market.calendar import Phase, exchange_of, is_open, last_close, phase, session_day
from bot.market.health import after_failure, after_success
from bot.model.trust import Health
from bot.services import Services
from storage import market, releases, trust, valuations

# A bar that is due, or held, is asked for at every poll for so long, then only this often.
EAGER = timedelta(minutes=30)
# A close is looked at again so long after the bell: auctions end late, and some sources are.
LOOK_AGAIN = (timedelta(minutes=5), timedelta(minutes=25))
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
    fetched.learned = any(i.symbol not in stored.units for i in batch.instruments)
    # A unit that changed is held below, and must not take the place of the one we know.
    fetched.instruments = [
        *fetched.instruments,
        *(i for i in batch.instruments if stored.units.get(i.symbol, i.unit) == i.unit),
    ]
    known_splits = [*stored.splits, *fetched.splits]
    judge_quotes(services, batch.quotes, stored.with_splits(known_splits), fetched, now)
    for symbol in sorted(set(batch.missing) & set(stored.last)):
        earlier = stored.held_quotes.get(symbol)
        day = session_day(exchange_of(symbol), now)
        missing = held_after(earlier, symbol, day, 0, False, Verdict.NO_PRICE, now)
        fetched.hold(missing, earlier)


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
    await market.put_events(connection, [*fetched.batch.events, *fetched.dividends], now)
    await valuations.put_measures(connection, fetched.batch.measures)
    await trust.put_held(connection, fetched.held)
    await trust.release_held(connection, fetched.released)
    await trust.record(connection, fetched.decisions)
    for health in fetched.health:
        await trust.put_source(connection, health)
    await releases.put_releases(connection, fetched.releases, now)
