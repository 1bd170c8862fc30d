"""A small Slack bot, by the real libraries, for the loopback server's own tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import SlackServer, Workspace


def client_of(
    server: SlackServer, workspace: Workspace | None = None, *, token: str | None = None,
    timeout: int = 5,
) -> AsyncWebClient:  # fmt: skip
    """The bot's client, without the SDK's retries."""
    own = token if token is not None else (workspace or server.workspace).bot_token
    return AsyncWebClient(own, base_url=server.api_url + "/", retry_handlers=[], timeout=timeout)


def app_of(server: SlackServer, *, signed: bool = False) -> AsyncApp:
    """A Bolt app without listeners."""
    return AsyncApp(
        client=client_of(server),
        token=server.workspace.bot_token,
        signing_secret=server.signing_secret if signed else None,
    )


@asynccontextmanager
async def started(
    server: SlackServer, app: AsyncApp | None = None, *, ping_interval: float = 0.05
) -> AsyncIterator[AsyncApp]:
    """A Bolt app at the server's socket; it looks at its connection every 50 ms."""
    app = app or app_of(server)
    before = server.link.opened
    handler = AsyncSocketModeHandler(app, server.app_token, ping_interval=ping_interval)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        await server.until(lambda: server.link.opened > before, "connected")
        yield app
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def refusal(call: Any) -> str:
    """What Slack says against a call: the error's code, "" where it says nothing against it."""
    try:
        await call
    except SlackApiError as error:
        return str(error.response["error"])
    return ""
