"""Settings: a TOML file plus the environment, validated once and frozen.

Secrets come from the environment only, as a value or as the path of a file that holds it; no
message, log or repr shows one.
"""

import os
import sys
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import UserError
from bot.misset import explain
from bot.sections import (
    AlertSettings,
    ConsoleSettings,
    DeliverySettings,
    DiscordSettings,
    FeedSettings,
    MarketSettings,
    PriceSettings,
    Section,
    SlackSettings,
    StorageSettings,
    YahooSettings,
)

PREFIX = "AFTERSHOCK_"
SECRETS = (
    "discord_token",
    "slack_bot_token",
    "slack_app_token",
    "slack_signing_secret",
    "slack_client_secret",
    "slack_key",
)
FILE_NAME = "aftershock.toml"
# Read by the program itself, not settings of a section.
OWN_VARIABLES = ("AFTERSHOCK_CONFIG", "AFTERSHOCK_DATA")


class Settings(BaseSettings):
    """Every setting, frozen. `load` makes one; a file or variable it does not know is refused."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    storage: StorageSettings = Field(default_factory=StorageSettings)
    market: MarketSettings = Field(default_factory=MarketSettings)
    yahoo: YahooSettings = Field(default_factory=YahooSettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    feeds: FeedSettings = Field(default_factory=FeedSettings)
    prices: PriceSettings = Field(default_factory=PriceSettings)
    delivery: DeliverySettings = Field(default_factory=DeliverySettings)
    console: ConsoleSettings = Field(default_factory=ConsoleSettings)
    discord: DiscordSettings = Field(default_factory=DiscordSettings)
    slack: SlackSettings = Field(default_factory=SlackSettings)
    discord_token: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_client_secret: SecretStr | None = None
    slack_key: SecretStr | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` has merged, so that every error can name its file or variable."""
        return (init_settings,)

    def speaks_slack(self) -> bool:
        """Whether any of what Slack takes is set."""
        return any(getattr(self, name) is not None for name in SECRETS if name.startswith("slack_"))

    def data_folder(self) -> Path:
        """The folder of the database, charts and lock."""
        return Path(self.storage.folder).expanduser() if self.storage.folder else _user_data()

    def charts_folder(self) -> Path:
        """Where the console saves charts."""
        chosen = self.console.charts
        return Path(chosen).expanduser() if chosen else self.data_folder() / "charts"

    def database_url(self) -> str:
        """The database as an SQLAlchemy URL."""
        chosen = self.storage.database or str(self.data_folder() / "aftershock.db")
        if "://" in chosen:
            return chosen
        return f"sqlite+aiosqlite:///{Path(chosen).expanduser().absolute()}"


def _user_data() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "aftershock"
    if sys.platform == "win32":
        return Path(os.path.expandvars("%LOCALAPPDATA%")) / "aftershock"
    base = os.path.expandvars("$XDG_DATA_HOME")
    return (Path(base) if base.startswith("/") else Path.home() / ".local/share") / "aftershock"


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of `path` (or of the first file found) and `environ`, which wins.

    Raises UserError with one line: the file or variable and key, what is wrong, what is right.
    """
    found = _find(path, environ)
    values = _read(found) if found else {}
    origins: dict[str, str] = {}
    for name, value in sorted(environ.items()):
        if name.startswith(PREFIX) and name not in OWN_VARIABLES:
            _take(name, value, values, origins)
    if environ.get("AFTERSHOCK_DATA"):
        _put(values, "storage", "folder", environ["AFTERSHOCK_DATA"])
    try:
        settings = Settings(**values)
    except ValidationError as error:
        every = [f"{section}.{key}" for section, inner in keys().items() for key in inner]
        secrets = {secret: PREFIX + secret.upper() for secret in SECRETS}
        raise UserError(explain(error, found, origins, [*every, *keys()], secrets)) from None
    if settings.delivery.send_seconds >= settings.delivery.lease_seconds:
        raise UserError(
            f"{found or 'settings'}: delivery.send_seconds "
            f"({settings.delivery.send_seconds}) must be less than delivery.lease_seconds "
            f"({settings.delivery.lease_seconds})."
        )
    return settings


def _find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = path or (
        Path(environ["AFTERSHOCK_CONFIG"]) if environ.get("AFTERSHOCK_CONFIG") else None
    )
    if named is not None:
        if not named.is_file():
            raise UserError(f"{named}: there is no such settings file; check the path.")
        return named
    home = environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    places = (Path(FILE_NAME), Path(home) / "aftershock" / FILE_NAME)
    return next((place for place in places if place.is_file()), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8 text; save it again as UTF-8.") from None
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read ({error.strerror}); check its permissions."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: is not valid TOML: {error}.") from None
    for secret in SECRETS:
        if secret in values:
            raise UserError(
                f"{path}: {secret} does not belong in a file; set "
                f"{PREFIX}{secret.upper()} or {PREFIX}{secret.upper()}_FILE instead."
            )
    return values


def _take(name: str, value: str, values: dict[str, Any], origins: dict[str, str]) -> None:
    """Put one environment variable where the settings expect it."""
    key = name.removeprefix(PREFIX).lower()
    if key in SECRETS:
        _secret(key, value, values, name)
    elif key.removesuffix("_file") in SECRETS:
        try:
            text = Path(value).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise UserError(f"{name}: the file {value} cannot be read; check the path.") from None
        _secret(key.removesuffix("_file"), text, values, name)
    else:
        section, _, option = key.partition("__")
        if option not in keys().get(section, {}):
            near = get_close_matches(name, _variables(), 1)
            advice = f"did you mean {near[0]}?" if near else "see config.example.toml."
            raise UserError(f"{name} is not a setting; {advice}")
        listed = isinstance(keys()[section][option], tuple)
        _put(values, section, option, _listed(value) if listed else value)
        origins[f"{section}.{option}"] = name


def _put(values: dict[str, Any], section: str, option: str, value: Any) -> None:
    inner = values.setdefault(section, {})
    if isinstance(inner, dict):  # the file is wrong where it is not, and validation says so
        inner[option] = value


def _secret(key: str, value: str, values: dict[str, Any], name: str) -> None:
    if key in values:
        raise UserError(f"{name}: {key} is set twice; keep one of {PREFIX}{key.upper()} and _FILE.")
    if not value:
        raise UserError(f"{name} is empty; set it to the token, or unset it.")
    values[key] = value


def _listed(value: str) -> list[str]:
    return [part.strip(" \"'") for part in value.strip("[] ").split(",") if part.strip()]


def _section(annotation: Any) -> type[Section]:
    assert isinstance(annotation, type)
    assert issubclass(annotation, Section)
    return annotation


def keys() -> dict[str, dict[str, Any]]:
    """Every key that a file may hold, by section, with its default."""
    return {
        name: {
            option: item.default for option, item in _section(field.annotation).model_fields.items()
        }
        for name, field in Settings.model_fields.items()
        if name not in SECRETS
    }


def _variables() -> list[str]:
    names = [f"{PREFIX}{s.upper()}__{o.upper()}" for s, options in keys().items() for o in options]
    secrets = [f"{PREFIX}{secret.upper()}" for secret in SECRETS]
    return [*names, *secrets, *(f"{secret}_FILE" for secret in secrets), *OWN_VARIABLES]
