"""A process that finds changes of price and delivers them, and kills itself on the way.

Each start begins an hour after the one before, so that the dead one's leases have run out.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import release_facts
from bot.config import load
from bot.costs.ledger import Ledger
from bot.cycle import prices
from bot.market.shipped import ShippedHistory
from bot.model.rate import Evidence, Rate
from bot.services import Services, SetClock
from storage import outbox, price_events, receivers
from storage.database import Database
from tests.faults.news_worker import deliver
from tests.faults.worker import Killer

BEGIN = datetime(2026, 1, 10, 12, tzinfo=UTC)
MODELS = (("openai", "GPT-5.2"), ("anthropic", "Claude Opus 4.5"), ("xai", "Grok 4"))


def ledger(*, cut: bool) -> Ledger:
    """Three models of three labs, each at half its price since `BEGIN` where `cut`."""
    spans = [("4", BEGIN - timedelta(days=90), BEGIN if cut else None)]
    if cut:
        spans.append(("2", BEGIN, None))
    return Ledger(
        [
            Rate(key, key[0], Decimal(asked), Decimal(asked) * 5, "models.dev", BEGIN,
                 Evidence.LISTED, since, until)
            for key in MODELS
            for asked, since, until in spans
        ]
    )  # fmt: skip


async def main(folder: Path, step: str) -> None:
    """Seed once; then find, store, claim and send until `step` is reached."""
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
    if number == 0:
        await _seed(services, BEGIN - timedelta(hours=2))

    async def cut(_database: object) -> Ledger:
        return ledger(cut=True)

    price_events.put_events = killer.around(price_events.put_events, "events")
    outbox.enqueue = killer.around(outbox.enqueue, "enqueue")
    killer.at("before look")
    with patch.object(prices, "ledger_of", cut):
        await prices.find_and_tell(services, clock.now())
    killer.at("between store and send")
    await deliver(services, folder, killer, number)
    await database.close()


async def _seed(services: Services, at: datetime) -> None:
    """The first look, which is silent, and a channel that subscribes then."""

    async def before(_database: object) -> Ledger:
        return ledger(cut=False)

    async def subscribe(connection: AsyncConnection) -> None:
        given = await receivers.receiver_of(connection, "console", "local", "local", at)
        await receivers.add_subscription(connection, given.id, at, kind="prices")

    with patch.object(prices, "ledger_of", before):
        await prices.find_and_tell(services, at)
    await services.database.write(subscribe)


def look_and_die(folder: Path, step: str) -> None:
    """Find and deliver in `folder` until `step` is reached."""
    asyncio.run(main(folder, step))
