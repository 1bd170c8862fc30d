"""The gateway and Slack's socket come and go: alerts arrive all the same, and nothing piles up."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.model.wording import moment
from bot.services import Services
from tests.asking import ask
from tests.faults.waiting import eventually
from tests.living import with_history
from tests.servers.discord import Channel, DiscordServer, Member, running
from tests.servers.slack import SlackServer
from tests.servers.slack import running as slack_running
from tests.surfaces.slack.test_link import linked, people
from tests.test_on_discord import live, settings_for, shop, tell

# Tasks and open files more than before: connections that are kept to be used again, no leak.
MORE = 12
FLAPS: tuple[Callable[[DiscordServer], None], ...] = (
    lambda server: server.gateway.reconnect(),
    lambda server: server.gateway.invalidate(resumable=True),
    lambda server: server.gateway.drop(4000),
    lambda server: server.gateway.drop(),
)


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _back(server: DiscordServer, seen: int) -> bool:
    return server.gateway.resumed + server.gateway.identified > seen


def _linked(server: SlackServer, before: int) -> bool:
    return server.link.opened > before


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the pauses between tries, which have tests of their own."""
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda _self: 0.02)
    monkeypatch.setattr("bot.surfaces.discord_connection.FIRST_PAUSE", 0.05)
    monkeypatch.setattr("bot.surfaces.discord_sessions.LEAST_SECONDS", 0.01)


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Without what the library says of each interruption."""
    caplog.set_level(logging.ERROR, "slack_sdk")


@asynccontextmanager
async def _program(
    folder: Path, whole_file: Path
) -> AsyncIterator[tuple[Services, DiscordServer, Member, Channel]]:
    folder = with_history(folder, whole_file)
    async with running(DiscordServer()) as server:
        owner, channel = shop(server)
        async with live(settings_for(server, folder), server) as services:
            await server.ready()
            asked = server.interact("subscribe releases", {}, by=owner, where=channel)
            await asked.response(30)
            yield services, server, owner, channel


async def _flapping(folder: Path, whole_file: Path, flaps: int) -> dict[str, Any]:
    """Interrupt the gateway so often, telling something each tenth time; what there is after."""
    random, told = Random(1), 0
    async with _program(folder, whole_file) as (services, server, owner, channel):
        server.limits.buckets["post message"] = (1000, 5.0)
        await asyncio.sleep(0.2)
        tasks, files = len(asyncio.all_tasks()), _open_files()
        for number in range(flaps):
            seen = server.gateway.resumed + server.gateway.identified
            random.choice(FLAPS)(server)
            if number % 10 == 0:
                told += 1
                await tell(services, channel, f"{told:024d}")
            await eventually(
                partial(_back, server, seen),
                f"back after interruption {number + 1}",
                30,
            )
        await eventually(lambda: len(channel.sent) == told, "every alert")
        assert len({one.nonce for one in channel.sent}) == told
        await server.ready()
        asked = server.interact("drawdown", {"target": "NVDA"}, by=owner, where=channel)
        answer = await asked.response(30)
        assert answer.embeds
        await eventually(
            lambda: len(asyncio.all_tasks()) <= tasks + MORE and _open_files() <= files + MORE,
            f"{len(asyncio.all_tasks())} tasks, {tasks} before; {_open_files()} files, {files}",
            10,
        )
        return {
            "flaps": flaps, "sessions": server.gateway.identified, "alerts": told, "lost": 0,
            "double": 0, "tasks_more": max(0, len(asyncio.all_tasks()) - tasks),
            "files_more": max(0, _open_files() - files),
        }  # fmt: skip


async def test_a_gateway_that_comes_and_goes(tmp_path: Path, whole_file: Path, brisk: None) -> None:
    found = await _flapping(tmp_path, whole_file, 8)
    assert found["sessions"] == 1


@pytest.mark.faults
async def test_a_gateway_that_comes_and_goes_two_hundred_times(
    tmp_path: Path, whole_file: Path, brisk: None, figures: Any
) -> None:
    found = await _flapping(tmp_path, whole_file, 200)
    assert found["sessions"] <= 5
    figures("the gateway comes and goes", **found)


async def test_status_says_since_when_discord_is_lost(
    tmp_path: Path, whole_file: Path, brisk: None
) -> None:
    async with _program(tmp_path, whole_file) as (services, server, _owner, _channel):
        server.gateway.down = True
        before = services.clock.now()
        server.gateway.drop()

        unheard = services.live.unheard
        await eventually(lambda: "discord" in unheard, "it is lost")
        assert "No commands come from Discord" in (await ask("/status", services)).title
        since = services.live.unheard["discord"].since
        assert before <= since <= services.clock.now()
        said = {one.name: one.value for one in (await ask("/status", services)).fields}
        assert said["Discord commands"].startswith(f"no command comes since {moment(since)}: ")
        server.gateway.down = False
        await eventually(lambda: "discord" not in unheard, "it is back", 30)
        assert "No commands" not in (await ask("/status", services)).title


async def test_what_discord_says_and_nobody_can_read_ends_nothing_for_good(
    tmp_path: Path, whole_file: Path, brisk: None, caplog: pytest.LogCaptureFixture
) -> None:
    async with _program(tmp_path, whole_file) as (services, server, owner, channel):
        for session in server.gateway.connected():
            assert session.connection is not None
            session.connection.send("{ this is no JSON")
        await tell(services, channel, f"{1:024d}")
        await eventually(lambda: server.gateway.identified == 2, "connected anew", 30)
        await server.ready()
        await eventually(lambda: len(channel.sent) == 1, "the alert", 30)
        assert services.live.stopped == {}
        asked = server.interact("drawdown", {"target": "NVDA"}, by=owner, where=channel)
        assert (await asked.response(30)).embeds
        assert server.gateway.identified == 2
    assert "the connection to Discord failed; it is made anew" in caplog.text


async def test_sessions_that_are_declared_invalid_are_not_begun_without_end(
    tmp_path: Path, whole_file: Path, brisk: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.surfaces.discord_sessions.HOURLY", 6)
    async with _program(tmp_path, whole_file) as (services, server, _owner, channel):
        for _time in range(40):
            server.gateway.invalidate(resumable=False)
            await asyncio.sleep(0.03)
        await tell(services, channel, f"{1:024d}")
        await eventually(lambda: len(channel.sent) == 1, "the alert", 20)
        assert server.gateway.identified <= 6


@pytest.mark.faults
@pytest.mark.parametrize("flaps", [200])
async def test_slacks_socket_comes_and_goes(flaps: int, figures: Any, quiet: None) -> None:
    await _slack_flapping(flaps, figures)


async def test_slacks_socket_comes_and_goes_a_few_times(quiet: None) -> None:
    await _slack_flapping(12, lambda *_named, **_found: None)


async def _slack_flapping(flaps: int, figures: Any) -> None:
    random, ran = Random(1), list[str]()
    async with slack_running(SlackServer()) as server:
        ann, channel = people(server)
        async with linked(server, ran):
            await server.connected()
            await asyncio.sleep(0.2)
            tasks, files = len(asyncio.all_tasks()), _open_files()
            for number in range(flaps):
                before = server.link.opened
                way = random.choice(["drop", "refresh_requested", "warning", "down", "refuse"])
                if way == "drop":
                    server.drop()
                elif way == "down":
                    server.down()
                    await asyncio.sleep(0.05)
                    server.up()
                elif way == "refuse":
                    await server.unreachable()
                    await asyncio.sleep(0.05)
                    await server.reachable()
                else:
                    await server.disconnect(way)
                await eventually(
                    partial(_linked, server, before),
                    f"back after {way}, interruption {number + 1}",
                    30,
                )
            await server.connected()
            await server.command("after", user=ann, channel=channel)
            await eventually(lambda: ran == ["after"], "one answer")
            await eventually(
                lambda: len(asyncio.all_tasks()) <= tasks + MORE and _open_files() <= files + MORE,
                f"{len(asyncio.all_tasks())} tasks, {tasks} before; {_open_files()} files, {files}",
                10,
            )
            figures(
                "Slack's socket comes and goes", flaps=flaps, connections=server.link.opened,
                tasks_more=max(0, len(asyncio.all_tasks()) - tasks),
                files_more=max(0, _open_files() - files),
            )  # fmt: skip
