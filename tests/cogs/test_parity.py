"""Discord's commands are those of the table: none is missing, none differs, all fit."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import discord
import pytest
from discord import app_commands
from discord.ext import commands

import cogs
from bot.commands import COMMANDS, command_of
from bot.model.command import Command, Kind, Option
from bot.services import Services
from bot.surfaces.names import Names
from cogs.table import shortened

SUBCOMMAND, TEXT, INTEGER, BOOLEAN, ROLE = 1, 3, 4, 5, 8
TYPES = {Kind.INTEGER: INTEGER, Kind.YES_NO: BOOLEAN}
# Discord has a picker for roles, so nobody types their name.
ROLES = {
    ("alert", "add", "mention"),
    ("subscribe", "releases", "role"),
    ("subscribe", "prices", "role"),
}


async def payloads() -> list[dict[str, Any]]:
    """What Discord is told of each top-level command."""
    bot = commands.Bot("/", intents=discord.Intents.none())
    for cog in cogs.every(cast(Services, None), Names()):
        await bot.add_cog(cog)
    return [command.to_dict(bot.tree) for command in bot.tree.get_commands()]


def leaves(found: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Each command that can be given, by its path."""
    for command in found:
        subs = [one for one in command["options"] if one["type"] == SUBCOMMAND]
        for sub in subs:
            yield (command["name"], sub["name"]), sub
        if not subs:
            yield (command["name"],), command


async def test_every_command_of_the_table_is_there_and_no_other() -> None:
    assert {path for path, _payload in leaves(await payloads())} == {c.path for c in COMMANDS}


async def test_every_option_is_as_the_table_has_it() -> None:
    for path, payload in leaves(await payloads()):
        command = command_of(*path)
        assert payload["description"] == shortened(command.summary), path
        assert [told(path, one) for one in payload["options"]] == [
            meant(command, option) for option in command.options
        ], path


def told(path: tuple[str, ...], payload: Mapping[str, Any]) -> dict[str, Any]:
    """An option as Discord is told of it."""
    return {
        "name": payload["name"],
        "type": payload["type"],
        "description": payload["description"],
        "required": payload.get("required", False),
        "choices": [choice["value"] for choice in payload.get("choices", [])],
        "range": (payload.get("min_value"), payload.get("max_value")),
    }


def meant(command: Command, option: Option) -> dict[str, Any]:
    """The same, as the table means it."""
    role = (*command.path, option.name) in ROLES
    number = option.kind is Kind.INTEGER
    return {
        "name": option.name,
        "type": ROLE if role else TYPES.get(option.kind, TEXT),
        "description": shortened(option.help),
        "required": option.required,
        "choices": list(option.choices),
        "range": (option.lowest, option.highest) if number else (None, None),
    }


async def test_all_keep_to_the_limits_of_discord() -> None:
    found = await payloads()
    assert len(found) <= 100
    for command in found:
        assert letters(command) <= 8000, command["name"]
        for part in parts(command):
            assert re.fullmatch(r"[a-z0-9_-]{1,32}", part["name"]), part["name"]
            assert 1 <= len(part["description"]) <= 100, part["name"]
            assert len(part.get("options", ())) <= 25, part["name"]
            assert len(part.get("choices", ())) <= 25, part["name"]
            assert not (part.get("autocomplete") and part.get("choices")), part["name"]


def parts(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A command, its subcommands and all their options."""
    yield payload
    for one in payload.get("options", ()):
        yield from parts(one)


def letters(payload: dict[str, Any]) -> int:
    """What Discord counts towards a command's 8,000: names, descriptions and choices' values."""
    return sum(
        len(part["name"])
        + len(part["description"])
        + sum(len(c["name"]) + len(str(c["value"])) for c in part.get("choices", ()))
        for part in parts(payload)
    )


async def test_commands_can_be_installed_by_servers_and_people_and_used_everywhere() -> None:
    for command in await payloads():
        assert command["integration_types"] == [0, 1], command["name"]
        assert sorted(command["contexts"]) == [0, 1, 2], command["name"]


@pytest.mark.parametrize(
    ("path", "option"),
    [
        (("drawdown",), "target"),
        (("releases", "latest"), "lab"),
        (("alert", "add"), "levels"),
        (("alert", "add"), "expires"),
        (("alert", "remove"), "number"),
        (("subscribe", "remove"), "number"),
        (("silence", "add"), "what"),
        (("silence", "remove"), "number"),
        (("basket", "add"), "symbols"),
        (("basket", "show"), "name"),
        (("model",), "names"),
        (("subscribe", "releases"), "labs"),
        (("subscribe", "releases"), "kinds"),
        (("feeds", "remove"), "name"),
        (("feeds", "test"), "feed"),
        (("channel",), "timezone"),
        (("help",), "command"),
    ],
)
async def test_what_can_be_known_is_completed(path: tuple[str, ...], option: str) -> None:
    payload = dict(leaves(await payloads()))[path]
    chosen = next(one for one in payload["options"] if one["name"] == option)
    assert chosen["autocomplete"] is True


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("a symbol", "A symbol"),
        ("x" * 60 + " " + "y" * 60, "X" + "x" * 59 + "…"),
        (("word, " * 30).strip(), "Word, " + "word, " * 14 + "word…"),
    ],
)
def test_a_long_description_is_cut_at_a_word(text: str, short: str) -> None:
    assert shortened(text) == short
    assert len(short) <= 100


async def test_the_fingerprint_changes_only_with_what_discord_is_told() -> None:
    def tree(description: str) -> app_commands.CommandTree[discord.Client]:
        found = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))

        @found.command(name="drawdown", description=description)
        async def drawdown(interaction: discord.Interaction) -> None:
            """Nothing; it is never called."""

        return found

    assert cogs.fingerprint(tree("a")) == cogs.fingerprint(tree("a"))
    assert cogs.fingerprint(tree("a")) != cogs.fingerprint(tree("b"))
