"""Discord's client: what it is made of, and what it does when its connection comes and goes."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import discord
import yarl
from discord.ext import commands

from bot.errors import SurfaceStopped
from bot.lookups import Lookups
from bot.model.wording import count
from bot.services import Services
from bot.surfaces.discord_heartbeats import end_connections
from bot.surfaces.discord_log import short
from bot.surfaces.discord_sessions import Sessions
from bot.surfaces.names import Names

SURFACE = "discord"
LOST = "The connection to Discord is lost; it is made anew."
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
# discord.py waits no longer for a session to begin; what takes longer is begun by its own pauses.
PATIENCE_SECONDS = 30.0
STOP_SECONDS = 2.0
# What passes: Discord is down, the connection broke, or requests are held back for a while.
PASSING = (
    discord.HTTPException,
    discord.GatewayNotFound,
    aiohttp.ClientError,
    OSError,
    SurfaceStopped,
)
CHANGED = (
    "This command has changed; reload Discord (Ctrl+R, or close the app and open it) and try again."
)
_CHANGED = (
    discord.app_commands.CommandNotFound,
    discord.app_commands.CommandSignatureMismatch,
)
log = logging.getLogger(__name__)

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it never speaks


class Tree(discord.app_commands.CommandTree[discord.Client]):
    """The commands; one that this version has no more, or has otherwise, is answered too."""

    async def on_error(
        self, interaction: discord.Interaction, error: discord.app_commands.AppCommandError, /
    ) -> None:
        """Say that the command has changed: the reader's Discord shows it as it was."""
        if not isinstance(error, _CHANGED):
            await super().on_error(interaction, error)
            return
        log.info("a command that has changed was given: %s", error)
        try:
            await interaction.response.send_message(CHANGED, ephemeral=True)
        except (discord.HTTPException, discord.InteractionResponded) as late:
            log.info("nobody could be told of it: %s", late)


class Aftershock(commands.AutoShardedBot):
    """The client: sharded from the start, without privileged intents or caches nobody reads.

    `cogs` are its commands, `items` its buttons, which work after a restart too. `fingerprint`
    names the commands' present form; `synced` is the file that holds the one last registered.
    """

    def __init__(
        self,
        services: Services,
        names: Names,
        cogs: Sequence[commands.Cog],
        items: Sequence[type[discord.ui.DynamicItem[Any]]],
        fingerprint: Callable[[discord.app_commands.CommandTree[Any]], str],
        synced: Path,
        trace: aiohttp.TraceConfig,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            tree_cls=Tree,
            help_command=None,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            http_trace=trace,
        )
        self.services, self.names = services, names
        self._cogs, self._items = cogs, items
        self._fingerprint, self._synced = fingerprint, synced
        self._up: set[int] = set()
        self._gateway()
        self._sessions, self._launching = Sessions(), set[int]()
        self.lookups = Lookups()
        # Whether a connection that has ended is made anew; False once Discord ended it for good.
        self.reopens = True

    async def setup_hook(self) -> None:
        """Add commands and buttons; register the commands where their table changed."""
        if not self.cogs:  # a client that begins anew has them
            for cog in self._cogs:
                await self.add_cog(cog)
        self.add_dynamic_items(*self._items)  # which it lost
        now = f"{self.application_id} {self._fingerprint(self.tree)}"
        if self._synced.is_file() and self._synced.read_text("utf-8") == now:
            return
        try:
            registered = await self.tree.sync()
        except PASSING as error:
            # The old ones go on working; the next start tries again.
            log.error("Discord did not take the commands: %s", short(error))
            return
        try:
            self._synced.write_text(now, "utf-8")
        except OSError as error:
            log.error("the next start registers the commands again: %s", short(error))
        log.info("registered %s with Discord", count(len(registered), "command"))

    async def on_shard_ready(self, shard: int) -> None:
        """A part of the gateway is connected."""
        self._gateway(up=shard)

    async def on_shard_resumed(self, shard: int) -> None:
        """A part of the gateway goes on where it was broken off."""
        self._gateway(up=shard)

    async def on_shard_disconnect(self, shard: int) -> None:
        """A part of the gateway is lost; discord.py connects it anew."""
        self._gateway(down=shard)

    def _gateway(self, *, up: int = -1, down: int = -1) -> None:
        """Keep, for /readyz, /metrics and /status, whether every shard is connected."""
        self._up = (self._up | {up}) - {down, -1}
        whole = len(self._up) >= (self.shard_count or 1)
        self.services.live.measured.gateways[SURFACE] = whole
        if whole:
            self.heard("")
        elif down >= 0:
            self.heard(LOST)

    async def let_go(self) -> None:
        """Close all that a client that has failed still holds, so that it can begin anew."""
        for shard in self.shards.values():
            with suppress(Exception):  # whatever it is, that shard is gone
                async with asyncio.timeout(STOP_SECONDS):
                    await shard.disconnect()
        # How the one before ended would end the next one, too, as soon as it is there.
        ends: asyncio.Queue[object] = self._AutoShardedClient__queue  # type: ignore[attr-defined]
        while not ends.empty():
            ends.get_nowait()
        self.clear()
        await self.end_connections()
        self._up.clear()
        self._gateway()
        self.heard(LOST)

    async def end_connections(self) -> None:
        """End what closing may have left: open connections, and threads that write to them."""
        ended = await end_connections(self, STOP_SECONDS)
        await self.http.close()
        if not ended:
            log.warning("a heartbeat of Discord's connection did not end in time")

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait until another session may be begun. Raises OSError where that is long."""
        loop = asyncio.get_running_loop()
        wait = self._sessions.wait(loop.time(), self.shard_count or 1)
        if wait > PATIENCE_SECONDS:
            # discord.py forgets the connection that it has just opened for this.
            await end_connections(self, STOP_SECONDS, shard_id)
            raise OSError(f"too many sessions were begun; the next in {wait:.0f} s")
        await asyncio.sleep(wait)
        self._sessions.begin(loop.time())

    async def launch_shard(
        self, gateway: yarl.URL, shard_id: int, *, initial: bool = False
    ) -> None:
        """As discord.py's, which calls itself again after each failure, ever deeper."""
        if shard_id in self._launching:
            raise _NotLaunchedError
        self._launching.add(shard_id)
        pause = FIRST_PAUSE
        try:
            while True:
                try:
                    await super().launch_shard(gateway, shard_id, initial=initial)
                    return
                except _NotLaunchedError:
                    log.warning("no gateway of Discord; again in %.0f s", pause)
                    self.heard("There is no gateway of Discord.")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self._launching.discard(shard_id)

    def heard(self, broken: str) -> None:
        """Commands come from Discord, or do not because of what is broken."""
        self.services.live.hear(SURFACE, broken, self.services.clock.now())

    async def on_ready(self) -> None:
        """Connected, or connected anew."""
        self.heard("")
        log.info("on Discord as %s, in %s", self.user, count(len(self.guilds), "server"))


class _NotLaunchedError(Exception):
    """A shard could not be connected."""
