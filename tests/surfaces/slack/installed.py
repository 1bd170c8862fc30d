"""A bot that workspaces can install, over HTTP, on a loopback Slack: started, and started again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands import parse
from bot.errors import UserError
from bot.model.receiver import Receiver
from bot.services import Services
from bot.surfaces.answering import answer
from bot.surfaces.slack.app import build
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.http import serving
from bot.surfaces.slack.installs import ManyWorkspaces
from bot.surfaces.slack.oauth import installing
from bot.surfaces.slack.places import place
from bot.surfaces.slack.vault import Vault
from bot.surfaces.slack.workspaces import client_of
from storage import receivers, slack_installs
from tests.servers.slack import Channel, SlackServer, User, Workspace

SCOPES = ("chat:write", "commands")
COOKIE = "slack-app-oauth-state"


class ServersClock:
    """Slack's own time, which a test moves ahead."""

    def __init__(self, server: SlackServer) -> None:
        self._server = server

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._server.clock.now(), UTC)


def on(services: Services, server: SlackServer, **more: Any) -> Services:
    """The services, with the settings and the clock of a bot on this server."""
    slack = services.settings.slack.model_copy(
        update={"api_url": server.api_url, "client_id": server.client_id, "mode": "http"}
    )
    secret = SecretStr(server.client_secret)
    settings = services.settings.model_copy(
        update={"slack": slack, "slack_client_secret": secret, **more}
    )
    return replace(services, settings=settings, clock=ServersClock(server))


@dataclass
class Page:
    """What a browser was answered."""

    status: int
    text: str
    headers: dict[str, str]
    cookie: str = ""


@dataclass
class Running:
    """The bot as it runs."""

    server: SlackServer
    services: Services
    workspaces: ManyWorkspaces
    url: str

    @property
    def events(self) -> str:
        """Where Slack's requests go."""
        return f"{self.url}/slack/events"

    async def get(self, path: str, cookie: str = "", **query: str) -> Page:
        """Open a page, with a state's cookie or none; it is not followed where it leads."""
        headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(
                self.url + path, params=query, headers=headers, allow_redirects=False
            ) as response,
        ):
            held = response.cookies.get(COOKIE)
            given = dict(response.headers)
            return Page(response.status, await response.text(), given, held.value if held else "")

    async def begin(self) -> tuple[str, dict[str, str]]:
        """Follow the link to install; the cookie, and what Slack's page is asked."""
        page = await self.get("/slack/install")
        assert page.status == 302
        address = urlsplit(page.headers["Location"])
        assert f"{address.scheme}://{address.netloc}" == self.server.base_url
        assert address.path == "/oauth/v2/authorize"
        return page.cookie, dict(parse_qsl(address.query, keep_blank_values=True))

    async def agree(self, workspace: Workspace, by: User, cookie: str, state: str) -> Page:
        """Agree on Slack's page, and come back from it."""
        code = self.server.code(workspace, by, scope=",".join(SCOPES))
        return await self.get("/slack/oauth_redirect", cookie, code=code, state=state)

    async def install(self, workspace: Workspace, by: User | None = None) -> Page:
        """Install the bot in a workspace."""
        cookie, asked = await self.begin()
        return await self.agree(
            workspace, by or workspace.add_user("ann", admin=True), cookie, asked["state"]
        )

    async def ask(self, line: str, user: User, channel: Channel, team: Workspace | None = None
                  ) -> str:  # fmt: skip
        """Type a command; everything that comes back."""
        asked = await self.server.post_to(
            self.events, "command", line, user=user, channel=channel, team=team
        )
        assert asked.status == 200
        return asked.body

    async def teams(self) -> list[str]:
        """The workspaces that are stored."""
        async with self.services.database.read() as connection:
            return [one.team for one in await slack_installs.installs(connection)]

    async def closed(self) -> dict[str, str | None]:
        """Why nothing is sent to each channel, by address."""
        async with self.services.database.read() as connection:
            found = await receivers.receivers(connection)
            return {one.address: one.disabled_reason for one in found if one.surface == "slack"}

    async def add_channel(self, channel: Channel) -> Receiver:
        """A channel that gets something."""
        one = place(channel.team, channel.id, f"#{channel.name}")
        now = self.services.clock.now()
        return await self.services.database.write(
            lambda c: receivers.receiver_of(
                c, one.surface, one.address, one.title, now, one.community
            )
        )


def register(app: AsyncApp, slack: Slack) -> None:
    """A command whose answer is the acknowledgement, so that a test need not wait for it."""

    async def command(ack: Any, body: dict[str, str], client: AsyncWebClient) -> None:
        here = place(body["team_id"], body["channel_id"], f"#{body['channel_name']}")
        now = slack.services.clock.now()
        try:
            card = await answer(parse(body["text"]), slack.services, here, now, body["user_name"])
        except UserError as error:
            await ack(f"{type(error).__name__}: {error}")
            return
        await client.auth_test()  # with the token that Bolt was given for this request
        await ack(f"{card}")

    app.command("/aftershock")(command)


@asynccontextmanager
async def started(server: SlackServer, services: Services, keys: str) -> AsyncIterator[Running]:
    """The bot, started with these keys on whatever its database has."""
    async with aiohttp.ClientSession() as session:
        workspaces = ManyWorkspaces(services, Vault(keys), session)
        await workspaces.reseal()
        slack = Slack(services, workspaces, None)  # type: ignore[arg-type]
        bare = client_of(None, server.api_url, session)
        app = build(slack, [register], bare)
        clock, settings = services.clock, services.settings
        flow = installing(settings, workspaces, SCOPES, clock, session)
        secret = server.signing_secret
        async with serving(app, "127.0.0.1:0", secret, clock, flow) as url:
            yield Running(server, services, workspaces, url)


async def until(fact: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds that is done after its acknowledgement; five seconds at most."""
    async with asyncio.timeout(5):
        while not await fact():
            await asyncio.sleep(0)


def raw(folder: Path) -> bytes:
    """Every byte of the database, what is not yet merged into it too."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.db*")))


async def posted(client: AsyncWebClient, channel: Channel, text: str) -> None:
    """A message by this client."""
    await client.chat_postMessage(channel=channel.id, text=text)
