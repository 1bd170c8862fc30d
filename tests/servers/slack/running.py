"""Starting a loopback Slack, here or in a thread of its own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.servers.slack.server import SlackServer


@asynccontextmanager
async def running(server: SlackServer | None = None, port: int = 0) -> AsyncIterator[SlackServer]:
    """A server, listening on a port of its own; its own mistakes are raised at the end."""
    server = server or SlackServer()
    server.loop = asyncio.get_running_loop()
    await server.listen(port)
    try:
        yield server
    finally:
        server.faults.release()
        await server.stop_listening()
        server.loop = None
    if server.broken:
        raise server.broken[0]


@contextmanager
def serving_in_thread(server: SlackServer | None = None, port: int = 0) -> Iterator[SlackServer]:
    """A server on a loop in a thread of its own, so that a stall of the client is not its own."""
    server = server or SlackServer()
    started, failed = threading.Event(), []
    stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        try:
            async with running(server, port):
                stop.append((asyncio.get_running_loop(), asyncio.Event()))
                started.set()
                await stop[0][1].wait()
        except Exception as error:  # noqa: BLE001, raised again by who started the thread
            failed.append(error)
            started.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="slack", daemon=True)
    thread.start()
    if not started.wait(10):
        raise TimeoutError("the loopback Slack did not start within 10 s")
    if failed:
        raise failed[0]
    try:
        yield server
    finally:
        loop, event = stop[0]
        loop.call_soon_threadsafe(event.set)
        thread.join(10)
    if failed:
        raise failed[0]
