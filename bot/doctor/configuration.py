"""What the settings file and the environment say: every mistake, and what is right of them."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from bot.config import (
    OWN_VARIABLES,
    PREFIX,
    SECRETS,
    Settings,
    conflict,
    find_file,
    in_words,
    keys,
    read_file,
    take_variable,
)
from bot.doctor.finding import Finding, ok, warning, wrong
from bot.errors import UserError
from bot.model.wording import count

AREA = "configuration"
# Where containers are handed secrets, readable for everybody inside.
_HANDED = Path("/run/secrets")


@dataclass(frozen=True)
class Configured:
    """What was read: from which file, with which mistakes, and the settings without them.

    `file` is None where there is none; `variables` are the environment's, in order.
    """

    file: Path | None
    settings: Settings
    mistakes: tuple[str, ...]
    variables: tuple[str, ...]


def read(path: Path | None, environ: Mapping[str, str]) -> Configured:
    """As `bot.config.load`, but no mistake ends it: what is wrong has its default instead."""
    mistakes: list[str] = []
    file: Path | None = None
    values: dict[str, Any] = {}
    try:
        file = find_file(path, environ)
        values = read_file(file) if file else {}
    except UserError as error:
        mistakes.append(str(error))
    origins: dict[str, str] = {}
    given = [name for name in sorted(environ) if name.startswith(PREFIX)]
    for name in given:
        if name in OWN_VARIABLES:
            continue
        try:
            take_variable(name, environ[name], values, origins)
        except UserError as error:
            mistakes.append(str(error))
    if environ.get("AFTERSHOCK_DATA") and isinstance(values.setdefault("storage", {}), dict):
        values["storage"]["folder"] = environ["AFTERSHOCK_DATA"]
    settings = _settings(values, file, origins, mistakes)
    if (contradiction := conflict(settings, file)) is not None:
        mistakes.append(contradiction)
    return Configured(file, settings, tuple(mistakes), tuple(given))


def _settings(
    values: dict[str, Any], file: Path | None, origins: Mapping[str, str], mistakes: list[str]
) -> Settings:
    """The settings without what is wrong, which is added to `mistakes`."""
    while True:
        try:
            return Settings(**values)
        except ValidationError as error:
            for key, said in in_words(error, file, origins):
                if said not in mistakes:
                    mistakes.append(said)
                section, _, option = key.partition(".")
                inner = values.get(section)
                if option and isinstance(inner, dict):
                    inner.pop(option, None)
                else:
                    values.pop(section, None)


def findings(configured: Configured, environ: Mapping[str, str]) -> list[Finding]:
    """Which file was read, each mistake, and files of tokens that anybody may read."""
    read_from = _sources(configured)
    if not configured.mistakes:
        found = [ok(AREA, "settings", read_from)]
    else:
        mend = "Correct it; aftershock check-config looks again."
        found = [wrong(AREA, "settings", mistake, mend) for mistake in configured.mistakes]
        rest = f"{read_from}; what is wrong has its default in what follows"
        found.append(ok(AREA, "the rest", rest))
    for name in sorted(environ):
        secret = name.removeprefix(PREFIX).lower().removesuffix("_file")
        if name.startswith(PREFIX) and name.endswith("_FILE") and secret in SECRETS:
            found += _permissions(name, Path(environ[name]))
    return found


def _sources(configured: Configured) -> str:
    variables = count(len(configured.variables), "environment variable")
    if configured.file is None:
        others = f"read from {variables}" if configured.variables else "all as by default"
        return f"there is no settings file; {others}"
    return f"read from {configured.file}" + (f" and {variables}" if configured.variables else "")


def _permissions(name: str, path: Path) -> list[Finding]:
    if sys.platform == "win32" or path.is_relative_to(_HANDED):
        return []
    try:
        mode = path.stat().st_mode
    except OSError:
        return []  # a mistake already
    if not mode & 0o004:
        return [ok(AREA, name, f"only its owner and group may read {path}")]
    return [
        warning(
            AREA, name, f"every user of this machine may read {path}", f"Type: chmod 600 {path}"
        )
    ]


def secrets(settings: Settings) -> list[str]:
    """Every secret that the settings hold, the longest first."""
    values = [getattr(settings, name) for name in SECRETS]
    known = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    return sorted((one for one in known if len(one) > 3), key=len, reverse=True)


def differing(settings: Settings) -> dict[str, Any]:
    """The settings that are not as by default, by key ("alerts.window"); no secret among them."""
    return {
        f"{section}.{option}": value
        for section, options in keys().items()
        for option, default in options.items()
        if (value := getattr(getattr(settings, section), option)) != default
    }
