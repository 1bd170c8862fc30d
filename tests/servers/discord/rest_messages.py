"""Channels and messages: posting, editing, reading back, threads, direct messages."""

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from tests.servers.discord import permissions
from tests.servers.discord.calls import Call, route
from tests.servers.discord.composing import compose, revise
from tests.servers.discord.messages import Message
from tests.servers.discord.refusals import Form, RefusedError
from tests.servers.discord.world import DM, FORUM, Channel

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer

REPLY = 19


def channel_of(server: "DiscordServer", id_: int, needed: int = 0) -> Channel:
    """The channel, in which the bot must have the permissions `needed`. Raises `RefusedError`."""
    channel = server.channels.get(id_)
    if channel is None:
        raise RefusedError(404, 10003)
    if channel.guild is None:
        return channel
    if not channel.guild.joined:
        raise RefusedError(403, 50001)
    granted = channel.guild.bot_member().permissions(channel)
    if not granted & permissions.VIEW_CHANNEL:
        raise RefusedError(403, 50001)
    if granted & needed != needed:
        raise RefusedError(403, 50013)
    return channel


def message_of(channel: Channel, id_: int) -> Message:
    """The message. Raises `RefusedError`."""
    if id_ not in channel.messages:
        raise RefusedError(404, 10008)
    return channel.messages[id_]


@route("GET channels/#")
def _channel(server: "DiscordServer", call: Call) -> Any:
    return channel_of(server, call.ids[0]).payload()


@route("PATCH channels/#")
def _change(server: "DiscordServer", call: Call) -> Any:
    """Only threads can be changed here, and of them only whether they are archived."""
    channel = channel_of(server, call.ids[0])
    if channel.parent is None or set(call.fields()) != {"archived"}:
        raise RefusedError(400, 50035, {})
    needed = permissions.SEND_MESSAGES_IN_THREADS
    if channel.locked or call.fields()["archived"]:
        needed = permissions.MANAGE_THREADS
    channel = channel_of(server, channel.id, needed)
    channel.archive(call.fields()["archived"])
    return channel.payload()


@route("POST channels/#/messages", "post message")
def _post(server: "DiscordServer", call: Call) -> Any:
    body = call.fields()
    channel = server.channels.get(call.ids[0])
    send = permissions.SEND_MESSAGES
    if channel and channel.parent:
        send = permissions.SEND_MESSAGES_IN_THREADS
    if body.get("embeds"):
        send |= permissions.EMBED_LINKS
    if call.uploads:
        send |= permissions.ATTACH_FILES
    channel = channel_of(server, call.ids[0], send)
    if channel.kind == DM and channel.recipient and not channel.recipient.accepts_dms:
        raise RefusedError(403, 50007)
    if channel.locked:
        raise RefusedError(400, 160005)
    nonce = None if body.get("nonce") is None else str(body["nonce"])
    if nonce and body.get("enforce_nonce") and (known := server.nonces.get(nonce)):
        server.deduplicated += 1
        return {**known.payload, "nonce": nonce}
    more: dict[str, Any] = {}
    if reference := body.get("message_reference"):
        more = _reply(channel, reference)
    kind = REPLY if more else 0
    message = compose(server, channel, body, call.uploads, call.arrived, kind=kind, more=more)
    message.nonce = nonce
    channel.keep(message)
    if channel.archived:
        channel.archive(False)
    if nonce and body.get("enforce_nonce"):
        server.nonces.remember(nonce, message)
    told = {**message.payload, "nonce": nonce} if nonce else message.payload
    server.tell_message("MESSAGE_CREATE", channel, told)
    return told


