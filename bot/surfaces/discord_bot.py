"""Discord: the client, its log-in, and how long it stays."""

import asyncio
import logging
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import discord
from discord.ext import commands
from discord.http import Route

from bot.errors import SurfaceStopped, UserError
from bot.model.wording import count
from bot.services import Services
from bot.surfaces.names import Names

# What it needs in a channel, and nothing else.
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
START_SECONDS, STOP_SECONDS = 10.0, 2.0
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

    async def setup_hook(self) -> None:
        """Add commands and buttons; register the commands where their table changed."""
        for cog in self._cogs:
            await self.add_cog(cog)
        self.add_dynamic_items(*self._items)
        now = f"{self.application_id} {self._fingerprint(self.tree)}"
        if self._synced.is_file() and self._synced.read_text("utf-8") == now:
            return
        try:
            registered = await self.tree.sync()
        except PASSING as error:
            # The old ones go on working; the next start tries again.
            log.error("Discord did not take the commands: %s", _short(error))
            return
        try:
            self._synced.write_text(now, "utf-8")
        except OSError as error:
            log.error("the next start registers the commands again: %s", _short(error))
        log.info("registered %s with Discord", count(len(registered), "command"))

    async def on_ready(self) -> None:
        """Connected, or connected anew."""
        log.info("on Discord as %s, in %s", self.user, count(len(self.guilds), "server"))


@asynccontextmanager
async def on_discord(
    client: Aftershock, token: str, api_url: str
) -> AsyncIterator[asyncio.Task[None]]:
    """Log in, and stay connected until the context ends; the task is done if Discord ends it.

    While Discord cannot be reached it is tried again and again, and alerts wait. Raises UserError
    where Discord refuses the token at the start.
    """
    Route.BASE = api_url.rstrip("/")
    _quieten()
    first = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(_stay(client, token, first))
    task.add_done_callback(_say_why)
    try:
        # The others do not wait for it longer: it may be Discord that is down.
        await asyncio.wait((first,), timeout=START_SECONDS)
        if first.done():
            first.result()
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await client.close()
        except TimeoutError:
            log.warning("Discord's connection did not close in time")


def _say_why(task: "asyncio.Task[None]") -> None:
    """Nobody awaits the connection; an error that ends it must not go unheard."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("Discord's connection has ended for good", exc_info=error)


async def _stay(client: Aftershock, token: str, first: "asyncio.Future[None]") -> None:
    """`first` is done once the first try to log in has ended, whatever came of it."""
    pause = FIRST_PAUSE
    while True:
        try:
            await client.login(token)
            break
        except discord.LoginFailure:
            refused = UserError(
                "Discord refuses the token in AFTERSHOCK_DISCORD_TOKEN; copy it again from "
                "discord.com/developers, under Bot."
            )
            if not first.done():
                first.set_exception(refused)
            else:
                log.error("%s", refused)
            return
        except PASSING as error:
            if not first.done():
                first.set_result(None)
            wait = _pause(error, pause)
            log.warning("Discord cannot be reached (%s); again in %.0f s", _short(error), wait)
        await client.http.close()
        client.http.connector = discord.utils.MISSING  # closed with it; a new try needs its own
        await asyncio.sleep(wait)
        pause = min(pause * 2, LONGEST_PAUSE)
    if not first.done():
        first.set_result(None)
    await _connected(client)


async def _connected(client: Aftershock) -> None:
    """Connected to the gateway, which discord.py reconnects by itself, but for its first time."""
    pause = FIRST_PAUSE
    while not client.is_closed():
        try:
            await client.connect()
            return
        except PASSING as error:
            wait = _pause(error, pause)
            log.warning("no gateway of Discord (%s); again in %.0f s", _short(error), wait)
        except discord.ConnectionClosed as error:
            log.error("Discord ended the connection for good (code %s)", error.code)
            return
        await asyncio.sleep(wait)
        pause = min(pause * 2, LONGEST_PAUSE)


def _pause(error: Exception, seconds: float) -> float:
    """The seconds to wait after an error: `seconds`, or until requests may leave again."""
    held = error.seconds if isinstance(error, SurfaceStopped) else None
    return max(seconds, held or 0)


def _short(error: BaseException) -> str:
    """An error in a few words: Discord's pages of HTML would fill the log."""
    text = str(error).splitlines()
    return f"{type(error).__name__}: {text[0][:120]}" if text and text[0] else type(error).__name__


class _WithoutTraceback(logging.Filter):
    """Connections break; that is one line in the log, not thirty."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without the traceback of what happens every day."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if isinstance(
            error, (OSError, TimeoutError, discord.ConnectionClosed, aiohttp.ClientError)
        ):
            record.msg, record.args = f"{record.getMessage()} ({_short(error)})", ()
            record.exc_info = None
        return True


def _quieten() -> None:
    for name in ("discord.client", "discord.shard", "discord.gateway"):
        logger = logging.getLogger(name)
        if not any(isinstance(one, _WithoutTraceback) for one in logger.filters):
            logger.addFilter(_WithoutTraceback())


def application_of(token: str) -> int:
    """The application's id, which is the first part of its token; raises UserError."""
    first = token.partition(".")[0]
    try:
        return int(b64decode(first + "=" * (-len(first) % 4), validate=True))
    except ValueError:
        raise UserError(
            "AFTERSHOCK_DISCORD_TOKEN does not look like a bot's token; copy it again from "
            "discord.com/developers, under Bot."
        ) from None


def invite_url(application_id: int) -> str:
    """The address at which somebody adds the bot to a server, with the least permissions."""
    return discord.utils.oauth_url(
        application_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
    )
