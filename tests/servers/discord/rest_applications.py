"""The bot's account, its application, its commands, its servers; and where the gateway is."""

from typing import TYPE_CHECKING, Any

from tests.servers.discord import command_checks
from tests.servers.discord.calls import Call, route
from tests.servers.discord.refusals import RefusedError
from tests.servers.discord.world import Guild

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer


@route("GET users/@me")
def _me(server: "DiscordServer", call: Call) -> Any:
    return {**server.bot.payload(), "mfa_enabled": True, "verified": True, "locale": "en-US",
            "email": None, "flags": 0}  # fmt: skip


@route("GET users/#")
def _user(server: "DiscordServer", call: Call) -> Any:
    if call.ids[0] not in server.users:
        raise RefusedError(404, 10013)
    return server.users[call.ids[0]].payload()


@route("GET oauth2/applications/@me")
@route("GET applications/@me")
def _application(server: "DiscordServer", call: Call) -> Any:
    return {
        "id": str(server.application_id), "name": server.bot.name, "description": "", "icon": None,
        "bot_public": True, "bot_require_code_grant": False, "verify_key": "0" * 64,
        "owner": server.owner.payload(), "team": None, "flags": 0, "tags": [],
        "approximate_guild_count": len(server.guilds), "redirect_uris": [],
        "interactions_endpoint_url": None,
        "integration_types_config": {"0": {}, "1": {}},
    }  # fmt: skip


@route("GET gateway/bot")
def _gateway(server: "DiscordServer", call: Call) -> Any:
    gateway = server.gateway
    return {
        "url": server.gateway_url, "shards": gateway.shards,
        "session_start_limit": {
            "total": 1000, "remaining": max(0, 1000 - gateway.identified),
            "reset_after": 86_400_000,
            "max_concurrency": gateway.max_concurrency,
        },
    }  # fmt: skip


@route("GET gateway")
def _gateway_address(server: "DiscordServer", call: Call) -> Any:
    return {"url": server.gateway_url}


@route("GET applications/#/commands")
def _commands(server: "DiscordServer", call: Call) -> Any:
    return list(server.commands.values())


@route("PUT applications/#/commands", "overwrite commands")
def _overwrite(server: "DiscordServer", call: Call) -> Any:
    if call.ids[0] != server.application_id:
        raise RefusedError(403, 50001)
    if not isinstance(call.body, list):
        raise RefusedError(400, 50109)
    command_checks.commands(call.body)
    server.overwrites += 1
    known = server.commands
    server.commands = {}
    for command in call.body:
        name = command["name"]
        id_ = known[name]["id"] if name in known else str(server.clock.snowflake())
        server.commands[name] = {
            "type": 1, "default_member_permissions": None, "nsfw": False, "options": [],
            **command, "id": id_, "application_id": str(server.application_id),
            "version": str(server.clock.snowflake()),
        }  # fmt: skip
    return list(server.commands.values())


def guild_of(server: "DiscordServer", id_: int) -> Guild:
    """The server, which the bot must be in. Raises `RefusedError`."""
    guild = server.guilds.get(id_)
    if guild is None or not guild.joined:
        raise RefusedError(404, 10004)
    return guild


@route("GET guilds/#")
def _guild(server: "DiscordServer", call: Call) -> Any:
    return guild_of(server, call.ids[0]).payload()


@route("GET guilds/#/channels")
def _guild_channels(server: "DiscordServer", call: Call) -> Any:
    channels = guild_of(server, call.ids[0]).channels.values()
    return [each.payload() for each in channels if not each.parent]


@route("GET guilds/#/roles")
def _guild_roles(server: "DiscordServer", call: Call) -> Any:
    return [role.payload() for role in guild_of(server, call.ids[0]).roles.values()]


@route("GET guilds/#/members/#")
def _guild_member(server: "DiscordServer", call: Call) -> Any:
    member = guild_of(server, call.ids[0]).members.get(call.ids[1])
    if member is None:
        raise RefusedError(404, 10007)
    return member.payload()


@route("GET guilds/#/threads/active")
def _guild_threads(server: "DiscordServer", call: Call) -> Any:
    channels = guild_of(server, call.ids[0]).channels.values()
    threads = [each.payload() for each in channels if each.parent and not each.archived]
    return {"threads": threads, "members": []}
