"""The whole pipeline in a process: sources, gate, stories, outbox, three surfaces. It may be killed
at any moment, and kills itself where it is told to.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import discord
from discord.http import Route
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import release_facts
from bot.config import load
from bot.cycle.compose import Composer
from bot.cycle.recheck import silenced
from bot.cycle.seed import seed_shipped
from bot.cycle.tick import subscribe_releases, timing_of
from bot.cycle.watch import subscribe
from bot.delivery import Delivery, deliver_while
from bot.hearing import hearing
from bot.market.calendar import exchange_of, session_close
from bot.market.yahoo import YahooMarket
from bot.model.basket import Basket
from bot.model.feed import Feed, FeedKind, Voice
from bot.model.rule import Rule
from bot.services import ReleaseFacts, Services, SetClock
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.discord_notifier import DiscordNotifier
from bot.surfaces.discord_pacing import Pacing
from bot.surfaces.slack import pacing as slack_pacing
from bot.surfaces.slack.notifier import SlackNotifier
from bot.surfaces.slack.pictures import SlackPictures
from bot.surfaces.slack.places import address_of
from bot.surfaces.slack.workspaces import OneWorkspace, client_of
from bot.watching import Watching
from cogs.buttons import view_for
from storage import attempts, feeds, market, outbox, receivers, sightings, trust
from storage.database import Database
from storage.schema import basket
from tests.faults.pipeline_world import FEED, LEVELS, World
from tests.faults.worker import Fragile, Killer
from tests.slack_fanout import MANY, actions

STEPS = (
    "before seen", "after seen", "before sightings", "after sightings", "before enqueue",
    "after enqueue", "before record", "after record", "before claim", "after claim",
    "before attempt", "after attempt", "before mark", "after mark", "before write", "after write",
    "before discord", "after discord", "before slack", "after slack", "before console",
    "after console", "half written",
)  # fmt: skip


@dataclass(frozen=True)
class Places:
    """Where everything is, in words that another process understands."""

    folder: Path
    yahoo: str
    feed: str
    discord: str
    discord_token: str
    slack: str
    slack_token: str
    rooms: tuple[str, ...]
    channels: tuple[str, ...]
    team: str

    @classmethod
    def of(cls, world: World, folder: Path) -> "Places":
        """Those of a world, and a folder for the database and the console's transcript."""
        return cls(
            folder, world.yahoo.base_url, world.feeds.url("/news.xml"), world.discord.api_url,
            world.discord.token, world.slack.api_url, world.slack.workspace.bot_token,
            tuple(str(room.id) for room in world.rooms),
            tuple(address_of(one.team, one.id) for one in world.channels),
            world.channels[0].team,
        )  # fmt: skip


@asynccontextmanager
async def services_on(places: Places, now: datetime, seed: str) -> AsyncIterator[Services]:
    """Services on the pipeline's database, asking the loopback Yahoo."""
    environ = {
        "AFTERSHOCK_DATA": str(places.folder), "XDG_CONFIG_HOME": str(places.folder),
        "AFTERSHOCK_YAHOO__BASE_URL": places.yahoo, "AFTERSHOCK_ALERTS__REARM_CLOSES": "1",
        "AFTERSHOCK_ALERTS__HOURLY_CAP": "1000",
    }  # fmt: skip
    database = await Database.open(f"sqlite+aiosqlite:///{places.folder}/a.db")
    market_of = YahooMarket(
        places.folder / "yahoo",
        lambda symbol, day: session_close(exchange_of(symbol), day),
        places.yahoo,
        timeout_seconds=10,
    )
    facts = release_facts()
    try:
        yield Services(
            load(None, environ), database, market_of,
            ReleaseFacts((), facts.labs, facts.exposures), SetClock(now), Random(seed), market_of,
        )  # fmt: skip
    finally:
        await database.close()


def feed_of(places: Places) -> dict[str, Feed]:
    """The one feed that ships."""
    return {FEED: Feed(FEED, FeedKind.FEED, Voice.LAB, places.feed, "OpenAI news", "openai")}


