"""The figures of the Home tab, from the board and what is stored. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from bot.answers.targets import Known, age_text
from bot.cards.drawdown import cut_off
from bot.cycle.board import Board
from bot.market.drawdown import WINDOWS, measure
from bot.model.bar import MICRO, Basis
from bot.model.receiver import Receiver
from bot.model.rule import PPM
from bot.model.wording import day, listing, sentence
from bot.surfaces.slack.home_view import Fall, Standing
from storage.stories import StoredStory


def standing_of(board: Board, names: Known, target: str, window: str) -> Standing:
    """How a target stands at its last close."""
    series, basket = board.series(target), names.baskets.get(target)
    label = _label(target, names)
    found = measure(series.days, [v / MICRO for v in series.values], WINDOWS[window])
    if found is None:
        return Standing(label)
    values = series.values
    return Standing(
        label,
        day=found.as_of,
        depth=cut_off(found.depth),
        move=values[-1] / values[-2] - 1 if len(values) > 1 else None,
        last=found.last if basket is None else None,
        unit=names.unit(target),
        peak_day=found.peak_day,
        adjusted=basket is None and board.bases.get(target) is Basis.TOTAL,
    )


def _label(target: str, names: Known) -> str:
    """A name and, where it differs, how it is typed: "AI stocks (ai)", "Nvidia (NVDA)"."""
    basket = names.baskets.get(target)
    name, typed = (
        (sentence(basket.title), basket.name)
        if basket is not None
        else (names.symbols.get(target, {}).get("name", target), target)
    )
    return name if name == typed else f"{name} ({typed})"


def source_of(board: Board, targets: Iterable[str], rows: Sequence[Standing], now: datetime) -> str:
    """Where figures are from and as of when, in one line."""
    symbols = {symbol for target in targets for symbol in board.symbols(target)}
    sources = sorted({board.sources[s] for s in symbols if s in board.sources})
    days: list[date] = [row.day for row in rows if row.day is not None]
    if not sources or not days:
        return "No prices yet."
    text = (
        "Percentages are below the highest close of a year, or of the window that was asked for. "
    )
    text += f"{listing(sources)}, as of {day(max(days))}{age_text(now, max(days))}"
    old = sorted(
        f"{row.label} of {day(row.day)}" for row in rows if row.day and row.day < max(days)
    )
    if old:
        text += f"; older: {listing(old)}"
    return text + ("; * adjusted for dividends" if any(row.adjusted for row in rows) else "")


def level_of(found: Iterable[StoredStory]) -> int:
    """The deepest level that any of these stories has crossed, in parts per million."""
    return max(story.state.level for story in found)


def fall_of(
    standing: Standing, found: Sequence[StoredStory], heard: Mapping[int, Receiver]
) -> Fall:
    """The drawdown that these stories are of; `heard` are their channels, by id."""
    told = sorted({heard[s.receiver_id].title for s in found if s.state.told_at is not None})
    every = {heard[story.receiver_id].title for story in found}
    deepest = max(found, key=lambda story: story.state.level)
    since = deepest.crossed_on or deepest.opened_at.date()
    untold = sorted(every - set(told))
    return Fall(standing, level_of(found) / PPM, since, tuple(told), tuple(untold))
