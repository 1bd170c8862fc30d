"""How the settings choose the way to Slack, and what is said of a choice made by half."""

from pathlib import Path

import pytest

from bot.config import Settings, load
from bot.errors import UserError
from bot.surfaces.slack.setting import Mode, address, check

BOT = {"SLACK_BOT_TOKEN": "xoxb-1"}
APP = {"SLACK_APP_TOKEN": "xapp-1"}
SIGNING = {"SLACK_SIGNING_SECRET": "s"}
ID = {"SLACK__CLIENT_ID": "1.2"}
SECRET = {"SLACK_CLIENT_SECRET": "c"}
KEY = {"SLACK_KEY": "k"}
HTTP = {"SLACK__MODE": "http"}


def settings_of(folder: Path, variables: dict[str, str]) -> Settings:
    """The settings with these variables."""
    environ = {f"AFTERSHOCK_{name}": value for name, value in variables.items()}
    return load(None, {**environ, "XDG_CONFIG_HOME": str(folder)})


@pytest.mark.parametrize(
    ("variables", "mode"),
    [
        ({}, Mode.NONE),
        (ID | HTTP, Mode.NONE),
        (BOT | APP, Mode.SOCKET),
        (BOT | APP | SIGNING | ID | SECRET | KEY, Mode.SOCKET),
        (HTTP | BOT | SIGNING, Mode.HTTP),
        (HTTP | BOT | SIGNING | APP | KEY, Mode.HTTP),
        (HTTP | SIGNING | ID | SECRET | KEY, Mode.WORKSPACES),
    ],
)
def test_settings_choose_a_way(tmp_path: Path, variables: dict[str, str], mode: Mode) -> None:
    assert check(settings_of(tmp_path, variables)) is mode


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (BOT, "AFTERSHOCK_SLACK_APP_TOKEN is not set; set it to connect to Slack."),
        (
            BOT | SIGNING,
            (
                "AFTERSHOCK_SLACK_APP_TOKEN is not set; set it to connect to Slack, or "
                "AFTERSHOCK_SLACK__MODE=http."
            ),
        ),
        (APP, "AFTERSHOCK_SLACK_BOT_TOKEN is not set; set it to connect to Slack."),
        (
            SECRET | KEY,
            (
                "AFTERSHOCK_SLACK_CLIENT_SECRET and AFTERSHOCK_SLACK_KEY are for requests over "
                "HTTP; set AFTERSHOCK_SLACK__MODE=http, or set AFTERSHOCK_SLACK_BOT_TOKEN and "
                "AFTERSHOCK_SLACK_APP_TOKEN for a connection of the bot's own."
            ),
        ),
        (
            HTTP | BOT | APP,
            (
                "AFTERSHOCK_SLACK_SIGNING_SECRET is not set; set it, for Slack signs its requests "
                "with it, or AFTERSHOCK_SLACK__MODE=socket."
            ),
        ),
        (
            HTTP | SIGNING,
            (
                "AFTERSHOCK_SLACK_BOT_TOKEN is not set; set it for one workspace, or "
                "AFTERSHOCK_SLACK__CLIENT_ID, AFTERSHOCK_SLACK_CLIENT_SECRET and "
                "AFTERSHOCK_SLACK_KEY for several."
            ),
        ),
        (
            HTTP | SIGNING | ID | SECRET,
            (
                "AFTERSHOCK_SLACK_KEY is not set, but needed for several workspaces; "
                "aftershock slack-key prints a new key."
            ),
        ),
        (
            HTTP | SIGNING | KEY,
            (
                "AFTERSHOCK_SLACK__CLIENT_ID and AFTERSHOCK_SLACK_CLIENT_SECRET are not set, but "
                "needed for several workspaces."
            ),
        ),
        (
            HTTP | SIGNING | BOT | ID | SECRET | KEY,
            (
                "AFTERSHOCK_SLACK_BOT_TOKEN is for one workspace, but "
                "AFTERSHOCK_SLACK_CLIENT_SECRET and AFTERSHOCK_SLACK__CLIENT_ID "
                "are for several; unset either."
            ),
        ),
        (
            {"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xoxb-1"},
            (
                "AFTERSHOCK_SLACK_BOT_TOKEN must begin with xoxb-; copy it from the app's page at "
                "api.slack.com, under OAuth & Permissions."
            ),
        ),
        (
            BOT | {"SLACK_APP_TOKEN": "xoxb-1"},
            (
                "AFTERSHOCK_SLACK_APP_TOKEN must begin with xapp-; copy it from the app's page at "
                "api.slack.com, under Basic Information."
            ),
        ),
    ],
)
def test_half_a_choice_is_told_in_a_sentence(
    tmp_path: Path, variables: dict[str, str], said: str
) -> None:
    with pytest.raises(UserError) as refused:
        check(settings_of(tmp_path, variables))
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [
        ("127.0.0.1:3000", "127.0.0.1", 3000),
        ("localhost:80", "localhost", 80),
        (" 0.0.0.0:65535 ", "0.0.0.0", 65535),
        ("[::1]:3000", "::1", 3000),
    ],
)
def test_an_address_to_listen_on(listen: str, host: str, port: int) -> None:
    assert address(listen) == (host, port)


@pytest.mark.parametrize(
    "listen",
    ["", "3000", ":3000", "localhost", "localhost:", "localhost:http", "localhost:65536",
     "http://localhost:3000", "::1:3000", "[::1]", "[]:3000", "a b:1", "localhost:³",
     "localhost:" + "9" * 5_000, "localhost:-1"],
)  # fmt: skip
def test_no_address_to_listen_on(listen: str) -> None:
    with pytest.raises(UserError) as refused:
        address(listen)
    said = 'slack.listen is "{}"; write an address and a port, such as 127.0.0.1:3000.'
    assert str(refused.value) == said.format(listen)
