"""What many tests need: settings on a temporary folder, a database, services on a set clock."""

import gc
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.config import Settings, load
from bot.memory import collect_seldom
from bot.services import Services
from storage.database import Database
from storage.migrate import migrate
from tests.known import known_at, on_copy, services_at
from tests.once import made_once

START = datetime(2025, 1, 27, 22, 0, tzinfo=UTC)
END = datetime(2025, 3, 31, 23, 0, tzinfo=UTC)

# As in the program, from its start on.
collect_seldom()

# How long an example takes is the machine's affair, not the test's.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Each statement is compiled once for all the databases of a run, not once for each."""
    first: list[AsyncEngine] = []

    def create(url: str, **options: Any) -> AsyncEngine:
        engine = create_async_engine(url, **options)
        if engine.dialect.name == "sqlite":
            first[:] = first or [engine]
            # What was compiled is found again by the dialect that it was compiled for.
            ours, shared = engine.sync_engine, first[0].sync_engine
            ours.dialect = ours.pool._dialect = shared.dialect
            ours._compiled_cache = shared._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("storage.database.create_async_engine", create)
        yield


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
    return known_at(tmp_path_factory, blank, "history.db", START)


@pytest.fixture(scope="session")
def whole_file(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the whole shipped history, made once."""
    return known_at(tmp_path_factory, blank, "whole.db", END)


@pytest.fixture
async def seeded(settings: Settings, tmp_path: Path, history_file: Path) -> AsyncIterator[Services]:
    """Services with everything known on the evening of 27 January 2025."""
    async with on_copy(settings, history_file, tmp_path, START) as services:
        yield services


@pytest.fixture
async def whole(settings: Settings, tmp_path: Path, whole_file: Path) -> AsyncIterator[Services]:
    """Services with the whole shipped history, at its end."""
    async with on_copy(settings, whole_file, tmp_path, END) as services:
        yield services


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
    return services_at(settings, database, START)


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
