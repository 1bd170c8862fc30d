"""One message to each of many channels of a loopback Discord, through the real client."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import discord
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import release_facts
from bot.config import load
from bot.delivery import Delivery
from bot.market.shipped import ShippedHistory
from bot.model.card import Card, UnderwaterChart
from bot.model.receiver import Notification
from bot.services import Clock, Services
from bot.surfaces.discord_notifier import DiscordNotifier
from bot.surfaces.discord_pacing import LIMIT, Pacing
from storage.database import Database
from storage.schema import outbox, receiver
from tests.servers.discord import Channel, DiscordServer

ENQUEUED = datetime(2025, 1, 27, 22, tzinfo=UTC)


def url_of(folder: Path) -> str:
    """The database in `folder`."""
    return f"sqlite+aiosqlite:///{folder}/a.db"


def with_channels(count: int) -> tuple[DiscordServer, list[Channel]]:
    """A Discord with so many channels."""
    server = DiscordServer()
    guild = server.add_guild("Chips")
    return server, [guild.add_channel(f"alerts-{number}") for number in range(count)]


async def enqueue(folder: Path, addresses: list[str], now: datetime = ENQUEUED) -> None:
    """A database in `folder` with a row for each of these channels."""
    database = await Database.open(url_of(folder))
    random = Random(7)

    async def work(connection: AsyncConnection) -> None:
        told = [
            {
                "id": number, "surface": "discord", "address": address, "title": f"#{number}",
                "time_zone": "UTC", "created_at": now,
            }
            for number, address in enumerate(addresses, 1)
        ]  # fmt: skip
        rows = [
            {
                "id": number, "receiver_id": number, "surface": "discord",
                "nonce": f"{random.getrandbits(96):024x}",
                "action": "post", "facts": {}, "fallback": f"message {number}", "created_at": now,
                "state": "pending", "next_attempt_at": now, "attempts": 0,
            }
            for number in range(1, len(addresses) + 1)
        ]  # fmt: skip
        await connection.execute(insert(receiver), told)
        await connection.execute(insert(outbox), rows)

    await database.write(work)
    await database.close()


def buttons(notification: Notification) -> discord.ui.View:
    """A button that names the row, as alerts have."""
    view = discord.ui.View(timeout=None)
    custom_id = f"aftershock:explain:{notification.nonce}"
    view.add_item(discord.ui.Button[discord.ui.View](label="Explain", custom_id=custom_id))
    return view


async def plain_card(notification: Notification) -> Card:
    """What every channel is told."""
    return Card(title=notification.fallback, text="At the close.")


@asynccontextmanager
async def opened(folder: Path, clock: Clock, seed: str) -> AsyncIterator[Services]:
    """Services on the database in `folder`."""
    database = await Database.open(url_of(folder))
    settings = load(None, {"AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder)})
    try:
        yield Services(settings, database, ShippedHistory(), release_facts(), clock, Random(seed))
    finally:
        await database.close()


@asynccontextmanager
async def delivering(
    folder: Path,
    clock: Clock,
    token: str,
    start: str,
    *,
    limit: int = LIMIT,
    chart: UnderwaterChart | None = None,
) -> AsyncIterator[Delivery]:
    """A delivery on the database in `folder`, through a client that is logged in.

    discord.py must be pointed at the server by now.
    """

    async def compose(notification: Notification) -> Card:
        return replace(await plain_card(notification), chart=chart)

    pacing = Pacing(limit)
    async with opened(folder, clock, start) as services:
        client = discord.Client(intents=discord.Intents.none(), http_trace=pacing.trace)
        async with client:
            await client.login(token)
            notifier = DiscordNotifier(client, buttons, pacing)
            yield Delivery(services, {"discord": notifier}, compose, start)


@dataclass(frozen=True)
class Arrived:
    """What became of a fan-out: channels without their message, and messages beyond the first."""

    lost: int
    double: int
    limited: int
    seconds: float

    @classmethod
    def at(cls, server: DiscordServer, channels: list[Channel]) -> "Arrived":
        """Count what is there."""
        times = [one.at for one in server.requests if one.method == "POST"]
        found = Counter(len(channel.sent) for channel in channels)
        double = sum((sent - 1) * channels for sent, channels in found.items() if sent > 1)
        return cls(found[0], double, server.limited, times[-1] - times[0] if times else 0.0)
