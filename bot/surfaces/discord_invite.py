"""Inviting the bot to a server: its address, and the least permissions."""

from base64 import b64decode

import discord

from bot.errors import UserError

# What it needs in a channel, and nothing else.
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)


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
