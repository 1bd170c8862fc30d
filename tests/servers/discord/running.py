"""Starting a loopback Discord, here or in a thread of its own, and pointing discord.py at it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import discord
import yarl
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.servers.discord.server import DiscordServer


@asynccontextmanager
async def running(server: DiscordServer, port: int = 0) -> AsyncIterator[DiscordServer]:
    """The server, listening on a port of its own; its own mistakes are raised at the end."""
    server.loop = asyncio.get_running_loop()
    server.released = asyncio.Event()
    runner = web.ServerRunner(web.Server(server.answer, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    server.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        server.released.set()
        server.gateway.drop(1001)
        await runner.cleanup()
        await server.end_tasks()
        server.loop = None
    if server.broken:
        raise server.broken[0]


@contextmanager
def serving_in_thread(server: DiscordServer, port: int = 0) -> Iterator[DiscordServer]:
    """The server on a loop in a thread of its own, so that a stall of the client is not its own."""
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

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="discord", daemon=True)
    thread.start()
    if not started.wait(10):
        raise TimeoutError("the loopback Discord did not start within 10 s")
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


@asynccontextmanager
async def logged_in(
    server: DiscordServer, client: discord.Client, seconds: float = 10, *, token: str | None = None
) -> AsyncIterator[None]:
    """The client at this server: logged in, ready, and closed at the end.

    A client is ready sooner with `guild_ready_timeout=0.05` and a `before_identify_hook` that
    does not wait. What ends it early is raised.
    """
    with pointed_at(server):
        async with client:
            running_client = asyncio.create_task(client.start(token or server.token))
            ready = asyncio.create_task(client.wait_until_ready())
            try:
                await asyncio.wait(
                    [running_client, ready], timeout=seconds, return_when=asyncio.FIRST_COMPLETED
                )
                if running_client.done():
                    await running_client
                if not ready.done():
                    raise TimeoutError(f"the client was not ready within {seconds} s")
                yield
            finally:
                ready.cancel()
                await client.close()
                await asyncio.wait([running_client], timeout=5)


@contextmanager
def pointed_at(server: DiscordServer) -> Iterator[DiscordServer]:
    """discord.py asks this server, and afterwards again whom it asked before.

    After an invalid session it goes back to its default gateway, which is therefore set as well.
    """
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = server.api_url, yarl.URL(server.gateway_url)
    try:
        yield server
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
