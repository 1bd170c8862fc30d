"""Discord's token, refused while the bot runs: what is said meanwhile, and that it passes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.probes import not_ready
from bot.services import Services
from bot.surfaces.discord_pacing import TOKEN_REFUSED
from storage import outbox
from tests.faults.waiting import eventually
from tests.servers.discord import Channel, DiscordServer, running
from tests.test_on_discord import folder, live, settings_for, shop, tell

__all__ = ["folder"]
ROWS = [f"{number:024x}" for number in range(5)]
SAID = f"Discord takes no messages: {TOKEN_REFUSED}"


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with running(DiscordServer()) as server:
        yield server


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five minutes are a moment."""
    monkeypatch.setattr("bot.surfaces.discord_pacing.TOKEN_SECONDS", 0.3)
    monkeypatch.setattr("bot.surfaces.discord_token.LOOK_SECONDS", 0.1)
    monkeypatch.setattr("bot.surfaces.discord_connection.FIRST_PAUSE", 0.05)


async def told_of(services: Services, server: DiscordServer, channel: Channel) -> None:
    """The channel is known, so that rows can be for it."""
    owner = server.owner
    assert channel.guild is not None
    member = channel.guild.members[owner.id]
    await server.interact("alert add", {"target": "NVDA"}, by=member, where=channel).response(20)


def refused(server: DiscordServer) -> list[str]:
    """The requests that were answered with 401."""
    return [f"{one.method} {one.path}" for one in server.requests if one.status == 401]


def said(services: Services) -> list[str]:
    """What /readyz says of the surfaces."""
    live = services.live
    return not_ready(live.measured.gateways, live.stopped, live.unheard)


async def arrived(server: DiscordServer, services: Services, channel: Channel) -> None:
    """Every row arrived once and was no try the worse; and nobody is said to be stopped."""
    await server.until(lambda: len(channel.sent) == len(ROWS), "what waited", 20)
    assert services.live.stopped == {}

    async def counted() -> bool:
        async with services.database.read() as connection:
            counts = await outbox.counts(connection)
        return counts.get("sent") == len(ROWS) and "dead" not in counts

    await eventually(counted, "the rows' record")
    assert len(channel.sent) == len(ROWS)


async def test_a_refusal_that_passes_is_said_once_and_what_waited_arrives(
    server: DiscordServer, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    owner, channel = shop(server)
    async with live(settings_for(server, folder), server) as services:
        await server.ready()
        await told_of(services, server, channel)
        server.fail("POST /channels/*/messages", 401, times=None)
        asked = server.fail("GET /users/@me", 401, times=4)
        await tell(services, channel, *ROWS)
        seen: list[list[str]] = []

        def over() -> bool:
            seen.append(said(services))
            return asked.met == 4

        await server.until(lambda: services.live.stopped, "a refusal", 20)
        since = services.live.stopped["discord"].since
        await eventually(over, "four more tries")
        # In between it is said all the while, and no row is spent on trying.
        assert all(each == [SAID] for each in seen)
        assert services.live.stopped["discord"].since == since
        assert sum(one.startswith("POST") for one in refused(server)) == 1
        answer = await server.interact("status", {}, by=owner, where=channel).response(20)
        assert "refuses the bot's token" in str(answer.embeds)
        server.faults.set.clear()
        await arrived(server, services, channel)
        assert said(services) == []
    assert caplog.text.count("refuses the bot's token") == 1
    assert caplog.text.count("takes the bot's token again") == 1
    assert len(refused(server)) == 5


@pytest.mark.faults
async def test_a_gateway_that_refuses_the_token_is_opened_anew_once_it_is_taken(
    server: DiscordServer, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _owner, channel = shop(server)
    async with live(settings_for(server, folder), server) as services:
        await server.ready()
        await told_of(services, server, channel)
        valid, server.token = server.token, "another"
        server.gateway.drop(4004)
        await eventually(lambda: len(refused(server)) >= 3, "three tries to log in")
        await tell(services, channel, *ROWS)
        assert said(services) == [SAID]  # once, although no commands come either
        server.token = valid
        await arrived(server, services, channel)
        await server.ready(seconds=20)
        await eventually(lambda: said(services) == [], "commands")
    assert caplog.text.count("refuses the bot's token") == 1
    assert caplog.text.count("takes the bot's token again") == 1
    assert "for good" not in caplog.text


@pytest.mark.faults
async def test_a_token_refused_between_log_in_and_gateway_is_tried_again(
    server: DiscordServer, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shop(server)
    server.fail("GET /gateway/bot", 401)
    async with live(settings_for(server, folder), server) as services:
        await eventually(lambda: SAID in said(services), "the refusal")
        await server.ready(seconds=20)
        await eventually(lambda: said(services) == [], "all being well")
    assert caplog.text.count("refuses the bot's token") == 1


@pytest.mark.faults
async def test_a_gateway_that_refuses_a_valid_token_comes_back(
    server: DiscordServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.surfaces.discord_sessions.LEAST_SECONDS", 0.01)
    _owner, channel = shop(server)
    async with live(settings_for(server, folder), server) as services:
        await server.ready()
        await told_of(services, server, channel)
        before = server.gateway.identified
        server.gateway.drop(4004)
        await eventually(lambda: server.gateway.identified > before, "another session")
        await tell(services, channel, *ROWS)
        await arrived(server, services, channel)
