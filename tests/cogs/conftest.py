"""One client for all the tests of a file; each test has a channel of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.cogs.asked import services_in
from tests.cogs.town import Town
from tests.servers.discord import DiscordServer, pointed_at, running
from tests.servers.discord.permissions import MANAGE_CHANNELS


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, history_file: Path) -> AsyncIterator[Town]:
    """A server with its bot, logged in, and all that is known on 27 January 2025."""
    server = DiscordServer()
    guild = server.add_guild("Chips")
    managers = guild.add_role("managers", MANAGE_CHANNELS)
    guild.add_role("desk")
    manager, member = guild.add_member("anna", managers), guild.add_member("ben")
    folder = tmp_path_factory.mktemp("asked")
    async with services_in(folder, history_file) as services, running(server):
        with pointed_at(server):
            found = Town(server, services, guild, manager, member)
            await found.restart()
            yield found
            await found.clients.aclose()
