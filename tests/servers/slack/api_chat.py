"""chat.*: messages sent, changed, deleted."""

from typing import TYPE_CHECKING

from tests.servers.slack.calls import Call, method
from tests.servers.slack.posting import checked, found, metadata_of, post, shown
from tests.servers.slack.refusals import RefusedError
from tests.servers.slack.world import Channel, Json, Message

if TYPE_CHECKING:
    from tests.servers.slack.core import Core


def _open_channel(call: Call) -> Channel:
    """The channel to write to; somebody's id stands for the bot's conversation with them."""
    id_ = str(call.required("channel", "channel_not_found"))
    user = call.workspace.users.get(id_)
    channel = call.workspace.dm(user) if user is not None else call.channel()
    if channel.archived:
        raise RefusedError("is_archived")
    if not channel.is_member:
        raise RefusedError("not_in_channel")
    return channel


@method("chat.postMessage", "chat:write")
def post_message(server: "Core", call: Call) -> Json:
    channel = _open_channel(call)
    server.limits.message(call.workspace.team, channel.id, server.clock.now())
    text, blocks = checked(call.workspace, call.args.get("text"), call.decoded("blocks"))
    message = post(
        server, call.workspace, channel, text, blocks,
        thread_ts=call.args.get("thread_ts") or None,
        metadata=metadata_of(call.decoded("metadata")),
        broadcast=call.flag("reply_broadcast"),
    )  # fmt: skip
    said = shown(call.workspace, channel, message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": said}


@method("chat.update", "chat:write")
def update(server: "Core", call: Call) -> Json:
    channel = _open_channel(call)
    message = _own(call, channel)
    had = message.text, message.blocks
    # A text alone takes the blocks away; without a text they stay.
    given = call.decoded("blocks")
    if given is None and not call.args.get("text"):
        given = message.blocks
    text, blocks = checked(call.workspace, call.args.get("text"), given)
    if "metadata" in call.args:
        message.metadata = metadata_of(call.decoded("metadata")) or None
    message.text, message.blocks = text, blocks
    if had != (text, blocks):
        message.edited = server.clock.ts()
    server.bell.ring()
    said = shown(call.workspace, channel, message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": said}


@method("chat.delete", "chat:write")
def delete(server: "Core", call: Call) -> Json:
    channel = _open_channel(call)
    message = _own(call, channel, "cant_delete_message")
    channel.messages.remove(message)
    server.bell.ring()
    return {"channel": channel.id, "ts": message.ts}


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(server: "Core", call: Call) -> Json:
    channel = _open_channel(call)
    user = str(call.required("user", "user_not_in_channel"))
    if user not in channel.members:
        raise RefusedError("user_not_in_channel")
    text, blocks = checked(call.workspace, call.args.get("text"), call.decoded("blocks"))
    message = post(
        server, call.workspace, channel, text, blocks, to=user,
        thread_ts=call.args.get("thread_ts") or None,
    )  # fmt: skip
    return {"message_ts": message.ts}


@method("chat.getPermalink")
def permalink(server: "Core", call: Call) -> Json:
    channel = call.channel()
    message = found(channel, str(call.required("message_ts")))
    if message is None:
        raise RefusedError("message_not_found")
    digits = message.ts.replace(".", "")
    link = f"https://{call.workspace.domain}.slack.com/archives/{channel.id}/p{digits}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _own(call: Call, channel: Channel, refusal: str = "cant_update_message") -> Message:
    message = found(channel, str(call.required("ts", "message_not_found")))
    if message is None:
        raise RefusedError("message_not_found")
    if message.bot_id != call.workspace.bot_id:
        raise RefusedError(refusal)
    return message
