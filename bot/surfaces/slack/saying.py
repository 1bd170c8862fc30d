"""One message said in Slack: posted, replied or changed, in its turn."""

from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.cards import to_slack
from bot.cards.slack_limits import SECTION
from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification
from bot.surfaces.slack import looking, names
from bot.surfaces.slack.pacing import Pacing
from bot.surfaces.slack.places import channel_of
from bot.surfaces.slack.refusals import NO_REPLY
from bot.surfaces.slack.workspaces import Workspace, code_of

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says: a text for notifications, and its blocks."""

    text: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Saying:
    """Says a notification's message, whatever it is made of. `nonce` is what it is found by."""

    pacing: Pacing
    workspace: Workspace
    notification: Notification
    nonce: str

    async def say(self, said: Said) -> MessageRef:
        """Post, reply or edit in the channel's turn. Raises what pacing and the client raise."""
        root = self.notification.root
        if root is not None and self.notification.action == "edit":
            return await self._change(root, said)
        if root is not None and self.notification.action == "reply":
            try:
                return await self._post(said, root.thread or root.message)
            except SlackApiError as error:
                if code_of(error) not in NO_REPLY:
                    raise
        return await self._post(said)

    async def _post(self, said: Said, thread: str = "") -> MessageRef:
        channel = channel_of(self.notification.receiver)
        # A reply is seen by nobody who does not follow the thread, unless the channel is told too.
        below: dict[str, Any] = {"thread_ts": thread, "reply_broadcast": True} if thread else {}
        async with self.pacing.turn(self.workspace.team, channel):
            told = await self.workspace.client.chat_postMessage(
                channel=channel,
                text=said.text,
                blocks=said.blocks,
                metadata=self._metadata(),
                unfurl_links=False,
                unfurl_media=False,
                link_names=False,
                parse="none",
                **below,
            )
        ts = str(told["ts"])
        # Below a root that is gone Slack posts, and says so by naming no thread.
        message = told.get("message") or {"thread_ts": thread}
        return looking.reference(channel, {**message, "ts": ts})

    async def _change(self, root: MessageRef, said: Said) -> MessageRef:
        async with self.pacing.turn(self.workspace.team, root.channel):
            await self.workspace.client.chat_update(
                channel=root.channel,
                ts=root.message,
                text=said.text,
                blocks=said.blocks,
                metadata=self._metadata(),
                link_names=False,
                parse="none",
            )
        return root

    def _metadata(self) -> dict[str, Any]:
        return {"event_type": names.METADATA, "event_payload": {"nonce": self.nonce}}


def plain_words(card: Card, nonce: str) -> Said:
    """A card's title and text as one section, for what Slack does not take otherwise."""
    text = "\n".join(part for part in (card.title, card.text) if part).strip() or "–"
    section = {"type": "plain_text", "text": _cut(text, SECTION), "emoji": False}
    block = {"type": "section", "block_id": names.block_id(nonce), "text": section}
    return Said(to_slack.sentence(_cut(card.title or text, SECTION)), [block])


def _cut(text: str, units: int) -> str:
    """The beginning of a text, within so many UTF-16 units, which no limit counts more of."""
    raw = text.encode("utf-16-le", "surrogatepass")
    if len(raw) <= 2 * units:
        return text
    return raw[: 2 * (units - 1)].decode("utf-16-le", "ignore").rstrip() + "…"
