"""Running until the end: of the conversation, or by a signal."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

log = logging.getLogger(__name__)


@contextmanager
def stoppable(*, at_prompt: bool) -> Iterator[None]:
    """A signal breaks off what the current task does within, and that is all there is to it.

    What has been opened by then is closed as ever. `until_told` takes the signals over.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    told = False

    def stop() -> None:
        nonlocal told
        if not told:  # told twice, it still closes what it has opened
            told = True
            task.cancel()

    for name in _signals(at_prompt):
        loop.add_signal_handler(name, stop)
    try:
        yield
    except asyncio.CancelledError:
        if not told:
            raise
        task.uncancel()


async def end(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    """Cancel these, and wait until they are over.

    Told once is not enough: asyncio.wait_for of Python 3.11 forgets a cancellation that comes just
    as what it waits for has ended.
    """
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=1)


def _signals(at_prompt: bool) -> tuple[signal.Signals, ...]:
    """At a prompt Ctrl-C is the prompt's."""
    return (signal.SIGTERM,) if at_prompt else (signal.SIGTERM, signal.SIGINT)


async def until_told(
    conversation: Awaitable[None] | None, vital: "asyncio.Future[None] | None" = None
) -> None:
    """Until the conversation ends, or SIGTERM (and, without a conversation, SIGINT) comes.

    Where `vital` ends before that there is no use in going on: raises what it failed with, so that
    whoever looks after the program starts it again.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in _signals(conversation is not None):
        loop.add_signal_handler(name, stop.set)
    told = asyncio.create_task(stop.wait())
    talking = None
    if conversation is None:
        log.info("watching; stop with Ctrl-C or SIGTERM")
    else:
        talking = asyncio.ensure_future(conversation)
    own = [task for task in (talking, told) if task is not None]
    waited: list[asyncio.Future[Any]] = [*own, *([] if vital is None else [vital])]
    try:
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if talking is not None and talking.done():
            talking.result()
        elif vital is not None and vital.done() and not told.done():
            vital.result()
            raise RuntimeError("a part of the program without which it is no use has ended")
    finally:
        for task in own:
            task.cancel()
        await asyncio.wait(own, timeout=1)
