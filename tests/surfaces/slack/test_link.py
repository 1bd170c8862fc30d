"""The connection to Slack: kept through whatever breaks it, with the real Bolt."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.surfaces.slack.app import Seen, once
from bot.surfaces.slack.link import Link, connected
from bot.surfaces.slack.workspaces import client_of
from tests.servers.slack import Channel, SlackServer, User, running


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with running() as server:
        yield server


def people(server: SlackServer) -> tuple[User, Channel]:
    """Somebody, and a channel of theirs."""
    ann = server.workspace.add_user("ann")
    return ann, server.workspace.add_channel("alerts", ann)


@asynccontextmanager
async def linked(
    server: SlackServer, ran: list[str], app_token: str = "", broken: list[str] | None = None
) -> AsyncIterator[Link]:
    """An app with one command, which notes what it was asked, on that server."""

    async def authorize(**_given: Any) -> AuthorizeResult:
        one = server.workspace
        return AuthorizeResult(enterprise_id=None, team_id=one.team, bot_token=one.bot_token)

    async with aiohttp.ClientSession() as session:
        client = client_of(None, server.api_url, session)
        app = AsyncApp(
            client=client,
            authorize=authorize,
            signing_secret="",
            request_verification_enabled=False,
            before_authorize=once(Seen()),
        )

        @app.command("/aftershock")
        async def asked(ack: Any, body: dict[str, Any]) -> None:
            await ack()
            ran.append(body["text"])

        token = app_token or server.app_token
        heard = [] if broken is None else broken
        async with connected(
            app, token, client, ping_seconds=0.1, first_pause=0.02, broken=heard.append
        ) as link:
            yield link


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_an_announced_end_is_ridden_out(server: SlackServer, reason: str) -> None:
    ann, channel = people(server)
    ran: list[str] = []
    async with linked(server, ran):
        await server.connected()
        await server.command("before", user=ann, channel=channel)
        await server.disconnect(reason)
        await server.until(lambda: server.link.opened == 2, "a second connection", 5)
        await server.connected()
        await server.command("after", user=ann, channel=channel)
    assert ran == ["before", "after"]
    assert server.link.opened == 2


async def test_a_connection_that_is_cut_is_made_again(server: SlackServer) -> None:
    ann, channel = people(server)
    ran: list[str] = []
    async with linked(server, ran):
        await server.connected()
        server.drop()
        await server.until(lambda: server.link.opened == 2, "a second connection", 5)
        await server.connected()
        await server.command("after", user=ann, channel=channel)
    assert ran == ["after"]


async def test_a_connection_that_has_gone_silent_is_made_again(server: SlackServer) -> None:
    async with linked(server, []):
        await server.connected()
        server.link.silent = True
        await server.until(lambda: server.link.opened >= 2, "a second connection", 5)


async def test_a_socket_that_does_not_open_is_tried_anew(
    server: SlackServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.surfaces.slack.link.OPENING_SECONDS", 0.1)
    server.link.mute = True
    async with linked(server, []):
        await server.until(lambda: caplog.text.count("cannot be reached") > 1, "failures", 5)
        assert "Slack cannot be reached (TimeoutError); again" in caplog.text
        server.link.mute = False
        await server.connected()


async def test_each_try_has_an_address_of_its_own(
    server: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    ann, channel = people(server)
    ran: list[str] = []
    async with linked(server, ran):
        await server.connected()
        server.down()
        server.drop()
        await server.until(lambda: "cannot be reached" in caplog.text, "a failure", 5)
        server.up()
        await server.until(lambda: server.link.opened == 2, "a second connection", 5)
        await server.connected()
        await server.command("after", user=ann, channel=channel)
    assert ran == ["after"]
    assert "Traceback" not in caplog.text
    assert server.app_token not in caplog.text


async def test_a_slack_that_is_down_at_the_start_is_tried_again(server: SlackServer) -> None:
    server.next("apps.connections.open", status=503, times=2)
    async with linked(server, []):
        await server.connected()


async def test_a_refused_app_token_is_said_and_tried_again(
    server: SlackServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.surfaces.slack.link.LONGEST_PAUSE", 0.05)
    server.next("apps.connections.open", error="invalid_auth", times=2)
    async with linked(server, []):
        await server.connected()
    said = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert len(said) == 2
    assert "AFTERSHOCK_SLACK_APP_TOKEN (invalid_auth); make one" in said[0]


STRANGE = [
    b"[]",
    b"[1]",
    b'{"ok": true, "url": "\xff"}',
    b'{"ok": true}',
    b'{"ok": true, "url": 5}',
    b"7",
]


@pytest.mark.parametrize("body", STRANGE)
async def test_an_answer_that_is_none_of_slacks_is_said_and_asked_for_again(
    server: SlackServer, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    ann, channel = people(server)
    ran: list[str] = []
    broken: list[str] = []
    server.next("apps.connections.open", body=body, times=2)
    async with linked(server, ran, broken=broken):
        await server.connected()
        await server.command("after", user=ann, channel=channel)
    assert ran == ["after"]
    assert broken[-1] == ""
    assert len(broken) == 3
    assert all("Slack" in why and "answer" in why for why in broken[:2])
    assert caplog.text.count("Traceback") <= 1
    assert server.app_token not in caplog.text


async def test_what_is_delivered_again_is_acknowledged_and_not_run_again(
    server: SlackServer,
) -> None:
    ann, channel = people(server)
    ran: list[str] = []
    async with linked(server, ran):
        await server.connected()
        asked = await server.command("alert add NVDA", user=ann, channel=channel)
        again = await server.redeliver(asked)
        other = await server.redeliver(asked, same_envelope=False)
        assert max(again.acked_after or 9, other.acked_after or 9) < 3
        await server.command("alert add NVDA", user=ann, channel=channel)
    assert ran == ["alert add NVDA"] * 2  # the second is asked anew, by whoever typed it again


def test_only_the_newest_requests_are_remembered() -> None:
    seen = Seen(kept=2)
    assert [seen.is_new(key) for key in "abacab"] == [True, True, False, True, False, True]
