"""Facts of a notification: JSON-ready figures, versioned, kept in the outbox. Pure.

Depths and moves are fractions; prices in quoted units; days and moments in ISO 8601. What is
unknown is None.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bot.cards.aftershock import study_title
from bot.cards.conditions import condition_text
from bot.cards.passed import has_passed, reached_text
from bot.cards.price_news import headline as price_headline
from bot.cards.release import burst_text, released_text
from bot.cycle.board import Board
from bot.cycle.measures import drawdowns, skips_session
from bot.market.drawdown import WINDOWS
from bot.model.bar import MICRO, Basis
from bot.model.basket import Exposure, Lab
from bot.model.level import Reading
from bot.model.release import Release
from bot.model.rule import PPM, Condition, condition_of
from bot.model.wording import level as level_text
from bot.model.wording import percent, share

VERSION = 1
DRAWDOWN = "drawdown"
CONDITION = "condition"
SUMMARY = "summary"
DIGEST = "digest"
RECOVERY = "recovery"
RELEASE = "release"
NOTE = "note"
BURST = "burst"
PRICES = "prices"
STUDY = "study"


def title_of(board: Board, target: str) -> str:
    """How a target is called in a sentence."""
    return board.baskets[target].title if target in board.baskets else target


def _move(board: Board, target: str, day: date) -> float | None:
    """The move on `day` since the session before, as a fraction; None where unknown."""
    series = board.series(target)
    if day not in series.days:
        return None
    position = series.days.index(day)
    if position == 0 or skips_session(board.symbols(target), series.days[position - 1], day):
        return None
    return series.values[position] / series.values[position - 1] - 1


def _member(board: Board, symbol: str, window: str, day: date) -> dict[str, Any]:
    series = board.series(symbol)
    if day not in series.days:
        return {"symbol": symbol, "last": None, "move": None, "depth": None}
    reading = next(r for r in drawdowns(series, window, day - timedelta(days=1)) if r.day == day)
    return {
        "symbol": symbol,
        "last": series.values[series.days.index(day)] / MICRO,
        "move": _move(board, symbol, day),
        "depth": reading.value / PPM,
        "dividend_adjusted": board.bases.get(symbol) is Basis.TOTAL,
    }


def measured(board: Board, target: str, window: str) -> dict[str, Any]:
    """What a drawdown message says of its target, as of the board's last session."""
    series = board.series(target)
    reading = drawdowns(series, window, series.days[-2] if len(series.days) > 1 else None)[-1]
    day, basket = reading.day, board.baskets.get(target)
    at, peak_at = series.days.index(day), series.days.index(reading.peak_day)
    members = [] if basket is None else [_member(board, s, window, day) for s in basket.members]
    symbols = board.symbols(target)
    sources = sorted({board.sources[s] for s in symbols if s in board.sources})
    known = board.final(target).days[-1:]
    context = []
    for symbol in ("^GSPC", "^VIX"):
        if day in board.series(symbol).days:
            close = board.series(symbol).values[board.series(symbol).days.index(day)] / MICRO
            context.append({"symbol": symbol, "last": close, "move": _move(board, symbol, day)})
    return {
        "target": target,
        "basket": basket is not None,
        "title": title_of(board, target),
        "window": window,
        "sessions": WINDOWS[window],
        "day": day.isoformat(),
        "final": reading.final,
        "as_of": (
            board.as_of[day] if reading.final else board.traded_at(target) or _never()
        ).isoformat(),
        # What the chart needs of a session that is not over: symbol → price in millionths.
        "prices": {}
        if reading.final
        else {s: own.values[-1] for s in symbols if (own := board.series(s)).days[-1:] > known},
        "depth": reading.value / PPM,
        "move": _move(board, target, day),
        "last": None if basket else series.values[at] / MICRO,
        "peak": None if basket else series.values[peak_at] / MICRO,
        "peak_day": reading.peak_day.isoformat(),
        "members": [member for member in members if member["last"] is not None],
        "missing": [member["symbol"] for member in members if member["last"] is None],
        "context": context,
        "dividend_adjusted": basket is None and board.bases.get(target) is Basis.TOTAL,
        "source": " and ".join(sources),
    }


def _never() -> datetime:
    raise AssertionError("a board with prices of running sessions knows when they were traded")


def drawdown_facts(board: Board, target: str, window: str, level: int) -> dict[str, Any]:
    """A target crossed `level` (ppm)."""
    facts = measured(board, target, window)
    return {"version": VERSION, "kind": DRAWDOWN, "level": level / PPM, **facts}


def condition_facts(
    board: Board, target: str, measure: str, level: int, reading: Reading | None
) -> dict[str, Any]:
    """A target met a condition other than a drawdown, at `level`.

    `value` is the figure that the condition is about, in its own unit: a fraction for a move, a
    price, a P/E, a percentile between 0 and 1; None for a high or low, whose figure is the price.
    """
    facts = measured(board, target, "1y")
    condition = condition_of(measure)
    value = None if reading is None else figure(condition, reading.value)
    if condition is Condition.MOVE and facts["move"] is not None:
        value = facts["move"]
    return {
        "version": VERSION,
        "kind": CONDITION,
        "condition": condition.value,
        "level": figure(condition, -level),
        "value": value,
        **facts,
    }


def figure(condition: Condition, value: int) -> float | None:
    """A reading or threshold of a condition (signed as it is stored) in its own unit."""
    if condition in (Condition.HIGH, Condition.LOW):
        return None
    return abs(value) / PPM


