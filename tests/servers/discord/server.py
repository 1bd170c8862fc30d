"""A Discord on 127.0.0.1: what it has, what it was asked, what is wrong with it, how it answers."""

import asyncio
import json
import os
import socket as sockets
import struct
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import hdrs, web

from tests.servers.discord import calls, rest_applications, rest_interactions, rest_messages
from tests.servers.discord.calls import ROUTES, Call, Route
from tests.servers.discord.clock import Bell, Clock
from tests.servers.discord.faults import PAGES, Fault, Faults, Kind
from tests.servers.discord.gateway import Gateway
from tests.servers.discord.interactions import Interact, Interaction
from tests.servers.discord.limits import Headers, Latency, Limits, told_to_wait
from tests.servers.discord.messages import Message, parsed
from tests.servers.discord.nonces import Nonces
from tests.servers.discord.people import Role, User
from tests.servers.discord.permissions import EVERYONE
from tests.servers.discord.refusals import RefusedError
from tests.servers.discord.world import DM, Channel, Guild

__all__ = ["DiscordServer", "Seen", "rest_applications", "rest_interactions", "rest_messages"]

PREFIX = "/api/v10"
GROUP_DM = 3


@dataclass(frozen=True)
class Seen:
    """One request: arrival in seconds of the server's own clock; `counted` in the overall limit."""

    at: float
    method: str
    path: str
    status: int
    counted: bool


