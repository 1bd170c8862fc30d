"""A study of the sessions after a release, from the board as it was known. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from bot.cycle.board import Board
from bot.cycle.coincident import INDEX
from bot.cycle.facts import STUDY, title_of
from bot.market.calendar import NEW_YORK, sessions
from bot.market.event_study import study
from bot.market.market_model import Pair, pair_of, portfolio_returns, returns_of
from bot.market.placebo import past, placebo
from bot.model.bar import MICRO
from bot.model.study import Study, TooLittleError
from bot.model.wording import day as day_text
from storage.tracked import Tracked

VERSION = 1
# A |t| beyond this is unusual.
UNUSUAL = 2.0
INDEX_NAME = "S&P 500"


def study_facts(board: Board, event: Tracked, target: str, mark: int, day: date) -> dict[str, Any]:
    """The facts of the study of `target` up to `day`, the session `mark` after session 0.

    Raises TooLittleError with what is missing, in a sentence for a reader.
    """
    pair = pair_on(board, target, day)
    found = study(pair, event.released_on, (0, mark))
    if not found.whole:
        raise TooLittleError(f"The session of {day_text(day)} is not there yet.")
    found = replace(found, placebo=placebo(past(pair, (0, mark)), found))
    return written(found, board, event, target, mark)


def pair_on(board: Board, target: str, day: date) -> Pair:
    """The returns of a target, and of the S&P 500, over the sessions up to `day`."""
    closes = {s: board.closes.get(s, {}) for s in (*board.symbols(target), INDEX)}
    begun = min((min(one) for one in closes.values() if one), default=day)
    days = sessions(NEW_YORK, begun, day)
    if target in board.baskets:
        returns = portfolio_returns(_floats(closes), board.symbols(target), days)
    else:
        returns = returns_of(closes[target], days)
    return pair_of(
        title_of(board, target), returns, INDEX_NAME, returns_of(closes[INDEX], days), days
    )


def _floats(closes: Mapping[str, Mapping[date, int]]) -> Mapping[str, Mapping[date, float]]:
    return {
        symbol: {day: float(close) for day, close in by.items()} for symbol, by in closes.items()
    }


def late(board: Board, target: str, day: date) -> list[str]:
    """Which symbols lack the close of `day` although they had one of late: it may yet come."""
    found = []
    for symbol in (*board.symbols(target), INDEX):
        days = board.closes.get(symbol, {})
        if day not in days and any(0 < (day - other).days <= 10 for other in days):
            found.append(symbol)
    return found


def written(found: Study, board: Board, event: Tracked, target: str, mark: int) -> dict[str, Any]:
    """The study as facts: every figure, and the closes of the window that it was made from."""
    days = [one.day for one in found.days]
    before = max((d for d in board.closes.get(INDEX, {}) if d < days[0]), default=None)
    shown: Sequence[date] = [*([before] if before else []), *days]
    symbols = (*board.symbols(target), INDEX)
    last = found.last
    return {
        "version": VERSION,
        "kind": STUDY,
        **{name: event.facts[name] for name in ("lab", "lab_name", "model")},
        "key": event.key,
        "released_on": event.released_on.isoformat(),
        "mark": mark,
        "studied": target,
        "title": title_of(board, target),
        "benchmark": INDEX,
        "benchmark_name": INDEX_NAME,
        "zero": found.zero.isoformat(),
        "before": before.isoformat() if before else None,
        "day": days[-1].isoformat(),
        "as_of": board.as_of[days[-1]].isoformat(),
        "window": list(found.window),
        "car": last.car,
        "t": last.t,
        "p": last.p,
        "unusual": abs(last.t) > UNUSUAL,
        "days": [{**asdict(one), "day": one.day.isoformat()} for one in found.days],
        "fit": {
            **asdict(found.model),
            "first": found.model.first.isoformat(),
            "last": found.model.last.isoformat(),
        },
        "placebo": None if found.placebo is None else asdict(found.placebo),
        "closes": {
            symbol: {
                d.isoformat(): board.closes[symbol][d] / MICRO
                for d in shown
                if d in board.closes.get(symbol, {})
            }
            for symbol in symbols
        },
        "missing": [s for s in symbols if any(d not in board.closes.get(s, {}) for d in shown)],
        "source": " and ".join(sorted({board.sources[s] for s in symbols if s in board.sources})),
    }
