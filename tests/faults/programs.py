"""What tests of the whole program share: starting it, its surfaces, what it was told to tell."""

import asyncio
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfile
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import release_facts
from bot.cycle.facts import release_facts as facts_of
from bot.cycle.tick import subscribe_releases
from bot.services import SystemClock
from storage import outbox, receivers
from storage.database import Database
from tests.faults.program_worker import program
from tests.processes import started
from tests.servers.discord import Channel, DiscordServer, running
from tests.servers.discord.interactions import Interaction
from tests.servers.discord.messages import Message


@dataclass
class Program:
    """The whole program in a process of its own, on a Discord of the test's own."""

    folder: Path
    server: DiscordServer
    channel: Channel
    environ: dict[str, str] = field(default_factory=dict)
    process: Any = None

    @property
    def data(self) -> Path:
        """Its data folder."""
        return Path(self.environ["AFTERSHOCK_DATA"])

    @property
    def stoppable(self) -> Path:
        """A file that is there once signals are the program's own."""
        return self.folder / "stoppable"

    @property
    def database(self) -> Path:
        """The file of its database."""
        return self.data / "aftershock.db"

    @property
    def log(self) -> str:
        """All that it wrote to its log."""
        path = self.folder / "log"
        return path.read_text("utf-8") if path.exists() else ""

    def start(self, *arguments: str, uid: int | None = None) -> None:
        """Start it."""
        self.stoppable.unlink(missing_ok=True)
        self.process = started(program, self.folder, self.environ, arguments or ("run",), uid)

    async def ended(self, seconds: float = 10) -> int:
        """How it ended, within so many seconds."""
        await asyncio.to_thread(self.process.join, seconds)
        assert self.process.exitcode is not None, (
            f"still there after {seconds:g} s: {self.log[-2000:]}"
        )
        return int(self.process.exitcode)

    async def begun(self) -> None:
        """Wait until it watches."""
        watching = self.log.count("watching;")
        await self.until(lambda: self.log.count("watching;") > watching, "watching", 60)

    async def until(self, fact: Callable[[], object], what: str, seconds: float = 30) -> None:
        """Wait until something is so, while the program lives."""
        await self.server.until(lambda: fact() or self.process.exitcode is not None, what, seconds)
        assert fact(), f"it ended with {self.process.exitcode}: {self.log[-2000:]}"

    async def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 10) -> int:
        """Tell it to stop, and how it then ended."""
        os.kill(self.process.pid, how)
        return await self.ended(seconds)

    def end(self) -> None:
        """Whatever it does, it is over."""
        if self.process is not None and self.process.exitcode is None:
            self.process.kill()
            self.process.join()

    async def said_to(self, asked: Interaction, seconds: float = 20) -> str:
        """What a command was answered with, wherever that stands."""

        def answers() -> list[Message]:
            first = asked.original
            shown = first is not None and not first.loading and not asked.deleted
            return [*asked.more, *([first] if shown and first is not None else [])]

        await self.until(answers, "an answer", seconds)
        return " ".join(f"{one.content} {one.embeds}" for one in answers())

    async def enqueue(self, *names: str) -> None:
        """Something to tell, written by another process: a row for each surface and name."""
        database = await Database.open(f"sqlite+aiosqlite:///{self.database}")
        try:
            await database.write(lambda connection: self._enqueue(connection, names))
        finally:
            await database.close()

    async def subscribe(self) -> None:
        """The channel wants to hear of releases; the program does not run."""
        database = await Database.open(f"sqlite+aiosqlite:///{self.database}")

        async def work(connection: AsyncConnection) -> None:
            now = SystemClock().now()
            place = "discord", str(self.channel.id)
            given = await receivers.receiver_of(connection, *place, "alerts", now)
            await subscribe_releases(connection, given, now)

        try:
            await database.write(work)
        finally:
            await database.close()

    async def _enqueue(self, connection: AsyncConnection, names: tuple[str, ...]) -> None:
        now = SystemClock().now()
        known = release_facts()
        facts = facts_of(known.releases[-1], known.labs, known.exposures)
        for surface, address in (("console", "local"), ("discord", str(self.channel.id))):
            given = await receivers.receiver_of(connection, surface, address, address, now)
            for name in names:
                await outbox.enqueue(
                    connection, given.id, f"{surface}-{name}", "post", facts, f"message {name}", now
                )

    def arrived(self) -> dict[str, Counter[str]]:
        """What arrived, by surface: each name as often as it is there."""
        path = self.data / "console.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        console = [line.split('"nonce": "console-')[1].split('"')[0] for line in lines
                   if '"nonce": "console-' in line and line.endswith("}")]  # fmt: skip
        nonces = [str(message.nonce) for message in self.channel.sent]
        discord = [nonce.removeprefix("discord-") for nonce in nonces]
        return {"console": Counter(console), "discord": Counter(discord)}

    def said(self, words: str) -> dict[str, int]:
        """How many messages say so, by surface."""
        path = self.data / "console.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        discord = [
            f"{message.content} {message.payload['embeds']}" for message in self.channel.sent
        ]
        return {
            "console": sum(words in line for line in lines),
            "discord": sum(words in text for text in discord),
        }

    def told_once(self, *names: str) -> None:
        """Each of these arrived everywhere, and once."""
        for surface, found in self.arrived().items():
            mine = {name: number for name, number in found.items() if name in names}
            assert mine == dict.fromkeys(names, 1), (surface, found)

    def has(self, *names: str) -> bool:
        """Whether all of these have arrived everywhere."""
        return all(found.keys() >= set(names) for found in self.arrived().values())

    def states(self) -> Counter[str]:
        """How many rows of the outbox are in each state; read without waiting for anybody."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)
        try:
            return Counter(row[0] for row in connection.execute("SELECT state FROM outbox"))
        finally:
            connection.close()


@asynccontextmanager
async def programs(
    folder: Path, history_file: Path, data: Path | None = None, **environ: str
) -> AsyncIterator[Program]:
    """A program that may be started on a Discord of its own, with all that is known in its
    database; ended when the context does.
    """
    data = data or folder / "data"
    data.mkdir(exist_ok=True)
    copyfile(history_file, data / "aftershock.db")
    server = DiscordServer()
    channel = server.add_guild("Chips").add_channel("alerts")
    async with running(server):
        found = Program(folder, server, channel)
        found.environ = {
            "AFTERSHOCK_DATA": str(data), "AFTERSHOCK_MARKET__SOURCE": "shipped",
            "AFTERSHOCK_FEEDS__ENABLED": "no", "AFTERSHOCK_PRICES__ENABLED": "no",
            "AFTERSHOCK_DISCORD_TOKEN": server.token,
            "AFTERSHOCK_DISCORD__API_URL": server.api_url, **environ,
        }  # fmt: skip
        try:
            yield found
        finally:
            found.end()
