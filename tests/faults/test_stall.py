"""The event loop stands still while messages are on their way: none twice, none lost, no burst."""

import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults.test_surfaces_down import Scene, _scene
from tests.faults.waiting import eventually


def _asked(scene: Scene, most: int) -> bool:
    return len(scene.discord.requests) >= most


async def _stalling(
    folder: Path, blank: Path, channels: int, stalls: int, seconds: float
) -> dict[str, Any]:
    """Stand still so often while rows are sent; leases last less than a stall does."""
    limit = 50
    # Its clock runs so fast that a lease of a minute is over long before a stall is.
    async with _scene(folder, blank, channels, 2, 60 * 60 / seconds, limit) as scene:
        for number in range(stalls):
            sent = 2 * channels * number // stalls
            await eventually(partial(_asked, scene, sent // 2), "some sent", 60)
            time.sleep(seconds)
        await eventually(scene.told_all, "all told", 120)
        assert scene.said() == [[0, 1]] * (2 * channels)
        assert scene.discord.limited == 0
        assert scene.discord.busiest() <= limit
        return {
            "rows": scene.rows, "stalls": stalls, "lost": 0, "double": 0,
            "busiest_second": scene.discord.busiest(),
        }  # fmt: skip


async def test_a_stall_sends_nothing_twice(tmp_path: Path, blank: Path) -> None:
    await _stalling(tmp_path, blank, channels=10, stalls=2, seconds=0.4)


@pytest.mark.faults
async def test_ten_stalls_longer_than_a_lease(tmp_path: Path, blank: Path, figures: Any) -> None:
    found = await _stalling(tmp_path, blank, channels=300, stalls=10, seconds=3)
    figures("the event loop stands still", **found)
