"""A bot with the cogs, logged in to a Discord on 127.0.0.1: what tests of commands need."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from shutil import copyfile

import discord
from discord.ext import commands

import cogs
from bot.app import release_facts
from bot.config import load
from bot.market.shipped import ShippedHistory
from bot.services import Services, SetClock
from bot.surfaces.names import Names, read_names
from storage.database import Database
from tests.conftest import START
from tests.servers.discord import DiscordServer


class Bot(commands.Bot):
    """The real client with the real cogs; its services and names are where they look."""

    def __init__(self, services: Services, names: Names) -> None:
        super().__init__("/", intents=discord.Intents(guilds=True), help_command=None)
        self.services = services
        self.names = names

    async def setup_hook(self) -> None:
        """Add the cogs and buttons, and tell Discord of the commands."""
        for cog in cogs.every(self.services, self.names):
            await self.add_cog(cog)
        self.add_dynamic_items(*cogs.dynamic_items())
        await self.tree.sync()


@asynccontextmanager
async def services_in(folder: Path, history_file: Path) -> AsyncIterator[Services]:
    """Services with all that is known on the evening of 27 January 2025, on a database there."""
    copyfile(history_file, folder / "asked.db")
    environ = {"AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder)}
    settings = load(
        None,
        {
            **environ,
            "AFTERSHOCK_MARKET__SOURCE": "shipped",
            "AFTERSHOCK_LIMITS__COSTLY_PER_MINUTE": "1000",
        },
    )
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/asked.db", durable=False)
    yield Services(
        settings, database, ShippedHistory(), release_facts(), SetClock(START), Random(1)
    )
    await database.close()


@asynccontextmanager
async def connected(server: DiscordServer, services: Services) -> AsyncIterator[Bot]:
    """A new client, logged in and told of its servers."""
    bot = Bot(services, await read_names(services))
    # How long the library waits for yet another server, after each.
    bot._connection.guild_ready_timeout = 0.2
    await asyncio.wait_for(bot.login(server.token), 10)
    running = asyncio.create_task(bot.connect(reconnect=False))
    try:
        await asyncio.wait_for(bot.wait_until_ready(), 10)
        await server.until(lambda: not any(one.unavailable for one in bot.guilds), "its servers")
        yield bot
    finally:
        await asyncio.wait_for(bot.close(), 10)
        await asyncio.wait([running], timeout=5)
