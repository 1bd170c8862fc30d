"""The gateway: sessions of shards, which are identified, resumed, interrupted and told events."""

import asyncio
import json
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, CHUNKS = 0, 1, 2, 6, 7, 8
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
_DIRECT = {"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"}


@dataclass
class Session:
    """What outlives a connection: who identified, and the last events, to be sent again."""

    id: str
    shard: int
    shards: int
    intents: int
    seq: int = 0
    events: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=50_000))
    connection: "Connection | None" = None
    told_all: bool = False

    def wants(self, event: str, guild_id: int | None) -> bool:
        """Whether the session's intents and shard cover an event."""
        if event in _DIRECT:
            needed = GUILD_MESSAGES if guild_id else DIRECT_MESSAGES
        else:
            needed = 0 if event == "INTERACTION_CREATE" else GUILDS
        mine = ((guild_id or 0) >> 22) % self.shards == self.shard
        return mine and self.intents & needed == needed

    def dispatch(self, event: str, payload: dict[str, Any]) -> None:
        """Number an event, remember it, and send it if somebody is connected."""
        self.seq += 1
        text = json.dumps({"op": DISPATCH, "t": event, "s": self.seq, "d": payload})
        self.events.append((self.seq, text))
        if self.connection:
            self.connection.send(text)


