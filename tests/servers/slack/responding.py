"""response_urls: five posts within half an hour, each with a message."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from tests.servers.slack.posting import checked, metadata_of, post
from tests.servers.slack.refusals import RefusedError
from tests.servers.slack.world import Channel, Json, Message, Workspace

if TYPE_CHECKING:
    from tests.servers.slack.core import Core

USES = 5
SECONDS = 30 * 60


@dataclass
class ResponseUrl:
    """One response_url. `source` is the message that was pressed; None for a command."""

    url: str
    workspace: Workspace
    channel: Channel
    user: str
    at: float
    source: Message | None = None
    uses: int = 0
    bodies: list[Json] = field(default_factory=list)


def new(
    server: "Core", workspace: Workspace, channel: Channel, user: str, kind: str,
    source: Message | None = None,
) -> ResponseUrl:  # fmt: skip
    """A new one; `kind` is "commands" or "actions"."""
    clock = server.clock
    path = f"/{kind}/{workspace.team}/{clock.word()}/{clock.word().lower()}"
    made = ResponseUrl(server.base_url + path, workspace, channel, user, clock.now(), source)
    server.response_urls[path] = made
    return made


def answer(server: "Core", path: str, raw: bytes) -> web.Response:
    """Take a post to one."""
    found = server.response_urls.get(path)
    try:
        if found is None:
            raise RefusedError("no_such_url", status=404)
        if server.clock.now() - found.at > SECONDS:
            raise RefusedError("expired_url", status=404)
        if found.uses >= USES:
            raise RefusedError("used_url", status=404)
        if found.workspace.refusal:
            raise RefusedError("no_team", status=404)
        try:
            body = json.loads(raw)
        except ValueError:
            raise RefusedError("invalid_payload", status=400) from None
        respond(server, found, body)
    except RefusedError as refusal:
        status = refusal.status if refusal.status != 200 else 400
        return web.json_response(refusal.body, status=status, headers=refusal.headers)
    found.uses += 1
    found.bodies.append(body)
    server.bell.ring()
    return web.Response(text="ok")


def respond(server: "Core", to: ResponseUrl, body: Json) -> None:
    """Do what a response asks for: a new message, a change of the one pressed, or its end."""
    source = to.source
    if body.get("delete_original"):
        if source is None or source not in to.channel.messages:
            raise RefusedError("message_not_found", status=404)
        to.channel.messages.remove(source)
        return
    text, blocks = checked(to.workspace, body.get("text"), body.get("blocks"), in_all=False)
    # Left open, a press replaces what was pressed, unless the response says who is to see it.
    replaces = body.get("replace_original", source is not None and "response_type" not in body)
    if replaces and source is not None:
        if source not in to.channel.messages:
            raise RefusedError("message_not_found", status=404)
        source.text, source.blocks = text, blocks
        source.edited = server.clock.ts()
        return
    public = body.get("response_type") == "in_channel"
    post(
        server, to.workspace, to.channel, text, blocks,
        thread_ts=body.get("thread_ts"),
        metadata=metadata_of(body.get("metadata")),
        to=None if public else to.user,
    )  # fmt: skip


def parsed(raw: bytes) -> Json:
    """What was posted, as far as it can be read."""
    try:
        said = json.loads(raw)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
