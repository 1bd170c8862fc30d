"""Handing things to the app: over its socket, or to its address, signed."""

import hashlib
import hmac
import json
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp

from tests.servers.slack import api_views
from tests.servers.slack.delivered import Delivered
from tests.servers.slack.refusals import RefusedError
from tests.servers.slack.responding import respond
from tests.servers.slack.world import Json

if TYPE_CHECKING:
    from tests.servers.slack.core import Core

HTTP_SECONDS = 10.0


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's signature of a request, version 0."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encoded(delivered: Delivered) -> tuple[bytes, str]:
    """What goes to an address, and its content type."""
    if delivered.kind == "events_api":
        return json.dumps(delivered.sent).encode(), "application/json"
    form: Any = delivered.sent
    if delivered.kind == "interactive":
        form = {"payload": json.dumps(delivered.sent)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


async def over_socket(server: "Core", delivered: Delivered, retry: int = 0) -> None:
    """Hand it to one of the app's connections; waits for one if there is none."""
    delivered.envelope_id = delivered.envelope_id or str(uuid.uuid4())
    envelope: Json = {
        "envelope_id": delivered.envelope_id, "payload": delivered.sent, "type": delivered.kind,
        "accepts_response_payload": _takes_payload(delivered),
    }  # fmt: skip
    if delivered.kind == "events_api":
        envelope |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
    began = server.seconds()

    def acked(payload: Json) -> None:
        delivered.acked_after = server.seconds() - began
        settle(server, delivered, payload)

    while not await server.link.send(envelope, acked):
        await server.bell.until(lambda: server.link.connections, "the app connected", 5)


async def to_address(
    server: "Core", delivered: Delivered, url: str, *, retry: int = 0,
    secret: str | None = None, timestamp: str | None = None,
) -> None:  # fmt: skip
    """Post it to the app's address, signed with the signing secret (or another, in a test)."""
    body, kind = encoded(delivered)
    at = timestamp or str(int(server.clock.now()))
    headers = {
        "Content-Type": kind, "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": signature(secret or server.signing_secret, at, body),
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    }  # fmt: skip
    if retry:
        headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
    delivered.url = url
    began = server.seconds()
    timeout = aiohttp.ClientTimeout(total=HTTP_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(url, data=body, headers=headers) as response,
    ):
        delivered.body = await response.text()
        delivered.status = response.status
        if response.status != 200:
            return
        delivered.acked_after = server.seconds() - began
        settle(server, delivered, _parsed(delivered.body))


def _takes_payload(delivered: Delivered) -> bool:
    return delivered.kind == "slash_commands" or delivered.sent.get("type") == "view_submission"


def _parsed(body: str) -> Json:
    if not body.strip():
        return {}
    try:
        said = json.loads(body)
    except ValueError:
        return {"text": body}
    return said if isinstance(said, dict) else {"text": body}


def settle(server: "Core", delivered: Delivered, payload: Json) -> None:
    """Do what an acknowledgement says: a message after a command, what becomes of a dialog."""
    delivered.payload = payload
    try:
        if delivered.kind == "slash_commands" and payload and delivered.response_url:
            respond(server, delivered.response_url, payload)
        if delivered.sent.get("type") == "view_submission":
            _settle_view(server, delivered, payload)
    except RefusedError as refusal:
        # Slack shows the person an error; the test is told at its end.
        server.broken.append(refusal)
    server.bell.ring()


def _settle_view(server: "Core", delivered: Delivered, payload: Json) -> None:
    view = delivered.view
    assert view is not None
    workspace = server.workspaces[view.team]
    action = payload.get("response_action")
    if action is None:
        view.open = False
    elif action == "clear":
        for each in workspace.views.values():
            if each.root_id == view.root_id:
                each.open = False
    elif action == "update":
        content = api_views.checked(workspace, payload.get("view"), "modal")
        api_views.change(server, workspace, view, content)
    elif action == "push":
        content = api_views.checked(workspace, payload.get("view"), "modal")
        api_views.add(server, workspace, content, view.user, view)
    elif action == "errors":
        _check_errors(view.blocks, payload.get("errors"))
    else:
        raise RefusedError(f"unknown response_action: {action}")


def _check_errors(blocks: list[Json], errors: Any) -> None:
    """Errors are shown under inputs, by block id; Slack refuses any other."""
    ids = {each["block_id"] for each in blocks if each["type"] == "input"}
    if not isinstance(errors, dict) or not errors or set(errors) - ids:
        raise RefusedError(f"errors must name inputs: {errors}; there are {sorted(ids)}")
