"""The documented limits of application commands."""

import re
from typing import Any

from tests.servers.discord.refusals import Form

_NAME = re.compile(r"^[-_'\w]{1,32}$")
CHAT_INPUT, SUBCOMMAND, GROUP = 1, 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, NUMBER = 3, 4, 5, 6, 7, 8, 10


def commands(given: list[dict[str, Any]]) -> None:
    """All commands of an application. Raises `RefusedError`."""
    form = Form()
    chat = [each for each in given if each.get("type", CHAT_INPUT) == CHAT_INPUT]
    if len(chat) > 100:
        text = "Maximum number of application commands reached (100)."
        form.wrong([], "APPLICATION_COMMANDS_MAX", text)
    _unique(form, chat, [])
    for index, command in enumerate(given):
        if command.get("type", CHAT_INPUT) == CHAT_INPUT:
            _named(form, command, [index], depth=0)
            if _size(command) > 8000:
                text = "Command exceeds maximum size (8000)"
                form.wrong([index], "APPLICATION_COMMAND_TOO_LARGE", text)
        else:
            form.length(command.get("name"), [index, "name"], 32, least=1)
    form.close()


def _named(form: Form, each: dict[str, Any], path: list[str | int], depth: int) -> None:
    name = each.get("name", "")
    if not _NAME.match(name) or name != name.lower():
        text = "Command name is invalid"
        form.wrong([*path, "name"], "APPLICATION_COMMAND_INVALID_NAME", text)
    form.length(each.get("description"), [*path, "description"], 100, least=1)
    options = each.get("options") or []
    form.count(options, [*path, "options"], 25)
    _unique(form, options, [*path, "options"])
    optional_seen = False
    for index, option in enumerate(options):
        at = [*path, "options", index]
        if option["type"] in (SUBCOMMAND, GROUP):
            if (option["type"] == GROUP and depth) or depth > 1:
                text = "Sub-commands may be nested in one group"
                form.wrong(at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)
            _named(form, option, at, depth + 1)
            continue
        if option.get("required") and optional_seen:
            text = "Required options must be placed before non-required options"
            form.wrong(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        optional_seen = optional_seen or not option.get("required")
        _named(form, {**option, "options": []}, at, depth)
        _offered(form, option, at)
    kinds = {option["type"] in (SUBCOMMAND, GROUP) for option in options}
    if len(kinds) > 1:
        text = "Sub-command and sub-command group option types are mutually exclusive to others"
        form.wrong([*path, "options"], "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)


def _offered(form: Form, option: dict[str, Any], path: list[str | int]) -> None:
    offered = option.get("choices") or []
    form.count(offered, [*path, "choices"], 25)
    _unique(form, offered, [*path, "choices"])
    for index, choice in enumerate(offered):
        form.length(choice.get("name"), [*path, "choices", index, "name"], 100, least=1)
        if option["type"] == STRING:
            form.length(choice.get("value"), [*path, "choices", index, "value"], 100)
    if offered and option.get("autocomplete"):
        text = "Autocomplete cannot be set with choices"
        form.wrong(path, "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES", text)


def _unique(form: Form, given: list[dict[str, Any]], path: list[str | int]) -> None:
    seen: set[str] = set()
    for index, each in enumerate(given):
        if each.get("name") in seen:
            text = (
                "Option names must be unique"
                if path
                else "Application command names must be unique"
            )
            form.wrong([*path, index, "name"], "APPLICATION_COMMANDS_DUPLICATE_NAME", text)
        seen.add(str(each.get("name")))


def _size(each: dict[str, Any]) -> int:
    """The characters that count towards 8,000."""
    own = len(each.get("name", "")) + len(each.get("description", "") or "")
    own += sum(
        len(choice["name"]) + len(str(choice["value"])) for choice in each.get("choices") or []
    )
    return own + sum(map(_size, each.get("options") or []))
