"""`make docs`: the pages of docs/ that are written from the program's own tables."""

import inspect
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from bot.commands import COMMANDS
from bot.config import PREFIX, SECRETS, Settings
from bot.model.command import Command, Option, shown
from bot.sections import Section

DOCS = Path(__file__).parents[1] / "docs"
COMMANDS_BEGIN = """\
# Commands

<!-- Written by `make docs`; change the program's table instead. -->

At the prompt, in `aftershock ask`, on Discord, and on Slack after `/aftershock`. Options go by
position or by name, and quotes hold words together: `/alert add NVDA levels=10,20 window=6m`.
`<option>` has to be given; `[option=value]` may be, and is that value otherwise.

🔒 marks what changes things: it takes the permission to manage the channel. On Discord that is
*Manage Channels*, or a role: those with *Manage Server* choose it, and whether answers are public,
in the panel that `/channel` without options opens. On Slack it is workspace admins and whoever set
the channel up, or those that `managers` under `[slack]` lists. The terminal may do everything.

👥 marks what belongs to the whole server or workspace. On Slack, wherever it is typed, it takes a
workspace admin or, where `managers` lists people, one of them.
"""
SETTINGS_BEGIN = """\
# Settings

<!-- Written by `make docs`; change the program's table instead. -->

All are optional. They stand in `aftershock.toml` in the current folder or in
`~/.config/aftershock/`; `--config FILE` and `AFTERSHOCK_CONFIG` name another.
[config.example.toml](../config.example.toml) is that file with every default. Each key can be set
from the environment instead, which wins: `AFTERSHOCK_ALERTS__GROUP_WAIT_SECONDS=30` for
`group_wait_seconds` under `[alerts]`, lists comma-separated. `AFTERSHOCK_DATA` is short for
`folder` under `[storage]`. `aftershock check-config` says what is wrong, and what to write instead.

## Secrets

From the environment only, as a value or, with `_FILE` after the name, as a file that holds it. They
stand in no log and no message; what the database must keep of workspaces' tokens is encrypted.

| variable | |
|---|---|"""
SECRET_WORDS = {
    "discord_token": "the bot token of the Discord application",
    "slack_bot_token": "the Bot User OAuth Token of one workspace",
    "slack_app_token": "the app-level token, with `connections:write`",
    "slack_signing_secret": "the signing secret, in the mode http",
    "slack_client_secret": "the client secret, where several workspaces install the bot",
    "slack_key": "the key that encrypts workspaces' tokens at rest; `aftershock slack-key` "
    "makes one",
}


def commands_page() -> str:
    """docs/commands.md: each command of the table with all of its options."""
    parts = [COMMANDS_BEGIN]
    for first, group in groupby(COMMANDS, lambda command: command.path[0]):
        parts.append(f"## /{first}\n")
        for command in group:
            parts.extend(_command(command))
    return "\n".join(parts).rstrip() + "\n"


def _command(command: Command) -> Iterator[str]:
    lock = " 🔒" * command.changes + " 👥" * command.community
    yield f"**`{command.usage}`**{lock}<br>"
    yield f"{command.summary}. For example: `{command.example}`\n"
    if command.options:
        yield "| option | |"
        yield "|---|---|"
        for option in command.options:
            yield f"| `{option.name}` | {_option(option)} |"
        yield ""
    if command.address:
        yield f"🔒 where `{command.address}` is an address.\n"


def _option(option: Option) -> str:
    said = option.help.replace("|", "\\|")
    if option.choices:
        said += ": " + ", ".join(f"`{choice}`" for choice in option.choices)
    if option.default is not None:
        return f"{said} (otherwise `{shown(option.default)}`)"
    return said if option.required else f"{said} (optional)"


def settings_page() -> str:
    """docs/settings.md: each key of each section, and the secrets."""
    parts = [
        SETTINGS_BEGIN,
        *(f"| `{PREFIX}{secret.upper()}` | {SECRET_WORDS[secret]} |" for secret in SECRETS),
        "",
    ]
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            parts.extend(_section(name, kind))
    return "\n".join(parts).rstrip() + "\n"


def _section(name: str, kind: type[Section]) -> Iterator[str]:
    yield f"## [{name}]\n"
    yield f"{inspect.getdoc(kind)}\n"
    yield "| key | default | takes | |"
    yield "|---|---|---|---|"
    for key, field in kind.model_fields.items():
        yield f"| `{key}` | `{_value(field.default)}` | {_takes(field)} | {field.description} |"
    yield ""


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value)


def _takes(field: FieldInfo) -> str:
    kind = field.annotation
    if get_origin(kind) is not None and str(get_origin(kind)).endswith("Literal"):
        return ", ".join(f"`{choice}`" for choice in get_args(kind))
    if get_origin(kind) is tuple:
        return "a list"
    words = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}
    said = words.get(kind, "a day") if isinstance(kind, type) else "text"
    low = next((getattr(m, n) for m in field.metadata for n in ("ge", "gt") if hasattr(m, n)), None)
    high = next(
        (getattr(m, n) for m in field.metadata for n in ("le", "lt") if hasattr(m, n)), None
    )
    if low is not None and high is not None:
        return f"{low} to {high}"
    return said


PAGES = {"commands.md": commands_page, "settings.md": settings_page}


def main() -> int:
    """Write the pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
