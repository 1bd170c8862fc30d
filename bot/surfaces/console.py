"""The console as a receiver: messages are written to its transcript, then shown."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification, Receiver
from bot.services import Clock
from bot.surfaces.transcript import Transcript, Written

ROOM = 256


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it arrived: when, the notification, and its card.

    `number` is its place among the console's messages; `root` the message that a reply answers or
    an edit changes.
    """

    at: datetime
    notification: Notification
    card: Card
    number: int | None = None
    root: Written | None = None


@dataclass(frozen=True)
class ConsoleNotifier:
    """Tells the console. `show` prints a message, or collects it."""

    transcript: Transcript
    clock: Clock
    show: Callable[[Shown], Awaitable[None]]
    # What was shown, but could not be marked as shown: a full disk takes neither.
    _unmarked: set[str] = field(default_factory=set)

    @property
    def room(self) -> int:
        """How many messages may be on their way at once."""
        return ROOM

    async def find(self, notification: Notification) -> MessageRef | None:
        """The message, if the transcript has it.

        One that was written down only just before the disk failed is shown now.
        """
        nonce = notification.nonce
        if not self.transcript.has(nonce):
            return None
        for entry in self.transcript.unshown():
            if entry["nonce"] == nonce:
                await self._show_late(entry, "The disk failed before this message was shown.")
        return MessageRef(notification.receiver.address, nonce)

    async def send(self, notification: Notification, card: Card) -> MessageRef:
        """Write the message down, then show it."""
        now = self.clock.now()
        root = notification.root
        self.transcript.append(
            {
                "nonce": notification.nonce,
                "at": now.isoformat(),
                "action": notification.action,
                "root": root.message if root else None,
                "text": notification.fallback,
                "to_show": True,
            }
        )
        written = self.transcript.message(notification.nonce)
        await self.show(
            Shown(
                now,
                notification,
                card,
                number=written.number if written else None,
                root=self.transcript.message(root.message) if root else None,
            )
        )
        self._unmarked.add(notification.nonce)
        self._mark(notification.nonce)
        thread = root.message if root else ""
        return MessageRef(notification.receiver.address, notification.nonce, thread)

    async def show_missed(self) -> None:
        """Show what was written down, but not shown because the program was stopped in between.

        Delivery finds such a message in the transcript, so it never sends it again.
        """
        for entry in self.transcript.unshown():
            await self._show_late(entry, "The program stopped before it could show this message.")

    async def _show_late(self, entry: Mapping[str, Any], why: str) -> None:
        nonce = entry["nonce"]
        if nonce not in self._unmarked:
            await self.show(self._missed(entry, why))
            self._unmarked.add(nonce)
        self._mark(nonce)

    def _mark(self, nonce: str) -> None:
        self.transcript.mark_shown(nonce)
        self._unmarked.discard(nonce)

    def _missed(self, entry: Mapping[str, Any], why: str) -> Shown:
        nonce, at, text = entry["nonce"], datetime.fromisoformat(entry["at"]), entry["text"]
        written, root = self.transcript.message(nonce), entry["root"]
        answered = self.transcript.message(root) if root else None
        notification = Notification(
            id=0,
            receiver=Receiver(0, "console", "local", "console"),
            nonce=nonce,
            # Without the message that it belongs with, it stands for itself.
            action=entry["action"] if answered else "post",
            facts={},
            fallback=text,
            created_at=at,
            attempts=0,
            root=MessageRef("local", root) if answered else None,
        )
        card = Card(text, text=why)
        return Shown(at, notification, card, written.number if written else None, answered)
