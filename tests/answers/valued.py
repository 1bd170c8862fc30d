"""Services on the shipped history as it was known on a day, for tests of what is paid for it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
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

END = datetime(2025, 3, 31, 23, tzinfo=UTC)


@pytest.fixture(scope="session")
def whole_file(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the whole shipped history, made once."""

    def make(path: Path) -> None:
        copyfile(blank, path)
        environ = {"AFTERSHOCK_DATA": str(path.parent), "XDG_CONFIG_HOME": str(path.parent)}
        settings = load(None, {**environ, "AFTERSHOCK_MARKET__SOURCE": "shipped"})
        asyncio.run(_fill(settings, path))

    return made_once(tmp_path_factory, "whole.db", make)


async def _fill(settings: Settings, path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    history, clock = ShippedHistory(), SetClock(END)
    services = Services(settings, database, history, release_facts(), clock, Random(1))
    await seed_shipped(services, END)
    await database.close()


@pytest.fixture
async def whole(settings: Settings, tmp_path: Path, whole_file: Path) -> AsyncIterator[Services]:
    """Services with the whole shipped history, at its end."""
    copyfile(whole_file, tmp_path / "whole.db")
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/whole.db", durable=False)
    yield Services(settings, database, ShippedHistory(), release_facts(), SetClock(END), Random(1))
    await database.close()


def at(services: Services, year: int, month: int, day: int) -> Services:
    """The same at the end of that day."""
    return replace(services, clock=SetClock(datetime(year, month, day, 23, 59, tzinfo=UTC)))
