"""Discord, put together: client, commands, buttons, pacing and the notifier. Only with a token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import cogs
from bot.jobs import Job, every
from bot.opened import Opened
from bot.services import Services
from bot.surfaces import discord_token
from bot.surfaces.discord_bot import Aftershock
from bot.surfaces.discord_connection import on_discord
from bot.surfaces.discord_notifier import DiscordNotifier
from bot.surfaces.discord_owner import Owners
from bot.surfaces.discord_pacing import Pacing
from bot.surfaces.names import read_names, refresh
from cogs.buttons import view_for

SURFACE = "discord"
NAMES_SECONDS = 60


@asynccontextmanager
async def open_discord(services: Services, token: str, folder: Path) -> AsyncIterator[Opened]:
    """Discord, while the client is connected; `folder` is the data folder.

    Raises UserError where Discord refuses the token.
    """
    settings = services.settings.discord
    names = await read_names(services)
    limited = partial(services.live.measured.limited.update, (SURFACE,))
    pacing = Pacing(settings.requests_per_second, limited=limited)
    client = Aftershock(
        services,
        names,
        cogs.every(services, names),
        cogs.dynamic_items(),
        cogs.fingerprint,
        folder / "discord-commands",
        pacing.trace,
    )

    async def look_again() -> None:
        await refresh(names, services)

    async def try_token() -> None:
        await discord_token.try_again(client, pacing)

    async with on_discord(client, token, settings.api_url):
        owners = Owners(client)
        try:
            yield Opened(
                SURFACE,
                DiscordNotifier(client, view_for, pacing),
                [
                    Job("names", look_again, every(NAMES_SECONDS)),
                    Job("token", try_token, every(discord_token.LOOK_SECONDS)),
                ],
                owners.tell,
            )
        finally:
            await owners.close()
