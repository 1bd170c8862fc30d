"""How the settings say that Slack is reached, before anything is opened. Pure."""

from enum import Enum

from pydantic import SecretStr

from bot.config import Settings
from bot.errors import UserError
from bot.model.wording import listing

BOT_TOKEN = "AFTERSHOCK_SLACK_BOT_TOKEN"  # noqa: S105 - these are names
APP_TOKEN = "AFTERSHOCK_SLACK_APP_TOKEN"  # noqa: S105
SIGNING_SECRET = "AFTERSHOCK_SLACK_SIGNING_SECRET"  # noqa: S105
CLIENT_ID = "AFTERSHOCK_SLACK__CLIENT_ID"
CLIENT_SECRET = "AFTERSHOCK_SLACK_CLIENT_SECRET"  # noqa: S105
KEY = "AFTERSHOCK_SLACK_KEY"
MODE = "AFTERSHOCK_SLACK__MODE"


class Mode(Enum):
    """By which way Slack reaches the bot, and for how many workspaces."""

    NONE = "not at all"
    SOCKET = "a connection of the bot's own, for one workspace"
    HTTP = "requests to the bot, from one workspace"
    WORKSPACES = "requests to the bot, from every workspace that installs it"


def check(settings: Settings) -> Mode:
    """The way that the settings choose.

    Raises UserError, naming the variable, where they choose one by half.
    """
    given = _given(settings)
    if given <= {CLIENT_ID}:  # no secret at all: a settings file may be shared
        return Mode.NONE
    mode = _socket(given) if settings.slack.mode == "socket" else _http(given)
    if mode in (Mode.SOCKET, Mode.HTTP):
        _begins(BOT_TOKEN, settings.slack_bot_token, "xoxb-", "OAuth & Permissions")
    if mode is Mode.SOCKET:
        _begins(APP_TOKEN, settings.slack_app_token, "xapp-", "Basic Information")
    return mode


def address(listen: str) -> tuple[str, int]:
    """Host and port of the setting slack.listen: "127.0.0.1:3000" → ("127.0.0.1", 3000).

    An IPv6 address stands in brackets; port 0 is any free one. Raises UserError.
    """
    host, _, port = listen.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    plain = bool(bare) and not set(bare) & set("/[]@ ") and (bare != host or ":" not in bare)
    if not plain or not (port.isascii() and port.isdigit()) or int(port[:6]) > 65_535:
        raise UserError(
            f'slack.listen is "{listen}"; write an address and a port, such as 127.0.0.1:3000.'
        )
    return bare, int(port)


def _given(settings: Settings) -> frozenset[str]:
    values: dict[str, SecretStr | None] = {
        BOT_TOKEN: settings.slack_bot_token,
        APP_TOKEN: settings.slack_app_token,
        SIGNING_SECRET: settings.slack_signing_secret,
        CLIENT_SECRET: settings.slack_client_secret,
        KEY: settings.slack_key,
        CLIENT_ID: SecretStr(settings.slack.client_id),
    }
    return frozenset(
        name for name, value in values.items() if value and value.get_secret_value().strip()
    )


def _socket(given: frozenset[str]) -> Mode:
    missing = [name for name in (BOT_TOKEN, APP_TOKEN) if name not in given]
    if not missing:
        return Mode.SOCKET
    if len(missing) == 2:
        raise UserError(
            f"{_are(given)} for requests over HTTP; set {MODE}=http, or set {BOT_TOKEN} and "
            f"{APP_TOKEN} for a connection of the bot's own."
        )
    way = f", or {MODE}=http" if SIGNING_SECRET in given else ""
    raise UserError(f"{missing[0]} is not set; set it to connect to Slack{way}.")


def _http(given: frozenset[str]) -> Mode:
    if SIGNING_SECRET not in given:
        way = f", or {MODE}=socket" if {BOT_TOKEN, APP_TOKEN} <= given else ""
        raise UserError(
            f"{SIGNING_SECRET} is not set; set it, for Slack signs its requests with it{way}."
        )
    several = (CLIENT_ID, CLIENT_SECRET, KEY)
    missing = [name for name in several if name not in given]
    if BOT_TOKEN in given:
        others = given & {CLIENT_ID, CLIENT_SECRET}
        if others:
            raise UserError(
                f"{BOT_TOKEN} is for one workspace, but {_are(others)} for several; unset either."
            )
        return Mode.HTTP
    if len(missing) == len(several):
        raise UserError(
            f"{BOT_TOKEN} is not set; set it for one workspace, or {listing(several)} for several."
        )
    if missing:
        how = "; aftershock slack-key prints a new key" if KEY in missing else ""
        verb = "is" if len(missing) == 1 else "are"
        raise UserError(
            f"{listing(missing)} {verb} not set, but needed for several workspaces{how}."
        )
    return Mode.WORKSPACES


def _are(names: frozenset[str]) -> str:
    return f"{listing(sorted(names))} {'is' if len(names) == 1 else 'are'}"


def _begins(name: str, value: SecretStr | None, lead: str, page: str) -> None:
    if value is None or not value.get_secret_value().startswith(lead):
        raise UserError(
            f"{name} must begin with {lead}; copy it from the app's page at api.slack.com, "
            f"under {page}."
        )
