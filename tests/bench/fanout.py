"""A fan-out to many channels at Discord's strict limit: how fast, and is anything refused?"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.cards.underwater import underwater_chart
from bot.delivery import Delivery
from bot.model.card import Card, UnderwaterChart
from bot.model.receiver import MessageRef, Notification
from bot.services import SystemClock
from bot.surfaces.discord_pacing import LIMIT
from tests.bench.rows import Row, at_least, at_most, none, ratio_at_most
from tests.fanout import Arrived, delivering, enqueue, opened, plain_card, with_channels
from tests.servers.discord import Latency, pointed_at, serving_in_thread

LATENCY, JITTER = 0.050, 0.025
STALL, STALL_EVERY = 0.150, 2.0
# The least share of the limit that will do, without stalls of the loop and with them.
LEAST, LEAST_STALLED = 0.95, 0.88
FEW, MANY, RAISED = 2_000, 20_000, 2_000
MOST_WORK, MOST_GROWTH = 2.0, 1.25  # milliseconds for a message, and how flat they stay


async def _stalls() -> None:
    while True:
        await asyncio.sleep(STALL_EVERY - STALL)
        time.sleep(STALL)  # the whole loop stands still, as by a slow callback


@dataclass(frozen=True, slots=True)
class FanOut:
    """What came of a fan-out: the share of the limit, milliseconds of work for a message, and how
    many were lost, told twice or refused.
    """

    share: float
    work: float
    failed: int
    limited: int


def fan_out(
    folder: Path,
    count: int,
    *,
    limit: int = LIMIT,
    stalled: bool = False,
    chart: UnderwaterChart | None = None,
) -> FanOut:
    """A message to each of so many channels, at most `limit` a second."""
    server, channels = with_channels(count)
    server.latency = Latency(LATENCY, JITTER)
    server.limits.requests = limit

    async def run() -> tuple[float, int]:
        await enqueue(folder, [str(channel.id) for channel in channels])
        async with delivering(
            folder, SystemClock(), server.token, "bench", limit=limit, chart=chart
        ) as delivery:
            stalling = asyncio.create_task(_stalls()) if stalled else None
            began = time.thread_time()
            try:
                sent = await delivery.drain()
            finally:
                if stalling:
                    stalling.cancel()
            return time.thread_time() - began, sent

    with serving_in_thread(server), pointed_at(server):
        busy, sent = asyncio.run(run())
    found = Arrived.at(server, channels)
    share = (count - 1) / found.seconds / limit
    failed = found.lost + found.double + abs(sent - count)
    return FanOut(share, busy / count * 1e3, failed, found.limited)


class _Instant:
    """A surface that takes everything at once."""

    room = 256

    async def find(self, notification: Notification) -> MessageRef | None:
        return None

    async def send(self, notification: Notification, card: Card) -> MessageRef:
        return MessageRef(notification.receiver.address, notification.nonce)


def claim_and_mark(folder: Path, count: int) -> float:
    """Microseconds that the database takes for each of so many rows."""

    async def run() -> float:
        await enqueue(folder, [str(number) for number in range(count)])
        async with opened(folder, SystemClock(), "bench") as services:
            delivery = Delivery(services, {"discord": _Instant()}, plain_card, "bench")
            began = time.perf_counter()
            assert await delivery.drain() == count
            return time.perf_counter() - began

    return asyncio.run(run()) / count * 1e6


def _run(count: int, **how: Any) -> FanOut:
    with TemporaryDirectory() as folder:
        return fan_out(Path(folder), count, **how)


def rows() -> Iterator[Row]:
    """Discord's floor under its real limit; then the work of a message, at a raised limit."""
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(252)]
    prices = [100.0 - number % 20 for number in range(252)]
    chart = underwater_chart("AI", days, prices, [100.0] * 252, [0.1], "USD", "bench")
    with TemporaryDirectory() as folder:
        each = claim_and_mark(Path(folder), 10_000)
    yield Row("10,000 rows claimed and marked, each", f"{each:.0f} µs")
    runs: tuple[tuple[int, str, float, dict[str, Any]], ...] = (
        (1_000, "", LEAST, {}),
        (1_000, ", the loop stalled", LEAST_STALLED, {"stalled": True}),
        (500, ", a chart", LEAST, {"chart": chart}),
    )
    for count, name, least, how in runs:
        found = _run(count, **how)
        said = f"{found.share * LIMIT:.1f} of {LIMIT} messages a second"
        what = f"{count:,} channels{name}, of the limit"
        yield at_least(what, found.share * 100, least * 100, "%", said)
        yield none("  refused (429), lost or told twice", found.limited + found.failed)
    # The small one before and after: what else the machine does hits both.
    small = [_run(FEW, limit=RAISED)]
    large = _run(MANY, limit=RAISED)
    small.append(_run(FEW, limit=RAISED))
    work = min(one.work for one in small)
    lost = large.failed + large.limited + sum(one.failed + one.limited for one in small)
    yield at_most(f"work of the loop for each of {FEW:,}", work, MOST_WORK, " ms")
    yield ratio_at_most(
        f"work of the loop for each of {MANY:,}",
        f"{large.work:.2f} ms",
        f"{work:.2f} ms of {FEW:,}",
        large.work / work,
        MOST_GROWTH,
    )
    yield none("  refused (429), lost or told twice", lost)
