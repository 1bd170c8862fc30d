"""What Slack sends an app when somebody does something, as it documents it."""

from typing import TYPE_CHECKING, Any

from tests.servers.slack import api_views
from tests.servers.slack.posting import shown
from tests.servers.slack.world import Channel, Json, Message, User, View, Workspace

if TYPE_CHECKING:
    from tests.servers.slack.core import Core

# The token that Slack used before it signed requests; it still sends one.
TOKEN = "loopback-verification-token"


def named(channel: Channel) -> str:
    """A channel's name as payloads give it: a private one's is not told."""
    if channel.direct:
        return "directmessage"
    return "privategroup" if channel.private else channel.name


def command(
    server: "Core", workspace: Workspace, channel: Channel, user: User, name: str,
    text: str, response_url: str,
) -> dict[str, str]:  # fmt: skip
    """A slash command: a form, so all is text."""
    return {
        "token": TOKEN, "team_id": workspace.team, "team_domain": workspace.domain,
        "channel_id": channel.id, "channel_name": named(channel), "user_id": user.id,
        "user_name": user.name, "command": name, "text": text, "api_app_id": server.app_id,
        "is_enterprise_install": "false", "response_url": response_url,
        "trigger_id": server.triggers.new(user.id, workspace.team),
    }  # fmt: skip


def interaction(server: "Core", kind: str, workspace: Workspace, user: User) -> Json:
    """What all interactions have in common."""
    return {
        "type": kind,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
        "api_app_id": server.app_id, "token": TOKEN,
        "trigger_id": server.triggers.new(user.id, workspace.team),
        "team": {"id": workspace.team, "domain": workspace.domain},
        "enterprise": None, "is_enterprise_install": False,
    }  # fmt: skip


def pressed(
    common: Json, workspace: Workspace, channel: Channel, message: Message, action: Json,
    response_url: str,
) -> Json:  # fmt: skip
    """A button under a message; what stands in an ephemeral message is not told."""
    private = message.ephemeral_to is not None
    container: Json = {
        "type": "message", "message_ts": message.ts, "channel_id": channel.id,
        "is_ephemeral": private,
    }  # fmt: skip
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = common | {
        "container": container, "channel": {"id": channel.id, "name": named(channel)},
        "state": {"values": {}}, "response_url": response_url, "actions": [action],
    }  # fmt: skip
    if not private:
        payload["message"] = shown(workspace, channel, message, metadata=True)
    return payload


def pressed_in_view(
    common: Json, workspace: Workspace, view: View, action: Json, values: Json
) -> Json:
    """A button in a dialog or on a Home tab."""
    return common | {
        "container": {"type": "view", "view_id": view.id},
        "view": api_views.shown(workspace, view, values), "actions": [action],
    }  # fmt: skip


def submitted(common: Json, workspace: Workspace, view: View, values: Json) -> Json:
    """A dialog sent off."""
    return common | {"view": api_views.shown(workspace, view, values), "response_urls": []}


def shortcut(common: Json, ts: str, callback_id: str) -> Json:
    """A shortcut from anywhere."""
    del common["api_app_id"]
    return common | {"action_ts": ts, "callback_id": callback_id}


def message_shortcut(
    common: Json, workspace: Workspace, channel: Channel, message: Message, callback_id: str,
    response_url: str, ts: str,
) -> Json:  # fmt: skip
    """A shortcut from a message's menu."""
    del common["api_app_id"]
    return common | {
        "action_ts": ts, "callback_id": callback_id, "message_ts": message.ts,
        "channel": {"id": channel.id, "name": named(channel)}, "response_url": response_url,
        "message": shown(workspace, channel, message, metadata=True),
    }  # fmt: skip


def event(server: "Core", workspace: Workspace, inner: dict[str, Any]) -> Json:
    """An event in its wrapper."""
    return {
        "token": TOKEN, "team_id": workspace.team, "api_app_id": server.app_id, "event": inner,
        "type": "event_callback", "event_id": server.clock.id("Ev"),
        "event_time": int(server.clock.now()), "is_ext_shared_channel": False,
        "authorizations": [{
            "enterprise_id": None, "team_id": workspace.team, "user_id": workspace.bot_user,
            "is_bot": True, "is_enterprise_install": False,
        }],
        "event_context": f"4-{server.clock.word()}",
    }  # fmt: skip
