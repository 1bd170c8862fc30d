"""The machine's clock jumps while the whole program runs: it goes on, and tells each thing once."""

import datetime as real
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from bot.config import Settings, load
from bot.cycle.set_back import put_right
from bot.pulse import Pulse
from bot.services import Services, SystemClock
from storage import controls, receivers
from storage.schema import attempt, outbox
from tests.delivering import until
from tests.faults.waiting import eventually
from tests.living import live, with_history
from tests.refusing import read_only

BACK_AND_FORTH = [
    timedelta(days=-1),
    timedelta(hours=-1),
    timedelta(minutes=-5),
    timedelta(minutes=5),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=400),
]


class Machine:
    """The machine's clock: real time, off by what a test says."""

    def __init__(self) -> None:
        self.off = timedelta(0)

    def now(self, zone: Any = UTC) -> datetime:
        """As `datetime.now`, a little off."""
        return datetime.now(zone) + self.off


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The clock of everything in this process that asks for the time of day."""
    found = Machine()

    class Shown(real.datetime):
        """What APScheduler reads."""

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            """The machine's time."""
            return found.now(tz)

    monkeypatch.setattr(SystemClock, "now", lambda _self: found.now())
    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Shown)
    monkeypatch.setattr("apscheduler.executors.base.datetime", Shown)
    monkeypatch.setattr(
        "bot.working.Pulse", partial(Pulse, beat_seconds=0.05, again_seconds=(1.0, 3.0, 9.0))
    )
    return found


def _settings(folder: Path) -> Settings:
    environ = {"AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder)}
    environ["AFTERSHOCK_ALERTS__HOURLY_CAP"] = "1000"
    return load(None, {**environ, "AFTERSHOCK_MARKET__SOURCE": "shipped"})


async def _hold(services: Services, name: str) -> None:
    """News that the console is to be told a second from now, by the clock as it is."""
    now = services.clock.now()

    async def work(connection: Any) -> None:
        console = await receivers.find_receiver(connection, "console", "local")
        assert console is not None
        facts = {"version": 1, "kind": "note", "title": name, "text": name}
        row = {
            "receiver_id": console.id, "subscription_id": None, "facts": facts, "fallback": name,
            "held_by": "silence", "until": now + timedelta(seconds=1), "created_at": now,
        }  # fmt: skip
        await controls.hold_news(connection, row)

    await services.database.write(work)


async def _sent(services: Services, name: str) -> list[str]:
    """The states of the rows that say so."""
    async with services.database.read() as connection:
        found = await connection.execute(select(outbox.c.state).where(outbox.c.fallback == name))
        return [row[0] for row in found]


async def _jumping(folder: Path, machine: Machine, jumps: list[timedelta]) -> float:
    """Let the clock jump there and back; the longest that anything due took to be told."""
    longest = 0.0
    async with live(_settings(folder)) as services:
        for number, by in enumerate(jumps):
            for way, off in (("there", by), ("back", timedelta(0))):
                # Two things held at once would be summed up in one message.
                for when in ("before", "after"):
                    name = f"{number} {way}, held {when}"
                    await _hold(services, name)
                    machine.off = off

                    async def told(name: str = name) -> bool:
                        return await _sent(services, name) == ["sent"]

                    longest = max(longest, await eventually(told, name, 20))
        async with services.database.read() as connection:
            rows = list(await connection.execute(select(outbox.c.fallback, outbox.c.state)))
            tries = list(await connection.execute(select(attempt.c.outcome)))
        assert len(rows) == len(tries) == 4 * len(jumps)
        assert {row.state for row in rows} == {"sent"}
        assert len({row.fallback for row in rows}) == len(rows)
    return longest


async def test_an_hour_back_holds_nothing_up(
    tmp_path: Path, whole_file: Path, machine: Machine
) -> None:
    folder = with_history(tmp_path, whole_file)
    await _jumping(folder, machine, [timedelta(hours=-1)])


async def test_an_hour_back_while_nothing_can_be_stored_runs_the_jobs_once(
    tmp_path: Path,
    whole_file: Path,
    machine: Machine,
    caplog: pytest.LogCaptureFixture,
    figures: Any,
) -> None:
    """Each beat tries to put right what the jump left behind, but what costs is not done again."""
    tried = 0

    async def put(*arguments: Any, **named: Any) -> None:
        nonlocal tried
        tried += 1
        await put_right(*arguments, **named)

    folder = with_history(tmp_path, whole_file)
    with patch("bot.working.put_right", put):
        async with live(_settings(folder)) as services:
            jobs = services.live.measured.jobs
            await until(lambda: jobs["prune"].succeeded is not None)
            await _hold(services, "held before")
            before = jobs["prune"].runs
            with read_only(services.database):
                machine.off = timedelta(hours=-1)
                await until(lambda: tried >= 10)
                runs = jobs["prune"].runs - before
                assert runs == 1
            await until(lambda: "left behind is put right" in caplog.text)
            await until(lambda: jobs["prune"].runs - before >= 2)

            async def told() -> bool:
                return await _sent(services, "held before") == ["sent"]

            await eventually(told, "what was held", 20)
    assert caplog.text.count("left behind cannot be put right yet: The database") == 1
    ours = [record for record in caplog.records if record.name.startswith("bot.")]
    assert not any(record.exc_info for record in ours)
    figures(
        "the clock goes back, nothing can be stored",
        tries=tried,
        runs_of_each_job=runs,
        tracebacks=0,
    )


@pytest.mark.faults
async def test_days_and_hours_both_ways(
    tmp_path: Path, whole_file: Path, machine: Machine, figures: Any
) -> None:
    folder = with_history(tmp_path, whole_file)
    longest = await _jumping(folder, machine, BACK_AND_FORTH)
    figures(
        "the clock jumps, there and back", jumps=2 * len(BACK_AND_FORTH), lost=0, double=0,
        longest_wait=f"{longest:.1f} s",
    )  # fmt: skip


@pytest.mark.faults
async def test_a_far_leap_lets_nothing_be_forgotten(
    tmp_path: Path, whole_file: Path, machine: Machine
) -> None:
    folder = with_history(tmp_path, whole_file)
    async with live(_settings(folder)) as services:
        # Since the last run, too, it was long; the leap is later than that.
        leapt = machine.now() + timedelta(days=400)
        machine.off = timedelta(days=400)
        await until(
            lambda: (services.live.doubtful_until or datetime.min.replace(tzinfo=UTC)) > leapt
        )
        machine.off = timedelta(0)
        await until(lambda: services.live.doubtful_until is None)
