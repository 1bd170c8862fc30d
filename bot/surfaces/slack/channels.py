"""What Slack says of a channel: its title, whether the bot is in it, who else is."""

import logging
from dataclasses import dataclass, replace

from slack_sdk.errors import SlackApiError

from bot.errors import UserError
from bot.model.receiver import Receiver
from bot.surfaces.slack import known
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.places import channel_of, is_direct, place
from bot.surfaces.slack.workspaces import code_of

log = logging.getLogger(__name__)
DIRECT = "direct message"
NOT_HERE = (
    "Aftershock is not in this conversation, so it can post nothing here; "
    "type it in a channel, or in a direct message to Aftershock."
)
# What Slack calls a channel in a slash command where it does not say its name.
_NAMELESS = ("", "directmessage", "privategroup")
_SECONDS = 600.0
_UNSEEN = ("channel_not_found", "not_in_channel", "missing_scope")
_PAGE, _PAGES = 200, 10


@dataclass(frozen=True, slots=True)
class Channel:
    """`inside` is whether the bot is in it; None where Slack did not say."""

    title: str
    inside: bool | None


async def channel_place(slack: Slack, team: str, channel: str, hint: str) -> Receiver:
    """The channel as a receiver with its title: "#alerts", "direct message".

    `hint` is how the request calls it, for where Slack says no more.
    """
    found = place(team, channel, (await look(slack, team, channel, hint)).title)
    try:
        return replace(found, community_name=(await slack.workspaces.of(team)).name)
    except known.BROKEN:
        return found


def asked_place(team: str, channel: str, hint: str) -> Receiver:
    """As `channel_place`, without asking Slack: for what makes no receiver."""
    return place(team, channel, _title(channel, hint))


async def look(slack: Slack, team: str, channel: str, hint: str = "") -> Channel:
    """What Slack says of the channel. Never raises where Slack cannot be asked."""
    key = ("channel", team, channel)
    found: Channel | None = known.recall(slack, key)
    if found is not None:
        return found
    try:
        workspace = await slack.workspaces.of(team)
        said = (await workspace.client.conversations_info(channel=channel))["channel"]
    except SlackApiError as error:
        code = code_of(error)
        if code == "channel_not_found":
            return Channel(_title(channel, hint), inside=False)
        log.warning("Slack did not tell of a channel: %s", code)
        return Channel(_title(channel, hint), inside=None)
    except known.BROKEN as error:
        log.warning("Slack could not be asked of a channel: %s", type(error).__name__)
        return Channel(_title(channel, hint), inside=None)
    direct = bool(said.get("is_im"))
    found = Channel(
        _title(channel, str(said.get("name") or hint)), direct or bool(said.get("is_member"))
    )
    if found.inside:  # whoever has just invited the bot asks again at once
        known.remember(slack, key, found, _SECONDS)
    return found


def _title(channel: str, name: str) -> str:
    if is_direct(channel):
        return DIRECT
    if name.startswith("mpdm-"):
        return "group conversation"
    name = name.removeprefix("#")
    return "private channel" if name in _NAMELESS else f"#{name}"


async def with_bot_alone(slack: Slack, team: str, channel: str) -> bool:
    """Whether this is surely somebody's own conversation with the bot.

    Slack tells the bot of no conversation between two others. Where it does not answer it may be
    one of those, in which nothing may be shown to both.
    """
    return is_direct(channel) and (await look(slack, team, channel)).inside is True


async def refuse_mute(slack: Slack, place: Receiver) -> None:
    """Raise UserError where the bot could not post what it is asked to tell."""
    channel = channel_of(place)
    if (await look(slack, place.community, channel, place.title)).inside is not False:
        return
    if is_direct(channel):
        raise UserError(NOT_HERE)
    where = place.title if place.title.startswith("#") else f"this {place.title}"
    raise UserError(
        f"Aftershock is not in {where}; type /invite there, choose Aftershock and ask again."
    )


async def members_channels(slack: Slack, team: str, user: str) -> set[str] | None:
    """The ids of the channels that both the user and the bot are in; None: Slack did not say."""
    key = ("channels-of", team, user)
    found: set[str] | None = known.recall(slack, key)
    if found is not None:
        return found
    found = set()
    try:
        client = (await slack.workspaces.of(team)).client
        cursor = ""
        for _page in range(_PAGES):
            said = await client.users_conversations(
                user=user,
                types="public_channel,private_channel",
                exclude_archived=True,
                limit=_PAGE,
                cursor=cursor,
            )
            found.update(str(one["id"]) for one in said["channels"])
            cursor = str((said.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
    except SlackApiError as error:
        log.warning("Slack did not tell of somebody's channels: %s", code_of(error))
        return None
    except known.BROKEN as error:
        log.warning("Slack could not be asked of channels: %s", type(error).__name__)
        return None
    known.remember(slack, key, found, _SECONDS / 10)
    return found
