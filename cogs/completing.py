"""What Discord offers while an option is typed. From memory only: it must come at once."""

from collections.abc import Callable, Coroutine
from typing import Any

import discord
from discord import app_commands

from bot.model.command import Command, Kind, Option
from bot.surfaces.names import Names
from bot.surfaces.offering import matching
from cogs.place import place_of

MOST = 25
MOST_LETTERS = 100

Choices = list[app_commands.Choice[Any]]
Completer = Callable[[discord.Interaction, str], Coroutine[Any, Any, Choices]]


def completer(command: Command, option: Option) -> Completer:
    """Completes `option` with the names that the command's cog knows."""

    async def complete(interaction: discord.Interaction, current: str) -> Choices:
        names: Names = interaction.command.binding.names  # type: ignore[union-attr]
        given = {name: value for name, value in interaction.namespace}  # noqa: C416 - no mapping
        offered = names.values(command, option, place_of(interaction), given)
        return choices(option, str(current), offered)

    return complete


def choices(option: Option, current: str, offered: dict[str, str] | Any) -> Choices:
    """At most 25 choices, each with what it is, within 100 characters."""
    if option.kind in (Kind.SYMBOLS, Kind.NAMES):
        return _lists(current, offered)
    return [
        app_commands.Choice(
            name=_label(value, meaning, option),
            value=int(value) if option.kind is Kind.INTEGER else value,
        )
        for value, meaning in matching(current, offered, MOST)
        if len(value) <= MOST_LETTERS
    ]


def _label(value: str, meaning: str, option: Option) -> str:
    text = f"{value} · {meaning}" if meaning else value
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"


def _lists(current: str, offered: dict[str, str]) -> Choices:
    """The last name of a list completed, the others kept as they are."""
    before, _, last = current.rpartition(",")
    kept = [part.strip() for part in before.split(",") if part.strip()]
    have = {part.upper() for part in kept}
    fresh = {one: name for one, name in offered.items() if one.upper() not in have}
    found = []
    for symbol, name in matching(last, fresh, MOST):
        value = ",".join([*kept, symbol])
        if len(value) <= MOST_LETTERS:
            label = f"{value} · {name}" if name else value
            found.append(
                app_commands.Choice(
                    name=label if len(label) <= MOST_LETTERS else value, value=value
                )
            )
    return found
