"""Cards as the bot makes them, which takes a while: once for all that is drawn of them."""

import asyncio
import pickle
from pathlib import Path
from random import Random
from shutil import copyfile

import pytest

from bot.app import release_facts
from bot.config import load
from bot.market.shipped import ShippedHistory
from bot.services import Services, SetClock
from storage.database import Database
from tests.cards.discord_cards import Cards, real_cards
from tests.conftest import START
from tests.once import made_once


@pytest.fixture(scope="session")
def cards(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Cards:
    """One card of each kind, from half a year of the real cycle."""

    def make(path: Path) -> None:
        copyfile(blank, path.with_suffix(".db"))
        path.write_bytes(pickle.dumps(asyncio.run(_made(path.with_suffix(".db")))))

    found: Cards = pickle.loads(made_once(tmp_path_factory, "cards.pickle", make).read_bytes())
    return found


async def _made(path: Path) -> Cards:
    environ = {"AFTERSHOCK_DATA": str(path.parent), "XDG_CONFIG_HOME": str(path.parent)}
    settings = load(None, {**environ, "AFTERSHOCK_MARKET__SOURCE": "shipped"})
    database = await Database.open(f"sqlite+aiosqlite:///{path}", durable=False)
    services = Services(
        settings, database, ShippedHistory(), release_facts(), SetClock(START), Random(1)
    )
    try:
        return await real_cards(services)
    finally:
        await database.close()
