"""Messages to channels of a loopback Slack, through the real client, from a real outbox."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import aiohttp
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery import Delivery
from bot.model.receiver import Notification
from bot.services import Clock, SetClock
from bot.surfaces.slack import names
from bot.surfaces.slack.notifier import SlackNotifier
from bot.surfaces.slack.pacing import Pacing
from bot.surfaces.slack.pictures import SlackPictures
from bot.surfaces.slack.places import address_of
from bot.surfaces.slack.workspaces import OneWorkspace, client_of
from storage.database import Database
from storage.schema import outbox, receiver
from tests.fanout import opened, plain_card, url_of
from tests.servers.slack import Channel, Message, SlackServer

# So many messages a minute that only the pace of the channels is felt.
MANY = 100_000


async def enqueue(
    folder: Path, channels: Sequence[Channel], now: datetime, each: int = 1
) -> list[str]:
    """A database in `folder` with so many rows for each of these channels; their nonces."""
    database = await Database.open(url_of(folder))
    random = Random(7)
    told = [
        {
            "id": number, "surface": "slack", "address": address_of(one.team, one.id),
            "title": f"#{one.name}", "community": one.team, "time_zone": "UTC", "created_at": now,
        }
        for number, one in enumerate(channels, 1)
    ]  # fmt: skip
    rows = [
        {
            "receiver_id": number, "surface": "slack", "nonce": f"{random.getrandbits(96):024x}",
            "action": "post", "facts": {}, "fallback": f"message {place}", "created_at": now,
            "state": "pending", "next_attempt_at": now, "attempts": 0,
        }
        for place in range(each)
        for number in range(1, len(channels) + 1)
    ]  # fmt: skip

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(insert(receiver), told)
        await connection.execute(insert(outbox), rows)

    await database.write(work)
    await database.close()
    return [str(row["nonce"]) for row in rows]


def actions(_notification: Notification) -> Sequence[str]:
    """The buttons of every message."""
    return (names.EXPLAIN,)


@asynccontextmanager
async def delivering(
    folder: Path,
    clock: Clock,
    api_url: str,
    token: str,
    start: str,
    *,
    per_channel: float = 0.0,
    per_minute: int = MANY,
) -> AsyncIterator[Delivery]:
    """A delivery on the database in `folder`, through a client that knows its workspace."""
    pacing = Pacing(per_minute, per_channel)
    async with opened(folder, clock, start) as services, aiohttp.ClientSession() as session:
        workspaces = OneWorkspace(client_of(token, api_url, session))
        await workspaces.look()
        notifier = SlackNotifier(workspaces, SlackPictures(pacing), pacing, actions)
        yield Delivery(services, {"slack": notifier}, plain_card, start)


def with_channels(count: int) -> tuple[SlackServer, list[Channel]]:
    """A Slack with so many channels."""
    server = SlackServer()
    return server, [server.workspace.add_channel(f"alerts-{number}") for number in range(count)]


def real_now() -> datetime:
    """Now, as the loopback Slack stamps what is said."""
    return datetime.fromtimestamp(SlackServer().clock.now(), UTC)


def later(clock: SetClock, seconds: float) -> None:
    """Let the program's time go by."""
    clock.moment += timedelta(seconds=seconds)


def nonce_of(message: Message) -> str:
    """Which row a message is of."""
    return str((message.metadata or {}).get("event_payload", {}).get("nonce", ""))


@dataclass(frozen=True)
class Arrived:
    """What became of it: rows without their message, messages beyond the first, refusals."""

    lost: int
    double: int
    limited: int

    @classmethod
    def at(cls, server: SlackServer, channels: Sequence[Channel], nonces: list[str]) -> "Arrived":
        """Count what is there."""
        found = Counter(nonce_of(message) for channel in channels for message in channel.messages)
        return cls(
            sum(found[nonce] == 0 for nonce in nonces),
            sum(max(0, found[nonce] - 1) for nonce in nonces),
            sum(one.error == "ratelimited" for one in server.requests),
        )
