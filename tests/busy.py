"""A database that answers nobody for a while, or takes nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database

# The pool keeps five connections and makes ten more.
CONNECTIONS = 15


@asynccontextmanager
async def busy(database: Database) -> AsyncIterator[None]:
    """Every connection is taken: whoever reads or writes waits until the context ends."""
    async with AsyncExitStack() as stack:
        for _ in range(CONNECTIONS):
            connection = await stack.enter_async_context(database.read())
            await connection.execute(text("SELECT 1"))
        yield


@asynccontextmanager
async def written(database: Database) -> AsyncIterator[None]:
    """Somebody writes: whoever else wants to waits until the context ends, readers do not."""
    begun, over = asyncio.Event(), asyncio.Event()

    async def work(connection: AsyncConnection) -> None:
        begun.set()
        await over.wait()

    writing = asyncio.create_task(database.write(work))
    await begun.wait()
    try:
        yield
    finally:
        over.set()
        await writing
