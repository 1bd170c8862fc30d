"""How a slash command is answered: read, allowed, acknowledged, asked, shown."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import discord
from discord.ext import commands

from bot.cards import to_discord
from bot.commands import command_of
from bot.errors import UserError
from bot.model.card import Card
from bot.model.command import Command, shown
from bot.model.receiver import Receiver
from bot.parsing import Parsed, read_options
from bot.services import Services
from bot.surfaces.answering import ADDING, answer, reopen
from bot.surfaces.names import Names
from cogs.permissions import NOT_ALLOWED, guild_of, may_manage, may_view, person_of
from cogs.place import place_of, refuse_elsewhere, with_bot_alone
from cogs.replying import QUIET, acknowledge, answering, once_more
from cogs.sharing import share_view
from cogs.speaking import files, learn

_ROLE = re.compile(r"<@&(\d{1,20})>")


class Asking(commands.Cog):
    """A cog whose commands are those of the table. `names` is what completion knows."""

    def __init__(self, services: Services, names: Names) -> None:
        super().__init__()
        self.services = services
        self.names = names

    async def ask(self, interaction: discord.Interaction, *path: str, **given: object) -> None:
        """Answer the command at `path`, with the options that were given (None: was not)."""
        command = command_of(*path)
        async with answering(interaction, command.name):
            options = read_options(command, texts_of(given))
            refuse_elsewhere(interaction, command)
            # First of all, from what is in memory: it must be there within three seconds.
            private = _is_private(interaction, command)
            await acknowledge(interaction, private=private)
            guarded = command.guarded(options)
            if guarded and not may_manage(interaction):
                raise UserError(NOT_ALLOWED)
            if command.path in ADDING:
                await reopen(self.services, place_of(interaction))
            card = await answer(
                Parsed(command, options),
                self.services,
                place_of(interaction),
                self.services.clock.now(),
                asker=interaction.user.display_name,
                person=person_of(interaction),
                sees=partial(_sees, interaction) if private else None,
            )
            if command.changes:
                await learn(self.names, self.services, place_of(interaction))
            await show(interaction, card, share=private and not guarded)


def _sees(interaction: discord.Interaction, other: Receiver) -> bool:
    return other.address.isdigit() and may_view(interaction, int(other.address))


def _is_private(interaction: discord.Interaction, command: Command) -> bool:
    """Only whoever asked sees the answer, unless the server chose otherwise."""
    if with_bot_alone(interaction):
        return False
    if command.changes or interaction.guild_id is None:
        return True
    return not guild_of(interaction).public_answers


def texts_of(given: Mapping[str, object]) -> dict[str, str]:
    """Values as Discord typed them → as people type them; those not given are left out.

    A parameter named after a keyword of Python carries an underscore, which goes.
    """
    return {
        name.removesuffix("_"): _text(value) for name, value in given.items() if value is not None
    }


def _text(value: object) -> str:
    if isinstance(value, discord.Role):
        return "@everyone" if value.is_default() else value.mention
    return shown(value)


async def show(interaction: discord.Interaction, card: Card, *, share: bool) -> None:
    """The card in place of "is thinking"; with a button that shows it to everybody."""
    rendered = to_discord.answer(with_role_names(card, interaction.guild))

    async def send() -> None:
        await interaction.edit_original_response(
            content=rendered.content or None,
            embed=rendered.embed,
            attachments=await files(rendered),
            view=share_view() if share else None,
            allowed_mentions=QUIET,
        )

    await once_more(send)


def with_role_names(card: Card, guild: discord.Guild | None) -> Card:
    """The card with each role that it mentions by its name: "<@&5>" → "@desk"."""

    def named(text: str) -> str:
        return _ROLE.sub(lambda found: _role(guild, int(found[1])), text)

    table = card.table and replace(
        card.table, rows=tuple(tuple(named(cell) for cell in row) for row in card.table.rows)
    )
    return replace(card, title=named(card.title), text=named(card.text), table=table)


def _role(guild: discord.Guild | None, key: int) -> str:
    role: Any = guild.get_role(key) if guild is not None else None
    return "a role that is gone" if role is None else f"@{role.name.lstrip('@')}"