def summary_facts(
    lines: Sequence[Mapping[str, Any]], held_by: str, first: datetime, now: datetime
) -> dict[str, Any]:
    """What was held back, in one message: lines of `text` and `at`."""
    return {
        "version": VERSION,
        "kind": SUMMARY,
        "held_by": held_by,
        "since": first.isoformat(),
        "as_of": now.isoformat(),
        "lines": [dict(line) for line in lines],
    }


def recovery_facts(
    board: Board, target: str, reading: Reading, first: Mapping[str, Any]
) -> dict[str, Any]:
    """A target recovered; `first` are the facts that its story's first message carried."""
    facts = measured(board, target, first["window"])
    series = board.series(target)
    opened = date.fromisoformat(first["day"])
    trough = min(
        (r for r in drawdowns(series, first["window"]) if r.day >= opened),
        key=lambda r: r.value,
    )
    return {
        "version": VERSION,
        "kind": RECOVERY,
        "first": dict(first),
        "trough_depth": min(trough.value / PPM, first["depth"]),
        "trough_day": trough.day.isoformat(),
        **facts,
    }


def release_facts(
    release: Release, labs: Mapping[str, Lab], exposures: Mapping[str, tuple[Exposure, ...]]
) -> dict[str, Any]:
    """A lab released a model: what the release itself says. `cycle/release_facts.py` knows more."""
    lab = labs.get(release.lab)
    return {
        "version": VERSION,
        "kind": RELEASE,
        "key": release.key,
        "lab": release.lab,
        "lab_name": lab.name if lab else release.lab,
        "model": release.model,
        "model_kind": release.kind,
        "released_on": release.released_on.isoformat(),
        "known_at": release.known_at.isoformat(),
        "open_weights": release.open_weights,
        "exposed": [
            {"symbol": item.symbol, "reason": item.reason}
            for item in exposures.get(release.lab, ())
            if item.since is None or item.since <= release.released_on
        ],
        "source": release.source,
        "url": release.url,
        "other_dates": _dates_by(release.other_dates, release.released_on),
    }


def _dates_by(other_dates: str, day: date) -> str:
    """The other sources' dates up to `day`: a later one could not be known on it."""
    dates = [part for part in other_dates.split("; ") if part[:10] <= day.isoformat()]
    return "; ".join(part for part in dates if part)


def note_facts(title: str, text: str) -> dict[str, Any]:
    """A plain message to one channel, in words: what came of something that somebody did."""
    return {"version": VERSION, "kind": NOTE, "title": title, "text": text}


def burst_facts(source: str, entries: int, models: Sequence[str], now: datetime) -> dict[str, Any]:
    """A feed had so many new entries at once that they were held back; `models` names some."""
    return {
        "version": VERSION,
        "kind": BURST,
        "source": source,
        "entries": entries,
        "models": list(models),
        "as_of": now.isoformat(),
    }


def prices_facts(
    lab: str,
    lab_name: str,
    events: Sequence[Mapping[str, Any]],
    beside: Sequence[Mapping[str, Any]],
    exposed: Sequence[Mapping[str, Any]],
    now: datetime,
) -> dict[str, Any]:
    """What changed of a lab's prices on one day, the most telling first; prices as facts.

    `beside` are other labs' models: `lab_name`, `model`, `price`; `exposed` the lab's stocks.
    """
    return {
        "version": VERSION,
        "kind": PRICES,
        "key": events[0]["key"],
        "lab": lab,
        "lab_name": lab_name,
        "events": [dict(one) for one in events],
        "beside": [dict(one) for one in beside],
        "exposed": [dict(one) for one in exposed],
        "found_at": now.isoformat(),
    }


def fallback_text(facts: Mapping[str, Any], *, dated: bool = True) -> str:
    """One plain line for a notification list, or where a card cannot be shown.

    Not `dated` where it stands behind a moment of its own.
    """
    if facts["kind"] == BURST:
        return burst_text(facts)
    if facts["kind"] == RELEASE:
        text = released_text(facts)
        return f"{text} ({facts['released_on']})" if dated else text
    if facts["kind"] == PRICES:
        return price_headline(facts, dated=dated)
    if facts["kind"] == NOTE:
        return str(facts["title"])
    if facts["kind"] == STUDY:
        return study_title(facts)
    if facts["kind"] == SUMMARY:
        return f"{len(facts['lines'])} messages were held back: {facts['lines'][0]['text']} …"
    if facts["kind"] == DIGEST:
        return f"{facts['period']} digest: {facts['title']}, {facts['day']}"
    verb = "are" if facts["basket"] else "is"
    if facts["kind"] == CONDITION:
        return reached_text(facts) if has_passed(facts) else condition_text(facts)
    if facts["kind"] == RECOVERY:
        at = "at a new peak" if facts["depth"] == 0 else f"{share(facts['depth'])} below the peak"
        when = f" ({facts['day']})" if dated else ""
        return f"{facts['title']} {verb} {at}{when}: recovered"
    lead = f"{facts['title']} {verb} {share(facts['depth'])} below the peak"
    level = level_text(facts["level"])
    if has_passed(facts):
        return (
            f"{lead} (reached {level} on {facts['crossed_on']})"
            if dated
            else (f"{lead} now (had reached {level})")
        )
    move = "" if facts["move"] is None else f", {percent(facts['move'])} on the day"
    verb = "still beyond" if facts.get("repeated") else "crossed"
    return f"{lead} ({verb} {level}{move}, {facts['day']})" if dated else f"{lead} ({verb} {level})"
