"""Beginning to watch a symbol that nobody has asked for before: look it up, fetch its past."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.fetched import Fetched
from bot.cycle.gate import judge_past
from bot.cycle.poll import store
from bot.errors import SourceError, UserError
from bot.market.calendar import exchange_of, load
from bot.market.source import Batch, Instrument
from bot.services import Services
from storage import market


@dataclass(frozen=True)
class _Found:
    """What the source says of new symbols, and which it does not have."""

    instruments: Sequence[Instrument]
    batch: Batch
    unknown: Sequence[str]


async def begin(services: Services, symbol: str, now: datetime) -> bool:
    """Know `symbol` from now on, with its history; False where the source does not have it.

    Raises UserError where the source cannot be asked at the moment.
    """
    return not await begin_all(services, [symbol], now)


async def begin_all(services: Services, symbols: Sequence[str], now: datetime) -> list[str]:
    """Know these symbols from now on, with their history; those that the source does not have.

    Either all of the others are known afterwards, or none. Raises UserError where the source
    cannot be asked at the moment.
    """
    new = await _new(services, symbols)
    if not new:
        return []
    try:
        found = await _look_up(services, new, now)
        wanted = [symbol for symbol in new if symbol not in found.unknown]
        if found.unknown or not wanted:
            return list(found.unknown)
        # Reading a calendar takes up to three seconds, in which nothing else would be answered.
        await asyncio.to_thread(load, {exchange_of(symbol) for symbol in wanted})
        past = await services.history.past(wanted, {}, now)
    except SourceError as error:
        raise UserError(
            f"{', '.join(new)} cannot be looked up now: {error}; try again later."
        ) from None
    if past.failed:
        symbol, why = min(past.failed.items())
        raise UserError(f"{symbol} cannot be looked up now: {why}; try again later.")
    fetched = Fetched(splits=past.splits, instruments=found.instruments, batch=found.batch)
    await judge_past(services, past.bars, past.splits, fetched, now)
    await _store(services, fetched, now)
    return []


async def learn(services: Services, symbols: Sequence[str], now: datetime) -> list[str]:
    """Learn the names, kinds and units of watched symbols; those that the source does not have.

    Their past is the poll's to fetch. Raises SourceError.
    """
    new = await _new(services, symbols)
    if not new:
        return []
    found = await _look_up(services, new, now)
    await _store(services, Fetched(instruments=found.instruments, batch=found.batch), now)
    return list(found.unknown)


async def _new(services: Services, symbols: Sequence[str]) -> list[str]:
    async with services.database.read() as connection:
        known = await market.symbol_rows(connection)
    return [symbol for symbol in dict.fromkeys(symbols) if symbol not in known]


async def _look_up(services: Services, symbols: Sequence[str], now: datetime) -> _Found:
    known = await services.history.known()
    if known is not None:
        return _Found(
            [known[symbol] for symbol in symbols if symbol in known],
            Batch(),
            [symbol for symbol in symbols if symbol not in known],
        )
    if services.quotes is None:
        return _Found((), Batch(), symbols)
    batch = await services.quotes.quotes(symbols, now)
    return _Found(batch.instruments, batch, batch.missing)


async def _store(services: Services, fetched: Fetched, now: datetime) -> None:
    async def work(connection: AsyncConnection) -> None:
        await store(connection, fetched, now)

    await services.database.write(work)
    services.live.stored = None
