"""Who may change what a channel gets, which receiver it is, and what the bot may do there."""

from collections.abc import Collection
from typing import Any, cast

import discord

from bot.model.receiver import Receiver
from bot.services import Services
from bot.surfaces.names import Names
from storage import receivers
from storage.guilds import GuildSettings

SURFACE = "discord"
NOT_ALLOWED = (
    "Changing what this channel gets takes the permission Manage Channels, or the role that this "
    "server chose for it; ask somebody who has either."
)
SERVER_ONLY = "This takes the permission Manage Server; ask somebody who has it."
_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}


def allowed(permissions: discord.Permissions, roles: Collection[int], chosen: str | None) -> bool:
    """Whether somebody with these permissions in a channel, and these roles, may manage it."""
    if permissions.administrator or permissions.manage_channels:
        return True
    return chosen is not None and chosen in {str(role) for role in roles}


def may_manage(interaction: discord.Interaction) -> bool:
    """Whether whoever pressed or typed may change what this channel gets.

    Manage Channels there, or the server's chosen role; in a direct message with the bot, always;
    in one between several people, never.
    """
    return may_manage_with(interaction, interaction.permissions)


def may_manage_with(interaction: discord.Interaction, permissions: discord.Permissions) -> bool:
    """As `may_manage`, for a channel in which the person has these permissions."""
    if interaction.guild_id is None:
        return not _among_several(interaction)
    return allowed(permissions, roles_of(interaction), guild_of(interaction).manager_role)


def permissions_in(interaction: discord.Interaction, channel_id: int) -> discord.Permissions | None:
    """What whoever pressed may do now in another channel of the server, as far as is known here.

    None where the channel is not in memory, as an old thread is not.
    """
    guild, user = interaction.guild, interaction.user
    channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
    if channel is None or not isinstance(user, discord.Member):
        return None
    try:
        return channel.permissions_for(user)
    except discord.ClientException:  # a thread whose channel is not in memory
        return None


def may_view(interaction: discord.Interaction, channel_id: int) -> bool:
    """Whether whoever pressed may know another channel of the server, as far as is known here."""
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
    if isinstance(channel, discord.Thread) and channel.is_private():
        return False  # only its own members know it
    permissions = permissions_in(interaction, channel_id)
    return permissions is not None and permissions.view_channel


def may_manage_server(interaction: discord.Interaction) -> bool:
    """Whether whoever pressed may choose for the whole server."""
    permissions = interaction.permissions
    return interaction.guild_id is not None and (
        permissions.administrator or permissions.manage_guild
    )


def roles_of(interaction: discord.Interaction) -> list[int]:
    """The roles of whoever pressed or typed, by id."""
    user = interaction.user
    return [role.id for role in user.roles] if isinstance(user, discord.Member) else []


def person_of(interaction: discord.Interaction) -> str:
    """The key of whoever pressed or typed, the same in every server."""
    return person_key(interaction.user)


def person_key(user: discord.User | discord.Member) -> str:
    """The key of a person, the same in every server."""
    return f"{SURFACE}/{user.id}"


def guild_of(interaction: discord.Interaction) -> GuildSettings:
    """What the server of an interaction chose, from memory; the defaults in a direct message."""
    names: Names = cast(Any, interaction.client).names
    return names.server(interaction.guild_id)


def _among_several(interaction: discord.Interaction) -> bool:
    """A conversation of other people, in which the bot is no member."""
    return bool(interaction.context.private_channel) or isinstance(
        interaction.channel, discord.GroupChannel
    )


def title_of(channel: object, guild_id: int | None) -> str:
    """How a channel is called: "#alerts"; "direct message" outside servers."""
    name = getattr(channel, "name", None)
    return f"#{name}" if guild_id is not None and name else "direct message"


async def receiver_of(interaction: discord.Interaction, services: Services) -> Receiver:
    """The receiver of the channel or thread of an interaction, made if it is new.

    Its title and its server are kept up to date.
    """
    title = title_of(interaction.channel, interaction.guild_id)
    if interaction.guild_id is not None and title == "direct message":
        title = f"channel {interaction.channel_id}"
    return await receiver_at(services, interaction.channel_id or 0, title, interaction.guild_id)


async def receiver_at(
    services: Services, channel_id: int, title: str, guild_id: int | None
) -> Receiver:
    """The receiver of a channel, made if it is new."""
    address, community = str(channel_id), "" if guild_id is None else str(guild_id)
    async with services.database.read() as connection:
        found = await receivers.find_receiver(connection, SURFACE, address)
    if found is not None and (found.title, found.community) == (title, community):
        return found
    now = services.clock.now()
    return await services.database.write(
        lambda connection: receivers.receiver_of(
            connection, SURFACE, address, title, now, community
        )
    )


def lacking(permissions: discord.Permissions, *, thread: bool) -> list[str]:
    """What the bot lacks of what it needs to tell something, in Discord's own words."""
    other = "send_messages" if thread else "send_messages_in_threads"
    return [
        words for name, words in _NEEDED.items() if name != other and not getattr(permissions, name)
    ]


def missing(
    where: discord.Interaction | discord.abc.GuildChannel | discord.Thread,
) -> list[str]:
    """What the bot lacks in a channel, in Discord's own words; empty where it lacks nothing.

    Of an interaction as Discord resolved it, of a channel as the roles in memory have it.
    """
    if isinstance(where, discord.Interaction):
        if where.guild_id is None:
            return []
        return lacking(where.app_permissions, thread=isinstance(where.channel, discord.Thread))
    permissions = where.permissions_for(where.guild.me)
    return lacking(permissions, thread=isinstance(where, discord.Thread))
