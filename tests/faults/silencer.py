"""Silences a channel and dies at once."""

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path
from random import Random

from bot.app import release_facts
from bot.config import load
from bot.cycle.seed import seed_shipped
from bot.cycle.watch import subscribe
from bot.market.calendar import NEW_YORK, session_close
from bot.model.rule import Rule
from bot.services import Services, SetClock
from storage import receivers
from storage.database import Database
from tests.asking import CONSOLE, ask
from tests.cycle.falling import SmallMarket

CLOSES = [100, 88, 87]


async def services_on(folder: Path, day: int) -> Services:
    """Services on the folder's database, with the clock an hour after the close of a session."""
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/a.db")
    settings = load(None, {"AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder)})
    clock = SetClock(session_close(NEW_YORK, SmallMarket.day(day)) + timedelta(hours=1))
    return Services(settings, database, SmallMarket(CLOSES), release_facts(), clock, Random(1))


async def main(folder: Path) -> None:
    """Subscribe, silence, die."""
    services = await services_on(folder, 0)
    now = services.clock.now()
    await seed_shipped(services, now)

    async def work(connection: object) -> None:
        given = await receivers.receiver_of(connection, "console", "local", "console", now)  # type: ignore[arg-type]
        rule = Rule("NVDA", "1y", (50_000,), 20_000)
        await subscribe(connection, given.id, rule, now, 5)  # type: ignore[arg-type]

    await services.database.write(work)
    await ask("/silence add NVDA 30h", services, CONSOLE)
    os.kill(os.getpid(), signal.SIGKILL)


def silence(folder: Path) -> None:
    """Subscribe, silence and die, in `folder`."""
    asyncio.run(main(folder))
