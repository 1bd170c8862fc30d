"""What many tests need: settings on a temporary folder, a database, services on a set clock."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from shutil import copyfile

import pytest
from hypothesis import settings as hypothesis_settings

from bot.app import release_facts
from bot.config import Settings, load
from bot.cycle.seed import seed_shipped
from bot.market.shipped import ShippedHistory
from bot.services import Services, SetClock
from storage.database import Database
from storage.migrate import migrate
from tests.once import made_once

START = datetime(2025, 1, 27, 22, 0, tzinfo=UTC)

# How long an example takes is the machine's affair, not the test's.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults, on a folder of the test's own."""
    environ = {"AFTERSHOCK_DATA": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path)}
    return load(
        None,
        {
            **environ,
            "AFTERSHOCK_MARKET__SOURCE": "shipped",
            "AFTERSHOCK_LIMITS__COSTLY_PER_MINUTE": "1000",
        },
    )


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the current schema, made once: migrating takes a while."""
    return made_once(tmp_path_factory, "blank.db", lambda path: migrate(f"sqlite:///{path}"))


@pytest.fixture(scope="session")
def history_file(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all that is known on the evening of 27 January 2025, made once."""

    def make(path: Path) -> None:
        copyfile(blank, path)
        environ = {"AFTERSHOCK_DATA": str(path.parent), "XDG_CONFIG_HOME": str(path.parent)}
        settings = load(None, {**environ, "AFTERSHOCK_MARKET__SOURCE": "shipped"})
        asyncio.run(_fill(settings, path))

    return made_once(tmp_path_factory, "history.db", make)


async def _fill(settings: Settings, path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    services = Services(
        settings, database, ShippedHistory(), release_facts(), SetClock(START), Random(1)
    )
    await seed_shipped(services, START)
    await database.close()


@pytest.fixture
async def seeded(settings: Settings, tmp_path: Path, history_file: Path) -> AsyncIterator[Services]:
    """Services with everything known on the evening of 27 January 2025."""
    copyfile(history_file, tmp_path / "seeded.db")
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/seeded.db", durable=False)
    yield Services(
        settings, database, ShippedHistory(), release_facts(), SetClock(START), Random(1)
    )
    await database.close()


@pytest.fixture
async def database(tmp_path: Path, blank: Path) -> AsyncIterator[Database]:
    """An empty database of the current schema."""
    copyfile(blank, tmp_path / "test.db")
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/test.db", durable=False)
    yield database
    await database.close()


@pytest.fixture
def services(settings: Settings, database: Database) -> Services:
    """Services on the shipped history, with the clock at the evening of 27 January 2025."""
    return Services(
        settings, database, ShippedHistory(), release_facts(), SetClock(START), Random(1)
    )


def pytest_collection_finish() -> None:
    """What was imported and collected stays: looking for garbage need not go through it again."""
    gc.collect()
    gc.freeze()


FAULT = "fault figures"


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """`figures("killed at random", kills=1000, lost=0)`: a row of the table of a fault run."""

    def note(fault: str, **found: object) -> None:
        said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in found.items())
        record_property(FAULT, f"{fault:<44} {said}")

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what fault runs found, one line each."""
    lines = {
        str(value)
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, value in report.user_properties
        if name == FAULT
    }
    if lines:
        terminalreporter.section("faults")
        for line in sorted(lines):
            terminalreporter.write_line(line)
