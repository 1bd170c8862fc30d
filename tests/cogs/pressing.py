"""A loopback Discord with one channel, people with and without permissions, and the real bot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord.ext import commands
from sqlalchemy.ext.asyncio import AsyncConnection

import cogs
from bot.model.receiver import Receiver
from bot.model.rule import Rule
from bot.services import Services
from bot.surfaces.names import Names, read_names
from storage import receivers
from tests.servers.discord import Channel, DiscordServer, Member, Message, pointed_at

AI = Rule("ai", "1y", (100_000, 200_000), 20_000)
MANAGE_CHANNELS, MANAGE_SERVER = 1 << 4, 1 << 5
EMBED_LINKS = discord.Permissions(embed_links=True).value


class Bot(commands.AutoShardedBot):
    """The bot as the program runs it, without the client's usual waits."""

    def __init__(self, services: Services) -> None:
        super().__init__("!", intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
        self.services, self.names = services, Names()

    async def setup_hook(self) -> None:
        self.names.take(await read_names(self.services))
        for cog in cogs.every(self.services, self.names):
            await self.add_cog(cog)
        self.add_dynamic_items(*cogs.dynamic_items())
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without the five seconds between shards."""


@asynccontextmanager
async def started(server: DiscordServer, services: Services) -> AsyncIterator[Bot]:
    """A bot that is logged in and ready; a second one is a restart."""
    with pointed_at(server):
        bot = Bot(services)
        async with bot:
            task = asyncio.create_task(bot.start(server.token))
            try:
                await asyncio.wait_for(bot.wait_until_ready(), 10)
                yield bot
            finally:
                await bot.close()
                await asyncio.wait([task], timeout=5)


async def follow(services: Services, receiver: Receiver, *rules: Rule) -> None:
    """Alerts as /alert add makes them, without the back-test that it shows."""
    now = services.clock.now()

    async def work(connection: AsyncConnection) -> None:
        given = await receivers.receiver_of(
            connection, receiver.surface, receiver.address, receiver.title, now
        )
        for rule in rules:
            number = await receivers.rule_id(connection, rule)
            await receivers.add_subscription(connection, given.id, now, rule_id=number)

    await services.database.write(work)


class World:
    """A server with #alerts and #other, its owner, somebody who manages channels, and anybody."""

    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        self.guild = server.add_guild("Chips")
        self.alerts: Channel = self.guild.add_channel("alerts")
        self.other: Channel = self.guild.add_channel("other")
        self.desk = self.guild.add_role("desk")
        keeper = self.guild.add_role("keeper", MANAGE_CHANNELS)
        self.owner: Member = self.guild.members[server.owner.id]
        self.ann = self.guild.add_member("Ann", keeper)
        self.bob = self.guild.add_member("Bob")

    @property
    def last(self) -> Message:
        """The newest message in #alerts."""
        return self.alerts.sent[-1]


def part(message: Message, name: str) -> str:
    """The custom id of a part of a panel or wizard."""
    for each in message.components:
        custom_id = str(each.get("custom_id", ""))
        if custom_id.endswith(f":{name}"):
            return custom_id
    raise LookupError(f"no part {name!r}")


def shown(message: Message, name: str) -> dict[str, Any]:
    """A part of a panel or wizard, as it is shown."""
    return message.component(part(message, name))
