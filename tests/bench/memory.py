"""What the program holds in memory: when it is ready, once everything was used, after a week.

The program is a process of its own with Discord, Slack, prices and feeds on 127.0.0.1. Figures are
megabytes of resident memory, of the bot's process alone and together with the child that reads
large feeds.
"""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.rows import Row, at_most
from tests.bench.whole_program import served, started
from tests.faults.soak_world import LivingYahoo, Market
from tests.faults.test_soak import soak
from tests.servers.discord import Channel, DiscordServer, Member
from tests.servers.feeds import FeedServer
from tests.servers.slack import SlackServer

MOST_MEGABYTES = 260.0
FEEDS = Path(__file__).parents[3] / "shared" / "data" / "feeds"
WORKER = "tests.faults.memory_worker"
# One command of each kind that is costly, on Discord: charts, studies, bills, tables.
COSTLY: tuple[tuple[str, dict[str, object]], ...] = (
    ("drawdown", {"target": "NVDA"}),
    ("drawdown", {"target": "ai"}),
    ("impact", {"release": "DeepSeek-R1"}),
    ("stress", {"target": "NVDA"}),
    ("model", {"names": "DeepSeek-R1"}),
    ("cost compare", {"models": "GPT-4o, DeepSeek-V3"}),
    ("status", {}),
    ("help", {}),
)


@dataclass(frozen=True, slots=True)
class Held:
    """Megabytes now: of the bot's process, and with its children; `peak` is that of both."""

    alone: float
    whole: float
    peak: float


@dataclass
class Program:
    """The program while it runs, and the servers that it talks to."""

    process: subprocess.Popen[bytes]
    discord: DiscordServer
    slack: SlackServer
    lists: FeedServer
    channel: Channel
    member: Member
    folder: Path

    def held(self) -> Held:
        """What it holds now."""
        found = [_memory(pid) for pid in _family(self.process.pid)]
        return Held(found[0][0], sum(one for one, _ in found), sum(most for _, most in found))

    async def ask(self, line: str, values: dict[str, object]) -> str:
        """A command on Discord; what its answer says."""
        asked = self.discord.interact(line, values, by=self.member, where=self.channel)
        answer = await asked.response(60)
        return str(answer.embeds[0].get("title", "")) if answer.embeds else answer.content

    async def use(self, times: int = 1) -> None:
        """Use all that is costly, so many times."""
        for _time in range(times):
            for line, values in COSTLY:
                await self.ask(line, values)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def _memory(pid: int) -> tuple[float, float]:
    text = Path(f"/proc/{pid}/status").read_text()
    rows = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return int(rows["VmRSS"].split()[0]) / 1024, int(rows["VmHWM"].split()[0]) / 1024


@asynccontextmanager
async def program(
    folder: Path, confine: Callable[[int], None] = lambda pid: None, **more: str
) -> AsyncIterator[Program]:
    """The program, running until the context ends; `confine` is given its process id at once."""
    discord, slack = DiscordServer(), SlackServer()
    discord.limits.requests, discord.limits.buckets = 10_000, {}
    guild = discord.add_guild("Chips")
    channel, member = guild.add_channel("alerts"), guild.members[discord.owner.id]
    market = Market(1)
    last = market.ends[-30]
    there = LivingYahoo(market=market, moment=lambda: last)
    async with served(folder, there, discord, slack) as (lists, environ):
        urls = []
        for file in sorted(FEEDS.iterdir()) if FEEDS.is_dir() else ():
            if file.suffix in (".xml", ".json"):
                lists.put(f"/{file.name}", file.read_bytes())
                urls.append(lists.url(f"/{file.name}"))
        rows = (f"{name}={value}" for name, value in (environ | more).items())
        (folder / "environ").write_text("\n".join(rows))
        async with started(discord, WORKER, str(folder), *urls, confine=confine) as process:
            yield Program(process, discord, slack, lists, channel, member, folder)


async def used(times: int = 3) -> dict[str, Held]:
    """What the program holds when it is ready, and after everything was used."""
    with TemporaryDirectory() as name:
        async with program(Path(name)) as running:
            ready = running.held()
            await running.use(times)
            return {"ready": ready, "everything used": running.held()}


async def week(seed: int = 7, seconds: float = 900) -> dict[str, Held]:
    """As `used`, and after a simulated week at full load, with every command asked throughout.

    The week is lived on a set clock by a process of the soak, which imports a little of the tests.
    """
    found = await used()
    with TemporaryDirectory() as name:
        lived = await soak(Path(name), 7, seed, seconds)
    days = lived["days"]
    alone, whole = days[-1]["memory"], [one["memory"] + one["children"] for one in days]
    return {**found, "after a week": Held(alone, whole[-1], max(whole))}


def rows() -> Iterator[Row]:
    """The bot's process alone; what its child that reads feeds adds stands beside it."""
    for name, held in asyncio.run(week()).items():
        more = f"{held.whole:.0f} MB with its child, {held.peak:.0f} at most"
        if name == "ready":
            yield Row(name, f"{held.alone:.0f} MB", more)
        else:
            yield at_most(name, held.alone, MOST_MEGABYTES, " MB", more)
