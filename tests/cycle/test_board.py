"""The board: what is changed on a copy of it never answers with what was before."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.cycle.board import Board, since
from bot.cycle.due import _until
from bot.market.drawdown import WINDOWS
from bot.model.bar import Bar
from bot.sections import RetentionSettings

DAYS = [date(2025, 1, 23), date(2025, 1, 24), date(2025, 1, 27)]
CLOSES = [147_220_000, 142_620_000, 118_420_000]
NOON = datetime(2025, 1, 28, 17, tzinfo=UTC)


def board() -> Board:
    """Three closes of Nvidia's, looked at already."""
    bars = [
        Bar("NVDA", day, close, datetime(day.year, day.month, day.day, 21, tzinfo=UTC), NOON, "t")
        for day, close in zip(DAYS, CLOSES, strict=True)
    ]
    made = Board.of(bars, {})
    assert made.series("NVDA").values == tuple(CLOSES)
    return made


def test_the_board_of_an_earlier_day_ends_on_that_day() -> None:
    running = board().priced({"NVDA": (date(2025, 1, 28), 128_990_000, NOON)}, NOON)
    assert running.series("NVDA").days[-1] == date(2025, 1, 28)
    for whole in (board(), running):
        earlier = _until(whole, DAYS[1])
        assert earlier.series("NVDA").values == tuple(CLOSES[:2])
        assert whole.series("NVDA").days[: len(DAYS)] == tuple(DAYS)


def test_newer_prices_and_closes_take_the_place_of_those_before() -> None:
    first = board().priced({"NVDA": (date(2025, 1, 28), 120_000_000, NOON)}, NOON)
    assert first.series("NVDA").values[-1] == 120_000_000
    second = first.priced({"NVDA": (date(2025, 1, 28), 128_990_000, NOON)}, NOON)
    assert (first.series("NVDA").values[-1], second.series("NVDA").values[-1]) == (
        120_000_000, 128_990_000,
    )  # fmt: skip
    assert replace(second, partial={}).series("NVDA").values == tuple(CLOSES)


def test_no_window_reaches_back_to_where_closes_are_thinned() -> None:
    """The shortest that every close may be kept for; thinning begins with a whole week."""
    least = RetentionSettings.model_json_schema()["properties"]["daily_bars"]["minimum"]
    last = DAYS[-1]
    dense = last - timedelta(days=least - 7)
    assert dense < min(since([n], last) for n in WINDOWS.values() if n is not None)
