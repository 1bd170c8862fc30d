"""A press under a message: who pressed what, where, and what it said. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.answers.pressed import is_nonce
from bot.surfaces.slack import names
from bot.surfaces.slack.commands import Asked


@dataclass(frozen=True, slots=True)
class Press:
    """`message` is as Slack showed it when it was pressed; `thread` is "" outside threads.

    `value` is what the button carries; `trigger` opens a dialog, for three seconds.
    """

    asked: Asked
    value: str
    message: Mapping[str, Any]
    url: str
    trigger: str
    thread: str = ""


def press_of(body: Mapping[str, Any], team: str) -> Press:
    """What Slack sends of a button, or of a shortcut on a message.

    `team` is the workspace that the bot acts in.
    """
    message = body.get("message") or {}
    channel = body.get("channel") or {}
    container = body.get("container") or {}
    pressed = (body.get("actions") or [{}])[0]
    thread = str(message.get("thread_ts") or container.get("thread_ts") or "")
    return Press(
        asked=Asked(
            team=team,
            channel=str(channel.get("id") or container.get("channel_id") or ""),
            hint=str(channel.get("name") or ""),
            user=str(body["user"]["id"]),
            user_team=str(body["user"].get("team_id") or ""),
        ),
        value=str(pressed.get("value") or ""),
        message=message,
        url=str(body.get("response_url") or ""),
        trigger=str(body.get("trigger_id") or ""),
        # A message that others answer in a thread stands outside it.
        thread="" if thread == message.get("ts") else thread,
    )


def nonce_in(message: Mapping[str, Any]) -> str:
    """The nonce that a message of the bot's carries in its metadata or buttons; "" for none."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") == names.METADATA:
        nonce = str((metadata.get("event_payload") or {}).get("nonce") or "")
        if is_nonce(nonce):
            return nonce
    for block in message.get("blocks") or ():
        values = [
            str(one.get("value") or "")
            for one in block.get("elements") or ()
            if str(one.get("action_id") or "").startswith("aftershock:")
        ]
        for nonce in (names.nonce_of(str(block.get("block_id") or "")), *values):
            if is_nonce(nonce):
                return nonce
    return ""
