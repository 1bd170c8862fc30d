"""Running until the end: of the conversation, or by a signal."""

import asyncio
import logging
import signal
from collections.abc import Awaitable

log = logging.getLogger(__name__)


async def until_told(conversation: Awaitable[None] | None) -> None:
    """Until the conversation ends, or SIGTERM (and, without a conversation, SIGINT) comes."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # At a prompt Ctrl-C is the prompt's.
    names = (signal.SIGTERM,) if conversation else (signal.SIGTERM, signal.SIGINT)
    for name in names:
        loop.add_signal_handler(name, stop.set)
    if conversation is None:
        log.info("watching; stop with Ctrl-C or SIGTERM")
        await stop.wait()
        return
    talking, told = asyncio.ensure_future(conversation), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((talking, told), return_when=asyncio.FIRST_COMPLETED)
        if talking.done():
            talking.result()
    finally:
        talking.cancel()
        told.cancel()
        await asyncio.wait((talking, told), timeout=1)
