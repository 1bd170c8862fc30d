"""The first poll: everything known by then is stored, and nothing of it is posted."""

import asyncio
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.market.calendar import NEW_YORK, load
from bot.market.shipped import load_baskets
from bot.market.shipped_measures import load_measures
from bot.services import Services
from storage import market, valuations


async def seed_shipped(services: Services, now: datetime) -> None:
    """Store the shipped baskets and the valuations known at `now`; where there are no prices yet,
    all that is known then.
    """

    async def baskets(connection: AsyncConnection) -> bool:
        stored = await market.baskets(connection, "")
        for item in load_baskets().values():
            if stored.get(item.target) != item:
                await market.put_basket(connection, item)
        await valuations.put_measures(connection, [m for m in load_measures() if m.as_of <= now])
        return not await market.last_days(connection)

    if not await services.database.write(baskets):
        return
    from bot.cycle.poll import fetch, store  # the first start only: it is slow

    # Reading the calendar takes a second or so; meanwhile other things may run.
    await asyncio.to_thread(load, [NEW_YORK])
    fetched = await fetch(services, now)

    async def work(connection: AsyncConnection) -> None:
        await store(connection, fetched, now)

    await services.database.write(work)
    services.live.stored = None
