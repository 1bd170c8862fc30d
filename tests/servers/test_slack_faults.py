"""How often the loopback Slack may be asked, and all that can go wrong with it."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackClientError

from tests.servers.slack import Channel, SlackServer, running
from tests.servers.slack_bot import client_of, refusal


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """A loopback Slack."""
    async with running() as server:
        yield server


@pytest.fixture
def alerts(server: SlackServer) -> Channel:
    """A channel with the bot in it."""
    return server.workspace.add_channel("alerts")


async def waits(call: object) -> int:
    """What Slack says of when to come back, in seconds; 0 where it lets the call through."""
    try:
        await call  # type: ignore[misc]
    except SlackApiError as error:
        if (error.response["error"], error.response.status_code) != ("ratelimited", 429):
            raise
        return int(error.response.headers["Retry-After"])
    return 0


async def test_a_channel_takes_a_message_each_second(server: SlackServer, alerts: Channel) -> None:
    client, other = client_of(server), server.workspace.add_channel("news")
    server.limits.per_channel_seconds = 1.0
    assert await waits(client.chat_postMessage(channel=alerts.id, text="1")) == 0
    assert await waits(client.chat_postMessage(channel=alerts.id, text="2")) == 1
    assert await waits(client.chat_postMessage(channel=other.id, text="1")) == 0
    server.clock.advance(1)
    assert await waits(client.chat_postMessage(channel=alerts.id, text="2")) == 0
    assert [each.text for each in server.messages(alerts)] == ["1", "2"]
    assert [each.status for each in server.calls("chat.postMessage")] == [200, 429, 200, 200]


async def test_a_workspace_takes_so_many_messages_a_minute(
    server: SlackServer, alerts: Channel
) -> None:
    funds = server.add_workspace("Funds")
    theirs = funds.add_channel("alerts")
    server.limits.per_minute = 3
    client = client_of(server)
    for _ in range(3):
        assert await waits(client.chat_postMessage(channel=alerts.id, text="x")) == 0
    assert await waits(client.chat_postMessage(channel=alerts.id, text="x")) == 60
    other = client_of(server, funds)
    assert await waits(other.chat_postMessage(channel=theirs.id, text="x")) == 0
    server.clock.advance(60)
    assert await waits(client.chat_postMessage(channel=alerts.id, text="x")) == 0


async def test_history_may_be_slow_and_short(server: SlackServer, alerts: Channel) -> None:
    client = client_of(server)
    for _ in range(20):
        ts = (await client.chat_postMessage(channel=alerts.id, text="x"))["ts"]
    server.limits.slow_history = True
    said = await client.conversations_history(channel=alerts.id, limit=200)
    assert len(said["messages"]) == 15
    assert said["has_more"]
    assert await waits(client.conversations_history(channel=alerts.id)) == 60
    # Replies are counted by themselves.
    assert await waits(client.conversations_replies(channel=alerts.id, ts=ts)) == 0
    server.clock.advance(60)
    assert await waits(client.conversations_history(channel=alerts.id)) == 0
    server.limits.per_method["users.info"] = 1
    ann = server.workspace.add_user("ann")
    assert await waits(client.users_info(user=ann.id)) == 0
    assert await waits(client.users_info(user=ann.id)) == 60


async def test_the_next_call_fails_as_told(server: SlackServer, alerts: Channel) -> None:
    client = client_of(server)
    server.next("chat.postMessage", status=429, retry_after=2)
    assert await waits(client.chat_postMessage(channel=alerts.id, text="x")) == 2
    server.next("chat.*", error="fatal_error", times=2)
    for expected in ("fatal_error", "fatal_error", ""):
        assert await refusal(client.chat_postMessage(channel=alerts.id, text="x")) == expected
    server.next("chat.postMessage", status=500)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=alerts.id, text="x")
    assert caught.value.response.status_code == 500
    server.next("chat.postMessage", status=502, text="<html>Bad gateway</html>")
    with pytest.raises((SlackApiError, SlackClientError)):
        await client.chat_postMessage(channel=alerts.id, text="x")
    assert len(server.messages(alerts)) == 1


async def test_a_reply_is_lost_after_the_deed(server: SlackServer, alerts: Channel) -> None:
    client = client_of(server)
    server.lose_reply("chat.postMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.chat_postMessage(channel=alerts.id, text="x")
    assert [each.text for each in server.messages(alerts)] == ["x"]
    await client.chat_postMessage(channel=alerts.id, text="y")
    assert len(server.messages(alerts)) == 2


@pytest.mark.parametrize("done", [False, True])
async def test_a_call_hangs_until_it_is_released(
    server: SlackServer, alerts: Channel, done: bool
) -> None:
    client = client_of(server)
    fault = server.hang("chat.postMessage", done=done)
    sent = asyncio.ensure_future(client.chat_postMessage(channel=alerts.id, text="x"))
    await server.until(lambda: fault.met, "asked")
    assert (await client.auth_test())["ok"]
    await server.until(lambda: len(server.messages(alerts)) == done, "done or not")
    assert not sent.done()
    fault.release()
    assert (await sent)["ok"]
    assert len(server.messages(alerts)) == 1
    await client.chat_postMessage(channel=alerts.id, text="y")


async def test_what_hangs_does_not_keep_the_server_from_ending() -> None:
    before = time.monotonic()
    async with running() as server:
        fault = server.hang("auth.test")
        sent = asyncio.ensure_future(client_of(server).auth_test())
        await server.until(lambda: fault.met, "asked")
    with pytest.raises(aiohttp.ClientError):
        await sent
    assert time.monotonic() - before < 2


async def test_it_is_down_and_up_again(server: SlackServer, alerts: Channel) -> None:
    client = client_of(server)
    server.down()
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=alerts.id, text="x")
    assert caught.value.response.status_code == 503
    server.up()
    await client.chat_postMessage(channel=alerts.id, text="x")
    url = server.api_url
    await server.unreachable()
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.chat_postMessage(channel=alerts.id, text="x")
    await server.reachable()
    assert server.api_url == url
    await client.chat_postMessage(channel=alerts.id, text="x")
    assert len(server.messages(alerts)) == 2


async def test_an_upload_and_a_response_can_fail_too(server: SlackServer) -> None:
    client = client_of(server)
    server.next("upload", status=500)
    with pytest.raises(SlackClientError):
        await client.files_upload_v2(filename="a.png", content=b"123")
    assert (await client.files_upload_v2(filename="a.png", content=b"123"))["ok"]
    assert [each.status for each in server.calls("upload")] == [500, 200]