def _reply(channel: Channel, reference: dict[str, Any]) -> dict[str, Any]:
    if channel.guild is not None:
        granted = channel.guild.bot_member().permissions(channel)
        if not granted & permissions.READ_MESSAGE_HISTORY:
            raise RefusedError(403, 160002)
    original = channel.messages.get(int(reference["message_id"]))
    if original is None:
        if reference.get("fail_if_not_exists", True):
            form = Form()
            form.wrong(["message_reference"], "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            form.close()
        return {}
    told = {"type": 0, "message_id": str(original.id), "channel_id": str(channel.id)}
    if channel.guild:
        told["guild_id"] = str(channel.guild.id)
    return {"message_reference": told, "referenced_message": original.payload}


@route("PATCH channels/#/messages/#", "edit message")
def _edit(server: "DiscordServer", call: Call) -> Any:
    channel = channel_of(server, call.ids[0])
    message = message_of(channel, call.ids[1])
    if message.payload["author"]["id"] != str(server.bot.id):
        raise RefusedError(403, 50005)
    if channel.archived:  # only a new message wakes a thread
        raise RefusedError(400, 50083)
    revise(server, channel, message, call.fields(), call.uploads)
    server.tell_message("MESSAGE_UPDATE", channel, message.payload)
    return message.payload


@route("DELETE channels/#/messages/#", "delete message")
def _delete(server: "DiscordServer", call: Call) -> Any:
    channel = channel_of(server, call.ids[0])
    message = message_of(channel, call.ids[1])
    if message.payload["author"]["id"] != str(server.bot.id):
        channel_of(server, channel.id, permissions.MANAGE_MESSAGES)
    channel.forget(message)
    server.tell_message(
        "MESSAGE_DELETE", channel, {"id": str(message.id), "channel_id": str(channel.id)}
    )


@route("GET channels/#/messages/#")
def _read(server: "DiscordServer", call: Call) -> Any:
    channel = channel_of(server, call.ids[0], permissions.READ_MESSAGE_HISTORY)
    return message_of(channel, call.ids[1]).payload


@route("GET channels/#/messages")
def _history(server: "DiscordServer", call: Call) -> Any:
    channel = channel_of(server, call.ids[0])
    if channel.guild is not None:
        granted = channel.guild.bot_member().permissions(channel)
        if not granted & permissions.READ_MESSAGE_HISTORY:
            return []
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= 100:
        form = Form()
        form.wrong(["limit"], "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        form.close()
    order = channel.order
    if "before" in call.query:
        end = bisect_left(order, int(call.query["before"]))
        found = order[max(0, end - limit) : end]
    elif "after" in call.query:
        start = bisect_right(order, int(call.query["after"]))
        found = order[start : start + limit]
    elif "around" in call.query:
        middle = bisect_left(order, int(call.query["around"]))
        start = max(0, middle - limit // 2)
        found = order[start : start + limit]
    else:
        found = order[-limit:]
    return [channel.messages[id_].payload for id_ in reversed(found)]


@route("POST channels/#/typing")
def _typing(server: "DiscordServer", call: Call) -> Any:
    channel_of(server, call.ids[0], permissions.SEND_MESSAGES)


@route("POST channels/#/threads")
def _thread(server: "DiscordServer", call: Call) -> Any:
    channel = channel_of(server, call.ids[0], permissions.SEND_MESSAGES)
    if channel.kind == FORUM or channel.guild is None:
        raise RefusedError(400, 50035, {})
    form = Form()
    form.length(call.fields().get("name"), ["name"], 100, least=1)
    form.close()
    return channel.add_thread(call.fields()["name"]).payload()


@route("POST channels/#/messages/#/threads")
def _thread_of_message(server: "DiscordServer", call: Call) -> Any:
    channel = channel_of(server, call.ids[0], permissions.SEND_MESSAGES)
    message = message_of(channel, call.ids[1])
    form = Form()
    form.length(call.fields().get("name"), ["name"], 100, least=1)
    if message.id in server.channels:
        text = "A thread has already been created for this message"
        form.wrong([], "THREAD_ALREADY_CREATED_FOR_MESSAGE", text)
    form.close()
    return channel.add_thread(call.fields()["name"], message.id).payload()


@route("POST users/@me/channels")
def _open_dm(server: "DiscordServer", call: Call) -> Any:
    user = server.users.get(int(call.fields()["recipient_id"]))
    if user is None:
        raise RefusedError(404, 10013)
    return server.dm(user).payload()
