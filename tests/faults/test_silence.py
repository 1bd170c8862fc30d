"""A silence, then `kill -9`, then a new start: still silent, and told once it has ended."""

import signal
from datetime import timedelta
from pathlib import Path

from bot.alerts.stories import Timing
from bot.cycle.tick import tell_due, tick
from bot.services import SetClock
from storage import outbox
from tests.asking import ask
from tests.faults.silencer import services_on, silence
from tests.processes import ended


async def test_a_silence_survives_a_kill(tmp_path: Path) -> None:
    assert ended(silence, tmp_path) == -signal.SIGKILL
    services = await services_on(tmp_path, 1)
    clock = services.clock
    assert isinstance(clock, SetClock)
    timing = Timing(timedelta(0), timedelta(0))
    for _poll in range(2):
        await tick(services, timing)
        clock.moment += timedelta(minutes=5)
    assert (await ask("/silence list", services)).title == "1 silence"
    async with services.database.read() as connection:
        assert await outbox.counts(connection) == {}
    clock.moment += timedelta(hours=6)
    await tell_due(services, timing)
    async with services.database.read() as connection:
        assert await outbox.counts(connection) == {"pending": 1}
    await services.database.close()
