"""The charts of Discord's messages: each drawn once, or left out where it is not to be had soon."""

import asyncio
import logging

from bot.cards.charts import draw
from bot.model.card import Chart
from bot.surfaces.discord_log import short
from bot.surfaces.shared import Shared

# A fan-out draws the same few charts again and again.
CHARTS_KEPT, KEPT_SECONDS = 16, 3600.0
# How long a drawing may take: a message's deadline is 20 s. What failed or took longer is not tried
# again for a while, so that not every message waits for it.
DRAW_SECONDS, PAUSE_SECONDS = 6.0, 30.0
log = logging.getLogger(__name__)


class Charts:
    """The charts drawn last. Equal charts are drawn once, however many ask at the same time."""

    def __init__(self, kept: int = CHARTS_KEPT, seconds: float = DRAW_SECONDS) -> None:
        self._seconds = seconds
        self._drawn = Shared[bytes](kept, KEPT_SECONDS, PAUSE_SECONDS)

    async def png(self, chart: Chart) -> bytes | None:
        """The chart as PNG, for a dark background; None where it cannot be drawn soon."""
        try:
            return await self._drawn.result(chart.key, lambda: self._draw(chart))
        except Exception:  # noqa: BLE001 - whatever it was, the message goes without it
            return None

    async def _draw(self, chart: Chart) -> bytes:
        """Draw it; raises what goes wrong, which the log says once for all who asked."""
        try:
            async with asyncio.timeout(self._seconds):
                return await draw(chart, dark=True)
        except Exception as error:
            log.warning("the chart %r is left out: %s", chart.title, short(error))
            raise
