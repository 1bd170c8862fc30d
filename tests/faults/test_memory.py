"""The program where memory is scarce: 384 MB for all of it, its reading child included."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.bench.memory import COSTLY, program

MEGABYTES = 384
_GROUPS = Path("/sys/fs/cgroup")


@contextmanager
def capped(name: str) -> Iterator[tuple[str, Callable[[int], None]]]:
    """How a process is held to the cap, in words, and what does so to a process id.

    By a control group of version 1 or 2 where one may be made; else its data may grow no further.
    """
    size = str(MEGABYTES * 2**20)
    for parent, limit, said in (
        (_GROUPS / "memory", "memory.limit_in_bytes", "a control group"),
        (_GROUPS, "memory.max", "a control group"),
    ):
        group = parent / name
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text(size)
            yield said, partial(_put, group)
            return
        except OSError:
            continue
        finally:
            group.rmdir()
    yield "its data", partial(_limit, MEGABYTES * 2**20)


def _put(group: Path, pid: int) -> None:
    (group / "cgroup.procs").write_text(str(pid))


def _limit(most: int, pid: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_DATA, (most, most))


@pytest.mark.faults
async def test_it_lives_in_384_megabytes(tmp_path: Path, figures: Callable[..., None]) -> None:
    with capped(f"aftershock-{os.getpid()}") as (how, confine):
        async with program(tmp_path, confine) as running:
            for number in range(50):
                said = await running.ask("drawdown", {"target": ("NVDA", "ai", "AMD")[number % 3]})
                assert "NVDA" in said or "AMD" in said or "ai" in said.lower(), said
            for line, values in COSTLY:
                assert await running.ask(line, values)
            assert running.process.poll() is None
            held = running.held()
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log, log[-3000:]
    figures(
        f"{MEGABYTES} MB of memory, by {how}",
        at_the_end=f"{held.whole:.0f} MB",
        at_most=f"{held.peak:.0f} MB",
    )
