"""A thread for calls that block: one at a time, in order, and never in the way of an exit.

The threads of asyncio's own executor are waited for when the loop closes, so a call that hangs
there keeps the program alive; this one is a daemon.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")


class DaemonThread:
    """Runs what it is given, one call after another; the thread starts with the first call."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._starting = Lock()
        self._thread: Thread | None = None

    async def run(self, call: Callable[[], T]) -> T:
        """What `call` returns or raises. A caller that is cancelled before its turn drops it."""
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
        future: Future[T] = Future()
        self._calls.put((future, call))
        return await asyncio.wrap_future(future)

    def _work(self) -> None:
        while True:
            future, call = self._calls.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 - it is raised where `run` is awaited
                _settle(future.set_exception, error)
            else:
                _settle(future.set_result, result)


def _settle(tell: Callable[[Any], None], outcome: Any) -> None:
    """Tell a caller the outcome, unless its event loop has closed meanwhile."""
    try:
        tell(outcome)
    except RuntimeError:
        return
