"""A fan-out to many channels at Discord's strict limit: how fast, and is anything refused?"""

import asyncio
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.cards.underwater import underwater_chart
from bot.delivery import Delivery
from bot.model.card import Card, UnderwaterChart
from bot.model.receiver import MessageRef, Notification
from bot.services import SystemClock
from bot.surfaces.discord_pacing import LIMIT
from tests.fanout import Arrived, delivering, enqueue, opened, plain_card, with_channels
from tests.servers.discord import Latency, pointed_at, serving_in_thread

LATENCY, JITTER = 0.050, 0.025
STALL, STALL_EVERY = 0.150, 2.0
# The least share of the limit that will do, without stalls of the loop and with them.
LEAST, LEAST_STALLED = 0.95, 0.88


async def _stalls() -> None:
    while True:
        await asyncio.sleep(STALL_EVERY - STALL)
        time.sleep(STALL)  # the whole loop stands still, as by a slow callback


def fan_out(
    folder: Path, count: int, *, stalled: bool = False, chart: UnderwaterChart | None = None
) -> tuple[str, bool]:
    """A message to each of so many channels; a line of figures, and whether they will do."""
    server, channels = with_channels(count)
    server.latency = Latency(LATENCY, JITTER)

    async def run() -> tuple[float, int]:
        await enqueue(folder, [str(channel.id) for channel in channels])
        async with delivering(
            folder, SystemClock(), server.token, "bench", chart=chart
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
    share = (count - 1) / found.seconds / LIMIT
    least = LEAST_STALLED if stalled else LEAST
    name = f"{count:,} channels{', stalls' if stalled else ''}{', a chart' if chart else ''}"
    failed = (found.limited, found.lost, found.double)
    met = share >= least and not any(failed) and sent == count
    value = (
        f"{share * LIMIT:.1f}/s, {share:.1%} of the limit; 429s, lost, twice: "
        f"{', '.join(map(str, failed))}; {busy / count * 1000:.1f} ms of the loop each"
    )
    return f"{name:<32}{value}{'' if met else '  MISSED'}", met


class _Instant:
    """A surface that takes everything at once."""

    room = 256

    async def find(self, notification: Notification) -> MessageRef | None:
        return None

    async def send(self, notification: Notification, card: Card) -> MessageRef:
        return MessageRef(notification.receiver.address, notification.nonce)


def claim_and_mark(folder: Path, count: int) -> str:
    """What the database costs of delivering so many rows."""

    async def run() -> float:
        await enqueue(folder, [str(number) for number in range(count)])
        async with opened(folder, SystemClock(), "bench") as services:
            delivery = Delivery(services, {"discord": _Instant()}, plain_card, "bench")
            began = time.perf_counter()
            assert await delivery.drain() == count
            return time.perf_counter() - began

    seconds = asyncio.run(run())
    each = seconds / count * 1e6
    return f"{f'{count:,} rows claimed, marked':<32}{seconds:.1f} s, {each:.0f} µs each"


def main() -> int:
    """Print a line for each run; 1 where a limit is missed."""
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(252)]
    prices = [100.0 - number % 20 for number in range(252)]
    chart = underwater_chart("AI", days, prices, [100.0] * 252, [0.1], "USD", "bench")
    runs = ((1_000, False, None), (1_000, True, None), (500, False, chart), (10_000, False, None))
    met = True
    with TemporaryDirectory() as folder:
        print(claim_and_mark(Path(folder), 10_000), flush=True)
    for count, stalled, drawn in runs:
        with TemporaryDirectory() as folder:
            line, done = fan_out(Path(folder), count, stalled=stalled, chart=drawn)
        print(line, flush=True)
        met = met and done
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
