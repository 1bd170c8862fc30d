"""`kill -9` anywhere between the sources and three surfaces: nothing lost, nothing told twice."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from storage.schema import outbox
from tests.faults.pipeline_worker import STEPS, Places, begin, live, services_on
from tests.faults.pipeline_world import BEGIN, World, at, crossed, model, world
from tests.processes import ended, started

# Between two lives: a dead one's leases are over by then, Discord's nonces sometimes are not.
PAUSES = (90.0, 400.0)
# Hours after which a day's script is brought to its end.
EVENING = 5 * 60.0
# Of so many steps, drawn by lot, the one is taken at which the fewest were killed.
AMONG = 4
# How long a life takes, until one has been seen to its end.
GUESS_SECONDS = 0.8


@dataclass
class Told:
    """What became of it all: rows that never arrived, messages beyond the first, by surface."""

    rows: int
    lost: dict[str, int]
    double: dict[str, int]
    alerts: dict[str, list[str]]


@dataclass
class Lives:
    """The lives of one pipeline, each with a moment at which it is killed."""

    world: World
    places: Places
    random: Random
    number: int = 0
    kills: int = 0
    usual: float = GUESS_SECONDS
    steps: Counter[str] = field(default_factory=Counter)

    async def killed(self, day: int, now: datetime) -> None:
        """One life that is killed, at any moment or at a step, unless it ends before."""
        self.world.stands(day, now)
        step, nth = "none", 1
        if self.random.random() < 0.5:
            step, nth = self._step(), self.random.choice((1, 1, 2, 3))
        delay = self.usual * (self.random.random() if step == "none" else 3)
        process = started(live, self.places, now, self.number, step, nth)
        self.number += 1
        itself = False
        try:
            await asyncio.to_thread(process.join, delay)
            itself = process.exitcode is not None
        finally:
            process.kill()
            await asyncio.to_thread(process.join)
        assert process.exitcode in (0, -9), process.exitcode
        self.kills += process.exitcode == -9
        self.steps[step] += itself and process.exitcode == -9

    def _step(self) -> str:
        """A step at which few were killed yet: many a life does not come to the rare ones."""
        return min(self.random.sample(STEPS, AMONG), key=lambda step: self.steps[step])

    async def whole(self, day: int, now: datetime) -> None:
        """One life that nobody ends."""
        self.world.stands(day, now)
        begun = asyncio.get_running_loop().time()
        assert await asyncio.to_thread(ended, live, self.places, now, self.number, "none", 1) == 0
        took = asyncio.get_running_loop().time() - begun
        self.usual = 0.7 * self.usual + 0.3 * min(took, 3 * GUESS_SECONDS)
        self.number += 1

    async def day(self, number: int, kills: int) -> None:
        """A day of the script: so many kills, then what is left is told."""
        minutes, before = 0.0, self.kills
        while self.kills - before < kills and minutes < EVENING - 10:
            await self.killed(number, at(number, minutes))
            minutes += self.random.choice(PAUSES) / 60
        for later in (0, 10):
            await self.whole(number, at(number, EVENING + later))


async def told(here: World, places: Places) -> Told:
    """Compare what the outbox holds with what arrived."""
    posted = select(outbox).where(outbox.c.action != "edit").order_by(outbox.c.id)
    async with (
        services_on(places, BEGIN, "end") as services,
        services.database.read() as connection,
    ):
        rows: list[Any] = list(await connection.execute(posted))
    arrived = here.arrived()
    entries = [json.loads(line) for line in _whole(places.folder / "console.jsonl")]
    arrived["console"] = [e["nonce"] for e in entries if e.get("action") in ("post", "reply")]
    lost, double = {}, {}
    for surface, nonces in arrived.items():
        found = Counter(nonces)
        mine = {row.nonce for row in rows if row.surface == surface}
        assert found.keys() <= mine
        lost[surface] = len(mine - found.keys())
        double[surface] = sum(found.values()) - len(found)
    alerts: dict[str, list[str]] = {}
    for row in rows:
        alerts.setdefault(f"{row.surface} {row.receiver_id}", []).append(row.fallback)
    return Told(len(rows), lost, double, alerts)


def _whole(path: Path) -> list[str]:
    """The whole lines of a transcript; a kill may have cut one short."""
    return [line for line in path.read_text("utf-8").splitlines() if line.endswith("}")]


def expected(days: int) -> list[str]:
    """What every channel must have been told by the end of so many days, in no order."""
    wanted = [f"{model(day)}" for day in range(days)]
    return sorted(wanted + [found for day in range(days) for found in crossed(day)])


def named(fallback: str) -> str:
    """Of what a message tells: the model, or the symbol and the level that it crossed."""
    if released := re.match(r"OpenAI released (\S+)", fallback):
        return released[1]
    fell = re.match(r"(\S+) is .*\(crossed −(\d+)%", fallback)
    assert fell, fallback
    return f"{fell[1]} {fell[2]}"


async def _killed(folder: Path, days: int, kills: int, seed: int) -> tuple[Lives, Told]:
    """So many days with so many kills in each."""
    async with world() as here:
        places = Places.of(here, folder)
        assert await asyncio.to_thread(ended, begin, places, BEGIN) == 0
        lives = Lives(here, places, Random(seed))
        for day in range(days):
            await lives.day(day, kills)
        found = await told(here, places)
    for channel, fallbacks in found.alerts.items():
        assert sorted(map(named, fallbacks)) == expected(days), channel
    nothing = dict.fromkeys(("discord", "slack", "console"), 0)
    assert (found.lost, found.double) == (nothing, nothing)
    return lives, found


async def test_killed_a_few_times(tmp_path: Path) -> None:
    lives, _found = await _killed(tmp_path, days=1, kills=3, seed=1)
    assert lives.kills >= 3


@pytest.mark.faults
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("half", [1, 2])
async def test_killed_a_thousand_times(
    half: int, tmp_path: Path, figures: Callable[..., None]
) -> None:
    """In two halves, each on a database and servers of its own; they may run side by side."""
    begun = asyncio.get_running_loop().time()
    lives, found = await _killed(tmp_path, days=25, kills=21, seed=half + 1)
    steps = {step for step, count in lives.steps.items() if count}
    figures(
        f"kill -9 anywhere in the pipeline, half {half}",
        kills=lives.kills,
        kinds_of_step=len(steps),
        messages=found.rows,
        **{
            f"{what}_on_{surface}": getattr(found, what)[surface]
            for what in ("lost", "double")
            for surface in ("discord", "slack", "console")
        },
        seconds=round(asyncio.get_running_loop().time() - begun),
    )
    assert lives.kills >= 500
    assert steps == set(STEPS)
