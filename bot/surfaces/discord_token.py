"""Discord's token, refused while the bot runs: said once, tried again, taken up where it is valid.

Such an answer may be a fault of Discord's own that passes, and nobody may be there to start again.
"""

import asyncio
import logging

import discord
from discord.http import Route

from bot.errors import SurfaceStopped
from bot.surfaces.discord_bot import SURFACE, Aftershock
from bot.surfaces.discord_pacing import TOKEN_REFUSED, Pacing

# How often it is looked whether the token may be tried again; pacing says when.
LOOK_SECONDS = 60.0
ANSWER_SECONDS = 30.0
log = logging.getLogger(__name__)


def refuses(error: BaseException) -> bool:
    """Whether an error says that the token is refused, or was a moment ago."""
    if isinstance(error, discord.GatewayNotFound) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, SurfaceStopped):
        return str(error) == TOKEN_REFUSED
    status = getattr(error, "status", 0)
    return isinstance(error, discord.LoginFailure) or status == 401


def refused(client: Aftershock) -> None:
    """Nothing more is sent to Discord until the token is taken again."""
    services = client.services
    if services.live.stop(SURFACE, TOKEN_REFUSED, services.clock.now(), None):
        log.error("%s", TOKEN_REFUSED)


def taken(client: Aftershock) -> None:
    """Discord takes the token: send again what waited for that."""
    stopped = client.services.live.stopped
    if SURFACE in stopped and stopped[SURFACE].why == TOKEN_REFUSED:
        del stopped[SURFACE]
        log.warning("Discord takes the bot's token again; what waited is sent now")


async def try_again(client: Aftershock, pacing: Pacing) -> None:
    """Ask Discord for the bot's own name, once a token that was refused may be tried again."""
    if client.is_closed() or client.user is None:
        return  # the log-in tries it
    try:
        pacing.check()
    except SurfaceStopped as error:
        if refuses(error):  # so for a command, perhaps; /status is to know it
            refused(client)
        return
    stop = client.services.live.stopped.get(SURFACE)
    if stop is None or stop.why != TOKEN_REFUSED:
        return
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            said = await client.http.request(Route("GET", "/users/@me"))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
        log.debug("the token was tried: %s", type(error).__name__)
        return
    if isinstance(said, dict):  # and not a page that says Discord is down
        taken(client)
