"""How long charts take to draw: those with which the program answers, of every kind."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import open_services
from bot.cards.charts import chart_png
from bot.config import load
from bot.model.card import Chart
from bot.services import SetClock
from tests.asking import ask
from tests.bench.rows import Row, at_most

LINES = (
    "/drawdown NVDA 1y", "/drawdown ai max", "/releases timeline", "/impact DeepSeek-R1",
    "/cost compare GPT-4o, DeepSeek-V3", "/cost price GPT-4o", "/cost index", "/crowding ai",
    "/model DeepSeek-R1", "/stress NVDA", "/valuation ai",
)  # fmt: skip
NOW = datetime(2025, 1, 28, 22, tzinfo=UTC)
KINDS = 4
RUNS, MOST_MILLISECONDS = 15, 60.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """Milliseconds of work of a chart's best run."""

    line: str
    kind: str
    best: float


async def answered(folder: Path) -> dict[str, Chart]:
    """The charts of the answers, by the line that was asked; those without one are left out."""
    environ = {
        "AFTERSHOCK_DATA": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "AFTERSHOCK_MARKET__SOURCE": "shipped",
    }
    async with open_services(load(None, environ), SetClock(NOW)) as services:
        cards = [(line, await ask(line, services)) for line in LINES]
    return {line: card.chart for line, card in cards if card.chart is not None}


def _milliseconds(chart: Chart) -> float:
    # Of work: what else the machine does is not the chart's.
    begun = time.thread_time()
    assert chart_png(chart, dark=True).startswith(b"\x89PNG")
    return (time.thread_time() - begun) * 1e3


def rows() -> Iterator[Row]:
    """The first chart of a process, and the slowest of all the others."""
    with TemporaryDirectory() as folder:
        charts = asyncio.run(answered(Path(folder)))
    assert len({type(chart) for chart in charts.values()}) == KINDS
    first = _milliseconds(next(iter(charts.values())))
    yield Row("the first chart, with its imports", f"{first:.0f} ms")
    # Whatever else runs on the machine can only add to the best.
    drawn = [
        Drawn(line, type(chart).__name__, min(_milliseconds(chart) for _run in range(RUNS)))
        for line, chart in charts.items()
    ]
    worst = max(drawn, key=lambda one: one.best)
    name = f"the slowest of {len(drawn)} kinds of charts, warm"
    yield at_most(name, worst.best, MOST_MILLISECONDS, " ms", worst.line)
