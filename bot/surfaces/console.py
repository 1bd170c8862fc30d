"""The console as a receiver: messages are written to its transcript, then shown."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification
from bot.services import Clock
from bot.surfaces.transcript import Transcript, Written


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

    async def find(self, notification: Notification) -> MessageRef | None:
        """The message, if the transcript has it."""
        if self.transcript.has(notification.nonce):
            return MessageRef(notification.receiver.address, notification.nonce)
        return None

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
        thread = root.message if root else ""
        return MessageRef(notification.receiver.address, notification.nonce, thread)
