"""Discord: does it take the token, and may the bot post in the channels that follow something?"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from itertools import groupby

import aiohttp
import discord
from discord.http import Route

from bot.doctor import allowed, grouped
from bot.doctor.context import Examination
from bot.doctor.finding import Finding, ok, unchecked, warning, wrong
from bot.doctor.grouped import Trouble
from bot.doctor.pace import Pace
from bot.doctor.stored import Followed
from bot.lookups import Lookups, connector
from bot.model.wording import count

AREA = "discord"
# With the three requests before, no more than ten in any second.
PER_SECOND = 7
LOGIN_SECONDS, WHOLE_SECONDS = 20.0, 45.0
LOW_STARTS = 50
PORTAL = "discord.com/developers/applications"
_FAILED = (
    discord.HTTPException,
    discord.GatewayNotFound,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
)
_GONE = "Delete what it follows (aftershock export shows it), or choose another channel there."


async def examine(examination: Examination) -> list[Finding]:
    """The token, the application, the gateway, each channel; nothing where there is no token."""
    settings = examination.settings
    if settings.discord_token is None:
        return []
    for name in ("discord.http", "discord.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    before, Route.BASE = Route.BASE, settings.discord.api_url.rstrip("/")
    try:
        client = discord.Client(
            intents=discord.Intents(guilds=True),
            http_trace=examination.trace(),
            connector=connector(Lookups()),
            max_ratelimit_timeout=30.0,
        )
        async with client:
            token = settings.discord_token.get_secret_value()
            found, entered = await _login(client, token)
            if entered:
                found += await _gateway(client)
                followed = _followed(examination)
                if followed is None:
                    found.append(unchecked(AREA, "channels", "the database could not be read"))
                else:
                    found += await _channels(client, followed)
        return found
    finally:
        Route.BASE = before


def _followed(examination: Examination) -> list[Followed] | None:
    if examination.stored is None:
        return None
    return [one for one in examination.stored.followed if one.surface == "discord"]


async def _login(client: discord.Client, token: str) -> tuple[list[Finding], bool]:
    try:
        async with asyncio.timeout(LOGIN_SECONDS):
            await client.login(token)
    except (discord.LoginFailure, ValueError):  # or it cannot even be sent
        mend = (
            f"Copy it again from {PORTAL}, under Bot > Reset Token, into AFTERSHOCK_DISCORD_TOKEN."
        )
        return [wrong(AREA, "token", "Discord refuses the token", mend)], False
    except _FAILED as error:
        mend = "Try again in a few minutes; discordstatus.com says whether Discord is down."
        return [unchecked(AREA, "token", f"Discord does not answer ({reason(error)})", mend)], False
    user, application = client.user, client.application
    found = [ok(AREA, "token", f"Discord takes it: the bot is {user}")]
    if application is not None and application.interactions_endpoint_url:
        mend = f"Clear Interactions Endpoint URL at {PORTAL}, under General Information."
        what = "Discord sends commands to a web address, so the bot hears none"
        found.append(wrong(AREA, "application", what, mend))
    if application is not None and application.bot_require_code_grant:
        mend = f"Turn off Requires OAuth2 Code Grant at {PORTAL}, under Bot."
        found.append(wrong(AREA, "application", "nobody can add the bot to a server", mend))
    return found, True


async def _gateway(client: discord.Client) -> list[Finding]:
    try:
        async with asyncio.timeout(LOGIN_SECONDS):
            shards, _url, limit = await client.http.get_bot_gateway()
    except _FAILED as error:
        return [unchecked(AREA, "gateway", f"Discord does not say where it is ({reason(error)})")]
    return [gateway(shards, limit["remaining"], limit["total"], limit["reset_after"])]


def gateway(shards: int, left: int, total: int, reset_ms: int) -> Finding:
    """What is left of the connections that Discord lets a bot open in a day."""
    said = f"{left:,} of {count(total, 'connection')} left today"
    if left < shards:
        hours = max(1, round(reset_ms / 3_600_000))
        mend = f"Wait {count(hours, 'hour')} before the bot is started again."
        return wrong(AREA, "gateway", f"{said}, and the bot needs {shards:,}", mend)
    if left < LOW_STARTS + shards:
        mend = "See in the bot's log why it connects so often; something restarts it."
        return warning(AREA, "gateway", said, mend)
    return ok(AREA, "gateway", f"{said}; no privileged intent is needed")


async def _channels(client: discord.Client, followed: Sequence[Followed]) -> list[Finding]:
    pace, troubles, checked = Pace(PER_SECOND), list[Trouble](), 0
    # Those of a server together, in the order of their first.
    order = {one.community: place for place, one in reversed(list(enumerate(followed)))}
    by_server = sorted(followed, key=lambda one: order[one.community])
    failed = ""
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            for server, inside in groupby(by_server, lambda one: one.community):
                channels = list(inside)
                troubles += await _server(client, pace, server, channels)
                checked += len(channels)
    except TimeoutError:
        failed = f"there was no time for more within {WHOLE_SECONDS:g} seconds"
    except _FAILED as error:
        failed = f"Discord failed ({reason(error)})"
    found = grouped.findings(AREA, troubles, checked, len(followed), told="the bot may post")
    return [*found, unchecked(AREA, "channels", failed)] if failed else found


async def _server(
    client: discord.Client, pace: Pace, server: str, channels: Sequence[Followed]
) -> list[Trouble]:
    """What is wrong with these channels of one server ("" for direct messages)."""
    found: list[Trouble | None] = []
    if not server.isdigit():
        found = [await _direct(client, pace, one) for one in channels]
        return [one for one in found if one is not None]
    try:
        await pace.turn()
        guild = await client.fetch_guild(int(server), with_counts=False)
        assert client.user is not None
        await pace.turn()
        me = await guild.fetch_member(client.user.id)
        await pace.turn()
        there = {one.id: one for one in await guild.fetch_channels()}
    except (discord.NotFound, discord.Forbidden):
        mend = "Invite it again (aftershock invite prints the address), or ignore this."
        return [Trouble(c.title, "the bot is not in the server any more", mend) for c in channels]
    found = [await _channel(guild, me, there, pace, one) for one in channels]
    return [one for one in found if one is not None]


async def _channel(
    guild: discord.Guild,
    me: discord.Member,
    there: Mapping[int, discord.abc.GuildChannel],
    pace: Pace,
    one: Followed,
) -> Trouble | None:
    channel, thread = there.get(int(one.address)), False
    if channel is None:  # a thread, or nothing
        try:
            await pace.turn()
            found = await guild.fetch_channel(int(one.address))
        except discord.NotFound:
            return Trouble(one.title, "the channel is not there any more", _GONE)
        except discord.Forbidden:
            return allowed.trouble(one.title, discord.Permissions.none(), thread=False)
        if isinstance(found, discord.Thread):
            thread, channel = True, there.get(found.parent_id)
        else:
            channel = found
    if channel is None:
        return allowed.trouble(one.title, discord.Permissions.none(), thread=True)
    may = channel.permissions_for(me)
    title = f"{one.title} in {guild.name}"
    return (
        allowed.trouble(title, may, thread=thread, timed_out=me.is_timed_out())
        or allowed.mention_trouble(title, one.mentions, guild.roles, may)
        or closed(title, one)
    )


def closed(title: str, one: Followed) -> Trouble | None:
    """A channel that could be reached, but was given up."""
    if one.disabled_at is None:
        return None
    why = f"the bot has given it up ({one.disabled_reason})"
    return Trouble(title, why, "Type /setup in the channel once that is put right.")


async def _direct(client: discord.Client, pace: Pace, one: Followed) -> Trouble | None:
    try:
        await pace.turn()
        await client.fetch_channel(int(one.address))
    except (discord.NotFound, discord.Forbidden):
        return Trouble(one.title, "the channel is not there, or the bot may not see it", _GONE)
    return closed(one.title, one)


def reason(error: BaseException) -> str:
    """Why there was no answer, in a few words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, discord.HTTPException):
        return f"it answers with status {error.status}"
    if isinstance(error, aiohttp.ClientConnectorError | OSError):
        return "no connection can be made"
    return "the connection broke"
