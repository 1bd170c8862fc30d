"""conversations.*: what a channel is, what was said in it, who is in it."""

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, TypeVar

from tests.servers.slack.calls import Call, method
from tests.servers.slack.limits import HISTORY_MOST
from tests.servers.slack.posting import found, shown
from tests.servers.slack.refusals import RefusedError
from tests.servers.slack.world import Channel, Json, Message

if TYPE_CHECKING:
    from tests.servers.slack.core import Core

T = TypeVar("T")


@method("conversations.info", "channels:read")
def info(_server: "Core", call: Call) -> Json:
    return {"channel": call.channel().payload()}


@method("conversations.members", "channels:read")
def members(_server: "Core", call: Call) -> Json:
    ids, cursor = page(sorted(call.channel().members), call, 100, 1_000)
    return {"members": ids, "response_metadata": {"next_cursor": cursor}}


@method("conversations.open", "im:write")
def open_(_server: "Core", call: Call) -> Json:
    names = call.args.get("users") or ""
    ids = names.split(",") if isinstance(names, str) else list(names)
    if len(ids) != 1 or ids[0] not in call.workspace.users:
        raise RefusedError("user_not_found")
    return {"channel": {"id": call.workspace.dm(call.workspace.users[ids[0]]).id}}


@method("conversations.list", "channels:read")
def list_(_server: "Core", call: Call) -> Json:
    kinds = set(str(call.args.get("types") or "public_channel").split(","))
    found_ = [each for each in call.workspace.channels.values()
              if kind_of(each) in kinds and (each.is_member or not each.private)]  # fmt: skip
    if call.flag("exclude_archived"):
        found_ = [each for each in found_ if not each.archived]
    some, cursor = page(found_, call, 100, 1_000)
    return {"channels": [each.payload() for each in some],
            "response_metadata": {"next_cursor": cursor}}  # fmt: skip


@method("conversations.history", "channels:history")
def history(server: "Core", call: Call) -> Json:
    channel = _readable(call)
    for_all = [each for each in channel.messages if each.ephemeral_to is None]
    said = _between([each for each in for_all if not each.is_reply or each.reply_broadcast], call)
    said.sort(key=lambda each: each.ts, reverse=True)
    most = HISTORY_MOST if server.limits.slow_history else 999
    some, cursor = page(said, call, min(100, most), most)
    return _messages(call, channel, some, cursor)


@method("conversations.replies", "channels:history")
def replies(server: "Core", call: Call) -> Json:
    channel = _readable(call)
    first = found(channel, str(call.required("ts", "thread_not_found")))
    if first is None:
        raise RefusedError("thread_not_found")
    if first.is_reply:
        return _messages(call, channel, [first], "")
    below = [each for each in channel.messages if each.is_reply and each.thread_ts == first.ts]
    said = [first, *_between([each for each in below if each.ephemeral_to is None], call)]
    most = HISTORY_MOST if server.limits.slow_history else 1_000
    some, cursor = page(said, call, min(1_000, most), most)
    return _messages(call, channel, some, cursor)


def kind_of(channel: Channel) -> str:
    """What `types` calls it."""
    if channel.direct:
        return "im"
    return "private_channel" if channel.private else "public_channel"


def page(items: list[T], call: Call, default: int, most: int) -> tuple[list[T], str]:
    """What a call asks for of a list, and the cursor of what follows; "" at the end."""
    cursor = str(call.args.get("cursor") or "")
    try:
        start = int(b64decode(cursor).decode()) if cursor else 0
    except ValueError:
        raise RefusedError("invalid_cursor") from None
    limit = min(call.number("limit", default), most)
    if limit < 1:
        raise RefusedError("invalid_limit")
    end = start + limit
    return items[start:end], b64encode(str(end).encode()).decode() if end < len(items) else ""


def _readable(call: Call) -> Channel:
    channel = call.channel()
    if not channel.is_member:
        raise RefusedError("not_in_channel")
    return channel


def _between(said: list[Message], call: Call) -> list[Message]:
    oldest, latest = str(call.args.get("oldest") or "0"), call.args.get("latest")
    both = call.flag("inclusive")
    try:
        low, high = float(oldest), float(latest) if latest else float("inf")
    except ValueError:
        raise RefusedError("invalid_ts_oldest") from None

    def within(ts: str) -> bool:
        at = float(ts)
        return low <= at <= high if both else low < at < high

    return [each for each in said if within(each.ts)]


def _messages(call: Call, channel: Channel, some: list[Message], cursor: str) -> Json:
    metadata = call.flag("include_all_metadata")
    said: Json = {
        "messages": [shown(call.workspace, channel, each, metadata=metadata) for each in some],
        "has_more": bool(cursor),
    }
    return said | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})
