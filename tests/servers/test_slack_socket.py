"""The loopback Slack's sockets, by the real client: hello, pings, ends, and several at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.servers.slack import Channel, SlackServer, User, running, serving_in_thread
from tests.servers.slack_bot import app_of, client_of, started


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """A loopback Slack."""
    async with running() as server:
        yield server


def place_of(server: SlackServer) -> tuple[User, Channel]:
    """Somebody in a channel."""
    ann = server.workspace.add_user("ann")
    return ann, server.workspace.add_channel("alerts", ann)


def listening(app: Any) -> Any:
    """The app, acknowledging the command."""

    async def acknowledge(ack: Any) -> None:
        await ack()

    app.command("/aftershock")(acknowledge)
    return app


async def opened(server: SlackServer) -> str:
    """The address of a socket."""
    said = await client_of(server).apps_connections_open(app_token=server.app_token)
    return str(said["url"])


@pytest.mark.parametrize("end", ["warning", "refresh_requested", "link_disabled", "cut", "down"])
async def test_an_app_whose_socket_ends_comes_back(server: SlackServer, end: str) -> None:
    ann, alerts = place_of(server)
    async with started(server, listening(app_of(server))):
        await server.command("help", user=ann, channel=alerts)
        if end == "cut":
            server.drop()
        elif end == "down":
            server.down()
            await server.until(lambda: not server.link.connections, "all sockets cut")
            server.up()
        else:
            await server.disconnect(end)
        await server.until(lambda: server.link.opened == 2, "connected again")
        asked = await server.command("help", user=ann, channel=alerts)
        assert asked.acked_after is not None


async def test_an_app_hears_what_it_is_connected_to(server: SlackServer) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(await opened(server), autoping=False) as first:
            hello = json.loads((await first.receive(5)).data)
            assert (hello["type"], hello["num_connections"]) == ("hello", 1)
            assert hello["connection_info"] == {"app_id": server.app_id}
            ping = await first.receive(5)
            assert ping.type is aiohttp.WSMsgType.PING
            await first.pong(ping.data)
            await server.until(lambda: server.link.connections[0].pongs == 1, "a pong")
            await first.ping(b"mine")
            pong = await first.receive(5)
            assert (pong.type, pong.data) == (aiohttp.WSMsgType.PONG, b"mine")
            async with session.ws_connect(await opened(server)) as second:
                assert json.loads((await second.receive(5)).data)["num_connections"] == 2
        await server.until(lambda: not server.link.connections, "all closed")


async def test_an_address_is_good_for_one_socket(server: SlackServer) -> None:
    url = await opened(server)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url):
            pass
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_an_eleventh_socket_is_refused(server: SlackServer) -> None:
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(await opened(server)) for _ in range(10)]
        await server.connected(10)
        async with session.ws_connect(await opened(server)) as late:
            said = json.loads((await late.receive(5)).data)
        assert (said["type"], said["reason"]) == ("disconnect", "too_many_websockets")
        for socket in sockets:
            await socket.close()


async def test_sockets_take_turns(server: SlackServer) -> None:
    ann, alerts = place_of(server)
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(await opened(server)) for _ in range(2)]
        for socket in sockets:
            assert json.loads((await socket.receive(5)).data)["type"] == "hello"
        for _ in range(2):
            await server.command("help", user=ann, channel=alerts, wait=False)
        for socket in sockets:
            envelope = json.loads((await socket.receive(5)).data)
            assert envelope["type"] == "slash_commands"
            assert envelope["accepts_response_payload"] is True
            assert envelope["payload"]["text"] == "help"
            await socket.send_json({"envelope_id": envelope["envelope_id"]})
        await server.until(lambda: len(server.link.acks) == 2, "both acknowledged")
        for socket in sockets:
            await socket.close()


async def test_an_event_says_which_try_it_is(server: SlackServer) -> None:
    url = await opened(server)
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.receive(5)
        first = await server.event("team_rename", name="x", wait=False)
        await server.redeliver(first, retry=2, wait=False)
        tries = [json.loads((await socket.receive(5)).data) for _ in range(2)]
    assert [each["retry_attempt"] for each in tries] == [0, 2]
    assert [each["retry_reason"] for each in tries] == ["", "timeout"]
    assert tries[0]["payload"]["event"]["name"] == "x"
    assert tries[0]["payload"]["authorizations"][0]["team_id"] == server.workspace.team


async def test_what_people_do_waits_for_a_socket(server: SlackServer) -> None:
    ann, alerts = place_of(server)
    asked = asyncio.ensure_future(server.command("help", user=ann, channel=alerts))
    async with started(server, listening(app_of(server))):
        assert (await asked).acked_after is not None


def test_it_serves_a_program_in_another_thread() -> None:
    with serving_in_thread() as server:
        ann, alerts = place_of(server)

        async def program() -> None:
            async with started(server, listening(app_of(server))):
                assert (await server.command("help", user=ann, channel=alerts)).acked_after
                asked = await asyncio.to_thread(
                    lambda: server.wait(server.command("help", user=ann, channel=alerts))
                )
                assert asked.acked_after
                await server.disconnect()
                await server.until(lambda: server.link.opened == 2, "connected again")
                fault = server.hang("auth.test")
                sent = asyncio.ensure_future(client_of(server).auth_test())
                await server.until(lambda: fault.met, "asked")
                fault.release()
                assert (await sent)["ok"]
                server.drop()
                await server.until(lambda: server.link.opened == 3, "connected again")

        asyncio.run(program())
