"""Where an interaction came from, and whether the bot can post there."""

import discord

from bot.errors import UserError
from bot.model.command import Command
from bot.model.receiver import Receiver
from bot.model.wording import listing
from bot.surfaces.answering import ADDING
from cogs.permissions import SURFACE, missing, title_of

NOT_HERE = (
    "Aftershock is not in this server, so it can post nothing here; add it to the server first."
)
NOT_AMONG_OTHERS = (
    "Aftershock can post nothing in this conversation; say it in a server, or to the bot itself."
)


def place_of(interaction: discord.Interaction) -> Receiver:
    """The channel, thread or conversation of an interaction, without asking the database."""
    return Receiver(
        0,
        SURFACE,
        str(interaction.channel_id),
        title_of(interaction.channel, interaction.guild_id),
        community="" if interaction.guild_id is None else str(interaction.guild_id),
        community_name=interaction.guild.name if interaction.guild is not None else "",
    )


def with_bot_alone(interaction: discord.Interaction) -> bool:
    """Whether this is somebody's own conversation with the bot."""
    return (
        interaction.guild_id is None
        and not interaction.context.private_channel
        and not isinstance(interaction.channel, discord.GroupChannel)
    )


def refuse_elsewhere(interaction: discord.Interaction, command: Command) -> None:
    """Raise UserError where `command` would set up what the bot can never post."""
    if not command.changes or with_bot_alone(interaction):
        return
    if interaction.guild_id is None:
        raise UserError(NOT_AMONG_OTHERS)
    if not interaction.is_guild_integration():
        raise UserError(NOT_HERE)
    if command.path in ADDING:
        refuse_mute(interaction)


def refuse_mute(interaction: discord.Interaction) -> None:
    """Raise UserError where the bot could not post in this channel what it is asked to tell."""
    lacking = missing(interaction)
    if lacking:
        raise UserError(
            f"Aftershock lacks {listing(lacking)} in this channel; give it that and ask again."
        )


def may_speak(interaction: discord.Interaction) -> bool:
    """Whether whoever pressed or typed may send messages into this channel themselves."""
    if interaction.guild_id is None:
        return True
    permissions = interaction.permissions
    if isinstance(interaction.channel, discord.Thread):
        return permissions.send_messages_in_threads
    return permissions.send_messages
