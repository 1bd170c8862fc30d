"""Connections that discord.py has begun and forgotten, and the threads that keep them alive."""

import asyncio
import threading
from contextlib import suppress

import discord
from discord.gateway import KeepAliveHandler


async def end_connections(
    client: discord.Client, seconds: float, shard_id: int | None = None
) -> bool:
    """End each connection of this client, or of that shard of it, that has a heartbeat.

    discord.py does so for those that it closes itself. One that broke as it began, or was broken
    off, stays open; its thread sends heartbeats on, and outlives the event loop. Waits at most
    `seconds`; False where a thread is still alive then.
    """
    ending = [
        one
        for one in threading.enumerate()
        if isinstance(one, KeepAliveHandler)
        and one.ws._connection is client._connection
        and shard_id in (None, one.shard_id)
    ]
    for thread in ending:
        thread.stop()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            closing = (thread.ws.close() for thread in ending)
            await asyncio.gather(*closing, return_exceptions=True)
            for thread in ending:  # it may be in the middle of a heartbeat
                await asyncio.to_thread(thread.join, seconds)
    return not any(thread.is_alive() for thread in ending)
