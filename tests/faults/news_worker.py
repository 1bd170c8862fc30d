"""A process that looks at feeds and delivers what is new, and kills itself on the way.

Each start begins an hour after the one before, so that the dead one's leases have run out.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bot.app import release_facts
from bot.config import load
from bot.cycle.news import hear
from bot.delivery import Delivery
from bot.market.shipped import ShippedHistory
from bot.model.card import Card
from bot.model.receiver import MessageRef, Notification
from bot.services import Services, SetClock
from bot.surfaces.console import ConsoleNotifier, Shown
from bot.surfaces.transcript import Transcript
from storage import attempts, feeds, outbox, sightings
from storage.database import Database
from tests.cycle.newsroom import Newsroom, entry, feed, past
from tests.faults.worker import Killer

BEGIN = datetime(2025, 6, 2, tzinfo=UTC)
NEW = [entry(n, f"Introducing GPT-{n}") for n in (9, 10, 11)]


async def main(folder: Path, step: str) -> None:
    """Seed once; then look, store, claim and send until `step` is reached."""
    killer = Killer(step, 1)
    starts = folder / "starts"
    number = int(starts.read_text()) if starts.exists() else 0
    starts.write_text(str(number + 1))
    clock = SetClock(BEGIN + timedelta(hours=number))
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/a.db")
    settings = load(None, {"AFTERSHOCK_DATA": str(folder)})
    services = Services(
        settings, database, ShippedHistory(), release_facts(), clock, Random(number)
    )
    room = Newsroom(services, {"openai-news": past(20)})
    if number == 0:
        clock.moment -= timedelta(hours=2)
        await room.ship(feed())
        await room.subscribe("local")
        await hear(services, room.ways, room.now)
        clock.moment += timedelta(hours=2)
    room.holds["openai-news"] = [*NEW, *past(20)]
    feeds.put_seen = killer.around(feeds.put_seen, "seen")
    sightings.put_sightings = killer.around(sightings.put_sightings, "sightings")
    outbox.enqueue = killer.around(outbox.enqueue, "enqueue")
    killer.at("before look")
    await hear(services, room.ways, room.now)
    killer.at("between store and send")
    await deliver(services, folder, killer, number)
    await database.close()


async def deliver(services: Services, folder: Path, killer: Killer, number: int) -> None:
    """Send all that waits; the killer's steps are around each send and its mark."""

    async def show(shown: Shown) -> None:
        pass

    async def compose(notification: Notification) -> Card:
        return Card(title=notification.fallback)

    transcript = Transcript(folder / "console.jsonl")
    notifier = ConsoleNotifier(transcript, services.clock, show)
    sending = killer.around(notifier.send, "send")

    class Watched:
        room = 256

        async def find(self, notification: Notification) -> MessageRef | None:
            return await notifier.find(notification)

        async def send(self, notification: Notification, card: Card) -> MessageRef:
            found: MessageRef = await sending(notification, card)
            return found

    attempts.record = killer.around(attempts.record, "mark")
    await Delivery(services, {"console": Watched()}, compose, f"start-{number}").drain()


def look_and_die(folder: Path, step: str) -> None:
    """Look and deliver in `folder` until `step` is reached."""
    asyncio.run(main(folder, step))
