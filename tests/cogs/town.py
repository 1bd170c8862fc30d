"""A server with one client for all tests of a file, and what each command can be given."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from bot.services import Services
from bot.surfaces.names import refresh
from storage import guilds
from storage.guilds import GuildSettings
from tests.cogs.asked import Bot, connected
from tests.servers.discord import Channel, DiscordServer, Guild, Member, Message

# What is given with each command; the ones that remove come after those that add.
GIVEN: dict[tuple[str, ...], dict[str, Any]] = {
    ("stress",): {"target": "GOOG"},
    ("impact",): {"release": "DeepSeek-R1"},
    ("cost", "price"): {"model": "GPT-4o"},
    ("cost", "compare"): {"models": "GPT-4o, DeepSeek-V3"},
    ("cost", "workload"): {"model": "GPT-4o", "requests": 10, "input": 2000, "output": 500},
    ("cost", "migrate"): {
        "from": "GPT-4o",
        "to": "DeepSeek-V3",
        "requests": 10,
        "input": 2000,
        "output": 500,
    },
    ("drawdown",): {"target": "nvda", "window": "1y"},
    ("releases", "latest"): {"lab": "DeepSeek", "open_only": True, "count": 3},
    ("releases", "search"): {"words": "llama 3"},
    ("releases", "timeline"): {"months": 6},
    ("alert", "add"): {"target": "NVDA", "condition": "drawdown", "levels": "10,20"},
    ("alert", "remove"): {"number": 1},
    ("alert", "test"): {"target": "NVDA", "levels": "10%"},
    ("alert", "explain"): {},
    ("subscribe", "digest"): {"every": "day", "at": "08:00", "basket": "ai"},
    ("model",): {"names": "DeepSeek-R1, o1"},
    ("feeds", "list"): {"lab": "DeepSeek"},
    ("subscribe", "releases"): {"labs": "DeepSeek"},
    ("subscribe", "remove"): {"number": 2},
    ("silence", "add"): {"what": "NVDA", "for": "1d"},
    ("silence", "remove"): {"number": 1},
    ("channel",): {"quiet": "22:00-07:00", "timezone": "Asia/Taipei"},
    ("room", "join"): {"code": "K7QM-2XRD"},
    ("basket", "show"): {"name": "ai"},
    ("basket", "add"): {"name": "mine", "symbols": "NVDA,AMD", "title": "my chips"},
    ("basket", "remove"): {"name": "mine"},
    ("help",): {"command": "alert add"},
}


@dataclass
class Town:
    """A server with a bot, somebody who manages its channels, and somebody who does not."""

    server: DiscordServer
    services: Services
    guild: Guild
    manager: Member
    member: Member
    bot: Bot = field(init=False)
    clients: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def restart(self) -> None:
        """Another client in place of the one there was, which is gone with all it remembered."""
        await self.clients.aclose()
        self.bot = await self.clients.enter_async_context(connected(self.server, self.services))

    async def ask(
        self, line: str, given: dict[str, Any] | None = None, *, by: Member, where: Channel
    ) -> Message:
        """The message that answers a command."""
        asked = self.server.interact(line, given, by=by, where=where)
        answer = await asked.response()
        assert asked.refused == []
        return answer

    async def choose(self, settings: GuildSettings) -> None:
        """Let the server choose; the bot looks at it again."""
        await self.services.database.write(
            lambda connection: guilds.set_guild(connection, str(self.guild.id), settings)
        )
        await refresh(self.bot.names, self.services)
