"""A process that delivers to a loopback Slack, until it is done or killed.

Each start begins an hour after the one before, so that the dead one's leases have run out.
"""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from bot.services import SetClock
from tests.slack_fanout import delivering


def deliver(
    folder: Path, api_url: str, token: str, begun: datetime, number: int, per_channel: float
) -> None:
    """Send what is left, as the start of that number."""
    asyncio.run(_deliver(folder, api_url, token, begun, number, per_channel))


async def _deliver(
    folder: Path, api_url: str, token: str, begun: datetime, number: int, per_channel: float
) -> None:
    clock, start = SetClock(begun + timedelta(hours=number)), f"start-{number}"
    async with delivering(
        folder, clock, api_url, token, start, per_channel=per_channel
    ) as delivery:
        await delivery.drain()
