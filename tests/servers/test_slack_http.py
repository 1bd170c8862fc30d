"""The loopback Slack over HTTP, by the real libraries: signed requests, and installing the app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from tests.servers.slack import SlackServer, running
from tests.servers.slack_bot import app_of, client_of, refusal

BUTTONS = [{"type": "actions", "elements": [
    {"type": "button", "action_id": "explain", "value": "n1",
     "text": {"type": "plain_text", "text": "Explain"}},
]}]  # fmt: skip

# The SDK's own way of sending the client's secret.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """A loopback Slack."""
    async with running() as server:
        yield server


@asynccontextmanager
async def served(app: AsyncApp) -> AsyncIterator[str]:
    """The app at an address of its own."""

    async def take(request: web.Request) -> web.Response:
        response = await app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(response)

    application = web.Application()
    application.router.add_post("/slack/events", take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


async def test_what_people_do_is_posted_and_signed(server: SlackServer) -> None:
    own = server.workspace
    ann = own.add_user("ann")
    alerts = own.add_channel("alerts", ann)
    app = app_of(server, signed=True)
    seen: list[Any] = []

    async def take(ack: Any, body: Any) -> None:
        await ack()
        seen.append(body)

    async def say(ack: Any) -> None:
        await ack("Hello.")

    app.command("/aftershock")(say)
    app.action("explain")(take)
    app.shortcut("add")(take)
    app.event("team_rename")(take)
    await client_of(server).chat_postMessage(channel=alerts.id, text="x", blocks=BUTTONS)
    async with served(app) as url:
        asked = await server.post_to(url, "command", "help", user=ann, channel=alerts)
        assert (asked.status, asked.body) == (200, "Hello.")
        assert asked.acked_after is not None
        assert [each.text for each in server.ephemerals(alerts, ann)] == ["Hello."]
        message = server.messages(alerts)[0]
        done = await server.post_to(url, "press", message, "explain", user=ann)
        assert done.status == 200
        assert (await server.post_to(url, "shortcut", "add", user=ann)).status == 200
        event = await server.post_to(url, "event", "team_rename", name="x")
        again = await server.redeliver(event)
        assert (again.status, again.url) == (200, url)
        await server.until(lambda: len(seen) == 4, "all taken")
    assert seen[0]["actions"][0]["value"] == "n1"
    assert seen[2]["event_id"] == seen[3]["event_id"]


async def test_another_signature_or_an_old_one_does_not_pass(server: SlackServer) -> None:
    ann = server.workspace.add_user("ann")
    alerts = server.workspace.add_channel("alerts", ann)
    async with served(app_of(server, signed=True)) as url:
        forged = await server.post_to(
            url, "command", "help", user=ann, channel=alerts, secret="guessed"
        )
        old = await server.post_to(
            url, "command", "help", user=ann, channel=alerts, timestamp="1700000000"
        )
    assert (forged.status, old.status) == (401, 401)
    assert forged.acked_after is None


async def test_a_workspace_installs_the_app_once_per_code(server: SlackServer) -> None:
    funds = server.add_workspace("Funds", installed=False)
    zoe = funds.add_user("zoe", admin=True)
    client = client_of(server, token="")
    assert await refusal(client_of(server, funds).auth_test()) == "invalid_auth"

    def exchange(code: str, secret: str = server.client_secret, **more: str) -> Any:
        return client.oauth_v2_access(
            client_id=server.client_id, client_secret=secret, code=code, **more
        )

    code = server.code(funds, zoe, scope="commands", redirect_uri="https://a.example/back")
    assert await refusal(exchange(code, secret="x")) == "bad_client_secret"
    assert await refusal(exchange("no such code")) == "invalid_code"
    said = await exchange(code, redirect_uri="https://a.example/back")
    assert said["access_token"] == funds.bot_token
    assert (said["team"], said["scope"]) == ({"id": funds.team, "name": "Funds"}, "commands")
    assert said["authed_user"] == {"id": zoe.id}
    assert (await client_of(server, funds).auth_test())["team"] == "Funds"
    assert await refusal(exchange(code)) == "invalid_code"
    other = server.code(funds, zoe, redirect_uri="https://a.example/back")
    elsewhere = exchange(other, redirect_uri="https://b.example")
    assert await refusal(elsewhere) == "bad_redirect_uri"


async def test_an_app_that_was_removed_gets_another_token(server: SlackServer) -> None:
    own = server.workspace
    ann, before = own.add_user("ann"), own.bot_token
    client = client_of(server)
    ids = {"client_id": server.client_id, "client_secret": server.client_secret}
    await client.apps_uninstall(**ids)
    assert await refusal(client.auth_test()) == "account_inactive"
    said = await client_of(server, token="").oauth_v2_access(code=server.code(own, ann), **ids)
    assert said["access_token"] != before
    assert await refusal(client.auth_test()) == "invalid_auth"
    assert (await client_of(server).auth_test())["team_id"] == own.team
