"""Services on the shipped history as it is known at a moment, on a database of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from shutil import copyfile

import pytest

from bot.app import release_facts
from bot.config import Settings, load
from bot.cycle.seed import seed_shipped
from bot.market.shipped import ShippedHistory
from bot.services import Services, SetClock
from storage.database import Database
from tests.once import made_once


def services_at(settings: Settings, database: Database, now: datetime) -> Services:
    """Services on the shipped history, whose clock stands at `now`."""
    return Services(settings, database, ShippedHistory(), release_facts(), SetClock(now), Random(1))


def known_at(factory: pytest.TempPathFactory, blank: Path, name: str, now: datetime) -> Path:
    """A database with all that ships and is known at `now`, made once, as the file `name`."""

    def make(path: Path) -> None:
        copyfile(blank, path)
        folders = {"AFTERSHOCK_DATA": str(path.parent), "XDG_CONFIG_HOME": str(path.parent)}
        given = {**folders, "AFTERSHOCK_MARKET__SOURCE": "shipped"}
        asyncio.run(_fill(load(None, given), path, now))

    return made_once(factory, name, make)


async def _fill(settings: Settings, path: Path, now: datetime) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    await seed_shipped(services_at(settings, database, now), now)
    await database.close()


@asynccontextmanager
async def on_copy(
    settings: Settings, file: Path, folder: Path, now: datetime
) -> AsyncIterator[Services]:
    """Services at `now`, on a copy of that database in `folder`."""
    copyfile(file, folder / file.name)
    database = await Database.open(f"sqlite+aiosqlite:///{folder / file.name}", durable=False)
    try:
        yield services_at(settings, database, now)
    finally:
        await database.close()
