"""Requests to the bot: what Slack has signed reaches it, and nothing else does."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UserError
from bot.services import Services
from bot.surfaces.slack.app import build
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.http import MOST_BYTES, serving
from bot.surfaces.slack.workspaces import Workspace
from tests.delivering import until

SECRET = "loopback-secret"
FORM = "application/x-www-form-urlencoded"
COMMAND = {"command": "/aftershock", "text": "help", "team_id": "T1", "user_id": "U1"}


class Home:
    """The one workspace there is."""

    async def of(self, team: str) -> Workspace:
        return Workspace(team, "Home", "UB", "B1", AsyncWebClient(token="xoxb-1"))

    async def refused(self, workspace: Workspace, code: str) -> Exception:
        raise NotImplementedError


@dataclass
class Door:
    """The server under test, and the texts of the commands that came through."""

    services: Services
    url: str = ""
    heard: list[str] = field(default_factory=list)
    waits: asyncio.Event | None = None

    def register(self, app: AsyncApp, slack: Slack) -> None:
        async def command(ack: Any, body: dict[str, Any]) -> None:
            self.heard.append(body["text"])
            if self.waits is not None:
                await self.waits.wait()
            await ack("heard")

        app.command("/aftershock")(command)

    def signed(self, body: str, seconds: float = 0, secret: str = SECRET) -> dict[str, str]:
        """The headers of a request signed that long ago."""
        at = int((self.services.clock.now() - timedelta(seconds=seconds)).timestamp())
        signature = SignatureVerifier(secret).generate_signature(timestamp=str(at), body=body)
        assert signature is not None
        return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": signature}

    async def post(self, body: str | bytes, headers: dict[str, str], kind: str = FORM
                   ) -> tuple[int, str]:  # fmt: skip
        """The status and text of the answer."""
        url = f"{self.url}/slack/events"
        sent = {"Content-Type": kind, **headers}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body, headers=sent) as answer,
        ):
            return answer.status, await answer.text()


@asynccontextmanager
async def serving_door(services: Services) -> AsyncIterator[Door]:
    """The server on a port of its own."""
    door = Door(services)
    slack = Slack(services, Home(), None)  # type: ignore[arg-type]
    app = build(slack, [door.register], AsyncWebClient())
    async with serving(app, "127.0.0.1:0", SECRET, services.clock) as url:
        door.url = url
        yield door


@pytest.fixture
async def door(services: Services) -> AsyncIterator[Door]:
    async with serving_door(services) as found:
        yield found


async def test_a_signed_command_is_answered(door: Door) -> None:
    body = urlencode(COMMAND)
    assert await door.post(body, door.signed(body)) == (200, "heard")
    assert door.heard == ["help"]


async def test_a_request_that_somebody_else_signed_is_refused(door: Door) -> None:
    body = urlencode(COMMAND)
    refusal = (401, "The signature is not Slack's, or too old.")
    good = door.signed(body)
    stamp, signature = good.values()
    for headers in (
        {},
        door.signed(body, secret="another"),
        door.signed(body + "&text=more"),
        {"X-Slack-Signature": signature},
        {"X-Slack-Request-Timestamp": stamp},
        good | {"X-Slack-Request-Timestamp": "soon"},
        good | {"X-Slack-Request-Timestamp": "9" * 2_000},
        good | {"X-Slack-Signature": "v0=ü"},
    ):
        assert await door.post(body, headers) == refusal, headers
    assert door.heard == []


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (301, 401), (-299, 200), (-301, 401)])
async def test_a_signature_holds_for_five_minutes(door: Door, seconds: int, status: int) -> None:
    body = urlencode(COMMAND)
    assert (await door.post(body, door.signed(body, seconds)))[0] == status


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[" * 100_000, b"null", b"{}", b""])
async def test_unsigned_nonsense_is_not_read(
    door: Door, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    signed = door.signed("something else")
    assert (await door.post(body, signed, "application/json"))[0] == 401
    assert caplog.text == ""


async def test_a_body_that_is_too_long_is_refused(door: Door) -> None:
    body = "x" * (MOST_BYTES + 1)
    assert (await door.post(body, door.signed(body)))[0] == 413


async def test_an_event_that_slack_sends_again_is_run_once(door: Door) -> None:
    body = urlencode(COMMAND | {"trigger_id": "1.2.abc"})
    assert (await door.post(body, door.signed(body)))[0] == 200
    again = door.signed(body) | {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert await door.post(body, again) == (200, "")
    assert door.heard == ["help"]


async def test_whoever_holds_connections_open_keeps_slack_out_of_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.surfaces.slack.http.CONNECTION_SECONDS", 1.0)
    monkeypatch.setattr("bot.surfaces.slack.http.MOST_CONNECTIONS", 16)
    body = urlencode(COMMAND)
    async with AsyncExitStack() as stack:
        door = await stack.enter_async_context(serving_door(services))
        port = int(door.url.rpartition(":")[2])

        async def crowd(number: int) -> list[asyncio.StreamReader]:
            held = []
            for one in range(number):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                stack.callback(writer.close)
                if one % 2:
                    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                held.append(reader)
            return held

        held = await crowd(60)
        assert await door.post(body, door.signed(body)) == (200, "heard")
        # A request that Slack has signed makes way for nobody while it is worked on.
        door.waits = asyncio.Event()
        asked = asyncio.create_task(door.post(body, door.signed(body)))
        await until(lambda: len(door.heard) == 2)
        held += await crowd(60)
        door.waits.set()
        assert await asked == (200, "heard")
        for reader in held:  # each is closed in the end, by whoever came later or by its time
            with suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 10) == b""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        stack.callback(writer.close)
        writer.write(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        said = await asyncio.wait_for(reader.read(), 10)  # one answer, then it is closed
        assert said.startswith(b"HTTP/1.1 404")


async def test_slack_may_check_the_address(door: Door) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"})
    status, text = await door.post(body, door.signed(body), "application/json")
    assert (status, json.loads(text)) == (200, {"challenge": "abc"})


async def test_nothing_is_installed_where_there_is_one_workspace(door: Door) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/slack/events", "/slack/install", "/slack/oauth_redirect"):
            async with session.get(door.url + path) as answer:
                assert answer.status in (404, 405), path


async def test_a_port_in_use_is_told_in_a_sentence(services: Services) -> None:
    app = build(Slack(services, Home(), None), [], AsyncWebClient())  # type: ignore[arg-type]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UserError) as refused:
            async with serving(app, listen, SECRET, services.clock):
                pass
    assert str(refused.value) == (
        f"slack.listen: {listen} is used by another program; stop that, or choose a port."
    )


async def test_an_address_that_is_not_ours_is_told_in_a_sentence(services: Services) -> None:
    app = build(Slack(services, Home(), None), [], AsyncWebClient())  # type: ignore[arg-type]
    with pytest.raises(UserError, match=r"192\.0\.2\.1:3000 cannot be listened on \("):
        async with serving(app, "192.0.2.1:3000", SECRET, services.clock):
            pass
