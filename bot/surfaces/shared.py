"""Work that many ask for and that is done once."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Work(Generic[T]):
    task: "asyncio.Task[T]"
    begun: float


class Shared(Generic[T]):
    """The results of the last `kept` pieces of work, each for so many seconds.

    Equal work is done once, however many ask at the same time. What failed is not tried again for
    `pause` seconds, so that not everybody waits for the same failure.
    """

    def __init__(self, kept: int, seconds: float, pause: float = 0.0) -> None:
        self._kept, self._seconds, self._pause = kept, seconds, pause
        self._work: OrderedDict[Hashable, _Work[T]] = OrderedDict()

    async def result(self, key: Hashable, do: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `do()` makes, now or earlier. Raises what that raised."""
        loop = asyncio.get_running_loop()
        work = self._work.get(key)
        if work is None or self._is_stale(work, loop.time()):
            work = self._work[key] = _Work(asyncio.create_task(do()), loop.time())
            work.task.add_done_callback(_heard)  # by then, nobody may wait for it any more
        self._work.move_to_end(key)
        while len(self._work) > self._kept:
            self._work.popitem(last=False)
        # One that gives up waiting must not take the work from the others.
        return await asyncio.shield(work.task)

    def forget(self, key: Hashable) -> None:
        """Do that work anew when it is next asked for."""
        self._work.pop(key, None)

    def _is_stale(self, work: _Work[T], now: float) -> bool:
        if not work.task.done():
            return False
        failed = work.task.cancelled() or work.task.exception() is not None
        return now - work.begun >= (self._pause if failed else self._seconds)


def _heard(task: "asyncio.Task[Any]") -> None:
    """Nobody has to hear how it ended."""
    if not task.cancelled():
        task.exception()
