"""The program as a process of its own, and all that it talks to on 127.0.0.1."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.faults.soak_world import LivingYahoo, models_dev, openrouter
from tests.servers import feeds, yahoo
from tests.servers.discord import DiscordServer
from tests.servers.discord import running as discord_running
from tests.servers.feeds import FeedServer
from tests.servers.slack import SlackServer
from tests.servers.slack import running as slack_running

START_SECONDS, END_SECONDS = 120, 30


@asynccontextmanager
async def served(
    folder: Path, market: LivingYahoo, discord: DiscordServer, slack: SlackServer
) -> AsyncIterator[tuple[FeedServer, dict[str, str]]]:
    """Serve all of it: what serves the lists of model prices, and the environment of a program
    that keeps its data in `folder` and asks nobody else.
    """
    now = market.moment()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(yahoo.running(market))
        lists = await stack.enter_async_context(feeds.serving())
        await stack.enter_async_context(discord_running(discord))
        await stack.enter_async_context(slack_running(slack))
        lists.put("/api.json", models_dev(now))
        lists.put("/models", openrouter(now))
        yield (
            lists,
            {
                "AFTERSHOCK_DATA": str(folder),
                "XDG_CONFIG_HOME": str(folder),
                "AFTERSHOCK_DISCORD_TOKEN": discord.token,
                "AFTERSHOCK_DISCORD__API_URL": discord.api_url,
                "AFTERSHOCK_SLACK_BOT_TOKEN": slack.workspace.bot_token,
                "AFTERSHOCK_SLACK_APP_TOKEN": slack.app_token,
                "AFTERSHOCK_SLACK__API_URL": slack.api_url,
                "AFTERSHOCK_YAHOO__BASE_URL": market.base_url,
                "AFTERSHOCK_PRICES__MODELS_DEV_URL": lists.url("/api.json"),
                "AFTERSHOCK_PRICES__OPENROUTER_URL": lists.url("/models"),
                "AFTERSHOCK_HEALTH__LISTEN": "",
            },
        )


@asynccontextmanager
async def started(
    discord: DiscordServer,
    module: str,
    *arguments: str,
    confine: Callable[[int], None] = lambda pid: None,
) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """`python -m module`, which runs the program, from when it offers its commands on Discord until
    the context ends; `confine` is given its process id at once.
    """
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], stdin=subprocess.DEVNULL)
    try:
        confine(process.pid)
        await discord.until(
            lambda: discord.commands and discord.gateway.connected(), "the program", START_SECONDS
        )
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, END_SECONDS)
        finally:
            process.kill()
            process.wait()
