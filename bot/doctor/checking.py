"""`aftershock check-config`: is what the settings say right, and what would `run` do with it?"""

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bot.config import Settings
from bot.doctor import configuration
from bot.doctor.configuration import Configured
from bot.doctor.finding import without_passwords
from bot.errors import UserError
from bot.model.wording import count, listing

WRONG = 2


def check_config(path: Path | None, environ: Mapping[str, str]) -> int:
    """Print what the settings are, or each mistake on standard error; 0 or 2."""
    configured = configuration.read(path, environ)
    wrong = [*configured.mistakes, *incomplete(configured.settings)]
    for line in wrong:
        print(line, file=sys.stderr)  # noqa: T201 - a command prints
    if wrong:
        return WRONG
    print("\n".join(described(configured)))  # noqa: T201
    return 0


def incomplete(settings: Settings) -> list[str]:
    """What is missing, or does not go together, of settings that are right one by one."""
    from bot.surfaces.slack.setting import address, check
    from storage.database import read_url

    asked: list[Any] = [lambda: read_url(settings.database_url())]
    if settings.speaks_slack():
        asked.append(lambda: check(settings))
    if settings.slack.mode == "http":
        asked.append(lambda: address(settings.slack.listen))
    if settings.market.source == "csv":
        from bot.app import sources

        asked.append(lambda: sources(settings))
    found = []
    for one in asked:
        try:
            one()
        except UserError as error:
            found.append(str(error))
    return found


def described(configured: Configured) -> list[str]:
    """Where the settings are from, which differ from their defaults, and what `run` starts."""
    settings = configured.settings
    changed = configuration.differing(settings)
    name = str(configured.file) if configured.file else "The environment"
    if not configured.file and not configured.variables:
        lines = ["There is no settings file and no variable: all settings have their defaults."]
    elif not changed:
        lines = [f"{name} is right: all settings have their defaults."]
    else:
        verb = "differs from its default" if len(changed) == 1 else "differ from their defaults"
        lines = [f"{name} is right: {count(len(changed), 'setting')} {verb}:"]
    lines += [f"  {key} = {shown(value)}" for key, value in changed.items()]
    if configured.file and configured.variables:
        lines.append(f"Read from the environment too: {listing(configured.variables)}.")
    lines.append(f"Data folder: {settings.data_folder()}")
    lines.append(f"aftershock run starts {listing(surfaces(settings))}.")
    return lines


def shown(value: Any) -> str:
    """A value as a settings file has it; of an address without its password."""
    return (
        value.isoformat()
        if isinstance(value, date)
        else without_passwords(json.dumps(value, ensure_ascii=False))
    )


def surfaces(settings: Settings) -> list[str]:
    """Where `run` would speak."""
    found = ["the console"]
    if settings.discord_token is not None:
        found.append("Discord")
    if settings.speaks_slack():
        found.append(f"Slack ({_way(settings)})")
    return found


def _way(settings: Settings) -> str:
    if settings.slack.mode == "socket":
        return "over a connection of its own"
    return f"which sends its requests to {settings.slack.listen}"
