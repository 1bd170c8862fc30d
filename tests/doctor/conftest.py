"""A set-up in which everything is well, for each test to break."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.doctor.ward import Ward, ward


@pytest.fixture
async def well(tmp_path: Path, blank: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ward]:
    """Servers, tokens and a database without fault."""
    monkeypatch.chdir(tmp_path)
    async with ward(tmp_path, blank) as made:
        yield made
