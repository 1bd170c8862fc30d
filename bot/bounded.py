"""Connections from anybody, of which none lasts long and never too many are open."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web


class Bounded:
    """What accepts the connections of a server: aiohttp waits for ever for a request that is never
    finished; this does not.

    A connection is for one request. One that takes longer than `seconds` is closed; where more than
    `most` are open, the oldest is, but for those that are kept. `runner` has to be set up.
    """

    def __init__(self, runner: web.AppRunner, seconds: float, most: int) -> None:
        assert runner.server is not None
        self._server, self._seconds, self._most = runner.server, seconds, most
        self._kept = set[asyncio.BaseProtocol]()

    def accept(self) -> asyncio.Protocol:
        """What a new connection speaks to."""
        others = [one for one in self._server.connections if one not in self._kept]
        for oldest in others[: 1 - self._most]:
            _end(oldest)
        protocol = self._server()
        asyncio.get_running_loop().call_later(self._seconds, _end, protocol)
        return protocol

    @contextmanager
    def kept(self, request: web.Request) -> Iterator[None]:
        """The request's connection makes way for nobody meanwhile: it is known who asks."""
        self._kept.add(request.protocol)
        try:
            yield
        finally:
            self._kept.discard(request.protocol)


async def last(_request: web.Request, response: web.StreamResponse) -> None:
    """One answer a connection: what is not open cannot be held open. For `on_response_prepare`."""
    response.force_close()
    response.headers["Connection"] = "close"
    response.headers["Cache-Control"] = "no-store"


def _end(protocol: asyncio.BaseProtocol) -> None:
    transport = getattr(protocol, "transport", None)  # None once it is closed
    if isinstance(transport, asyncio.Transport):
        transport.abort()
