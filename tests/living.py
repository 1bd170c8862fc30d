"""The whole program, running in the test's own process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import copyfile
from unittest.mock import patch

from bot.app import run
from bot.config import Settings
from bot.sections import HealthSettings
from bot.services import Services
from bot.surfaces.console import Shown


@asynccontextmanager
async def live(settings: Settings, *, hears: bool = False) -> AsyncIterator[Services]:
    """The program, running, until the context ends; it must end by itself within ten seconds.

    Unless it `hears` it looks at no feeds: those that ship are elsewhere. So are price lists, which
    are read where the settings have them on this machine.
    """
    # Python's garbage would be looked for in all that tests import, too, twice for each start.
    with patch("bot.ready.settle"), patch("bot.working.settle"):
        async with _running(settings, hears) as services:
            yield services


@asynccontextmanager
async def _running(settings: Settings, hears: bool) -> AsyncIterator[Services]:
    feeds = settings.feeds.model_copy(update={"enabled": hears})
    near = "//127.0.0.1" in settings.prices.models_dev_url
    prices = settings.prices.model_copy(update={"enabled": near})
    # Other tests' programs listen there, too.
    usual = settings.health.listen == HealthSettings().listen
    health = HealthSettings(listen="") if usual else settings.health
    changed = {"feeds": feeds, "prices": prices, "health": health}
    settings = settings.model_copy(update=changed)
    begun: asyncio.Future[Services] = asyncio.get_running_loop().create_future()
    done = asyncio.Event()

    async def interact(services: Services) -> None:
        begun.set_result(services)
        await done.wait()

    async def show(shown: Shown) -> None:
        pass

    program = asyncio.create_task(run(settings, show, interact))
    try:
        await asyncio.wait((program, begun), timeout=30, return_when=asyncio.FIRST_COMPLETED)
        if program.done():
            program.result()
        yield await asyncio.wait_for(begun, 1)
    finally:
        done.set()
        await asyncio.wait_for(program, 10)


def with_history(folder: Path, history_file: Path) -> Path:
    """A data folder whose history need not be read in again."""
    (folder / "data").mkdir()
    copyfile(history_file, folder / "data" / "aftershock.db")
    return folder / "data"
