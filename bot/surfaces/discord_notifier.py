"""Discord as a surface that can be told something: it posts, replies, edits, and looks for that."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import discord

from bot.cards import to_discord
from bot.errors import DeliveryError, SurfaceStopped
from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification
from bot.surfaces.discord_buckets import answer_at_once, scan_seldom
from bot.surfaces.discord_charts import Charts
from bot.surfaces.discord_doubt import tries
from bot.surfaces.discord_pacing import (
    BLOCKED,
    LIMIT,
    TOKEN_REFUSED,
    Pacing,
    blocked_seconds,
    is_block,
)

Views = Callable[[Notification], discord.ui.View | None]

# Messages on their way at once, at fifty requests a second.
IN_FLIGHT = 256
# How far back an earlier attempt is looked for: our clock and Discord's may differ.
BEFORE = timedelta(minutes=10)
HISTORY = 100

NOT_CONNECTED = "the bot is not connected to Discord"
ASLEEP = "the thread is archived, and the bot may not open it again to change its message"
ENDED = "Discord has ended the bot's connection; the log says why. Put that right and start again."
UNKNOWN_MESSAGE, ARCHIVED, NO_REPLY = 10008, 50083, 160002
# Refusals of the channel, by Discord's code: the reason, as `/status` gives it to people.
_OF_CHANNEL = {
    10003: "the channel is gone",
    10004: "the bot is no longer in that server",
    50001: "the bot cannot see the channel; let it view the channel",
    50007: "the person takes no direct messages from the bot",
    50008: "nothing can be written in a channel of this kind",
    50013: "the bot may not write there; let it send messages, embed links and attach files",
    ARCHIVED: "the thread is archived; open it again",
    160005: "the thread is locked; unlock it",
}
_OF_THE_WAY = (0, 40333)  # no code, and "internal network error"
_WHOLE = 400  # a status from which on the request itself is refused
_TOO_LARGE = 413


@dataclass(frozen=True, slots=True)
class _Message:
    """What is to be sent: in words, its chart as a PNG, and whom it may call."""

    rendered: to_discord.Rendered
    png: bytes | None
    allowed: discord.AllowedMentions

    def files(self) -> list[discord.File]:
        """The chart to attach, anew for each try: what was sent once has been read to its end."""
        chart = self.rendered.chart
        if chart is None or self.png is None:
            return []
        return [discord.File(io.BytesIO(self.png), to_discord.CHART, description=chart.alt)]


class DiscordNotifier:
    """Tells channels, threads and people on Discord, by their ids and without looking them up.

    `view` gives the buttons of a message. The client must be logged in by the time that anything
    is sent, and have been given `pacing.trace` as its `http_trace`.
    """

    def __init__(self, client: discord.Client, view: Views, pacing: Pacing) -> None:
        self._client, self._view, self._pacing = client, view, pacing
        self._charts = Charts()
        scan_seldom(client.http)
        answer_at_once(client.http)
        pacing.global_wait.watch(client.http)

    @property
    def room(self) -> int:
        """How many messages may be on their way at once: as many as leave within five seconds, so
        that a silence set meanwhile is seldom too late, nor is a deadline over before its message
        leaves.
        """
        return max(1, min(IN_FLIGHT, IN_FLIGHT * self._pacing.limit // LIMIT))

    async def find(self, notification: Notification) -> MessageRef | None:
        """The message of this notification among the channel's recent ones, else None.

        An edit is not looked for: made twice it is the same. The newest are looked at first, and
        where they do not reach back to the notification, those that came right after it.
        """
        if notification.action == "edit":
            return None
        self._check()
        channel = self._client.get_partial_messageable(int(notification.receiver.address))
        since = notification.created_at - BEFORE
        try:
            for oldest_first in (False, True):
                seen = 0
                async for message in channel.history(
                    limit=HISTORY, after=since, oldest_first=oldest_first
                ):
                    seen += 1
                    if self._is_ours(message, notification.nonce):
                        return MessageRef(str(channel.id), str(message.id))
                if seen < HISTORY:
                    return None
        except (discord.DiscordException, aiohttp.ClientError) as error:
            raise refusal(error) from error
        return None

    async def send(self, notification: Notification, card: Card) -> MessageRef:
        """Post, reply or edit.

        Raises DeliveryError where Discord refuses it, SurfaceStopped where it refuses everything,
        and OSError where the connection broke, or all was refused only after
        Discord may have taken it, so that nobody knows.
        """
        self._check()
        message = await self._drawn(card)
        with tries() as made:
            try:
                return await self._say(notification, message)
            except SurfaceStopped as error:
                if made.unsure:
                    raise ConnectionError("stopped after a try that may have arrived") from error
                raise

    async def _say(self, notification: Notification, message: _Message) -> MessageRef:
        root = notification.root
        try:
            if notification.action == "edit" and root is not None:
                return await self._edit(root, message)
            if notification.action == "reply" and root is not None:
                return await self._reply(root, notification, message)
            return await self._post(notification, message)
        except (discord.DiscordException, aiohttp.ClientError) as error:
            if notification.action == "edit" and getattr(error, "code", 0) == ARCHIVED:
                # Whether the thread can be written in at all, its next post tells.
                raise DeliveryError(ASLEEP, permanent=True, blames=False) from error
            raise refusal(error) from error
        except Exception as error:
            if self._client.user is None:  # logged out meanwhile
                raise DeliveryError(NOT_CONNECTED) from error
            raise

    async def _drawn(self, card: Card) -> _Message:
        """What to send, with its chart; without where that cannot be drawn soon: alerts first."""
        rendered = to_discord.alert(card)
        png = None if rendered.chart is None else await self._charts.png(rendered.chart)
        if rendered.chart is not None and png is None:
            rendered.embed.set_image(url=None)  # it would show an attachment that is not there
        return _Message(rendered, png, mentions(card.mention))

    async def _reply(
        self, root: MessageRef, notification: Notification, message: _Message
    ) -> MessageRef:
        """Post below the root, or by itself where the bot may not read what is there."""
        reference = discord.MessageReference(
            message_id=int(root.message), channel_id=int(root.channel), fail_if_not_exists=False
        )
        try:
            return await self._post(notification, message, reference)
        except discord.HTTPException as error:
            if error.code != NO_REPLY:
                raise
        return await self._post(notification, message)

    async def _post(
        self,
        notification: Notification,
        message: _Message,
        reference: discord.MessageReference | None = None,
    ) -> MessageRef:
        channel = self._client.get_partial_messageable(int(notification.receiver.address))
        view = self._view(notification)
        if view is not None:
            # Its buttons are found by their ids; a view that listens would be kept for ever.
            view.stop()
        # A nonce is enforced by discord.py: sent twice within minutes, it arrives once.
        sent = await channel.send(
            message.rendered.content or None,
            embed=message.rendered.embed,
            files=message.files(),
            nonce=notification.nonce,
            allowed_mentions=message.allowed,
            reference=reference,  # type: ignore[arg-type] # None is its default
            view=view if view is not None else discord.utils.MISSING,
        )
        return MessageRef(str(channel.id), str(sent.id))

    async def _edit(self, root: MessageRef, message: _Message) -> MessageRef:
        """Change a message. A thread that fell asleep is woken first: only posts do that."""
        try:
            await self._change(root, message)
        except discord.HTTPException as error:
            if error.code != ARCHIVED:
                raise
            if not await self._open_again(root):
                raise
            await self._change(root, message)
        return root

    async def _change(self, root: MessageRef, message: _Message) -> None:
        """Change what a message says and shows; its buttons stay as they are."""
        channel = self._client.get_partial_messageable(int(root.channel))
        await channel.get_partial_message(int(root.message)).edit(
            content=message.rendered.content or None,
            embed=message.rendered.embed,
            attachments=message.files(),
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def _open_again(self, root: MessageRef) -> bool:
        """Take a thread out of the archive; False where the bot may not."""
        try:
            await self._client.http.edit_channel(int(root.channel), archived=False)
        except discord.HTTPException as error:
            refused = refusal(error)
            if not isinstance(refused, DeliveryError) or not refused.permanent:
                raise
            return False
        return True

    def _is_ours(self, message: discord.Message, nonce: str) -> bool:
        if self._client.user is None or message.author.id != self._client.user.id:
            return False
        return str(message.nonce) == nonce or nonce in _nonces(message)

    def _check(self) -> None:
        self._pacing.check()
        if self._client.is_closed():
            if getattr(self._client, "reopens", False):
                raise DeliveryError(NOT_CONNECTED)
            raise SurfaceStopped(ENDED)
        if self._client.user is None:
            raise DeliveryError(NOT_CONNECTED)


def _nonces(message: discord.Message) -> set[str]:
    """What the buttons of a message say of the row that it came from."""
    return {
        (child.custom_id or "").rsplit(":", 1)[-1]
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for child in row.children
        if isinstance(child, discord.Button)
    }


def mentions(mention: str) -> discord.AllowedMentions:
    """Whom a message may call: the role that was asked for, or nobody."""
    role = to_discord.role_of(mention)
    if role is None:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(
        everyone=False, users=False, roles=[discord.Object(role)], replied_user=False
    )


def refusal(error: Exception) -> Exception:
    """What an error of discord.py or aiohttp means for the row that was to be sent."""
    if isinstance(error, discord.RateLimited):
        return DeliveryError(f"Discord asks to wait {error.retry_after:.0f} s")
    if isinstance(error, OSError):
        return error
    if not isinstance(error, discord.HTTPException):
        return ConnectionError(type(error).__name__)
    if error.status == 401:
        return SurfaceStopped(TOKEN_REFUSED)
    if error.status == 429:
        if is_block(error.status, error.response.headers):
            return SurfaceStopped(BLOCKED, seconds=blocked_seconds(error.response.headers))
        return DeliveryError("Discord asks to wait")
    if error.status >= 500:
        return DeliveryError(f"Discord has a fault of its own ({error.status})")
    if error.code == UNKNOWN_MESSAGE:
        return DeliveryError("the message to edit was deleted", permanent=True, blames=False)
    if error.code in _OF_CHANNEL:
        return DeliveryError(_OF_CHANNEL[error.code], permanent=True)
    if error.code in _OF_THE_WAY and error.status not in (_WHOLE, _TOO_LARGE):
        # Discord gives its reasons a code. A page of a proxy or firewall is no word of a channel.
        return DeliveryError(f"something before Discord refuses it ({error.status})")
    said = f"Discord refuses it: {error.text[:200] or error.status}"
    # The message is at fault, not the channel: too long, or of a form that Discord does not take.
    blames = error.status not in (_WHOLE, _TOO_LARGE)
    return DeliveryError(said, permanent=True, blames=blames)