class Connection:
    """One websocket. What is sent is queued, so that nobody waits for a slow client."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.BaseTransport | None,
        compressed: bool,
    ) -> None:
        self.socket = socket
        self.transport = transport
        self.session: Session | None = None
        self._deflate = zlib.compressobj() if compressed else None
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()

    def send(self, text: str) -> None:
        """Queue a text."""
        self._queue.put_nowait(text)

    def op(self, number: int, payload: Any = None) -> None:
        """Queue something that is not an event."""
        self.send(json.dumps({"op": number, "d": payload, "s": None, "t": None}))

    async def write(self) -> None:
        """Send what is queued, until the socket closes."""
        while (text := await self._queue.get()) is not None:
            if self.socket.closed:
                return
            if self._deflate is None:
                await self.socket.send_str(text)
            else:
                block = self._deflate.compress(text.encode())
                await self.socket.send_bytes(block + self._deflate.flush(zlib.Z_SYNC_FLUSH))


class Gateway:
    """The sessions. Everything here runs on the server's own loop; see `Gateway.soon`.

    `shards` is what the bot is told to use. `identify_seconds` above 0 answers an identify that
    comes too early after the last of its kind as Discord does, with an invalid session.
    `down` refuses connections; `silent` leaves heartbeats without an answer.
    """

    def __init__(self, server: "DiscordServer") -> None:
        self.server = server
        self.shards = 1
        self.max_concurrency = 1
        self.identify_seconds = 0.0
        self.heartbeat_seconds = 41.25
        self.down = False
        self.silent = False
        self.sessions: dict[str, Session] = {}
        self.identified = 0
        self.resumed = 0
        self.early = 0
        self.heartbeats = 0
        self.log: list[str] = []
        self._last_identify: dict[int, float] = {}

    def soon(self, work: Callable[[], object]) -> None:
        """Do something on the server's loop: at once if this is it, else as soon as it can."""
        loop = self.server.loop
        if loop is None or loop.is_closed():
            return
        try:
            here = asyncio.get_running_loop() is loop
        except RuntimeError:
            here = False
        if here:
            work()
        else:
            loop.call_soon_threadsafe(work)

    def emit(self, event: str, payload: dict[str, Any], guild_id: int | None) -> None:
        """Tell an event to whom it concerns."""

        def tell() -> None:
            for session in self.sessions.values():
                if session.told_all and session.wants(event, guild_id):
                    session.dispatch(event, payload)

        if self.sessions:
            self.soon(tell)

    def connected(self) -> list[Session]:
        """The sessions with a client on the line that have been told of all servers."""
        return [each for each in self.sessions.values() if each.connection and each.told_all]

    def reconnect(self) -> None:
        """Ask every client to connect again and resume."""
        self._each(lambda connection: connection.op(RECONNECT))

    def invalidate(self, *, resumable: bool) -> None:
        """Declare every session invalid; without `resumable` they are forgotten."""

        def work(connection: Connection) -> None:
            if not resumable and connection.session:
                self.sessions.pop(connection.session.id, None)
            connection.op(INVALID_SESSION, resumable)

        self._each(work)

    def drop(self, code: int | None = None) -> None:
        """Close every connection with a code, or cut it without a word."""

        def work(connection: Connection) -> None:
            if code is not None:
                closing = connection.socket.close(code=code)
                self.server.keep_task(asyncio.ensure_future(closing))
            elif isinstance(connection.transport, asyncio.Transport):
                connection.transport.abort()

        self._each(work)

    def _each(self, work: Callable[[Connection], object]) -> None:
        def all_() -> None:
            for session in list(self.sessions.values()):
                if session.connection:
                    work(session.connection)

        self.soon(all_)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """One connection, from the upgrade to its end."""
        if self.down:
            return web.Response(status=503)
        socket = web.WebSocketResponse(compress=False, max_msg_size=0)
        await socket.prepare(request)
        compressed = request.query.get("compress") == "zlib-stream"
        connection = Connection(socket, request.transport, compressed)
        writer = asyncio.ensure_future(connection.write())
        connection.op(HELLO, {"heartbeat_interval": int(self.heartbeat_seconds * 1000)})
        try:
            async for received in socket:
                if received.type is WSMsgType.TEXT:
                    await self._received(connection, json.loads(received.data))
        finally:
            writer.cancel()
            if connection.session and connection.session.connection is connection:
                connection.session.connection = None
            self.log.append("closed")
            self.server.bell.ring()
        return socket

    async def _received(self, connection: Connection, said: dict[str, Any]) -> None:
        op = said["op"]
        payload: Any = said.get("d")
        if op == HEARTBEAT:
            self.heartbeats += 1
            if not self.silent:
                connection.op(HEARTBEAT_ACK)
        elif op == IDENTIFY:
            await self._identify(connection, payload)
        elif op == RESUME:
            await self._resume(connection, payload)
        elif op == CHUNKS:
            self._chunks(connection, payload)
        self.server.bell.ring()

    async def _identify(self, connection: Connection, payload: dict[str, Any]) -> None:
        if payload["token"] != self.server.token:
            await connection.socket.close(code=4004, message=b"Authentication failed.")
            return
        if payload["intents"] & PRIVILEGED:
            await connection.socket.close(code=4014, message=b"Disallowed intent(s).")
            return
        shard, shards = payload.get("shard", [0, 1])
        key, now = shard % self.max_concurrency, self.server.seconds()
        if now - self._last_identify.get(key, -1e9) < self.identify_seconds:
            self.early += 1
            connection.op(INVALID_SESSION, False)
            return
        self._last_identify[key] = now
        self.identified += 1
        self.log.append(f"identify {shard}/{shards}")
        id_ = f"{self.server.clock.snowflake():032x}"
        session = Session(id_, shard, shards, payload["intents"])
        session.connection, connection.session = connection, session
        # A shard has one session: an older one of its number ends.
        for other in [each for each in self.sessions.values() if each.shard == shard]:
            del self.sessions[other.id]
        self.sessions[id_] = session
        mine = [guild for guild in self.server.guilds.values()
                if guild.joined and (guild.id >> 22) % shards == shard]  # fmt: skip
        session.dispatch("READY", {
            "v": 10, "user": self.server.bot.payload(), "session_id": id_,
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in mine],
            "resume_gateway_url": self.server.gateway_url, "shard": [shard, shards],
            "application": {"id": str(self.server.application_id), "flags": 0},
            "private_channels": [],
        })  # fmt: skip
        if session.intents & GUILDS:
            for guild in mine:
                session.dispatch("GUILD_CREATE", guild.payload())
        session.told_all = True

    async def _resume(self, connection: Connection, payload: dict[str, Any]) -> None:
        session = self.sessions.get(payload["session_id"])
        first = session.events[0][0] if session and session.events else 1
        if (session is None or payload["token"] != self.server.token
                or payload["seq"] is None or payload["seq"] < first - 1):  # fmt: skip
            self.log.append("resume refused")
            connection.op(INVALID_SESSION, False)
            return
        self.resumed += 1
        self.log.append(f"resume {session.shard} after {payload['seq']}")
        session.connection, connection.session = connection, session
        for seq, text in session.events:
            if seq > payload["seq"]:
                connection.send(text)
        session.dispatch("RESUMED", {})

    def _chunks(self, connection: Connection, payload: dict[str, Any]) -> None:
        guild = self.server.guilds.get(int(payload["guild_id"]))
        wanted = payload.get("user_ids") or []
        wanted = {int(each) for each in (wanted if isinstance(wanted, list) else [wanted])}
        members = [m.payload() for id_, m in (guild.members if guild else {}).items()
                   if not wanted or id_ in wanted]  # fmt: skip
        if connection.session:
            connection.session.dispatch("GUILD_MEMBERS_CHUNK", {
                "guild_id": payload["guild_id"], "members": members, "chunk_index": 0,
                "chunk_count": 1, "not_found": [], "nonce": payload.get("nonce"),
            })  # fmt: skip
