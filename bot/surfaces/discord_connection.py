"""Discord: the log-in, and how long the client stays connected."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
from discord.http import Route

from bot.errors import SurfaceStopped, TokenRefused
from bot.lookups import connector
from bot.surfaces import discord_token
from bot.surfaces.discord_bot import FIRST_PAUSE, LONGEST_PAUSE, PASSING, SURFACE, Aftershock
from bot.surfaces.discord_log import quieten, short
from bot.surfaces.discord_pacing import TOKEN_REFUSED

REFUSED = (
    "Discord refuses the token in AFTERSHOCK_DISCORD_TOKEN; copy it again from "
    "discord.com/developers, under Bot."
)
NOT_AUTHENTICATED = 4004  # the gateway's code for a token that it refuses
START_SECONDS, CLOSE_SECONDS, CANCELS = 10.0, 2.0, 10
# A connection that held for so long was a good one: the next pause is the first again.
HELD_SECONDS = 600.0
log = logging.getLogger(__name__)


@asynccontextmanager
async def on_discord(
    client: Aftershock, token: str, api_url: str
) -> AsyncIterator[asyncio.Task[None]]:
    """Log in, and stay connected until the context ends; the task is done if Discord ends it.

    While Discord cannot be reached it is tried again and again, and alerts wait. Raises
    TokenRefused where Discord refuses the token at the start.
    """
    Route.BASE = api_url.rstrip("/")
    quieten()
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
        await _end(task)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await client.close()
        except TimeoutError:
            log.warning("Discord's connection did not close in time")
        finally:
            await client.end_connections()


async def _end(task: "asyncio.Task[None]") -> None:
    """Cancel the connection, again and again: discord.py swallows that while it reconnects."""
    for _time in range(CANCELS):
        task.cancel()
        done, _pending = await asyncio.wait([task], timeout=CLOSE_SECONDS / CANCELS)
        if done:
            return
    log.warning("Discord's connection did not end in time")


def _say_why(task: "asyncio.Task[None]") -> None:
    """Nobody awaits the connection; an error that ends it must not go unheard."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("Discord's connection has ended for good", exc_info=error)


async def _stay(client: Aftershock, token: str, first: "asyncio.Future[None]") -> None:
    """Connected, and again where the client fails, until Discord ends that for good.

    `first` is done once the first try to log in has ended, whatever came of it.
    """
    loop, pause, unread = asyncio.get_running_loop(), FIRST_PAUSE, set[str]()
    while await _logged_in(client, token, first, unread):
        begun = loop.time()
        if not await _connected(client, unread):
            break
        if loop.time() - begun >= HELD_SECONDS:
            pause = FIRST_PAUSE
            unread.clear()
        log.error("the connection to Discord failed; it is made anew in %.0f s", pause)
        await client.let_go()
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    client.reopens = False


async def _logged_in(
    client: Aftershock, token: str, first: "asyncio.Future[None]", unread: set[str]
) -> bool:
    """Log in, however long it takes; False where Discord refuses the token at the start.

    What cannot be read passes too: it comes from a proxy, or is a page that says Discord is down.
    """
    pause = FIRST_PAUSE
    while True:
        # The one before is closed; a new try needs its own.
        client.http.connector = connector(client.lookups)
        try:
            await client.login(token)
            break
        except Exception as error:  # noqa: BLE001 - whatever it is, the log-in is tried again
            if discord_token.refuses(error) and not first.done():
                first.set_exception(TokenRefused(REFUSED, SURFACE))
                return False
            if not first.done():
                first.set_result(None)
            wait = _after(error, pause, client, unread)
        client.clear()  # until it is logged in, nothing may be sent by it
        await client.http.close()
        await asyncio.sleep(wait)
        pause = min(pause * 2, LONGEST_PAUSE)
    if not first.done():
        first.set_result(None)
    discord_token.taken(client)
    return True


def _after(error: Exception, pause: float, client: Aftershock, unread: set[str]) -> float:
    """Say why a log-in failed; how many seconds later it is tried again."""
    if discord_token.refuses(error):
        return _refused(client)
    wait = _pause(error, pause)
    if isinstance(error, PASSING):
        why = f"Discord cannot be reached ({short(error)})"
    else:
        why = f"the answer to Discord's log-in cannot be read ({type(error).__name__})"
        _say_once("the log-in to Discord failed", error, unread)
    log.warning("%s; again in %.0f s", why, wait)
    client.heard(f"{why[0].upper()}{why[1:]}.")
    return wait


def _refused(client: Aftershock) -> float:
    """The token is refused: neither are commands heard. When it is looked at again."""
    discord_token.refused(client)
    client.heard(TOKEN_REFUSED)
    return discord_token.LOOK_SECONDS


async def _connected(client: Aftershock, unread: set[str]) -> bool:
    """Connected to the gateway, which discord.py reconnects by itself, but for its first time.

    True where the client failed, which it does at anything that it cannot read; False where Discord
    ended it for good.
    """
    pause = FIRST_PAUSE
    while not client.is_closed():
        try:
            await client.connect()
        except PASSING as error:
            if discord_token.refuses(error):
                wait = _refused(client)
            else:
                wait = _pause(error, pause)
                why = f"no gateway of Discord ({short(error)})"
                log.warning("%s; again in %.0f s", why, wait)
                client.heard(f"There is {why}.")
        except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
            code = getattr(error, "code", 4014)
            if code == NOT_AUTHENTICATED:  # the log-in tells whether the token is still valid
                log.error("Discord refused the token at its gateway (code %s)", code)
                break
            log.error("Discord ended the connection for good (code %s)", code)
            return False
        except Exception as error:  # noqa: BLE001 - it could not read it; it must hear again
            _say_once("Discord's client failed", error, unread)
            break
        else:
            break
        if client.is_closed():
            break
        await asyncio.sleep(wait)
        pause = min(pause * 2, LONGEST_PAUSE)
    return True


def _say_once(what: str, error: Exception, unread: set[str]) -> None:
    """Say it with its traceback, unless that was said: the same page may come for days."""
    kind = f"{what}: {type(error).__name__}"
    log.error("%s (%s)", what, short(error), exc_info=None if kind in unread else error)
    unread.add(kind)


def _pause(error: Exception, seconds: float) -> float:
    """The seconds to wait after an error: `seconds`, or until requests may leave again."""
    held = error.seconds if isinstance(error, SurfaceStopped) else None
    return max(seconds, held or 0)
