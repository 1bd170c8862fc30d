"""The program's life in a soak, on a set clock, in a process whose memory is its own.

Everything but the connections that bring commands is the program's: sources, cycle, outbox,
delivery by the real clients, answers, charts, jobs of the night. What each day costs is a line of
days.jsonl in the data folder.
"""

import asyncio
import json
import logging
import os
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import discord
from discord.http import Route
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import pricing
from bot.answers import pressed
from bot.app import open_services
from bot.cards import to_discord, to_slack
from bot.cards.charts import draw
from bot.commands import COMMANDS
from bot.config import Settings, load
from bot.cycle.compose import Composer
from bot.cycle.estimates import DailyEstimates
from bot.cycle.recheck import silenced
from bot.cycle.tick import timing_of
from bot.delivery import Delivery, next_start
from bot.errors import UserError
from bot.hearing import Hearing, hearing
from bot.market.splits import adjust
from bot.market.yahoo import YahooMarket
from bot.memory import keep_small, settle
from bot.model.feed import Feed, FeedKind, Voice
from bot.model.receiver import Receiver
from bot.services import Request, Services, SetClock
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.discord_notifier import DiscordNotifier
from bot.surfaces.discord_pacing import Pacing
from bot.surfaces.slack.actions import actions
from bot.surfaces.slack.notifier import SlackNotifier
from bot.surfaces.slack.pacing import Pacing as SlackPacing
from bot.surfaces.slack.pictures import SlackPictures
from bot.surfaces.slack.workspaces import OneWorkspace, client_of
from bot.surfaces.transcript import Transcript
from bot.watching import Watching
from cogs.buttons import view_for
from storage import outbox, receivers
from storage.prune import Keep, prune
from tests.asking import ask
from tests.faults.soak_world import BEGIN, FEEDS, instants

MANY = 100_000
RESTART_DAYS = 13
# What is asked besides every command's own example.
LINES = (
    "/drawdown NVDA 1y", "/drawdown ai 1y", "/status", "/impact DeepSeek-R1", "/crowding ai",
    "/stress NVDA", "/releases recent", "/cost price GPT-4o", "/model DeepSeek-R1",
    "/cost compare GPT-4o, DeepSeek-V3", "/alert list", "/alert explain NVDA", "/channel",
    "/cost index", "/help", "/timeline", "/feeds list", "/nonsense", "/drawdown NOSUCH",
)  # fmt: skip
# What channels follow from the beginning, in turn.
WANTED = (
    ("/alert add ai levels=3,6,9,12,15,20", "/alert add NVDA levels=5,10,15,20",
     "/subscribe prices", "/subscribe releases kinds=image"),
    ("/alert add NVDA levels=4,8,12,16", "/alert add AMD move levels=3", "/subscribe releases"),
    ("/alert add ai crowding levels=80", "/alert add ai volatility levels=80",
     "/subscribe digest week", "/channel timezone=Europe/Berlin quiet=22:00-07:00"),
    ("/alert add MSFT levels=5,10 members=no", "/alert add AVGO below levels=90",
     "/alert add ai levels=5,10 members=yes"),
    ("/subscribe digest day", "/channel timezone=Asia/Taipei quiet=23:00-08:00",
     "/alert add TSM levels=5,10,15"),
)  # fmt: skip
# The last of the channels change nothing: what they must be told is known from the world alone.
LEFT_ALONE = 2
FALLS = {"AMD": 8, "AVGO": 25, "META": 25, "MSFT": 12, "MU": 12, "NVDA": 25}
PLAIN = ("/subscribe releases", *(f"/alert add {name} levels={at}" for name, at in FALLS.items()))


@dataclass(frozen=True)
class Places:
    """Where the servers are, and the channels by surface: addresses and communities."""

    yahoo: str
    lists: str
    discord: str
    discord_token: str
    slack: str
    slack_token: str
    channels: tuple[tuple[str, str, str], ...]


@dataclass
class Life:
    """One start of the program, until it is closed."""

    services: Services
    watching: Watching
    delivery: Delivery
    hearing: Hearing
    lists: pricing.Pricing
    estimates: DailyEstimates
    receivers: list[Receiver] = field(default_factory=list)

    async def step(self, number: int, *, in_session: bool) -> None:
        """All that happens at one moment."""
        await self.hearing.look()
        if in_session:
            await self.watching.poll()
        await self.watching.tell()
        if number % 4 == 0:
            await self.lists.look()
            await self.estimates.ask_next()
        await self.delivery.drain()


