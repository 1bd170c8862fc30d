"""What a loopback Slack has, what it was asked, and how it answers."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from tests.servers.slack import answering
from tests.servers.slack.clock import Bell, Clock
from tests.servers.slack.faults import Faults
from tests.servers.slack.limits import Limits
from tests.servers.slack.link import Link
from tests.servers.slack.responding import ResponseUrl
from tests.servers.slack.seen import Request
from tests.servers.slack.triggers import Triggers
from tests.servers.slack.world import User, Workspace

T = TypeVar("T")


@dataclass(frozen=True)
class Code:
    """A code of the install flow: what the workspace's admin has agreed to."""

    workspace: Workspace
    user: str
    scope: str
    redirect_uri: str | None


class Core:
    """All but what a test does with it, which `SlackServer` adds."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.bell = Bell()
        self.limits = Limits()
        self.faults = Faults()
        self.triggers = Triggers(self.clock)
        self.link = Link(self)
        self.base_url = ""
        self.loop: asyncio.AbstractEventLoop | None = None
        self.app_id = self.clock.id("A")
        self.app_token = f"xapp-1-{self.app_id}-{self.clock.word()}"
        self.client_id = "1111.2222"
        self.client_secret = "loopback-client-secret"
        self.signing_secret = "loopback-signing-secret"
        self.socket_mode_disabled = False
        self.home_enabled = True
        self.file_processing = 0
        self.workspaces: dict[str, Workspace] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.codes: dict[str, Code] = {}
        self.requests: list[Request] = []
        self.broken: list[Exception] = []
        self.is_down = False
        self._web: web.Server | None = None
        self._listening: asyncio.Server | None = None
        self.workspace = self.add_workspace("Chips")

    @property
    def api_url(self) -> str:
        """What the setting `slack.api_url` is to be."""
        return f"{self.base_url}/api"

    async def listen(self, port: int = 0) -> None:
        """Listen on 127.0.0.1: where it listened before, or on a port of its own."""
        assert self.loop is not None
        self._web = self._web or web.Server(self._answer, access_log=None)
        port = port or int(self.base_url.rpartition(":")[2] or 0)
        self._listening = await self.loop.create_server(
            self._web, "127.0.0.1", port, reuse_address=True
        )
        port = self._listening.sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}"

    async def stop_listening(self) -> None:
        """Refuse connections, and cut those there are."""
        if self._listening is None or self._web is None:
            return
        self._listening.close()
        self.link.drop()
        for connection in self._web.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await self._web.shutdown(0.1)
        self._web = None

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        return await answering.answer(self, request)

    def seconds(self) -> float:
        """Now, on a clock that only measures how long something takes."""
        return time.monotonic()

    def add_workspace(self, name: str, *, installed: bool = True) -> Workspace:
        """Another workspace, with the app in it or not."""
        workspace = Workspace(self.clock, name, app_id=self.app_id)
        workspace.refusal = None if installed else "invalid_auth"
        self.workspaces[workspace.team] = workspace
        return workspace

    def code(
        self, workspace: Workspace, user: User, *, scope: str = "chat:write,commands",
        redirect_uri: str | None = None,
    ) -> str:  # fmt: skip
        """A code for oauth.v2.access: somebody has agreed to install the app."""
        code = f"{self.clock.word()}.{self.clock.word().lower()}"
        self.codes[code] = Code(workspace, user.id, scope, redirect_uri)
        return code

    async def until(self, fact: Callable[[], object], what: str, seconds: float = 20) -> None:
        """Wait until `fact()` holds; looked at whenever something happens. May time out."""
        await self.bell.until(fact, what, seconds)

    async def connected(self, number: int = 1, seconds: float = 10) -> None:
        """Wait until the app has so many sockets open."""
        await self.until(
            lambda: len(self.link.connections) >= number, f"{number} sockets open", seconds
        )

    def soon(self, work: Callable[[], object]) -> None:
        """Do something on the server's loop: at once if this is it, else as soon as it can."""
        if self.loop is None or self.loop.is_closed():
            return
        if _running() is self.loop:
            work()
        else:
            self.loop.call_soon_threadsafe(work)

    async def here(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the server's loop and wait for it, from any loop."""
        assert self.loop is not None, "the server is not running"
        if _running() is self.loop:
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    def wait(self, work: Coroutine[Any, Any, T], seconds: float = 20) -> T:
        """The same for who has no loop: `server.wait(server.command("/help"))`."""
        assert self.loop is not None, "the server is not running"
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    def calls(self, method: str) -> list[Request]:
        """The requests of one method, in order."""
        return [each for each in self.requests if each.method == method]


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
