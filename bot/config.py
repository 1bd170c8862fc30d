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
from bot.misset import explain, mistakes
from bot.sections import (
    AlertSettings,
    ConsoleSettings,
    DeliverySettings,
    DiscordSettings,
    FeedSettings,
    HealthSettings,
    LimitSettings,
    LogSettings,
    MarketSettings,
    PriceSettings,
    RetentionSettings,
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
    retention: RetentionSettings = Field(default_factory=RetentionSettings)
    market: MarketSettings = Field(default_factory=MarketSettings)
    yahoo: YahooSettings = Field(default_factory=YahooSettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    feeds: FeedSettings = Field(default_factory=FeedSettings)
    prices: PriceSettings = Field(default_factory=PriceSettings)
    delivery: DeliverySettings = Field(default_factory=DeliverySettings)
    limits: LimitSettings = Field(default_factory=LimitSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    health: HealthSettings = Field(default_factory=HealthSettings)
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
    found = find_file(path, environ)
    values = read_file(found) if found else {}
    origins: dict[str, str] = {}
    for name, value in sorted(environ.items()):
        if name.startswith(PREFIX) and name not in OWN_VARIABLES:
            take_variable(name, value, values, origins)
    if environ.get("AFTERSHOCK_DATA"):
        _put(values, "storage", "folder", environ["AFTERSHOCK_DATA"])
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise UserError(explain(in_words(error, found, origins))) from None
    if (wrong := conflict(settings, found)) is not None:
        raise UserError(wrong)
    return settings


def in_words(
    error: ValidationError, found: Path | None, origins: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Each mistake: its key ("alerts.window"), and the line that says what to write instead."""
    every = [f"{section}.{key}" for section, inner in keys().items() for key in inner]
    secrets = {secret: PREFIX + secret.upper() for secret in SECRETS}
    return mistakes(error, found, origins, [*every, *keys()], secrets)


def conflict(settings: Settings, found: Path | None) -> str | None:
    """What is wrong with settings that are right by their kind, in one sentence; None: nothing."""
    for key, folder in (
        ("storage.folder", settings.storage.folder),
        ("storage.database", settings.storage.database),
        ("console.charts", settings.console.charts),
        ("market.csv_folder", settings.market.csv_folder),
    ):
        try:
            Path(folder).expanduser()
        except RuntimeError:
            return f"{found or 'settings'}: {key} = {folder}: no such user; write the whole path."
    delivery = settings.delivery
    if delivery.send_seconds < delivery.lease_seconds:
        return None
    return (
        f"{found or 'settings'}: delivery.send_seconds ({delivery.send_seconds}) must be less "
        f"than delivery.lease_seconds ({delivery.lease_seconds})."
    )


def find_file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The settings file that is read, if there is any. Raises UserError for one that is not."""
    named = path or (
        Path(environ["AFTERSHOCK_CONFIG"]) if environ.get("AFTERSHOCK_CONFIG") else None
    )
    if named is not None:
        if not _is_file(named):
            raise UserError(f"{named}: there is no such settings file; check the path.")
        return named
    home = environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    places = (Path(FILE_NAME), Path(home) / "aftershock" / FILE_NAME)
    return next((place for place in places if _may_see(place) and place.is_file()), None)


def _is_file(named: Path) -> bool:
    try:
        return named.is_file()
    except PermissionError:
        raise UserError(
            f"{named}: its folder is closed to this user; move the file, or open the folder."
        ) from None


def _may_see(place: Path) -> bool:
    """A folder that is closed to this user, such as root's, holds no settings for it."""
    try:
        place.exists()
    except PermissionError:
        return False
    return True


def read_file(path: Path) -> dict[str, Any]:
    """What the settings file says, unchecked. Raises UserError."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8 text; save it again as UTF-8.") from None
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read ({error.strerror}); check its permissions."
        ) from None
    except RecursionError:
        raise UserError(f"{path}: is not valid TOML: lists in lists, too deeply.") from None
    except ValueError as error:  # a number of thousands of digits is none of TOML's own errors
        raise UserError(f"{path}: is not valid TOML: {error}.") from None
    for secret in SECRETS:
        if secret in values:
            raise UserError(
                f"{path}: {secret} does not belong in a file; set "
                f"{PREFIX}{secret.upper()} or {PREFIX}{secret.upper()}_FILE instead."
            )
    return values


def take_variable(name: str, value: str, values: dict[str, Any], origins: dict[str, str]) -> None:
    """Put one environment variable where the settings expect it. Raises UserError."""
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