def settings_of(folder: Path, places: Places) -> Settings:
    """Every source and surface is on 127.0.0.1."""
    environ = {
        "AFTERSHOCK_DATA": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "AFTERSHOCK_YAHOO__BASE_URL": places.yahoo,
        "AFTERSHOCK_PRICES__MODELS_DEV_URL": f"{places.lists}/api.json",
        "AFTERSHOCK_PRICES__OPENROUTER_URL": f"{places.lists}/models",
    }
    return load(None, environ)


@asynccontextmanager
async def living(
    settings: Settings, places: Places, clock: SetClock, begun: int
) -> AsyncIterator[Life]:
    """The program, open."""
    folder = settings.data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    Route.BASE = places.discord

    async def show(_shown: Shown) -> None:
        pass

    def told() -> None:
        pass

    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(open_services(settings, clock, lasting=True))
        services.random.seed(begun)
        pacing = Pacing(MANY)
        client = discord.Client(intents=discord.Intents.none(), http_trace=pacing.trace)
        await stack.enter_async_context(client)
        await client.login(places.discord_token)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        workspaces = OneWorkspace(client_of(places.slack_token, places.slack, session))
        await workspaces.look()
        slow = SlackPacing(MANY, 0.0)
        notifiers: dict[str, Any] = {
            "console": ConsoleNotifier(Transcript(folder / "console.jsonl"), clock, show),
            "discord": DiscordNotifier(client, view_for, pacing),
            "slack": SlackNotifier(workspaces, SlackPictures(slow), slow, actions),
        }
        start = next_start(clock.now(), f"{begun:024x}")
        delivery = Delivery(services, notifiers, Composer(services).card, start, silenced)
        shipped = {
            path[1:]: Feed(
                path[1:], FeedKind.FEED, Voice.LAB if lab else Voice.NEWS,
                f"{places.lists}{path}", path[1:], lab,
            )
            for path, lab in FEEDS.items()
        }  # fmt: skip
        heard = await stack.enter_async_context(hearing(services, told, shipped))
        lists = await stack.enter_async_context(pricing.pricing(services, pricing.telling(told)))
        assert isinstance(services.quotes, YahooMarket)
        watching = Watching(services, timing_of(settings), told)
        await watching.begin()
        settle()
        estimates = DailyEstimates(services, services.quotes)
        yield Life(services, watching, delivery, heard, lists, estimates)


async def channels_of(life: Life, places: Places) -> list[Receiver]:
    """The channels, known to the program."""

    async def work(connection: AsyncConnection) -> list[Receiver]:
        now = life.services.clock.now()
        return [
            await receivers.receiver_of(connection, surface, address, f"c{at}", now, community)
            for at, (surface, address, community) in enumerate(places.channels)
        ]

    return await life.services.database.write(work)


async def talk(life: Life, lines: list[str], at: int, asked: dict[str, int]) -> None:
    """A command, answered, drawn and laid out for both platforms; a mistake is a sentence."""
    here = life.receivers[at % len(life.receivers)]
    try:
        card = await ask(lines[at % len(lines)], life.services, here)
        asked["answered"] += 1
    except UserError as error:
        asked["refused"] += 1
        if "\n" in str(error):
            raise RuntimeError(f"more than one line: {error}") from error
        return
    if card.chart is not None:
        asked["charts"] += 1
        assert (await draw(card.chart, dark=True)).startswith(b"\x89PNG")
    to_discord.answer(card)
    to_slack.answer(card)


async def churn(life: Life, random: Random, asked: dict[str, int]) -> None:
    """Somebody follows something more, another less; somebody silences; somebody presses."""
    here = random.choice(life.receivers[1:-LEFT_ALONE])
    symbol = random.choice(["NVDA", "AMD", "MSFT", "GOOGL", "META", "TSM", "AVGO", "ORCL"])
    lines = [
        f"/alert add {symbol} levels={random.randint(3, 9)},{random.randint(10, 25)}",
        f"/silence add {symbol} 6h",
        f"/alert remove {random.randint(1, 60)}",
        f"/subscribe remove {random.randint(1, 60)}",
        "/subscribe releases",
    ]
    for line in lines:
        try:
            await ask(line, life.services, here)
            asked["changed"] += 1
        except UserError:
            asked["refused"] += 1
    async with life.services.database.read() as connection:
        newest = await connection.exec_driver_sql(
            "SELECT nonce FROM outbox WHERE state = 'sent' AND action = 'post' "
            "ORDER BY id DESC LIMIT 1"
        )
        nonce = newest.scalar()
        told = await outbox.by_nonce(connection, nonce) if nonce else None
    if (
        told is not None
        and "snooze-1h" in pressed.actions(told)
        and told.receiver not in life.receivers[-LEFT_ALONE:]
    ):
        request = Request({}, life.services, told.receiver, life.services.clock.now(), COMMANDS)
        try:
            await pressed.silence_message(request, told, timedelta(hours=1))
            asked["pressed"] += 1
        except UserError:
            asked["refused"] += 1


