"""No token, secret or address that is as good as one gets into the log or into an error."""

import logging
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.services import Services
from bot.surfaces.slack.app import build
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.link import connected
from bot.surfaces.slack.workspaces import OneWorkspace, client_of
from tests.servers.slack import running
from tests.surfaces.slack.installed import on, started
from tests.surfaces.slack.telling import CARD, CHART, telling

KEY = "4RpQOpCiBkAkCrP8QqDnnIkYjGJXRG7yUP9gFVhLsPc="
FAULTS: list[dict[str, Any]] = [
    {"error": "invalid_auth"}, {"status": 500}, {"status": 429, "retry_after": 0}, {"text": "<p>"},
    {"error": "channel_not_found"}, {"status": 403, "text": "no"},
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_goes_wrong_with_a_message_names_no_token(
    fault: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with telling() as told:
        server, token = told.server, told.server.workspace.bot_token
        card = replace(CARD, chart=CHART)
        await told.notifier.send(told.row(), card)
        for name in ("files.*", "chat.*", "conversations.*", "auth.*"):
            server.next(name, times=None, **fault)
        for work in (
            told.notifier.send(told.row(), card), told.notifier.find(told.row()),
            told.workspaces.look(),
        ):  # fmt: skip
            try:
                await work
            except Exception as error:
                logging.exception("it failed: %r %s", error, error)
    assert token not in caplog.text
    assert told.server.base_url + "/upload" not in caplog.text


@pytest.mark.parametrize("fault", [None, *FAULTS])
async def test_an_installation_names_no_secret(
    services: Services, fault: dict[str, Any] | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running() as server, started(server, on(services, server), KEY) as bot:
        if fault:
            server.next("oauth.*", times=None, **fault)
        await bot.install(server.workspace)
        await bot.server.post_to(bot.events, "event", "tokens_revoked", team=server.workspace,
                               tokens={"bot": []})  # fmt: skip
        if not fault:
            ann = server.workspace.add_user("ben")
            await bot.ask("status", ann, server.workspace.add_channel("x", ann))
        secrets = [server.workspace.bot_token, server.client_secret, server.signing_secret, KEY,
                   *server.codes]  # fmt: skip
    for one in secrets:
        assert one not in caplog.text


@pytest.mark.parametrize("fault", [None, *FAULTS[1:]])
async def test_a_connection_names_no_token_and_no_ticket(
    fault: dict[str, Any] | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running() as server, aiohttp.ClientSession() as session:
        workspaces = OneWorkspace(client_of(server.workspace.bot_token, server.api_url, session))
        await workspaces.look()
        client = client_of(None, server.api_url, session)
        app = build(Slack(None, workspaces, None), [typed], client)  # type: ignore[arg-type]
        if fault:
            server.next("apps.connections.open", **fault)
        async with connected(app, server.app_token, client, first_pause=0.01):
            await server.connected()
            ann = server.workspace.add_user("ann")
            asked = await server.command(
                "help", user=ann, channel=server.workspace.add_channel("a", ann)
            )
            assert asked.response_url
            server.drop()
        secrets = [server.app_token, server.workspace.bot_token, "ticket=", "/link",
                   asked.response_url.url]  # fmt: skip
    for one in secrets:
        assert one not in caplog.text


def typed(app: AsyncApp, _slack: Slack) -> None:
    """A command that asks Slack something."""

    async def work(ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()
        await client.auth_test()

    app.command("/aftershock")(work)


async def test_the_log_hears_of_each_workspaces_token(services: Services) -> None:
    hidden: list[str] = []
    services.live.keep_secret = hidden.append
    async with running() as server:
        token = server.workspace.bot_token
        async with started(server, on(services, server), KEY) as bot:
            await bot.install(server.workspace)
            assert hidden == [token]
        async with started(server, on(services, server), KEY) as bot:
            await bot.workspaces.of(server.workspace.team)  # out of the database, opened
            assert hidden == [token, token]
