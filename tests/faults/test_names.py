"""No name can be looked up: the program starts and goes on, says why, and recovers by itself."""

import logging
import socket
from pathlib import Path
from typing import Any

import pytest

from bot.config import load
from tests.asking import ask
from tests.faults.waiting import eventually
from tests.living import live, with_history
from tests.servers.discord import DiscordServer, pointed_at, running
from tests.servers.slack import SlackServer
from tests.servers.slack import running as slack_running
from tests.test_on_discord import shop


class Names:
    """The system's look-up, which a test can break."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.broken, self.asked, self._look_up = True, 0, socket.getaddrinfo
        monkeypatch.setattr("socket.getaddrinfo", self._answer)

    def _answer(self, host: Any, *more: Any, **named: Any) -> Any:
        if self.broken and host in ("localhost", b"localhost"):
            self.asked += 1
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._look_up(host, *more, **named)


async def test_it_starts_without_names_and_recovers(
    tmp_path: Path,
    whole_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    names = Names(monkeypatch)
    for place in (
        "surfaces.discord_connection",
        "surfaces.slack.link",
        "surfaces.slack.acquainted",
    ):
        monkeypatch.setattr(f"bot.{place}.FIRST_PAUSE", 0.1)
    folder = with_history(tmp_path, whole_file)
    async with (
        running(DiscordServer()) as server,
        slack_running(SlackServer()) as slack,
    ):
        owner, channel = shop(server)
        environ = {
            "AFTERSHOCK_DATA": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "AFTERSHOCK_DISCORD_TOKEN": server.token,
            "AFTERSHOCK_DISCORD__API_URL": server.api_url.replace("127.0.0.1", "localhost"),
            "AFTERSHOCK_SLACK_BOT_TOKEN": slack.workspace.bot_token,
            "AFTERSHOCK_SLACK_APP_TOKEN": slack.app_token,
            "AFTERSHOCK_SLACK__API_URL": slack.api_url.replace("127.0.0.1", "localhost"),
            "AFTERSHOCK_MARKET__SOURCE": "shipped",
        }
        caplog.set_level(logging.INFO)
        with pointed_at(server):
            async with live(load(None, environ)) as services:
                await eventually(lambda: "WARNING" in caplog.text, "a warning")
                card = await ask("/status", services)
                said = str(card)
                assert "Slack cannot be reached" in said
                assert "Discord cannot be reached" in said
                assert "Traceback" not in caplog.text
                lines = len(caplog.records)
                assert lines < 60
                assert not server.requests
                names.broken = False
                await eventually(lambda: server.gateway.identified == 1, "Discord", 30)
                await eventually(lambda: slack.link.opened == 1, "Slack", 30)
                await server.ready()
                asked = server.interact("drawdown", {"target": "NVDA"}, by=owner, where=channel)
                assert (await asked.response(30)).embeds

                async def well() -> bool:
                    return "cannot be reached" not in str(await ask("/status", services))

                # The server knows of a connection a moment before the program does.
                await eventually(well, "/status says that all is well again")
    assert names.asked
