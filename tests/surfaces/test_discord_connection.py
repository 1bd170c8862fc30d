"""The connection to Discord ends wholly, whatever it was doing: no thread, no task is left."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from discord.gateway import KeepAliveHandler

from tests.faults.waiting import eventually
from tests.servers.discord import DiscordServer, running
from tests.servers.discord.gateway import HEARTBEAT, Connection
from tests.test_on_discord import folder, live, settings_for, shop

__all__ = ["folder"]


def heartbeats() -> list[str]:
    """The threads that send heartbeats, of whatever client."""
    return [one.name for one in threading.enumerate() if isinstance(one, KeepAliveHandler)]


def connection_of(server: DiscordServer) -> Connection:
    """The only one that is open."""
    (session,) = server.gateway.connected()
    assert session.connection is not None
    return session.connection


async def connected(server: DiscordServer) -> None:
    """It is simply connected."""


async def deaf(server: DiscordServer) -> None:
    """Discord reads nothing more: it does not hear that the client closes either."""

    heard = asyncio.Event()

    async def stuck(*_received: object) -> None:
        heard.set()
        await asyncio.Event().wait()

    server.gateway._received = stuck  # type: ignore[method-assign, assignment]
    connection_of(server).op(HEARTBEAT)  # which asks for one
    await asyncio.wait_for(heard.wait(), 10)


async def beginning(server: DiscordServer) -> None:
    """A second session waits until it may be begun."""
    seen = server.gateway.heartbeats
    server.gateway.invalidate(resumable=False)
    await eventually(lambda: server.gateway.heartbeats > seen, "the second connection's first beat")
    await eventually(lambda: heartbeats() != [], "its thread")


async def failing(server: DiscordServer) -> None:
    """The client could not read what came, and is made anew."""
    connection_of(server).send("{ this is no JSON")
    await eventually(lambda: server.gateway.log.count("closed") > 0, "the end of the connection")


@pytest.mark.parametrize(
    ("state", "close_seconds"),
    [(connected, 2.0), (connected, 0), (deaf, 2.0), (beginning, 2.0), (failing, 2.0)],
)
async def test_nothing_of_a_connection_is_left(
    folder: Path,
    state: Callable[[DiscordServer], Awaitable[None]],
    close_seconds: float,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("bot.surfaces.discord_connection.CLOSE_SECONDS", close_seconds)
    async with running(DiscordServer()) as server:
        shop(server)
        async with live(settings_for(server, folder), server):
            await server.ready()
            await state(server)
            assert heartbeats() or state is failing
        assert heartbeats() == []
        theirs = [str(one) for one in asyncio.all_tasks() if "discord" in str(one.get_coro())]
        assert theirs == []
    assert "did not end in time" not in caplog.text
    assert ("did not close in time" in caplog.text) is (close_seconds == 0)


async def test_connections_that_may_begin_no_session_do_not_pile_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.surfaces.discord_sessions.HOURLY", 2)
    monkeypatch.setattr("bot.surfaces.discord_sessions.LEAST_SECONDS", 0.01)
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda _self: 0.02)
    async with running(DiscordServer()) as server:
        shop(server)
        async with live(settings_for(server, folder), server):
            await server.ready()
            server.gateway.invalidate(resumable=False)
            await eventually(lambda: server.gateway.identified == 2, "the last session of the hour")
            server.gateway.invalidate(resumable=False)
            ended = server.gateway.log.count
            await eventually(lambda: ended("closed") > 5, "connections that are given up")
            assert len(heartbeats()) <= 1
