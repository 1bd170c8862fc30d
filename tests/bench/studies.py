"""How long event studies take where every release meets every symbol."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from bot.market.event_study import WINDOW, study
from bot.market.market_model import pair_of
from bot.market.placebo import past, placebo
from tests.bench.rows import Row, at_most

SYMBOLS, RELEASES, SESSIONS = 25, 700, 1_000
MOST_SECONDS = 10.0


def event_studies() -> float:
    """Seconds for 700 releases × 25 symbols over four years of sessions, each with its placebo."""
    random = Random(1)
    days = [date(2022, 1, 3) + timedelta(days=n) for n in range(SESSIONS)]
    market = [random.gauss(0, 0.01) for _day in days]
    series = [[x + random.gauss(0, 0.02) for x in market] for _symbol in range(SYMBOLS)]
    events = [random.choice(days[250:-5]) for _release in range(RELEASES)]
    begun = time.perf_counter()
    for number, returns in enumerate(series):
        pair = pair_of(f"S{number}", returns, "^GSPC", market, days)
        before = past(pair, WINDOW)
        for event in events:
            assert placebo(before, study(pair, event)) is not None
    return time.perf_counter() - begun


def rows() -> Iterator[Row]:
    """One row."""
    name = f"{SYMBOLS * RELEASES:,} event studies, each with its placebo"
    yield at_most(name, event_studies(), MOST_SECONDS, " s")
