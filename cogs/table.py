"""A cog's method → a slash command with the words of the command table."""

import keyword
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec

import discord
from discord import app_commands

from bot.commands import command_of
from bot.model.command import Command, Kind, Option
from cogs.completing import completer

P = ParamSpec("P")
Callback = Callable[Concatenate[Any, discord.Interaction, P], Coroutine[Any, Any, None]]
MOST_LETTERS = 100

_INSTALLS = app_commands.AppInstallationType(guild=True, user=True)
_CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
# These are typed by people and cannot be foreseen.
_FREE = {
    ("alert", "add", "mention"),
    ("silence", "add", "until"),
    ("subscribe", "releases", "keywords"),
    ("subscribe", "releases", "without"),
    ("subscribe", "releases", "role"),
    ("subscribe", "prices", "role"),
    ("cost", "price", "on"),
    ("cost", "compare", "on"),
    ("cost", "compare", "mix"),
    ("feeds", "add", "url"),
}
_COMPLETED = {Kind.TARGET, Kind.SYMBOLS, Kind.NAME, Kind.NAMES, Kind.DURATION, Kind.FIGURES}
_COMPLETED_NAMES = {"number", "command"}
_COMPLETED_WORDS = {("impact", "window")}


def group(name: str, description: str) -> app_commands.Group:
    """A group of commands that everybody sees everywhere."""
    return app_commands.Group(
        name=name,
        description=description,
        allowed_installs=_INSTALLS,
        allowed_contexts=_CONTEXTS,
    )


def from_table(
    *path: str, parent: app_commands.Group | None = None
) -> Callable[[Callback[P]], app_commands.Command[Any, P, None]]:
    """The command at `path`: its description, its options' descriptions, names and completion.

    The method's parameters are named as the options are; one that is a keyword has an underscore
    behind it.
    """
    command = command_of(*path)

    def decorate(callback: Callback[P]) -> app_commands.Command[Any, P, None]:
        app_commands.describe(**{_parameter(o): shortened(o.help) for o in command.options})(
            callback
        )
        renamed = {_parameter(o): o.name for o in command.options if _parameter(o) != o.name}
        app_commands.rename(**renamed)(callback)
        app_commands.autocomplete(
            **{
                _parameter(o): completer(command, o)
                for o in command.options
                if _completed(command, o)
            }
        )(callback)
        made: app_commands.Command[Any, P, None]
        if parent is not None:
            made = parent.command(name=path[-1], description=shortened(command.summary))(callback)
            return made
        app_commands.allowed_installs(guilds=True, users=True)(callback)
        app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(callback)
        made = app_commands.command(name=path[0], description=shortened(command.summary))(callback)
        return made

    return decorate


def shortened(text: str) -> str:
    """A description within Discord's 100 characters, cut at a word."""
    text = text[:1].upper() + text[1:]
    if len(text) <= MOST_LETTERS:
        return text
    return text[: MOST_LETTERS - 1].rpartition(" ")[0].rstrip(",;:") + "…"


def _parameter(option: Option) -> str:
    return f"{option.name}_" if keyword.iskeyword(option.name) else option.name


def _completed(command: Command, option: Option) -> bool:
    if (*command.path, option.name) in _FREE:
        return False
    if (*command.path, option.name) in _COMPLETED_WORDS:
        return True
    return option.kind in _COMPLETED or option.name in _COMPLETED_NAMES
