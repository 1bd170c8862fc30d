"""A delivery worker that kills itself.

Each start begins an hour after the one before, so that the dead one's leases have run out.
"""

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import release_facts
from bot.config import load
from bot.delivery import Delivery
from bot.market.shipped import ShippedHistory
from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification
from bot.services import Services, SetClock
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.transcript import Transcript
from storage import attempts, outbox, receivers
from storage.database import Database

MESSAGES = 5


class Killer:
    """Ends the process, without any warning, at the nth time that `step` is reached."""

    def __init__(self, step: str, nth: int) -> None:
        self.step, self.left = step, nth

    def at(self, step: str) -> None:
        """Here is `step`."""
        if step == self.step:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Any, name: str) -> Any:
        """`function` with a step before it and one after it."""

        async def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.at(f"before {name}")
            result = await function(*args, **kwargs)
            self.at(f"after {name}")
            return result

        return wrapped


class Fragile(Transcript):
    """A transcript that may be cut off in the middle of a line."""

    def __init__(self, path: Path, killer: Killer) -> None:
        super().__init__(path)
        self._file, self._killer = path, killer

    def append(self, entry: dict[str, Any]) -> None:
        """Write an entry, or half of one."""
        if self._killer.step == "half written" and self._killer.left == 1:
            with self._file.open("ab") as file:
                file.write(b'{"nonce": "cut off in the mid')
        self._killer.at("half written")
        super().append(entry)


async def main(folder: Path, step: str, nth: int) -> None:
    """Enqueue the messages once, then drain."""
    killer = Killer(step, nth)
    starts = folder / "starts"
    number = int(starts.read_text()) if starts.exists() else 0
    starts.write_text(str(number + 1))
    clock = SetClock(datetime(2025, 1, 27, tzinfo=UTC) + timedelta(hours=number))
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/a.db")
    settings = load(None, {"AFTERSHOCK_DATA": str(folder)})
    services = Services(
        settings, database, ShippedHistory(), release_facts(), clock, Random(number)
    )
    if number == 0:
        await database.write(lambda connection: _enqueue(connection, services))

    async def show(shown: Shown) -> None:
        pass

    async def compose(notification: Notification) -> Card:
        return Card(title=notification.fallback)

    notifier = ConsoleNotifier(Fragile(folder / "console.jsonl", killer), clock, show)
    sending = killer.around(notifier.send, "send")

    class Watched:
        room = 256

        async def find(self, notification: Notification) -> MessageRef | None:
            return await notifier.find(notification)

        async def send(self, notification: Notification, card: Card) -> MessageRef:
            found: MessageRef = await sending(notification, card)
            return found

    outbox.claim = killer.around(outbox.claim, "claim")
    attempts.begin_attempts = killer.around(attempts.begin_attempts, "attempt")
    attempts.record = killer.around(attempts.record, "mark")
    await Delivery(services, {"console": Watched()}, compose, f"start-{number}").drain()
    await database.close()


async def _enqueue(connection: AsyncConnection, services: Services) -> None:
    now = services.clock.now()
    receiver = await receivers.receiver_of(connection, "console", "local", "console", now)
    for number in range(MESSAGES):
        facts = {"version": 1, "kind": "release"}
        await outbox.enqueue(
            connection, receiver.id, services.nonce(), "post", facts, f"message {number}", now
        )


def work(folder: Path, step: str, nth: int) -> None:
    """Deliver in `folder` until `step` is reached for the nth time."""
    asyncio.run(main(folder, step, nth))