class DiscordServer:
    """The whole of it.

    Set up before or while it runs: `add_guild`, `add_user`, `dm`, `fail`, `limits`, `latency`.
    To look at afterwards: `requests`, `arrivals`, `limited`, `invalid`, `deduplicated`,
    `commands`, `overwrites`, `gateway`, `interactions`, and each channel's `sent`.
    """

    def __init__(self, *, token: str = "loopback-discord-token") -> None:
        self.token = token
        self.clock = Clock()
        self.bell = Bell()
        self.limits = Limits()
        self.latency = Latency()
        self.faults = Faults()
        self.nonces = Nonces(self.clock)
        self.gateway = Gateway(self)
        self.interact = Interact(self)
        self.acknowledge_seconds = 3.0
        self.base_url = ""
        self.loop: asyncio.AbstractEventLoop | None = None
        self.released: asyncio.Event | None = None
        self.application_id = self.clock.snowflake()
        self.bot = User(self.application_id, "Aftershock", bot=True)
        self.owner = User(self.clock.snowflake(), "owner")
        self.users: dict[int, User] = {self.bot.id: self.bot, self.owner.id: self.owner}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.places: dict[int, Channel] = {}
        self.commands: dict[str, dict[str, Any]] = {}
        self.interactions: dict[str, Interaction] = {}
        self.cdn: dict[str, bytes] = {}
        self.requests: list[Seen] = []
        self.limited = 0
        self.invalid = 0
        self.deduplicated = 0
        self.overwrites = 0
        self.broken: list[Exception] = []
        self._tasks: set[asyncio.Future[Any]] = set()

    @property
    def api_url(self) -> str:
        """What `discord.http.Route.BASE` is to be."""
        return self.base_url + PREFIX

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return self.base_url.replace("http://", "ws://") + "/gateway"

    @property
    def arrivals(self) -> list[float]:
        """When the requests that count in the overall limit came, in seconds."""
        return [each.at for each in self.requests if each.counted]

    def seconds(self) -> float:
        """Now, on the clock of `arrivals`, limits and deadlines; it starts anywhere."""
        return time.monotonic()

    def add_guild(
        self, name: str, *, owner: User | None = None, granted: int = 0, joined: bool = True
    ) -> Guild:
        """A server that the bot is in (or not: not `joined`), with a role of its own.

        `granted` are the bot's permissions beyond what everybody may.
        """
        id_ = self.clock.snowflake(own_ms=True)
        owner = owner or self.owner
        guild = Guild(id_, name, owner.id, self.bot, self.clock, self.gateway.emit,
                      self.channels, self.users, joined)  # fmt: skip
        guild.roles[id_] = Role(id_, "@everyone", EVERYONE)
        guild.add_member(owner)
        if joined:
            role = Role(self.clock.snowflake(), self.bot.name, granted)
            guild.roles[role.id] = role
            guild.add_member(self.bot, role)
            # A server joined later is told without "unavailable": that is how the client knows.
            told = {key: each for key, each in guild.payload().items() if key != "unavailable"}
            self.gateway.emit("GUILD_CREATE", told, id_)
        self.guilds[id_] = guild
        return guild

    def remove_guild(self, guild: Guild) -> None:
        """The bot is removed from a server: its channels are out of reach."""
        guild.joined = False
        del guild.members[self.bot.id]
        self.gateway.emit("GUILD_DELETE", {"id": str(guild.id)}, guild.id)

    def add_user(self, name: str) -> User:
        """Somebody who is in no server yet."""
        user = User(self.clock.snowflake(), name)
        self.users[user.id] = user
        return user

    def dm(self, user: User) -> Channel:
        """The bot's direct messages with somebody."""
        if user.dm is None:
            user.dm = Channel(self.clock.snowflake(), "", DM, recipient=user)
            self.channels[user.dm.id] = user.dm
        return user.dm

    def private_channel(self, user: User) -> Channel:
        """A conversation among others, which the bot is not in: commands work, posting does not."""
        return Channel(self.clock.snowflake(), "", GROUP_DM, recipient=user)

    def place_of(self, message: Message) -> Channel:
        """Where a message is."""
        return self.places.get(message.id) or self.channels[message.channel_id]

    def fail(
        self, route: str, what: int | Kind, *, code: int = 0, times: int | None = 1, skip: int = 0,
        retry_after: float = 1.0,
    ) -> Fault:  # fmt: skip
        """Let requests such as "POST /channels/*/messages" fail: with a status, or see `Fault`."""
        kind: Kind = "status" if isinstance(what, int) else what
        status = what if isinstance(what, int) else 502
        fault = Fault(route, kind, status, code, times, skip, retry_after)
        self.faults.set.append(fault)
        return fault

    async def until(self, fact: Any, what: str, seconds: float = 20) -> None:
        """Wait until `fact()` holds; looked at after each request. `TimeoutError` if it never."""
        await self.bell.until(fact, what, seconds)

    async def ready(self, shards: int = 1, seconds: float = 10) -> None:
        """Wait until so many shards are connected and told of their servers."""
        await self.bell.until(
            lambda: len(self.gateway.connected()) >= shards, f"{shards} shards connected", seconds
        )

    def keep_task(self, task: "asyncio.Future[Any]") -> None:
        """Hold on to a task until it is done."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end_tasks(self) -> None:
        """End what is still going on, once the server stops."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def busiest(self, seconds: float = 1.0) -> int:
        """The most requests that count in the overall limit within any so many seconds."""
        times, first, most = sorted(self.arrivals), 0, 0
        for last, at in enumerate(times):
            while at - times[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def tell_message(self, event: str, channel: Channel, payload: dict[str, Any]) -> None:
        """Tell the gateway of a message."""
        if not self.gateway.sessions:
            return
        guild_id = channel.guild.id if channel.guild else None
        more = {"guild_id": str(guild_id)} if guild_id else {}
        self.gateway.emit(event, {**payload, **more}, guild_id)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Any request."""
        path = request.path
        if path == "/gateway":
            return await self.gateway.serve(request)
        if path.startswith("/attachments/"):
            content = self.cdn.get(path)
            return web.Response(status=404) if content is None else web.Response(body=content)
        path = path.removeprefix(PREFIX)
        shape, ids, token = calls.shaped(request.method, path)
        route = ROUTES.get(shape)
        body = await request.read()
        if before := self.latency.drawn():
            await asyncio.sleep(before)
        at = self.seconds()
        counted = route is None or not route.exempt
        fault = self.faults.meets(request.method, path) if self.faults.set else None
        if fault and fault.kind in ("reset before", "hang before"):
            self.requests.append(Seen(at, request.method, path, 0, counted))
            self.bell.ring()
            return await self._cut(request, hang=fault.kind == "hang before")
        status, payload, headers = self._judged(request, route, fault, at, ids)
        if not status and route:
            status, payload = self._done(request, route, Call(
                ids, token, request.query, body, [], at))  # fmt: skip
            if fault and fault.kind == "status after":
                status, payload = fault.status, RefusedError(fault.status, fault.code).body
        self.requests.append(Seen(at, request.method, path, status, counted))
        self.limited += status == 429
        self.invalid += status in (401, 403, 429)
        self.bell.ring()
        if after := self.latency.drawn():
            await asyncio.sleep(after)
        if fault and fault.kind in ("reset after", "hang after"):
            return await self._cut(request, hang=fault.kind == "hang after")
        if payload is None:
            return web.Response(status=status, headers=headers)
        if isinstance(payload, str):
            headers.setdefault(hdrs.CONTENT_TYPE, "text/html")
            return web.Response(status=status, body=payload.encode(), headers=headers)
        # To the letter: with a charset behind it, discord.py would not read the body.
        headers[hdrs.CONTENT_TYPE] = "application/json"
        return web.Response(status=status, body=json.dumps(payload).encode(), headers=headers)

    def _judged(
        self, request: web.BaseRequest, route: Route | None, fault: Fault | None, at: float,
        ids: list[int],
    ) -> tuple[int, Any, Headers]:  # fmt: skip
        """The status, body and headers of a request that gets no further; status 0 if it does."""
        if fault and fault.kind == "cloudflare":
            page = "<html>You are being rate limited</html>"
            return 429, page, {"Retry-After": str(fault.retry_after)}
        if fault and fault.kind in PAGES:
            return PAGES[fault.kind]
        exempt = route is not None and route.exempt
        if not exempt and (wait := self.limits.over_all(at)):
            return 429, *told_to_wait(wait, over_all=True)
        if route is None:
            return 404, RefusedError(404).body, {}
        if not exempt and request.headers.get("Authorization") != f"Bot {self.token}":
            return 401, RefusedError(401).body, {}
        headers: Headers = {}
        if not exempt and ids:
            wait, headers = self.limits.bucket(route.name, ids[0], at, self.clock.now())
            if wait:
                told, more = told_to_wait(wait, over_all=False)
                return 429, told, headers | more
        if fault and fault.kind == "status":
            return fault.status, RefusedError(fault.status, fault.code).body, headers
        return 0, None, headers

    def _done(self, request: web.BaseRequest, route: Route, call: Call) -> tuple[int, Any]:
        try:
            content_type = request.headers.get(hdrs.CONTENT_TYPE, "")
            call.body, call.uploads = parsed(call.body, content_type)
        except ValueError:
            refusal = RefusedError(400, 50109)
            return refusal.status, refusal.body
        try:
            payload = route.answer(self, call)
        except RefusedError as refusal:
            return refusal.status, refusal.body
        except Exception as error:  # noqa: BLE001, raised again when the server stops
            self.broken.append(error)
            return 500, RefusedError(500).body
        return (204 if payload is None else 200), payload

    async def _cut(self, request: web.BaseRequest, *, hang: bool) -> web.StreamResponse:
        """End without an answer: at once and with a reset, or when the server stops."""
        if hang and self.released:
            await self.released.wait()
        if (transport := request.transport) is not None:
            if (socket := transport.get_extra_info("socket")) is not None:
                linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
                socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, linger)
            transport.abort()
        return web.Response(status=500)
