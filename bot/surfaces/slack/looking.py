"""Looks for a message that may have arrived although nobody heard of it."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.model.receiver import MessageRef, Notification
from bot.surfaces.slack import names
from bot.surfaces.slack.pacing import Pacing
from bot.surfaces.slack.places import channel_of
from bot.surfaces.slack.refusals import NO_REPLY
from bot.surfaces.slack.workspaces import Workspace, code_of

# Our clock and Slack's may differ, and that of a small computer by minutes.
BEFORE = timedelta(minutes=10)
# A page; apps that are distributed outside of Slack's Marketplace are given fifteen.
PAGE = 200
HISTORY, REPLIES = "conversations.history", "conversations.replies"
LOOKS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a message is looked for, and from which moment on; `thread` is "" for the channel."""

    workspace: Workspace
    nonce: str
    channel: str
    since: datetime
    thread: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.nonce, self.channel, self.thread


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks for messages, page by page.

    Where Slack asks to wait in between (an app outside of the Marketplace gets one page a minute),
    the next look goes on where that one ended. `_left` has the next page of each look that has
    not ended, None where all pages were seen.
    """

    pacing: Pacing
    _left: OrderedDict[tuple[str, str, str], str | None] = field(default_factory=OrderedDict)

    async def find(self, workspace: Workspace, notification: Notification) -> MessageRef | None:
        """The bot's message of this notification in its channel, else None.

        A reply is looked for in its thread first, then in the channel: its root may have gone.
        Raises what the client raises, and DeliveryError where Slack has asked to leave it alone.
        """
        nonce, root = notification.nonce, notification.root
        channel, since = channel_of(notification.receiver), notification.created_at - BEFORE
        places = [_Place(workspace, nonce, channel, since)]
        if notification.action == "reply" and root is not None:
            thread = root.thread or root.message
            places.insert(0, _Place(workspace, nonce, channel, since, thread))
        found = None
        for place in places:
            try:
                found = await self._look(place)
            except SlackApiError as error:
                if not place.thread or code_of(error) not in NO_REPLY:
                    raise
            if found is not None:
                break
        for place in places:
            self._left.pop(place.key, None)
        return found

    async def _look(self, place: _Place) -> MessageRef | None:
        cursor = self._left.get(place.key, "")
        while cursor is not None:
            try:
                page = await self._page(place, cursor)
            except SlackApiError as error:
                if not cursor or code_of(error) != "invalid_cursor":
                    raise
                page = await self._page(place, "")  # too old: from the beginning
            for message in page.get("messages") or ():
                if is_of(message, place.workspace, place.nonce):
                    return reference(place.channel, message)
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            self._left[place.key] = cursor
            while len(self._left) > LOOKS_KEPT:
                self._left.popitem(last=False)
        return None

    async def _page(self, place: _Place, cursor: str) -> Mapping[str, Any]:
        """What was said in a channel, the newest first, or in a thread, the oldest."""
        client = place.workspace.client
        asked: dict[str, Any] = {
            "channel": place.channel,
            "oldest": f"{place.since.timestamp():.6f}",
            "limit": PAGE,
            "include_all_metadata": True,
            **({"cursor": cursor} if cursor else {}),
        }
        method = REPLIES if place.thread else HISTORY
        with self.pacing.method(place.workspace.team, method):
            if place.thread:
                said = await client.conversations_replies(ts=place.thread, **asked)
            else:
                said = await client.conversations_history(**asked)
        page: Mapping[str, Any] = said.data if isinstance(said.data, dict) else {}
        return page


def is_of(message: Mapping[str, Any], workspace: Workspace, nonce: str) -> bool:
    """Whether a message is the bot's own and carries that nonce."""
    own = message.get("user") == workspace.bot_user or (
        bool(workspace.bot) and message.get("bot_id") == workspace.bot
    )
    if not own:
        return False
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") == names.METADATA:
        return (metadata.get("event_payload") or {}).get("nonce") == nonce
    blocks = message.get("blocks") or ()
    return any(names.nonce_of(str(block.get("block_id") or "")) == nonce for block in blocks)


def reference(channel: str, message: Mapping[str, Any]) -> MessageRef:
    """Where a message is; `thread` is its thread's first message, "" for none and for itself."""
    ts = str(message["ts"])
    thread = str(message.get("thread_ts") or "")
    return MessageRef(channel, ts, "" if thread == ts else thread)
