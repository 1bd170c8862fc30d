"""How a loopback Slack answers a request: which part it is for, what goes wrong with it."""

import os
import socket as sockets
import struct
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.servers.slack import (
    api_chat,
    api_conversations,
    api_files,
    api_people,
    api_views,
    responding,
)
from tests.servers.slack.calls import METHODS, Call, arguments, basic, token_of
from tests.servers.slack.refusals import RefusedError
from tests.servers.slack.seen import Request
from tests.servers.slack.world import Json, Workspace

if TYPE_CHECKING:
    from tests.servers.slack.core import Core

# Imported for the methods that they answer.
__all__ = ["answer", "api_chat", "api_conversations", "api_views"]


async def answer(server: "Core", request: web.BaseRequest) -> web.StreamResponse:
    """Any request."""
    path = request.path
    if server.is_down:
        return web.Response(status=503, text="Service Unavailable")
    if path.startswith("/link"):
        return await server.link.serve(request)
    name, work = _route(server, request, path)
    fault = server.faults.meets(name) if server.faults.set else None
    if fault is not None and fault.hang and not fault.done:
        await fault.released.wait()
    try:
        if fault is not None and fault.text is not None:
            status = fault.refusal.status if fault.refusal else 200
            response = web.Response(status=status, text=fault.text, content_type="text/html")
            _seen(server, name, {}, "", status, "page")
        elif fault is not None and fault.body is not None:
            response = web.Response(body=fault.body, content_type="application/json")
            _seen(server, name, {}, "", 200, "body")
        else:
            response = await work(fault.refusal if fault else None)
    except Exception as error:  # noqa: BLE001, raised again when the server stops
        server.broken.append(error)
        response = web.Response(status=500)
    server.bell.ring()
    if fault is not None and fault.hang:
        await fault.released.wait()
    if fault is not None and fault.lost:
        return _cut(request)
    return response


def _route(server: "Core", request: web.BaseRequest, path: str) -> tuple[str, Any]:
    if path.startswith("/api/"):
        name = path.removeprefix("/api/")
        return name, lambda refusal: _method(server, request, name, refusal)
    if path.startswith("/upload/"):
        return "upload", lambda refusal: _upload(server, request, refusal)
    return "response_url", lambda refusal: _response_url(server, request, refusal)


async def _method(
    server: "Core", request: web.BaseRequest, name: str, refusal: RefusedError | None
) -> web.Response:
    args: Json = {}
    team, headers = "", dict[str, str]()
    try:
        args = await arguments(request)
        token = token_of(request, args)
        if refusal is not None:
            raise refusal
        body = _without_workspace(server, request, name, token, args)
        if body is None:
            workspace = _workspace(server, token)
            team = workspace.team
            if workspace.scopes is not None:
                headers["X-OAuth-Scopes"] = ",".join(sorted(workspace.scopes))
            body = _answer(server, Call(name, args, workspace))
    except RefusedError as error:
        _seen(server, name, args, team, error.status, error.code)
        return web.json_response(error.body, status=error.status, headers=error.headers)
    _seen(server, name, args, team, 200, None)
    return web.json_response({"ok": True, **body}, headers=headers)


def _without_workspace(
    server: "Core", request: web.BaseRequest, name: str, token: str, args: Json
) -> Json | None:
    if name == "apps.connections.open":
        return api_people.connections_open(server, token)
    if name == "oauth.v2.access":
        return api_people.oauth_access(server, basic(request) | args)
    return None


def _workspace(server: "Core", token: str) -> Workspace:
    if not token:
        raise RefusedError("not_authed")
    if token == server.app_token:
        raise RefusedError("not_allowed_token_type")
    for workspace in server.workspaces.values():
        if workspace.bot_token == token:
            if workspace.refusal:
                raise RefusedError(workspace.refusal)
            return workspace
    raise RefusedError("invalid_auth")


def _answer(server: "Core", call: Call) -> Json:
    if call.method not in METHODS:
        raise RefusedError("unknown_method", req_method=call.method)
    work, scope = METHODS[call.method]
    granted = call.workspace.scopes
    if scope and granted is not None and scope not in granted:
        raise RefusedError("missing_scope", needed=scope, provided=",".join(sorted(granted)))
    server.limits.call(call.workspace.team, call.method, server.clock.now())
    return work(server, call)


async def _upload(
    server: "Core", request: web.BaseRequest, refusal: RefusedError | None
) -> web.Response:
    body = await request.read()
    if refusal is None:
        response = api_files.receive(server.workspaces, request.path, body)
    else:
        response = web.Response(status=refusal.status, text="")
    team = request.path.split("/")[3] if request.path.count("/") > 3 else ""
    error = None if response.status == 200 else "upload_failed"
    _seen(server, "upload", {"length": len(body)}, team, response.status, error)
    return response


async def _response_url(
    server: "Core", request: web.BaseRequest, refusal: RefusedError | None
) -> web.Response:
    raw = await request.read()
    if refusal is None:
        response = responding.answer(server, request.path, raw)
    else:
        response = web.json_response(refusal.body, status=refusal.status, headers=refusal.headers)
    found = server.response_urls.get(request.path)
    error = None if response.status == 200 else "refused"
    team = found.workspace.team if found else ""
    _seen(server, "response_url", responding.parsed(raw), team, response.status, error)
    return response


def _seen(server: "Core", name: str, args: Json, team: str, status: int, error: str | None) -> None:
    server.requests.append(Request(name, args, server.clock.now(), team, status, error))


def _cut(request: web.BaseRequest) -> web.StreamResponse:
    """End with a reset instead of an answer."""
    transport = request.transport
    socket = transport.get_extra_info("socket") if transport else None
    if socket is not None and transport is not None:
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, linger)
        transport.abort()
    return web.Response()
