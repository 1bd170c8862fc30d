"""Variables that Bolt reads by itself, of some other program: they change nothing."""

import os
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.services import Services
from bot.surfaces.slack import paths
from bot.surfaces.slack.app import build
from bot.surfaces.slack.context import Slack
from tests.servers.slack import running
from tests.surfaces.slack.installed import on, started

KEY = "4RpQOpCiBkAkCrP8QqDnnIkYjGJXRG7yUP9gFVhLsPc="
OTHERS = {
    "SLACK_BOT_TOKEN": "xoxb-other", "SLACK_APP_TOKEN": "xapp-other", "SLACK_CLIENT_ID": "9.9",
    "SLACK_CLIENT_SECRET": "other", "SLACK_SIGNING_SECRET": "other", "SLACK_SCOPES": "admin",
    "SLACK_USER_SCOPES": "admin", "SLACK_REDIRECT_URI": "https://other.example/back",
    "SLACK_INSTALL_PATH": "/other", "SLACK_REDIRECT_URI_PATH": "/other/back",
    "SLACK_VERIFICATION_TOKEN": "other",
}  # fmt: skip


@pytest.fixture(autouse=True)
def others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They are set, and the home folder is an empty one."""
    for name, value in OTHERS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_the_app_takes_no_installations_and_no_token_of_others(
    services: Services, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    client = AsyncWebClient()
    app = build(Slack(services, None, None), [], client)  # type: ignore[arg-type]
    assert app.oauth_flow is None
    assert app.installation_store is None
    assert client.token is None
    assert caplog.text == ""
    assert not (tmp_path / "home").exists()
    assert os.environ["SLACK_BOT_TOKEN"] == "xoxb-other"  # it may be somebody else's


async def test_workspaces_install_our_app(services: Services) -> None:
    async with running() as server, started(server, on(services, server), KEY) as bot:
        cookie, asked = await bot.begin()
        assert asked["client_id"] == server.client_id
        assert not asked.get("redirect_uri")
        assert not asked["user_scope"]
        assert "admin" not in asked["scope"].split(",")
        page = await bot.agree(server.workspace, server.workspace.add_user("a"), cookie,
                               asked["state"])  # fmt: skip
        assert page.status == 200
        async with aiohttp.ClientSession() as session, session.get(bot.url + "/other") as said:
            assert said.status == 404
        assert paths.REDIRECT == "/slack/oauth_redirect"
