"""What many tests need: settings on a temporary folder, a database, services on a set clock."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from shutil import copyfile

import pytest

from bot.app import release_facts
from bot.config import Settings, load
from bot.market.shipped import ShippedHistory
from bot.services import Services, SetClock
from storage.database import Database
from storage.migrate import migrate

START = datetime(2025, 1, 27, 22, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults, on a folder of the test's own."""
    environ = {"AFTERSHOCK_DATA": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path)}
    return load(None, {**environ, "AFTERSHOCK_MARKET__SOURCE": "shipped"})


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the current schema, made once: migrating takes a while."""
    path = tmp_path_factory.mktemp("blank") / "blank.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
async def database(tmp_path: Path, blank: Path) -> AsyncIterator[Database]:
    """An empty database of the current schema."""
    copyfile(blank, tmp_path / "test.db")
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/test.db")
    yield database
    await database.close()


@pytest.fixture
def services(settings: Settings, database: Database) -> Services:
    """Services on the shipped history, with the clock at the evening of 27 January 2025."""
    return Services(
        settings, database, ShippedHistory(), release_facts(), SetClock(START), Random(1)
    )
