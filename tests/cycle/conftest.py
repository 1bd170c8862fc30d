"""A live session for the tests of the cycle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from random import Random
from shutil import copyfile

import pytest

from bot.app import release_facts
from bot.config import Settings, load
from bot.cycle import aftershocks, seed
from bot.cycle.seed import seed_shipped
from bot.market.calendar import exchange_of, session_close
from bot.market.shipped import ShippedHistory, load_baskets
from bot.market.yahoo import YahooMarket
from bot.model.basket import Basket
from bot.model.rule import Rule
from bot.services import Live, Services, SetClock
from storage.database import Database
from tests.cycle.aftermath import BEGIN, Aftermath
from tests.cycle.session import OPEN, Session, flat
from tests.once import made_once
from tests.servers.yahoo import YahooServer, running

FEW = ("NVDA", "AMD", "ORCL", "TSM")


@asynccontextmanager
async def _session(
    settings: Settings, database: Path, folder: Path, live: Live
) -> AsyncIterator[Session]:
    listed = {"NVDA": flat(100), "AMD": flat(50), "^GSPC": flat(6000), "^VIX": flat(15)}
    opened = await Database.open(f"sqlite+aiosqlite:///{database}", durable=False)
    async with running(YahooServer(listed)) as server:
        yahoo = YahooMarket(
            folder / "yahoo",
            lambda symbol, day: session_close(exchange_of(symbol), day),
            server.base_url,
            timeout_seconds=2,
        )
        services = Services(
            settings, opened, yahoo, release_facts(), SetClock(OPEN), Random(1), yahoo, live
        )
        found = Session(services, server, yahoo)
        found.at(OPEN)
        yield found
    await opened.close()


@pytest.fixture(scope="session")
def opening(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Live]:
    """A database as it is when the session opens, and what is remembered beside it; made once.

    Of the baskets' symbols that the session's Yahoo does not have, it is asked for two: each takes
    a while, at every close of every test.
    """
    folder = tmp_path_factory.mktemp("opening")
    path, live = folder / "opening.db", Live()
    copyfile(blank, path)
    settings = load(None, {"AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder)})

    def few() -> dict[str, Basket]:
        return {
            name: replace(basket, members=tuple(s for s in basket.members if s in FEW))
            for name, basket in load_baskets().items()
        }

    async def fill() -> None:
        async with _session(settings, path, folder, live) as session:
            await seed_shipped(session.services, OPEN)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seed, "load_baskets", few)
        asyncio.run(fill())
    return path, live


@pytest.fixture(scope="session")
def begun(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all that was known on the Friday before DeepSeek released R1, made once."""

    def make(path: Path) -> None:
        copyfile(blank, path)
        settings = load(None, {"AFTERSHOCK_DATA": str(path.parent), "XDG_CONFIG_HOME": "/none"})
        asyncio.run(fill(settings, path))

    async def fill(settings: Settings, path: Path) -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{path}", durable=False)
        clock = SetClock(BEGIN)
        services = Services(settings, database, ShippedHistory(), release_facts(), clock, Random(1))
        await Aftermath(services).begin()
        await database.close()

    return made_once(tmp_path_factory, "begun.db", make)


@pytest.fixture
async def after(
    settings: Settings, tmp_path: Path, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Aftermath]:
    """January 2025 from that Friday on.

    Studies look back two years, which is less to read; and of what is released only DeepSeek's is
    known, since each release is studied.
    """
    monkeypatch.setattr(aftershocks, "HISTORY", "2y")
    facts = release_facts()
    own = [r for r in facts.releases if r.known_at <= BEGIN or r.lab == "deepseek"]
    copyfile(begun, tmp_path / "begun.db")
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/begun.db", durable=False)
    known = replace(facts, releases=own)
    yield Aftermath(
        Services(settings, database, ShippedHistory(), known, SetClock(BEGIN), Random(1))
    )
    await database.close()


@pytest.fixture
async def session(
    settings: Settings, opening: tuple[Path, Live], tmp_path: Path
) -> AsyncIterator[Session]:
    path, live = opening
    copyfile(path, tmp_path / "session.db")
    async with _session(settings, tmp_path / "session.db", tmp_path, deepcopy(live)) as found:
        await found.follow(Rule("NVDA", "1y", (50_000, 100_000), 20_000))
        await found.poll()
        yield found
