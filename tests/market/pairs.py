"""Pairs of returns for tests: random ones, and the shipped history's."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from bot.market.calendar import NEW_YORK, session_close, sessions
from bot.market.market_model import Pair, pair_of, pair_up
from bot.market.shipped import ShippedHistory

DAYS = tuple(date(2023, 1, 2) + timedelta(days=n) for n in range(400))
LAST = date(2025, 2, 5)
SESSIONS = tuple(sessions(NEW_YORK, date(2022, 1, 3), LAST))


def random_returns(seed: int, length: int = len(DAYS), sigma: float = 0.01) -> list[float | None]:
    """Normal returns, none on the first session."""
    random = Random(seed)
    return [None, *(random.gauss(0.0005, sigma) for _n in range(length - 1))]


def added(*series: Sequence[float | None]) -> list[float | None]:
    """The sum of series, session by session; None where one has none."""
    found: list[float | None] = []
    for column in zip(*series, strict=True):
        known = [value for value in column if value is not None]
        found.append(sum(known) if len(known) == len(series) else None)
    return found


def scaled(series: Sequence[float | None], factor: float, shift: float = 0.0) -> list[float | None]:
    """Each entry times `factor` plus `shift`."""
    return [None if value is None else factor * value + shift for value in series]


def random_pair(seed: int = 1, beta: float = 1.5, name: str = "AAA") -> Pair:
    """A target that follows its benchmark with noise of its own, over 400 days."""
    market = random_returns(seed)
    noise = random_returns(seed + 1000, sigma=0.02)
    return pair_of(name, added(scaled(market, beta), noise), "^GSPC", market, DAYS)


async def shipped_closes(symbols: Sequence[str]) -> dict[str, dict[date, int]]:
    """Closes of the shipped history to 5 February 2025, in millionths."""
    found: dict[str, dict[date, int]] = {}
    for bar in await ShippedHistory().bars([*symbols], {}, session_close(NEW_YORK, LAST)):
        found.setdefault(bar.symbol, {})[bar.day] = bar.close
    return found


async def shipped_pair(symbol: str) -> Pair:
    """A symbol and the S&P 500, of the shipped history."""
    closes = await shipped_closes([symbol, "^GSPC"])
    return pair_up(symbol, closes[symbol], "^GSPC", closes["^GSPC"], SESSIONS)
