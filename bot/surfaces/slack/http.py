"""Slack's requests to the bot, and people's browsers', in the program's own event loop."""

import asyncio
import errno
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from bot.bounded import Bounded, last
from bot.errors import UserError
from bot.services import Clock
from bot.surfaces.slack import paths
from bot.surfaces.slack.setting import address

MOST_BYTES = 1_000_000
BODY_SECONDS = 10
# A connection is for one request; Slack itself waits three seconds for an answer.
CONNECTION_SECONDS, MOST_CONNECTIONS = 60.0, 128
# How long requests under way may take when the program ends.
CLOSE_SECONDS = 3


@asynccontextmanager
async def serving(
    app: AsyncApp,
    listen: str,
    signing_secret: str,
    clock: Clock,
    flow: AsyncOAuthFlow | None = None,
) -> AsyncIterator[str]:
    """The server, until the context ends; its address, such as "http://127.0.0.1:3000".

    Only requests that Slack has signed in the last five minutes reach the app; nothing of the
    others is read but their signature, and they keep Slack out neither by many connections nor by
    slow ones. With `flow` workspaces can install the bot. Raises
    UserError where it cannot listen there.
    """
    host, port = address(listen)
    door = _Door(app, SignatureVerifier(signing_secret, _Ticking(clock)), flow)
    site = web.Application(client_max_size=MOST_BYTES)
    site.router.add_post(paths.EVENTS, door.event)
    if flow is not None:
        site.router.add_get(flow.install_path, door.install, allow_head=False)
        site.router.add_get(flow.redirect_uri_path, door.redirect, allow_head=False)
    # No log of requests: an address can hold the code of an installation.
    site.on_response_prepare.append(last)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=CLOSE_SECONDS)
    await runner.setup()
    door.bounded = Bounded(runner, CONNECTION_SECONDS, MOST_CONNECTIONS)
    loop, server = asyncio.get_running_loop(), None
    try:
        try:
            server = await loop.create_server(door.bounded.accept, host, port)
        except OSError as error:
            raise UserError(_why(listen, error)) from None
        bound = server.sockets[0].getsockname()
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        yield f"http://{shown}:{bound[1]}"
    finally:
        if server is not None:
            server.close()
        await runner.cleanup()


class _Ticking(SignatureClock):
    """The program's clock, as the SDK reads it: seconds since 1970."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


class _Door:
    """Hands requests on to Bolt."""

    def __init__(
        self, app: AsyncApp, verifier: SignatureVerifier, flow: AsyncOAuthFlow | None
    ) -> None:
        self._app = app
        self._verifier = verifier
        self._flow = flow
        self.bounded: Bounded | None = None

    async def event(self, request: web.Request) -> web.Response:
        """A command, an interaction or an event."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        if not is_signed(self._verifier, body, request.headers):
            return web.Response(status=401, text="The signature is not Slack's, or too old.")
        signed = _to_bolt(request, body.decode())
        assert self.bounded is not None
        with self.bounded.kept(request):
            return await to_aiohttp_response(await self._app.async_dispatch(signed))

    async def install(self, request: web.Request) -> web.Response:
        """Somebody follows the link to install the bot."""
        assert self._flow is not None
        return await to_aiohttp_response(await self._flow.handle_installation(_to_bolt(request)))

    async def redirect(self, request: web.Request) -> web.Response:
        """Somebody comes back from Slack's page."""
        assert self._flow is not None
        return await to_aiohttp_response(await self._flow.handle_callback(_to_bolt(request)))


def is_signed(verifier: SignatureVerifier, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether Slack has signed this body of late; nonsense is no signature."""
    signature = headers.get("X-Slack-Signature")
    try:
        return verifier.is_valid(body, headers.get("X-Slack-Request-Timestamp"), signature)
    except (ValueError, TypeError, ArithmeticError):
        return False


def _to_bolt(request: web.Request, body: str = "") -> AsyncBoltRequest:
    headers: dict[str, str | Sequence[str]] = dict(request.headers)
    return AsyncBoltRequest(body=body, query=request.query_string, headers=headers)


def _why(listen: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"slack.listen: {listen} is used by another program; stop that, or choose a port."
    why = error.strerror or type(error).__name__
    return f"slack.listen: {listen} cannot be listened on ({why}); choose another address or port."