def begin(places: Places, now: datetime) -> None:
    """A database that knows the past, with channels of three surfaces that want to be told."""
    asyncio.run(_begin(places, now))


async def _begin(places: Places, now: datetime) -> None:
    async with services_on(places, now, "begin") as services:
        await seed_shipped(services, now)
        told = [("console", "local", "")]
        told += [("discord", room, "") for room in places.rooms]
        told += [("slack", channel, places.team) for channel in places.channels]

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(basket))
            await market.put_basket(connection, Basket("ai", "AI stocks", ("NVDA", "AMD")))
            for surface, address, community in told:
                given = await receivers.receiver_of(
                    connection, surface, address, address, now, community
                )
                for symbol in ("NVDA", "AMD"):
                    await subscribe(
                        connection, given.id, Rule(symbol, "1m", LEVELS, 20_000), now, 1
                    )
                await subscribe_releases(connection, given, now)

        await services.database.write(work)
        await Watching(services, timing_of(services.settings), lambda: None).poll()
        async with hearing(services, lambda: None, feed_of(places)) as heard:
            await heard.look()


class Steps:
    """A notifier whose sends the killer knows."""

    def __init__(self, notifier: Any, name: str, killer: Killer) -> None:
        self.find, self._notifier = notifier.find, notifier
        self.send = killer.around(notifier.send, name)

    @property
    def room(self) -> int:
        return int(self._notifier.room)


def _watch_steps(killer: Killer) -> None:
    """Let the killer know of everything that is stored."""
    feeds.put_seen = killer.around(feeds.put_seen, "seen")
    sightings.put_sightings = killer.around(sightings.put_sightings, "sightings")
    outbox.enqueue = killer.around(outbox.enqueue, "enqueue")
    outbox.claim = killer.around(outbox.claim, "claim")
    trust.record = killer.around(trust.record, "record")
    attempts.begin_attempts = killer.around(attempts.begin_attempts, "attempt")
    attempts.record = killer.around(attempts.record, "mark")
    Database.write = killer.around(Database.write, "write")  # type: ignore[method-assign]


async def _live(places: Places, now: datetime, number: int, killer: Killer) -> None:
    """One life: look, judge and deliver side by side, as the program does, until all is told."""
    _watch_steps(killer)
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(services_on(places, now, f"life-{number}"))
        news = asyncio.Event()
        heard = await stack.enter_async_context(hearing(services, news.set, feed_of(places)))
        pacing = Pacing(2_000)
        client = discord.Client(intents=discord.Intents.none(), http_trace=pacing.trace)
        await stack.enter_async_context(client)
        await client.login(places.discord_token)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        workspaces = OneWorkspace(client_of(places.slack_token, places.slack, session))
        await workspaces.look()
        pace = slack_pacing.Pacing(MANY, 0.0)

        async def show(shown: Shown) -> None:
            pass

        transcript = Fragile(places.folder / "console.jsonl", killer)
        console = ConsoleNotifier(transcript, services.clock, show)
        slack = SlackNotifier(workspaces, SlackPictures(pace), pace, actions)
        notifiers = {
            "console": Steps(console, "console", killer),
            "discord": Steps(DiscordNotifier(client, view_for, pacing), "discord", killer),
            "slack": Steps(slack, "slack", killer),
        }
        delivery = Delivery(
            services, notifiers, Composer(services).card, f"life-{number}", silenced
        )
        watching = Watching(services, timing_of(services.settings), news.set)
        over = False

        async def occasion() -> bool:
            await news.wait()
            news.clear()
            return not over

        sender = asyncio.create_task(deliver_while(delivery, occasion))
        await asyncio.gather(watching.poll(), heard.look())
        await watching.tell()
        over = True
        news.set()
        await sender
        await delivery.drain()


def live(places: Places, now: datetime, number: int, step: str, nth: int) -> None:
    """Live, as the life of that number, until `step` is reached for the nth time."""
    Route.BASE = places.discord
    asyncio.run(_live(places, now, number, Killer(step, nth)))
