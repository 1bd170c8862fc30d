"""A database that cannot be written: said in one sentence, and all is told once it can be again."""

import os
from pathlib import Path
from random import Random

import pytest

from tests.faults.programs import programs
from tests.servers.discord import Latency

NAMES = [f"m{number}" for number in range(4)]
NOBODY = 65534


async def test_read_only_while_it_sends(tmp_path: Path, history_file: Path) -> None:
    async with programs(tmp_path, history_file) as one:
        one.server.latency = Latency(0.2, 0.1, Random(1))
        one.start()
        await one.begun()
        await one.enqueue(*NAMES)
        await one.until(lambda: one.channel.sent, "the first message")
        (tmp_path / "read-only").touch()
        said = f"The database {one.database} cannot be written"
        await one.until(lambda: said in one.log, "that it says so")
        (tmp_path / "read-only").unlink()
        await one.until(lambda: one.has(*NAMES), "all of them")
        await one.until(lambda: set(one.states()) == {"sent"}, "that all is marked as sent")
        assert await one.stop() == 0
        one.told_once(*NAMES)
        assert one.log.count(said) == 1
        assert "Traceback" not in one.log


@pytest.mark.skipif(os.getuid() != 0, reason="SKIPPED: only root may become somebody else")
@pytest.mark.parametrize("what", ["folder", "file"])
async def test_somebody_else_owns_it(tmp_path: Path, history_file: Path, what: str) -> None:
    async with programs(tmp_path, history_file) as one:
        for folder in (tmp_path, *tmp_path.parents[:-2]):
            folder.chmod(0o755)
        for name in ("out", "log"):
            (tmp_path / name).touch()
            (tmp_path / name).chmod(0o666)
        if what == "file":
            one.data.chmod(0o777)
            one.database.chmod(0o444)
        before = one.database.read_bytes()
        one.start(uid=NOBODY)
        assert await one.ended(60) == 2, one.log
        (line,) = one.log.splitlines()
        assert "cannot be written" in line
        assert str(one.data) in line
        assert one.database.read_bytes() == before
