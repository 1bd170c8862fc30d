"""Waiting for something no longer than one may, without cutting it short."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def within(seconds: float, work: "asyncio.Task[T]") -> bool:
    """Whether `work` ends within so many seconds; it goes on in any case.

    A statement under way in the database cannot be cut short: it ends, but nobody waits for it.
    """
    done, _waiting = await asyncio.wait({work}, timeout=seconds)
    return bool(done)


def begin(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """Begin `work`; whatever it raises is looked at, even if nobody waits any more."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    return task
