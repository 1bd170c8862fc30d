"""A call of a Web API method: its arguments, and which function answers it."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import hdrs, web

from tests.servers.slack.refusals import RefusedError
from tests.servers.slack.world import Channel, Json, Workspace

if TYPE_CHECKING:
    from tests.servers.slack.core import Core

Answer = Callable[["Core", "Call"], Json]


@dataclass(frozen=True)
class Call:
    """One call by a workspace's bot. Arguments come in the query, in a form or as JSON: all one."""

    method: str
    args: Json
    workspace: Workspace

    def required(self, name: str, code: str = "invalid_arguments") -> Any:
        """An argument that must be there."""
        value = self.args.get(name)
        if value in (None, ""):
            raise RefusedError(
                code,
                response_metadata={"messages": [f"[ERROR] missing required field: {name}"]},
            )
        return value

    def flag(self, name: str) -> bool:
        """A yes or no; "1" and "true" are yes."""
        return str(self.args.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        try:
            return int(self.args.get(name) or default)
        except ValueError:
            raise RefusedError("invalid_arguments") from None

    def decoded(self, name: str) -> Any:
        """An object or list, which a form carries as JSON text; None where there is none."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise RefusedError(f"invalid_{name}_format") from None

    def channel(self, name: str = "channel") -> Channel:
        """The channel that is named, if the bot may know of it."""
        id_ = self.args.get(name)
        found = self.workspace.channels.get(str(id_))
        if found is None or found.deleted or (_hidden(found) and not found.is_member):
            raise RefusedError("channel_not_found")
        return found


def _hidden(channel: Channel) -> bool:
    return channel.private or channel.direct


# By method: what answers it, and the scope that a token needs for it ("" for none).
METHODS: dict[str, tuple[Answer, str]] = {}


def method(name: str, scope: str = "") -> Callable[[Answer], Answer]:
    """Make a function answer a method."""

    def register(answer: Answer) -> Answer:
        METHODS[name] = answer, scope
        return answer

    return register


async def arguments(request: web.BaseRequest) -> Json:
    """The arguments of a request, wherever it has put them."""
    args: Json = dict(request.query)
    body = await request.read()
    kind = request.headers.get(hdrs.CONTENT_TYPE, "")
    if kind.startswith("application/json"):
        try:
            sent = json.loads(body or b"{}")
        except ValueError:
            raise RefusedError("invalid_json") from None
        if not isinstance(sent, dict):
            raise RefusedError("json_not_object")
        args |= sent
    elif body:
        args |= {key: str(value) for key, value in (await request.post()).items()}
    return args


def basic(request: web.BaseRequest) -> Json:
    """The client's id and secret, where a request carries them as a user and password."""
    header = request.headers.get(hdrs.AUTHORIZATION, "")
    if not header.startswith("Basic "):
        return {}
    try:
        user, _, password = b64decode(header.removeprefix("Basic ")).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": user, "client_secret": password}


def token_of(request: web.BaseRequest, args: Json) -> str:
    """The token that a request comes with; it is taken out of the arguments."""
    given = args.pop("token", None)
    header = request.headers.get(hdrs.AUTHORIZATION, "")
    return header.removeprefix("Bearer ") if header.startswith("Bearer ") else str(given or "")
