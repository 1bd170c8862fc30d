"""How soon a command is acknowledged while everything is under way.

The program is a process of its own, and so is what serves feeds; the other servers and whoever asks
share this one. Time is from when the platform sends the interaction to when the acknowledgement
reaches it. On two cores all of them compete: what is measured includes that.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands import COMMANDS
from bot.cycle.watch import subscribe
from bot.market.shipped import ShippedHistory
from bot.model.bar import MICRO
from bot.model.rule import PPM, Condition, Rule
from bot.surfaces.slack.places import address_of
from storage import receivers
from storage.database import Database
from tests.bench.feeds import server as feed_server
from tests.bench.feeds_server import FEEDS
from tests.bench.idle import idling
from tests.bench.rows import Row, at_most, none
from tests.bench.whole_program import served, started
from tests.faults.soak_world import LivingYahoo, Market
from tests.servers.discord import Channel, DiscordServer, Interaction, Member
from tests.servers.slack import Channel as SlackChannel
from tests.servers.slack import Delivered, SlackServer, User

WORKER = "tests.bench.latency_program"
SESSION = datetime(2025, 2, 4, 15, tzinfo=UTC)
SYMBOLS, FOLLOWED = 100, ("NVDA", "AMD", "AVGO")
ROOMS, TALKS = 300, 20
COMMANDS_EACH, EVERY_SECONDS, SETTLE_SECONDS = 130, 0.25, 5.0
MOST_MILLISECONDS = 100.0
# A fall of so much a second, and a level at each such step: alerts go out all the time.
FALL_PPM, STEP_PPM, STEPS = 250, 2_000, 40
ON_DISCORD: tuple[tuple[str, dict[str, object]], ...] = (
    ("drawdown", {"target": "NVDA"}), ("drawdown", {"target": "ai"}), ("valuation", {}),
    ("impact", {"release": "DeepSeek-R1"}), ("crowding", {"basket": "ai"}),
    ("stress", {"target": "NVDA"}), ("model", {"names": "DeepSeek-R1"}),
    ("releases timeline", {}), ("releases latest", {}), ("cost index", {}),
    ("cost compare", {"models": "GPT-4o, DeepSeek-V3"}), ("cost price", {"model": "GPT-4o"}),
    ("alert list", {}), ("feeds health", {}), ("status", {}), ("help", {}),
)  # fmt: skip


@dataclass
class Falling(LivingYahoo):
    """A market in which what is followed falls bit by bit; `begun` is when it began to."""

    begun: float = field(default_factory=time.monotonic)
    quoted: int = 0

    async def answer(self, request: Any) -> Any:
        """Any request, at the prices of now."""
        self.quoted += request.path.endswith("v7/finance/quote")
        fallen = (time.monotonic() - self.begun) * FALL_PPM / PPM
        for name in FOLLOWED:
            closes = self.market.closes[name]
            day = self.moment().date()
            before = max(one for one in closes if one < day)
            closes[day] = closes[before] * (1 - fallen)
        return await super().answer(request)


class Priced(Market):
    """Its prices are those of the day from the opening on."""

    def price(self, name: str, now: datetime) -> tuple[float, datetime, float]:
        """The day's close, now."""
        over = self.closed(now)
        days = self.days
        return self.closes[name][days[over]], now, self.closes[name][days[over - 1]]


@dataclass
class World:
    """What the program talks to, and what was asked of it."""

    discord: DiscordServer
    slack: SlackServer
    yahoo: Falling
    rooms: list[Channel]
    talks: list[SlackChannel]
    member: Member
    user: User
    folder: Path
    asked: list[Interaction] = field(default_factory=list)
    typed: list[Delivered] = field(default_factory=list)


async def _follow(folder: Path, places: list[tuple[str, str, str]], now: datetime) -> None:
    """Subscribe every channel to what falls."""
    levels = tuple(STEP_PPM * number for number in range(1, STEPS + 1))
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/aftershock.db")

    async def work(connection: AsyncConnection) -> None:
        for surface, address, community in places:
            to = await receivers.receiver_of(
                connection, surface, address, address, now, community=community
            )
            for target in FOLLOWED:
                rule = Rule(target, "move", levels, STEP_PPM, Condition.MOVE)
                await subscribe(connection, to.id, rule, now, 5)

    await database.write(work)
    await database.close()


@asynccontextmanager
async def program(folder: Path) -> AsyncIterator[World]:
    """The program, connected, until the context ends."""
    ahead = SESSION - datetime.now(UTC)

    def moment() -> datetime:
        return datetime.now(UTC) + ahead

    discord, slack = DiscordServer(), SlackServer()
    guild = discord.add_guild("Chips")
    rooms = [guild.add_channel(f"alerts-{number}") for number in range(ROOMS)]
    user = slack.workspace.add_user("ann", admin=True)
    talks = [slack.workspace.add_channel(f"alerts-{number}", user) for number in range(TALKS)]
    market = Priced(1)
    # As the shipped history has it, so that nothing has to be based anew.
    for bar in await ShippedHistory().bars(list(market.closes), {}, SESSION):
        market.closes[bar.symbol][bar.day] = bar.close / MICRO
    for closes in market.closes.values():
        for day in market.days:
            if day >= SESSION.date():
                closes[day] = closes[max(one for one in closes if one < SESSION.date())]
    more = [f"Q{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJ"]
    more = more[: SYMBOLS - len(market.closes)]
    for name in more:
        market.closes[name] = dict(market.closes["NVDA"])
    there = Falling(market=market, moment=moment)
    with feed_server() as port:
        async with served(folder, there, discord, slack) as (_lists, environ):
            environ |= {
                "AFTERSHOCK_ALERTS__GROUP_WAIT_SECONDS": "0",
                "AFTERSHOCK_ALERTS__REPLY_MINUTES": "0",
                "AFTERSHOCK_ALERTS__HOURLY_CAP": "1000",
                "AFTERSHOCK_LIMITS__COSTLY_PER_MINUTE": "1000",
                "AFTERSHOCK_MARKET__WATCH": json.dumps(more),
            }
            given = {"environ": environ, "ahead": ahead / timedelta(seconds=1), "feeds": FEEDS,
                     "feeds_port": port}  # fmt: skip
            (folder / "given.json").write_text(json.dumps(given))
            places = [("discord", str(room.id), str(guild.id)) for room in rooms]
            places += [("slack", address_of(talk.team, talk.id), talk.team) for talk in talks]
            await _follow(folder, places, SESSION - timedelta(hours=1))
            async with started(discord, WORKER, str(folder)):
                await slack.connected()
                yield World(discord, slack, there, rooms, talks, guild.members[discord.owner.id],
                            user, folder)  # fmt: skip


