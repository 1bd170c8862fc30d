"""The app as Slack is told of it: pasted once where apps are made, it sets all of it. Pure.

Socket Mode by default: the bot connects to Slack, and nothing has to reach the bot. With an
address of one's own Slack sends requests there instead, which an app for several workspaces needs.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.commands import COMMANDS
from bot.errors import UserError
from bot.surfaces.slack import names, paths
from bot.surfaces.slack.typed import SLASHES

NAME = "Aftershock"
DESCRIPTION = "Tells a channel when AI stocks fall below their peaks, and when new AI models come."
LONG_DESCRIPTION = (
    "Aftershock follows AI stocks and the models that move them. It tells a channel when a stock, "
    "or a basket of them, falls 5, 10 or 20% below its highest close, moves far on one day or "
    "crosses a price, and when it has recovered. It tells of new models of the labs at the "
    "frontier on the day they come. A fall that deepens is a reply in the same thread, not a new "
    "message; twelve stocks that fall together make one message with a table; every alert says "
    "from which prices it was made, and why.\n\n"
    "Type /aftershock help for all commands, or open the Home tab of the app to see what is "
    "followed and to add an alert. Only those who may manage a channel change what it is told: "
    "admins of the workspace, and whoever set the channel up. Alerts can be snoozed by the buttons "
    "under them, and held back in quiet hours."
)
BACKGROUND = "#1F2A3C"

# What the bot may do, and what for. Of what people write it hears only their commands; it reads a
# channel's messages to find its own among them.
SCOPES: Mapping[str, str] = {
    "chat:write": "to post, reply, edit and answer privately, in channels that it was invited to",
    "commands": "slash commands and shortcuts",
    "files:write": "the charts of alerts",
    "files:read": "to see when Slack has taken in a chart, so that a message can show it",
    "channels:read": "names of public channels, whether the bot is in them, who may see them",
    "groups:read": "the same of private channels that it was invited to",
    "channels:history": "to look whether an alert arrived before it is sent again",
    "groups:history": "the same in private channels that it was invited to",
    "im:read": "to tell people's conversations with the bot from those among others",
    "im:history": "the same in people's conversations with the bot",
    "users:read": "who is an admin and may change what a channel gets, and how people are called",
}
# What Slack tells the bot by itself.
EVENTS = ("app_home_opened", "app_uninstalled", "tokens_revoked")

_HINT = "drawdown NVDA, alert add ai drawdown 10,20, subscribe releases, status, help"


_SAYS = {
    names.COMMAND: "AI stocks below their peaks, new models, and what this channel is told",
    "/drawdown": "How far a stock or a basket is below its peak",
    "/releases": "The newest AI models, and how often labs release",
    "/alert": "What this channel is told: add, list, remove, test or explain an alert",
    "/silence": "Say nothing of something here for a while",
}


def manifest(*, url: str | None = None) -> dict[str, Any]:
    """The manifest. `url` is where Slack reaches the bot ("https://bot.example.com"); None for
    Socket Mode. Raises UserError for an address that Slack would refuse.
    """
    base = None if url is None else _base(url)
    requests = None if base is None else base + paths.EVENTS
    oauth: dict[str, Any] = {"scopes": {"bot": list(SCOPES)}}
    if base is not None:
        oauth = {"redirect_urls": [base + paths.REDIRECT], **oauth}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": NAME,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": BACKGROUND,
        },
        "features": {
            # Commands are typed in the conversation with the bot too, so it is not read-only.
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": _shortcuts(),
            "slash_commands": [_reached(command, requests) for command in _slash_commands()],
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": _reached({"bot_events": list(EVENTS)}, requests, "request_url"),
            "interactivity": _reached({"is_enabled": True}, requests, "request_url"),
            "org_deploy_enabled": False,
            "socket_mode_enabled": base is None,
            "token_rotation_enabled": False,
        },
    }


def as_json(made: Mapping[str, Any]) -> str:
    """A manifest as text, to be pasted as JSON."""
    return json.dumps(made, indent=2, ensure_ascii=False)


def _shortcuts() -> list[dict[str, Any]]:
    return [
        {
            "name": "Explain this alert",
            "type": "message",
            "callback_id": names.EXPLAIN_SHORTCUT,
            "description": "Why this alert was told, with the figures behind it",
        },
        {
            "name": "Add alert",
            "type": "global",
            "callback_id": names.ALERT_SHORTCUT,
            "description": "Tell a channel when a stock or a basket falls or moves",
        },
    ]


def _slash_commands() -> list[dict[str, Any]]:
    return [
        {
            "command": slash,
            "description": _SAYS[slash],
            "usage_hint": _hint(slash),
            # People and channels come as ids: names change, and are not unique.
            "should_escape": True,
        }
        for slash in SLASHES
    ]


def _hint(slash: str) -> str:
    """What may follow a slash command: the examples of the table, without the command itself."""
    own = [
        one.example.removeprefix(slash).strip() for one in COMMANDS if slash == f"/{one.path[0]}"
    ]
    return ", ".join(own) or _HINT


def _reached(what: dict[str, Any], url: str | None, key: str = "url") -> dict[str, Any]:
    return what if url is None else {**what, key: url}


def _base(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        sound = parts.scheme == "https" and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        sound = False
    if not sound:
        raise UserError(
            f"{url} is not an address that Slack can send to; write one such as "
            "https://bot.example.com."
        )
    return url.strip().rstrip("/")
