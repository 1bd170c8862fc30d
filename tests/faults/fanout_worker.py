"""A process that delivers a fan-out to a loopback Discord, until it is done or killed.

Each start begins an hour after the one before, so that the dead one's leases have run out.
"""

import asyncio
from datetime import timedelta
from pathlib import Path

from discord.http import Route

from bot.services import SetClock
from tests.fanout import ENQUEUED, delivering


def deliver(folder: Path, api_url: str, token: str, number: int, limit: int) -> None:
    """Send what is left, as the start of that number."""
    Route.BASE = api_url
    asyncio.run(_deliver(folder, token, number, limit))


async def _deliver(folder: Path, token: str, number: int, limit: int) -> None:
    clock = SetClock(ENQUEUED + timedelta(hours=number))
    async with delivering(folder, clock, token, f"start-{number}", limit=limit) as delivery:
        await delivery.drain()