async def ask(world: World) -> None:
    """Commands of every kind on both platforms, at random moments."""
    random = Random(3)
    typed = [command.example.removeprefix("/") for command in COMMANDS]
    for number in range(COMMANDS_EACH):
        line, values = ON_DISCORD[number % len(ON_DISCORD)]
        where = random.choice(world.rooms)
        world.asked.append(world.discord.interact(line, values, by=world.member, where=where))
        await asyncio.sleep(random.expovariate(1) * EVERY_SECONDS)
        delivered = await world.slack.command(
            typed[number % len(typed)], user=world.user, channel=random.choice(world.talks),
            wait=False,
        )  # fmt: skip
        world.typed.append(delivered)
        await asyncio.sleep(random.expovariate(1) * EVERY_SECONDS)


@dataclass(frozen=True, slots=True)
class Stall:
    """Seconds for which the program's loop stood still, how many of them it worked, and at what;
    `garbage` are those in which it looked for what is not needed any more.

    It does not work while another process has its core, or another thread the interpreter.
    """

    seconds: float
    work: float
    garbage: float
    at: str


@dataclass(frozen=True, slots=True)
class Found:
    """Milliseconds by platform, sorted; how many were not acknowledged, and what else went on.

    `idle` is by how many milliseconds a process that does nothing else is late, of 99 in a hundred.
    """

    discord: list[float]
    slack: list[float]
    without: int
    seconds: float
    messages: int
    polls: int
    stalls: list[Stall]
    idle: float


async def measured(folder: Path) -> Found:
    """What came of it."""
    async with program(folder) as world:
        await asyncio.sleep(SETTLE_SECONDS)
        polls, sent, begun = _polls(world), _sent(world), time.perf_counter()
        already = len(_stalls(folder))
        with idling() as late:
            await ask(world)
        seconds = time.perf_counter() - begun
        messages, polls = _sent(world) - sent, _polls(world) - polls
        await asyncio.sleep(SETTLE_SECONDS)
        stalls = _stalls(folder)[already:]
    took = [one.took for one in world.asked], [one.acked_after for one in world.typed]
    known = [sorted(one * 1e3 for one in some if one is not None) for some in took]
    without = sum(one is None for some in took for one in some)
    return Found(known[0], known[1], without, seconds, messages, polls, stalls, late[0])


def _sent(world: World) -> int:
    return sum(len(room.sent) for room in world.rooms) + sum(
        len(talk.messages) for talk in world.talks
    )


def _polls(world: World) -> int:
    return world.yahoo.quoted


def _stalls(folder: Path) -> list[Stall]:
    file = folder / "stalls.txt"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    return [
        Stall(row["seconds"], row["work"], row["garbage"], " < ".join(reversed(row["at"])))
        for row in rows
    ]


def share(values: list[float], part: float) -> float:
    """The value that so large a part of the sorted values does not exceed."""
    return values[min(len(values) - 1, int(len(values) * part))]


def rows() -> Iterator[Row]:
    """Half and 99 of a hundred commands, on each platform."""
    with TemporaryDirectory() as name:
        found = asyncio.run(measured(Path(name)))
    # How much went on is said; on a busy machine it is less.
    assert found.messages
    assert found.polls
    said = f"{found.messages:,} alerts, {found.polls} polls in {found.seconds:.0f} s"
    for platform, values in (("Discord", found.discord), ("Slack", found.slack)):
        half = f"half within {share(values, 0.5):.0f} ms, all {values[-1]:.0f} ms"
        name = f"{len(values)} commands on {platform}, 99% within"
        yield at_most(name, share(values, 0.99), MOST_MILLISECONDS, " ms", half)
    yield none("commands without acknowledgement", found.without, said)
    longest = max((stall.work for stall in found.stalls), default=0.0)
    yield Row("the longest that the loop worked at one thing", f"{longest * 1e3:.0f} ms")
    yield Row("  a process that only sleeps is late, 99% within", f"{found.idle:.0f} ms")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir()
    result = asyncio.run(measured(place))
    for values in (result.discord, result.slack):
        print([round(share(values, part)) for part in (0.5, 0.9, 0.95, 0.99, 1)])
    print(result.without, result.messages, result.polls, result.idle)
    for one in sorted(result.stalls, key=lambda stall: -stall.work)[:30]:
        spent = f"{one.work * 1e3:.0f} ({one.garbage * 1e3:.0f}) of {one.seconds * 1e3:.0f} ms"
        print(f"{spent} {one.at}")
