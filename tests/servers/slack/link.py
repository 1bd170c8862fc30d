"""Socket Mode: the WebSockets over which Slack hands out what people do."""

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.servers.slack.world import Json

if TYPE_CHECKING:
    from tests.servers.slack.core import Core

MOST = 10


class Connection:
    """One WebSocket."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.BaseTransport | None
                 ) -> None:  # fmt: skip
        self.socket = socket
        self.transport = transport
        self.pongs = 0
        self.closing = False


class Link:
    """The connections; everything here runs on the server's own loop.

    `opened` counts the connections there ever were, `acks` holds each acknowledgement as it
    came, `silent` leaves the client's pings unanswered, `mute` whoever wants to connect.
    """

    def __init__(self, server: "Core") -> None:
        self.server = server
        self.connections: list[Connection] = []
        self.opened = 0
        self.acks: list[Json] = []
        self.silent = False
        self.mute = False
        self._tickets: set[str] = set()
        self._waiting: dict[str, Callable[[Json], None]] = {}
        self._turn = 0

    def ticket(self) -> str:
        """An address to connect to, once."""
        ticket = self.server.clock.word() + self.server.clock.word()
        self._tickets.add(ticket)
        base = self.server.base_url.replace("http://", "ws://")
        return f"{base}/link/?ticket={ticket}&app_id={self.server.app_id}"

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """One connection, from the upgrade to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=408)
        self._tickets.discard(ticket)
        while self.mute:
            await asyncio.sleep(0.02)
        socket = web.WebSocketResponse(compress=False, autoping=False, max_msg_size=0)
        await socket.prepare(request)
        if len(self.connections) >= MOST:
            await socket.send_str(json.dumps(_disconnect("too_many_websockets")))
            await socket.close()
            return socket
        connection = Connection(socket, request.transport)
        self.connections.append(connection)
        self.opened += 1
        try:
            await socket.send_str(json.dumps(self._hello()))
            await socket.ping(b"Ping from applink")
            self.server.bell.ring()
            await self._listen(connection)
        except ConnectionError:
            pass  # the client has gone
        finally:
            self.connections.remove(connection)
            self.server.bell.ring()
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for received in connection.socket:
            if received.type is WSMsgType.PING and not self.silent:
                await connection.socket.pong(received.data)
            elif received.type is WSMsgType.PONG:
                connection.pongs += 1
            elif received.type is WSMsgType.TEXT:
                self._acked(json.loads(received.data))
            self.server.bell.ring()

    def _acked(self, said: Json) -> None:
        self.acks.append(said)
        waiting = self._waiting.pop(said.get("envelope_id", ""), None)
        if waiting is not None:
            waiting(said.get("payload") or {})

    def _hello(self) -> Json:
        return {
            "type": "hello", "num_connections": len(self.connections),
            "debug_info": {"host": "applink-1", "build_number": 1,
                           "approximate_connection_time": 18_060},
            "connection_info": {"app_id": self.server.app_id},
        }  # fmt: skip

    async def send(self, envelope: Json, acked: Callable[[Json], None]) -> bool:
        """Hand an envelope to one of the connections; False if there is none."""
        open_ = [each for each in self.connections if not each.closing]
        if not open_:
            return False
        self._turn += 1
        connection = open_[self._turn % len(open_)]
        self._waiting[envelope["envelope_id"]] = acked
        await connection.socket.send_str(json.dumps(envelope))
        return True

    async def ping(self) -> None:
        """Send every client a ping."""
        for each in list(self.connections):
            await each.socket.ping(b"Ping from applink")

    async def disconnect(self, reason: str) -> None:
        """Tell every client that its connection ends. All but a warning end it then."""
        for each in list(self.connections):
            each.closing = True
            await each.socket.send_str(json.dumps(_disconnect(reason)))
            if reason != "warning":
                await each.socket.close()

    def drop(self) -> None:
        """Cut every connection without a word."""
        for each in self.connections:
            each.closing = True
            if isinstance(each.transport, asyncio.Transport):
                each.transport.abort()


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}
