"""What is made ready at the start, and that the start does without it where it fails."""

import asyncio
import gc
import logging
import sys
from collections.abc import Iterator

import pytest

from bot import priced
from bot.commands import COMMANDS
from bot.memory import THRESHOLDS
from bot.ready import SWITCH_SECONDS, warm


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Other tests of this process look for garbage as always."""
    thresholds, switching = gc.get_threshold(), sys.getswitchinterval()
    yield
    sys.setswitchinterval(switching)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


async def test_answers_and_the_catalogue_are_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    priced._constant.cache_clear()
    module = next(one for one in COMMANDS if one.path == ("stress",)).answer.partition(":")[0]
    monkeypatch.delitem(sys.modules, module, raising=False)
    await warm()
    assert module in sys.modules
    assert priced._constant.cache_info().currsize == 1
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == THRESHOLDS
    assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)


async def test_what_fails_is_logged_once_and_harms_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise OSError("the catalogue is gone")

    monkeypatch.setattr(priced, "to_hand", broken)
    await warm()
    (record,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert record.getMessage() == (
        "what answers need is not at hand yet; it is read when somebody asks"
    )
    assert "the catalogue is gone" in caplog.text
    assert gc.get_threshold() == THRESHOLDS


async def test_a_stop_meanwhile_waits_for_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reading = asyncio.Event()

    async def slow() -> None:
        reading.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(priced, "to_hand", slow)
    warming = asyncio.create_task(warm())
    await reading.wait()
    warming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await warming
    assert caplog.records == []


async def test_garbage_is_still_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year's worth of it would not fit."""

    async def done() -> None:
        return None

    monkeypatch.setattr(priced, "to_hand", done)
    await warm()
    before = gc.get_stats()[0]["collected"]
    for _ in range(THRESHOLDS[0] * 3):
        ring: list[object] = []
        ring.append(ring)
    assert gc.get_stats()[0]["collected"] - before >= THRESHOLDS[0]
