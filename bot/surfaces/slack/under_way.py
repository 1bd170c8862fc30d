"""The listeners that still run: Bolt starts them and does not wait for them when all ends."""

import asyncio
import logging
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler

from bot.model.wording import count

# How long they may take when the program ends: what they answer, somebody waits for.
FINISH_SECONDS = 3.0
log = logging.getLogger(__name__)


class UnderWay(AsyncListenerStartHandler):
    """Notes each listener as Bolt starts it, in a task of its own."""

    def __init__(self, app: AsyncApp) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        app.listener_runner.listener_start_handler = self

    async def handle(self, request: Any, response: Any) -> None:
        """A listener begins, in the task that runs now."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float = FINISH_SECONDS) -> None:
        """Let those that run finish within so many seconds, and break off the others."""
        await asyncio.sleep(0)  # one that was created just now begins
        left = set(self._tasks)
        if not left:
            return
        _done, late = await asyncio.wait(left, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1)
            log.warning("%s on Slack did not finish in time", count(len(late), "answer"))
