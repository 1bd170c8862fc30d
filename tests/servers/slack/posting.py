"""Messages put into channels, changed and taken away, whoever asks for it."""

from typing import TYPE_CHECKING, Any

from tests.servers.slack.block_checks import faults_in_message, too_long
from tests.servers.slack.refusals import RefusedError, invalid
from tests.servers.slack.world import Channel, Json, Message, Workspace

if TYPE_CHECKING:
    from tests.servers.slack.core import Core

TEXT = 40_000
METADATA = 16_000


def checked(
    workspace: Workspace, text: Any, blocks: Any, *, in_all: bool = True
) -> tuple[str, list[Json]]:
    """A message's text and blocks, if Slack would take them; blocks without an id get one.

    `in_all`: the blocks' length together counts.
    """
    if not text and not blocks:
        raise RefusedError("no_text")
    if text is not None and not isinstance(text, str):
        raise RefusedError("invalid_arguments")
    if text and len(text) > TEXT:
        raise RefusedError("msg_too_long")
    if not blocks:
        return text or "", []
    faults = faults_in_message(blocks, usable_files(workspace))
    if faults:
        raise invalid("invalid_blocks", faults)
    if in_all and too_long(blocks):
        raise RefusedError("msg_blocks_too_long")
    return text or "", with_ids(workspace, blocks)


def with_ids(workspace: Workspace, blocks: list[Json]) -> list[Json]:
    """The blocks, each with an id; and each button and input with an action id."""
    named = []
    for sent in blocks:
        block = {"block_id": workspace.clock.word()[:5], **sent}
        if block["type"] in ("actions", "context"):
            block["elements"] = [_with_action(workspace, each) for each in block["elements"]]
        for name in ("accessory", "element"):
            if isinstance(block.get(name), dict):
                block[name] = _with_action(workspace, block[name])
        named.append(block)
    return named


def _with_action(workspace: Workspace, element: Json) -> Json:
    if element.get("type") in ("image", "mrkdwn", "plain_text"):
        return element
    return {"action_id": workspace.clock.word()[:5], **element}


def usable_files(workspace: Workspace) -> Any:
    """Says of a file's id whether the bot may show it; a file is nearer to ready each time."""

    def usable(id_: str) -> bool:
        file = workspace.files.get(id_)
        if file is None or not file.complete:
            return False
        ready = file.processed
        file.wait -= 1
        return ready

    return usable


def metadata_of(given: Any) -> Json | None:
    """A message's metadata, if Slack would take it."""
    if given is None:
        return None
    if (
        not isinstance(given, dict)
        or not isinstance(given.get("event_type"), str)
        or not isinstance(given.get("event_payload"), dict)
    ):
        raise RefusedError("invalid_metadata_format")
    if len(str(given)) > METADATA:
        raise RefusedError("metadata_too_large")
    return given


def post(
    server: "Core", workspace: Workspace, channel: Channel, text: str, blocks: list[Json],
    *, thread_ts: str | None = None, metadata: Json | None = None, to: str | None = None,
    broadcast: bool = False, user: str = "",
) -> Message:  # fmt: skip
    """Put a message into a channel; `to` is who alone sees it, `user` who wrote it (the bot)."""
    if thread_ts is not None and to is None:
        parent = found(channel, thread_ts)
        if parent is None:
            # Slack accepts any well-formed timestamp, and shows such a message in no thread.
            thread_ts = None
        elif parent.is_reply:
            thread_ts = parent.thread_ts
    own = not user or user == workspace.bot_user
    message = Message(
        workspace.clock.ts(), channel.id, text, blocks, user or workspace.bot_user,
        workspace.bot_id if own else "", thread_ts, metadata, None, to, broadcast,
        workspace.clock.now(),
    )  # fmt: skip
    channel.messages.append(message)
    server.bell.ring()
    return message


def found(channel: Channel, ts: str | None, *, ephemeral: bool = False) -> Message | None:
    """A message by its timestamp."""
    for message in channel.messages:
        if message.ts == ts and (message.ephemeral_to is not None) == ephemeral:
            return message
    return None


def shown(workspace: Workspace, channel: Channel, message: Message, *, metadata: bool) -> Json:
    """A message as methods and payloads give it; metadata only where it was asked for."""
    payload: Json = {
        "user": message.user, "type": "message", "ts": message.ts, "text": message.text,
        "team": workspace.team,
    }  # fmt: skip
    if message.bot_id:
        payload |= {
            "bot_id": message.bot_id, "app_id": workspace.app_id,
            "bot_profile": {
                "id": message.bot_id, "app_id": workspace.app_id, "name": "Aftershock",
                "team_id": workspace.team, "deleted": False, "updated": 0,
            },
        }  # fmt: skip
    if message.blocks:
        payload["blocks"] = message.blocks
    if message.metadata is not None and metadata:
        payload["metadata"] = message.metadata
    if message.edited and not message.blocks:
        payload["edited"] = {"user": message.user, "ts": message.edited}
    if message.reply_broadcast:
        payload["subtype"] = "thread_broadcast"
    replies = [each for each in channel.messages if each.is_reply and each.thread_ts == message.ts]
    if replies:
        payload |= {
            "thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts,
            "reply_users": sorted({each.user for each in replies}), "subscribed": False,
            "is_locked": False,
        }  # fmt: skip
    elif message.thread_ts:
        payload["thread_ts"] = message.thread_ts
        parent = found(channel, message.thread_ts)
        if parent is not None:
            payload["parent_user_id"] = parent.user
    return payload
