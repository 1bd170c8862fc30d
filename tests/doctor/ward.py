"""What tests of the doctor share: a database with channels that follow something, and its report.

The report is asked for in this process, or as a process of its own where that matters.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.doctor import examine
from bot.model.feed import Feed, FeedKind, Voice
from bot.surfaces.slack.manifest import SCOPES
from storage import feeds, receivers
from storage.database import Database
from tests.servers import discord, slack
from tests.servers.discord import Channel as DiscordChannel
from tests.servers.feeds import FeedServer, serving
from tests.servers.slack import Channel as SlackChannel

MADE = datetime(2026, 1, 5, tzinfo=UTC)
GOOD_FEED = b"""<rss version="2.0"><channel><title>News</title>
<item><guid>1</guid><title>Something</title></item></channel></rss>"""

# Root may write everywhere; without that privilege it meets what everybody meets.
_UNPRIVILEGED = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 1, 0, 0, 0); "
    "os.execv(sys.executable, [sys.executable, '-m', 'bot', *sys.argv[1:]])"
)


@dataclass(frozen=True)
class Told:
    """A finding, as --json gives it."""

    area: str
    name: str
    state: str
    found: str
    mend: str


@dataclass(frozen=True)
class Report:
    """What was printed, and the exit code."""

    code: int
    text: str

    def findings(self) -> list[Told]:
        """The findings of a report in JSON."""
        return [Told(**one) for one in json.loads(self.text)]

    def bad(self) -> list[Told]:
        """Those that are wrong."""
        return [one for one in self.findings() if one.state == "wrong"]

    def of(self, area: str, name: str = "") -> list[Told]:
        """Those of an area whose name begins so."""
        return [one for one in self.findings() if one.area == area and one.name.startswith(name)]


@dataclass
class Ward:
    """A set-up: servers, a database, and the environment that names them."""

    folder: Path
    discord: discord.DiscordServer
    slack: slack.SlackServer
    feeds: FeedServer
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / "data" / "aftershock.db"

    async def follows(
        self, surface: str, address: str, title: str, community: str = "", mention: str = ""
    ) -> None:
        """A channel that follows new models."""

        async def work(connection: AsyncConnection) -> None:
            found = await receivers.receiver_of(
                connection, surface, address, title, MADE, community
            )
            await receivers.add_subscription(
                connection, found.id, MADE, kind="release", mention=mention or None
            )

        await self.write(work)

    async def discord_channel(self, channel: DiscordChannel, mention: str = "") -> None:
        """A channel of Discord's that follows new models."""
        assert channel.guild is not None
        guild = str(channel.guild.id)
        await self.follows("discord", str(channel.id), f"#{channel.name}", guild, mention)

    async def slack_channel(self, channel: SlackChannel) -> None:
        """A channel of Slack's that follows new models."""
        address = f"{channel.team}/{channel.id}"
        await self.follows("slack", address, f"#{channel.name}", channel.team)

    async def reads(self, title: str, path: str, owner: str = "console:local") -> None:
        """A feed of somebody's own."""
        url = self.feeds.url(path)
        item = Feed(f"own:{title}", FeedKind.FEED, Voice.NEWS, url, title, owner=owner)

        async def work(connection: AsyncConnection) -> None:
            await feeds.add_feed(connection, item, MADE)

        await self.write(work)

    async def write(self, work: object) -> None:
        """Change the database, as the bot would."""
        database = await Database.open(f"sqlite+aiosqlite:///{self.file}", durable=False)
        try:
            await database.write(work)  # type: ignore[arg-type]
        finally:
            await database.close()

    async def here(
        self,
        capsys: pytest.CaptureFixture[str],
        *,
        as_json: bool = True,
        shipped: Mapping[str, Feed] | None = None,
        **more: str,
    ) -> Report:
        """The report, made in this process."""
        capsys.readouterr()
        given = {**self.environ, **more}
        code = await examine(None, given, as_json=as_json, shipped=shipped)
        return Report(code, capsys.readouterr().out)

    async def apart(self, *arguments: str, unprivileged: bool = False, **more: str) -> Report:
        """The report of `aftershock ARGUMENTS` as a process; its errors are part of the text."""
        environ = {k: v for k, v in os.environ.items() if not k.startswith("AFTERSHOCK_")}
        way: Sequence[str] = ("-c", _UNPRIVILEGED) if unprivileged else ("-m", "bot")
        process = await asyncio.create_subprocess_exec(
            sys.executable, *way, *arguments,
            env={**environ, **self.environ, **more},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            out, _nothing = await asyncio.wait_for(process.communicate(), 90)
        except TimeoutError:
            process.kill()
            raise
        assert process.returncode is not None
        return Report(process.returncode, out.decode())


@asynccontextmanager
async def ward(tmp_path: Path, blank: Path) -> AsyncIterator[Ward]:
    """Everything is well in it: tokens, an empty database, no feeds but one's own."""
    async with AsyncExitStack() as stack:
        discord_server = await stack.enter_async_context(discord.running(discord.DiscordServer()))
        slack_server = await stack.enter_async_context(slack.running())
        feed_server = await stack.enter_async_context(serving())
        made = Ward(tmp_path, discord_server, slack_server, feed_server)
        slack_server.workspace.scopes = set(SCOPES)
        made.file.parent.mkdir()
        copyfile(blank, made.file)
        made.environ = {
            "AFTERSHOCK_DATA": str(made.file.parent),
            "XDG_CONFIG_HOME": str(tmp_path),
            "AFTERSHOCK_MARKET__SOURCE": "shipped",
            "AFTERSHOCK_HEALTH__LISTEN": "",
            "AFTERSHOCK_PRICES__ENABLED": "no",
            "AFTERSHOCK_FEEDS__ENABLED": "no",
            "AFTERSHOCK_FEEDS__ALLOW": feed_server.place,
            "AFTERSHOCK_DISCORD__API_URL": discord_server.api_url,
            "AFTERSHOCK_DISCORD_TOKEN": discord_server.token,
            "AFTERSHOCK_SLACK__API_URL": slack_server.api_url,
            "AFTERSHOCK_SLACK_BOT_TOKEN": slack_server.workspace.bot_token,
            "AFTERSHOCK_SLACK_APP_TOKEN": slack_server.app_token,
        }
        yield made
