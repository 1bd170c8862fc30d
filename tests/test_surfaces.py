"""Discord and Slack together: one that cannot start leaves the other alone."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from bot.app import _open
from bot.config import load
from bot.errors import UserError
from bot.opened import Opened
from bot.probes import not_ready
from bot.services import Services
from storage import receivers
from tests.living import live, with_history
from tests.servers.discord import DiscordServer, pointed_at
from tests.servers.discord import running as discord_running
from tests.servers.slack import SlackServer
from tests.servers.slack import running as slack_running


@pytest.mark.parametrize("wrong", ["discord", "slack"])
async def test_a_refused_token_does_not_keep_the_other_platform_from_starting(
    tmp_path: Path, history_file: Path, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    """After a reboot that nobody watches the alerts of the other one have to go on."""
    folder = with_history(tmp_path, history_file)
    async with discord_running(DiscordServer()) as discord, slack_running(SlackServer()) as slack:
        environ = {
            "AFTERSHOCK_DATA": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "AFTERSHOCK_MARKET__SOURCE": "shipped",
            "AFTERSHOCK_DISCORD__API_URL": discord.api_url,
            "AFTERSHOCK_SLACK__API_URL": slack.api_url,
            "AFTERSHOCK_DISCORD_TOKEN": discord.token,
            "AFTERSHOCK_SLACK_BOT_TOKEN": slack.workspace.bot_token,
            "AFTERSHOCK_SLACK_APP_TOKEN": slack.app_token,
        }
        variable = f"AFTERSHOCK_{wrong.upper()}{'_BOT' if wrong == 'slack' else ''}_TOKEN"
        environ[variable] = "xoxb-another"
        with pointed_at(discord), caplog.at_level(logging.ERROR, "bot.app"):
            async with live(load(None, environ)) as services:
                known = services.live
                assert set(known.stopped) == {wrong}
                said = not_ready(known.measured.gateways, known.stopped, known.unheard)
                assert any(variable in line for line in said)
                other = "slack" if wrong == "discord" else "discord"
                gateways = known.measured.gateways
                await slack.until(lambda: gateways.get(other), f"a connection to {other}", 20)
                async with services.database.read() as connection:
                    assert await receivers.find_receiver(connection, "console", "local")
            assert [variable in line for line in caplog.messages if "left out" in line] == [True]
            environ[f"AFTERSHOCK_{'DISCORD' if wrong == 'slack' else 'SLACK_BOT'}_TOKEN"] = (
                "xoxb-bad"
            )
            with pytest.raises(UserError, match="refuses the token"):
                async with live(load(None, environ)):
                    pass


async def test_the_next_platform_is_imported_once_the_first_is_there_and_keeps_nobody_waiting(
    services: Services,
) -> None:
    done: list[str] = []
    loop, went_on = asyncio.get_running_loop(), threading.Event()

    @asynccontextmanager
    async def connecting(name: str) -> AsyncIterator[Opened]:
        done.append(f"{name} connects")
        yield Opened(name, cast(Any, None))

    def platforms() -> Iterator[AbstractAsyncContextManager[Opened]]:
        done.append("first imported")
        yield connecting("first")
        # What the connection has to do meanwhile is done.
        loop.call_soon_threadsafe(went_on.set)
        done.append(f"second imported, the loop {'runs' if went_on.wait(5) else 'stands'}")
        yield connecting("second")

    async with AsyncExitStack() as stack:
        opened = await _open(services, stack, platforms())
    assert [one.surface for one in opened] == ["first", "second"]
    assert done == [
        "first imported",
        "first connects",
        "second imported, the loop runs",
        "second connects",
    ]
