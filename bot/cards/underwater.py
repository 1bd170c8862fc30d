"""The underwater chart of a target, from its series. Pure."""

from collections.abc import Sequence
from datetime import date

from bot.model.card import UnderwaterChart
from bot.model.wording import day, share


def underwater_chart(
    title: str,
    days: Sequence[date],
    prices: Sequence[float],
    peaks: Sequence[float],
    levels: Sequence[float],
    unit: str,
    source: str,
) -> UnderwaterChart:
    """A price under its running peak, with an alt text that says what the picture shows."""
    depth = prices[-1] / peaks[-1] - 1
    trough = min(range(len(days)), key=lambda i: prices[i] / peaks[i])
    alt = (
        f"{title} from {day(days[0])} to {day(days[-1])}: {share(depth)} below the peak at the "
        f"end, {share(prices[trough] / peaks[trough] - 1)} at the deepest on {day(days[trough])}."
    )
    return UnderwaterChart(
        title=title,
        days=tuple(days),
        prices=tuple(prices),
        peaks=tuple(peaks),
        levels=tuple(levels),
        unit=unit,
        alt=alt,
        source=source,
    )
