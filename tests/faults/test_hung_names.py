"""Look-ups of names hang: nothing else waits for them, least of all the end of the program."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.config import load
from bot.lookups import MOST_OF_ONE, Lookups
from bot.market import stream
from bot.services import Services
from tests.asking import ask
from tests.faults.programs import Program, programs
from tests.faults.waiting import eventually
from tests.living import live, with_history
from tests.servers.discord import DiscordServer, Member, pointed_at, running
from tests.servers.discord.world import Channel
from tests.servers.feeds import serving
from tests.servers.slack import SlackServer
from tests.servers.slack import running as slack_running
from tests.servers.yahoo import YahooServer
from tests.servers.yahoo import running as yahoo_running
from tests.test_on_discord import shop


class Hanging:
    """The system's look-up, of which that of this machine's name does not end until let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.let_go, self.asked, self._look_up = threading.Event(), 0, socket.getaddrinfo
        monkeypatch.setattr("socket.getaddrinfo", self._answer)

    def _answer(self, host: Any, *more: Any, **named: Any) -> Any:
        if host in ("localhost", b"localhost"):
            self.asked += 1
            self.let_go.wait(120)
        return self._look_up(host, *more, **named)


def named(url: str) -> str:
    """The address with this machine's name, which has to be looked up."""
    return url.replace("127.0.0.1", "localhost")


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the long waits between tries and for answers, which have tests of their own."""
    for place in (
        "surfaces.discord_bot", "surfaces.discord_connection", "surfaces.slack.link",
        "surfaces.slack.acquainted",
    ):  # fmt: skip
        for name, seconds in (("FIRST_PAUSE", 0.02), ("LONGEST_PAUSE", 0.1), ("START_SECONDS", 1)):
            monkeypatch.setattr(f"bot.{place}.{name}", seconds, raising=False)
    for place in ("on_slack", "surfaces.slack.link", "surfaces.discord_bot", "market.stream"):
        monkeypatch.setattr(f"bot.{place}.Lookups", partial(Lookups, 0.2))


@asynccontextmanager
async def _program(
    folder: Path, whole_file: Path
) -> AsyncIterator[tuple[Services, DiscordServer, Member, Channel, SlackServer]]:
    """The program, all of whose servers have names that have to be looked up."""
    folder = with_history(folder, whole_file)
    async with running(DiscordServer()) as server, slack_running(SlackServer()) as slack:
        owner, channel = shop(server)
        environ = {
            "AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder),
            "AFTERSHOCK_DISCORD_TOKEN": server.token,
            "AFTERSHOCK_DISCORD__API_URL": named(server.api_url),
            "AFTERSHOCK_SLACK_BOT_TOKEN": slack.workspace.bot_token,
            "AFTERSHOCK_SLACK_APP_TOKEN": slack.app_token,
            "AFTERSHOCK_SLACK__API_URL": named(slack.api_url),
            "AFTERSHOCK_MARKET__SOURCE": "shipped",
        }  # fmt: skip
        with pointed_at(server):
            async with live(load(None, environ)) as services:
                yield services, server, owner, channel, slack


async def test_nothing_waits_for_names_that_hang(
    tmp_path: Path, whole_file: Path, monkeypatch: pytest.MonkeyPatch, brisk: None, figures: Any
) -> None:
    names = Hanging(monkeypatch)
    longest, loop = 0.0, asyncio.get_running_loop()

    async def beat() -> None:
        nonlocal longest
        while True:
            then = loop.time()
            await asyncio.sleep(0.01)
            longest = max(longest, loop.time() - then)

    async with _program(tmp_path, whole_file) as (services, server, owner, channel, slack):
        beating = asyncio.create_task(beat())
        await eventually(lambda: names.asked >= 2 * MOST_OF_ONE, "many look-ups that hang")
        said = str(await ask("/status", services))
        assert "Discord cannot be reached" in said
        assert "Slack cannot be reached" in said
        assert (await ask("/drawdown NVDA", services)).chart is not None
        took = loop.time()
        await asyncio.gather(*(asyncio.to_thread(lambda: None) for _number in range(20)))
        assert loop.time() - took < 1
        left = sum(each.name == "names" for each in threading.enumerate())
        beating.cancel()
        names.let_go.set()
        await eventually(lambda: server.gateway.identified == 1, "Discord", 30)
        await eventually(lambda: slack.link.opened == 1, "Slack", 30)
        await server.ready()
        asked = server.interact("drawdown", {"target": "NVDA"}, by=owner, where=channel)
        assert (await asked.response(30)).embeds
    figures("look-ups of names hang", threads=left, hung=names.asked)
    assert left <= 2 * MOST_OF_ONE  # of Discord and of Slack


async def test_the_price_stream_comes_back_from_a_name_that_hung(
    monkeypatch: pytest.MonkeyPatch, brisk: None, services: Services
) -> None:
    names = Hanging(monkeypatch)

    async def pause(_seconds: float) -> None:
        await asyncio.sleep(0)

    async with yahoo_running(YahooServer()) as yahoo:
        prices = stream.PriceStream(
            services.clock.now, Random(1), named(yahoo.base_url), pause=pause, look_seconds=0.05
        )
        quotes = prices.quotes(lambda: ["NVDA"])
        first = asyncio.ensure_future(anext(quotes))
        await eventually(lambda: "broke" in prices.state.problem, "said so")
        assert names.asked <= MOST_OF_ONE
        names.let_go.set()
        await asyncio.wait_for(yahoo.connected.wait(), 10)
        await yahoo.tick("NVDA", 118.42, services.clock.now())
        assert (await asyncio.wait_for(first, 10)).price == 118_420_000
        await quotes.aclose()


async def _ends_in_time(one: Program, seconds: float = 10) -> float:
    loop = asyncio.get_running_loop()
    then = loop.time()
    assert await one.stop(seconds=seconds) == 0
    assert "Traceback" not in one.log
    return loop.time() - then


@pytest.mark.faults
async def test_it_starts_and_ends_while_every_look_up_hangs(
    tmp_path: Path, history_file: Path, figures: Any
) -> None:
    """A process of its own: what it leaves hanging must not keep it from its end either."""
    async with (
        programs(tmp_path, history_file) as one,
        slack_running(SlackServer()) as slack,
        serving() as feeds,
    ):
        one.environ |= {
            "AFTERSHOCK_DISCORD__API_URL": named(one.server.api_url),
            "AFTERSHOCK_SLACK_BOT_TOKEN": slack.workspace.bot_token,
            "AFTERSHOCK_SLACK_APP_TOKEN": slack.app_token,
            "AFTERSHOCK_SLACK__API_URL": named(slack.api_url),
            "AFTERSHOCK_FEEDS__ENABLED": "yes", "feed": named(feeds.url("/feed.xml")),
            "AFTERSHOCK_PRICES__ENABLED": "yes",
            "AFTERSHOCK_PRICES__MODELS_DEV_URL": named(feeds.url("/api.json")),
            "AFTERSHOCK_PRICES__OPENROUTER_URL": named(feeds.url("/models")),
        }  # fmt: skip
        flag = tmp_path / "no-names"
        flag.touch()
        one.start()
        await one.begun()
        await one.until(lambda: "could not be read" in one.log, "a price list that fails", 60)
        took = await _ends_in_time(one)
        one.start()
        await one.begun()
        flag.unlink()
        await one.until(lambda: one.server.gateway.identified, "Discord", 60)
        await one.until(lambda: slack.link.opened, "Slack", 60)
        await one.until(lambda: any(a.path == "/feed.xml" for a in feeds.asked), "the feed", 60)
        figures(
            "the end while look-ups hang",
            ended_in=f"{took:.1f} s",
            again_in=f"{await _ends_in_time(one):.1f} s",
        )