def memory() -> float:
    """What the process holds, in megabytes."""
    return held_by(os.getpid())


def children() -> float:
    """What its children hold: the one that reads large feeds."""
    found = [task / "children" for task in Path("/proc/self/task").iterdir()]
    return sum(held_by(int(pid)) for file in found for pid in file.read_text().split())


def held_by(pid: int) -> float:
    """The resident memory of a process, in megabytes."""
    text = Path(f"/proc/{pid}/status").read_text()
    rows = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return int(rows["VmRSS"].split()[0]) / 1024 if "VmRSS" in rows else 0.0


async def _live(folder: Path, places: Places, days: int, moment: Any, seed: int) -> None:
    settings, clock = settings_of(folder, places), SetClock(BEGIN)
    random, asked = (
        Random(seed),
        dict.fromkeys(("answered", "refused", "charts", "changed", "pressed"), 0),
    )
    lines = [*LINES, *(f"/{c.example}" if c.example else f"/{' '.join(c.path)}" for c in COMMANDS
                       if not c.changes)]  # fmt: skip
    lines = [f"/{line.lstrip('/')}" for line in lines]
    moments = list(instants(days))
    moment.value = BEGIN.timestamp()
    position, begun = 0, 0
    out = (folder / "days.jsonl").open("w")
    while position < len(moments):
        begun += 1
        async with living(settings, places, clock, begun) as life:
            life.receivers = await channels_of(life, places)
            if begun == 1:
                for at, one in enumerate(life.receivers):
                    changing = at < len(life.receivers) - LEFT_ALONE
                    for line in WANTED[at % len(WANTED)] if changing else PLAIN:
                        try:
                            await ask(line, life.services, one)
                            asked["changed"] += 1
                        except UserError as error:
                            asked["refused"] += 1
                            logging.warning("%s: %s", line, error)
            opened = moments[position]
            while position < len(moments) and moments[position] - opened < timedelta(
                days=RESTART_DAYS
            ):
                now = moments[position]
                clock.moment, moment.value = now, now.timestamp()
                ending = position + 1 == len(moments) or moments[position + 1].date() != now.date()
                await life.step(position, in_session=now.minute % 30 != 0 or now.hour in (20, 21))
                if position % 3 == 0:
                    await talk(life, lines, position // 3, asked)
                if ending:
                    await churn(life, random, asked)
                    await prune(life.services.database, clock.now(), Keep(), adjust)
                    settle()
                    row = {
                        "day": now.date().isoformat(), "memory": memory(), "children": children(),
                        "work": time.process_time(),
                        **open_files(),
                        "tasks": len(asyncio.all_tasks()),
                        "size": sum(p.stat().st_size for p in folder.glob("aftershock.db*")),
                        **asked,
                    }  # fmt: skip
                    out.write(json.dumps(row) + "\n")
                    out.flush()
                position += 1
            # What is held over the end is told, so that nothing is left waiting.
            if position == len(moments):
                for _hour in range(48):
                    clock.moment += timedelta(hours=1)
                    await life.watching.tell()
                    await life.delivery.drain()
    out.close()


def open_files() -> dict[str, Any]:
    """How many there are, and how many of what kind."""
    kinds = Counter[str]()
    for one in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # that of this listing
            # Without the numbers of sockets and pipes.
            kinds[re.sub(r"\[\d+\]", "", Path(one.readlink()).name)] += 1
    return {"files": kinds.total(), "kinds": dict(kinds)}


def live(folder: str, places: Places, days: int, moment: Any, seed: int) -> None:
    """Live so many days in `folder`; `moment` holds what time it is, for the servers."""
    logging.basicConfig(filename=f"{folder}/log", level=logging.WARNING)
    keep_small()
    asyncio.run(_live(Path(folder), places, days, moment, seed))
