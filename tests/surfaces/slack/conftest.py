"""One app for all the tests of a file; each test has a channel of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.cogs.asked import services_in
from tests.servers.slack import running
from tests.surfaces.slack.office import Office, opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(
    tmp_path_factory: pytest.TempPathFactory, history_file: Path
) -> AsyncIterator[Office]:
    """A workspace with the app in it, and all that is known on 27 January 2025."""
    folder = tmp_path_factory.mktemp("office")
    async with (
        services_in(folder, history_file) as services,
        running() as server,
        opened(server, services) as found,
    ):
        yield found
