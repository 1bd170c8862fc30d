"""The whole shipped history, for questions about any day of it."""

import asyncio
from collections.abc import AsyncIterator
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

END = datetime(2025, 3, 31, 22, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def whole_file(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all that is known on the evening of 31 March 2025, made once."""

    def make(path: Path) -> None:
        copyfile(blank, path)
        environ = {"AFTERSHOCK_DATA": str(path.parent), "XDG_CONFIG_HOME": str(path.parent)}
        settings = load(None, {**environ, "AFTERSHOCK_MARKET__SOURCE": "shipped"})
        asyncio.run(_fill(settings, path))

    return made_once(tmp_path_factory, "whole.db", make)


async def _fill(settings: Settings, path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    history, clock = ShippedHistory(), SetClock(END)
    await seed_shipped(
        Services(settings, database, history, release_facts(), clock, Random(1)), END
    )
    await database.close()


@pytest.fixture
async def whole(settings: Settings, tmp_path: Path, whole_file: Path) -> AsyncIterator[Services]:
    """Services with everything known on the evening of 31 March 2025."""
    copyfile(whole_file, tmp_path / "whole.db")
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/whole.db", durable=False)
    history, clock = ShippedHistory(), SetClock(END)
    yield Services(settings, database, history, release_facts(), clock, Random(1))
    await database.close()
