"""Tells a server's owner that a channel of theirs was given up: once, and only if that is easy."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping

import aiohttp
import discord

from bot.cards.markdown import plain
from bot.errors import SurfaceStopped
from bot.model.receiver import Receiver

SURFACE = "discord"
# A server that loses many channels on a day is told of the first; `/status` names them all.
AGAIN_SECONDS = 86_400.0
# Whoever gives up more servers than this at once has a trouble that their owners cannot mend.
MOST_WAITING = 100
SEND_SECONDS = 20.0
MOST_NAMED = 3
UNSENT = (discord.DiscordException, aiohttp.ClientError, OSError, SurfaceStopped)
NOBODY = discord.AllowedMentions.none()
log = logging.getLogger(__name__)


class Owners:
    """Direct messages to the owners of servers, one after another, in a task of their own.

    Owners are known by the client's cache of servers; nobody is looked up. A message that cannot
    be sent is not tried again.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._waiting: OrderedDict[int, list[str]] = OrderedDict()
        self._told: dict[int, float] = {}
        self._task: asyncio.Task[None] | None = None

    def tell(self, given_up: Mapping[Receiver, str]) -> None:
        """Put a message to each server's owner on its way; `given_up` says why, by channel."""
        now = asyncio.get_running_loop().time()
        self._told = {key: at for key, at in self._told.items() if at > now - AGAIN_SECONDS}
        for receiver, why in given_up.items():
            if receiver.surface != SURFACE or not receiver.community:
                continue  # a person who closed their direct messages cannot be told by one
            key = int(receiver.community)
            if key in self._waiting:
                self._waiting[key].append(f"{plain(receiver.title)}: {why}")
            elif key not in self._told and len(self._waiting) < MOST_WAITING:
                self._told[key] = now
                self._waiting[key] = [f"{plain(receiver.title)}: {why}"]
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Leave unsent what waits."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        while self._waiting:
            key, lines = self._waiting.popitem(last=False)
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._send(key, lines)
            except UNSENT as error:
                log.info("the owner of server %d was not told: %s", key, type(error).__name__)

    async def _send(self, key: int, lines: list[str]) -> None:
        guild = self._client.get_guild(key)
        if guild is None or guild.owner_id is None:
            return
        channel = await self._client.create_dm(discord.Object(guild.owner_id))
        await channel.send(text_of(guild.name, lines), allowed_mentions=NOBODY)


def text_of(server: str, lines: Iterable[str]) -> str:
    """What the owner of `server` reads; a line says a channel and why it was given up."""
    every = list(lines)
    named = [f"- {line}" for line in every[:MOST_NAMED]]
    if len(every) > MOST_NAMED:
        named.append(f"- {len(every) - MOST_NAMED} more")
    channels = "a channel" if len(every) == 1 else f"{len(every)} channels"
    first = f"Aftershock has stopped telling {channels} of {plain(server)}, after three refusals:"
    last = (
        "Once that is put right, type /setup there. As the server's owner you are told this once."
    )
    return "\n".join([first, *named, last])
