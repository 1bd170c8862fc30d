"""A process that answers a release with a study, and kills itself on the way.

Each start begins a day after the one before, so that the dead one's leases have run out.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from random import Random

from bot.app import release_facts
from bot.config import load
from bot.market.shipped import ShippedHistory
from bot.services import Services, SetClock
from storage import outbox, tracked, trust
from storage.database import Database
from tests.cycle.aftermath import BEGIN, RELEASED, Aftermath, close
from tests.faults.news_worker import deliver
from tests.faults.worker import Killer

DAYS = (28, 29, 30)


async def main(folder: Path, step: str) -> None:
    """Up to the 27th nothing dies; then the study is made, stored and sent until `step`."""
    killer = Killer(step, 1)
    starts = folder / "starts"
    number = int(starts.read_text()) if starts.exists() else 0
    starts.write_text(str(number + 1))
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/a.db")
    settings = load(None, {"AFTERSHOCK_DATA": str(folder), "AFTERSHOCK_MARKET__SOURCE": "shipped"})
    services = Services(
        settings, database, ShippedHistory(), release_facts(), SetClock(BEGIN), Random(number)
    )
    after = Aftermath(services)
    if number == 0:
        await after.begin()
        await after.subscribe("local")
        await after.subscribe("other")
        await after.tick(RELEASED, close(22), close(27, 0), close(27))
        await after.send()
    outbox.enqueue = killer.around(outbox.enqueue, "enqueue")
    tracked.save = killer.around(tracked.save, "save")
    trust.record = killer.around(trust.record, "record")
    killer.at("before look")
    at = close(DAYS[number])
    await after.tick(at, at + timedelta(minutes=5))
    killer.at("between store and send")
    await deliver(services, folder, killer, number)
    await database.close()


def answer_and_die(folder: Path, step: str) -> None:
    """Study and deliver in `folder` until `step` is reached."""
    asyncio.run(main(folder, step))
