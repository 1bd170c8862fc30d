"""What answers need, at hand before the first who asks; and garbage looked for seldom."""

import asyncio
import logging
import sys

from bot import priced
from bot.commands import COMMANDS, find_answer
from bot.memory import settle

log = logging.getLogger(__name__)

# A thread that computes lets the event loop run after so long, each time that the loop has waited.
# By default it is five times as long, and an acknowledgement has to wait half a dozen times.
SWITCH_SECONDS = 0.001


async def warm() -> None:
    """Import and read what answers need, before the first who asks waits for it, and all others.

    Whatever fails is logged once and tried again by whoever asks for it.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        for command in COMMANDS:
            await asyncio.to_thread(find_answer, command)
        await priced.to_hand()
    except Exception:
        log.exception("what answers need is not at hand yet; it is read when somebody asks")
    settle()
