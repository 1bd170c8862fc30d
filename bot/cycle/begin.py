"""Beginning to watch a symbol that nobody has asked for before: look it up, fetch its past."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.fetched import Fetched
from bot.cycle.gate import judge_past
from bot.cycle.poll import store
from bot.errors import SourceError, UserError
from bot.services import Services
from storage import market


async def begin(services: Services, symbol: str, now: datetime) -> bool:
    """Know `symbol` from now on, with its history; False where the source does not have it.

    Raises UserError where the source cannot be asked at the moment.
    """
    async with services.database.read() as connection:
        if symbol in await market.symbol_rows(connection):
            return True
    if services.quotes is None:
        return False
    try:
        batch = await services.quotes.quotes([symbol], now)
        if symbol in batch.missing:
            return False
        past = await services.history.past([symbol], {}, now)
    except SourceError as error:
        raise UserError(f"{symbol} cannot be looked up now: {error}; try again later.") from None
    fetched = Fetched(splits=past.splits, instruments=batch.instruments, batch=batch)
    judge_past(services, past.bars, past.splits, fetched, now)

    async def work(connection: AsyncConnection) -> None:
        await store(connection, fetched, now)

    await services.database.write(work)
    return True
