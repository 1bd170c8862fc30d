"""The picture of series over days: any series, both backgrounds, nothing covered or cut off."""

import math
from datetime import date, timedelta
from itertools import pairwise

import pytest

from bot.cards import lines_chart as drawing
from bot.cards.charts import draw
from bot.cards.lines_chart import lines_png
from bot.cards.sheet import Words
from bot.cards.style import DARK
from bot.model.card import Line, LinesChart
from tests.cards.test_charts import size
from tests.cards.written import all_seen

START = date(2025, 1, 13)


def days(number: int, every: int = 1) -> tuple[date, ...]:
    return tuple(START + timedelta(days=n * every) for n in range(number))


def chart(
    *lines: Line,
    unit: str = "USD",
    log: bool = False,
    title: str = "A title",
    marks: tuple[tuple[date, str], ...] = (),
) -> LinesChart:
    return LinesChart(title, lines, unit, log, "alt", "a test", marks)


def wave(name: str, number: int = 60, shift: float = 0.0) -> Line:
    values = tuple(5 + shift + math.sin(n / 5 + shift) for n in range(number))
    return Line(name, days(number), values)


CAR = Line(
    "cumulative abnormal return",
    days(20),
    tuple(-n / 2 for n in range(20)),
    band=tuple((-math.sqrt(n), math.sqrt(n)) for n in range(20)),
    labels=((START + timedelta(days=14), "27 Jan: −17.0%"),),
)
STEPS = Line(
    "open weights",
    days(6, 90),
    (5.0, 2.0, None, 1.0, 0.1, 0.1),
    steps=True,
    open=True,
    labels=tuple((day, f"Model {day:%b %y}, promotion") for day in days(6, 90)),
)
CHARTS: dict[str, LinesChart] = {
    "one line": chart(wave("a")),
    "six lines": chart(*(wave(f"A name that is long, of line {n}", shift=n) for n in range(6))),
    "returns": chart(
        CAR, unit="%", marks=((days(20)[7], "DeepSeek R1"), (days(20)[14], "the sell-off"))
    ),
    "many marks": chart(CAR, unit="%", marks=tuple((day, f"A mark at {day}") for day in days(20))),
    "steps": chart(STEPS, unit="USD per million tokens", log=True),
    "two points": chart(Line("a", days(2), (-1.5, 2.0)), unit="%"),
    "one point": chart(Line("a", days(1), (0.14,), steps=True), log=True),
    "flat": chart(Line("a", days(30), (3.0,) * 30)),
    "zero": chart(Line("a", days(30), (0.0,) * 30), unit="%"),
    "nothing": chart(Line("a", days(3), (None, None, None))),
    "no lines": chart(),
    "no room on a log axis": chart(Line("a", days(3), (0.0, -1.0, 2.0)), log=True),
    "dollars": chart(wave("costs $5, or $6"), title="$5 or $6", marks=((days(9)[8], "$1 $2"),)),
    "long title": chart(wave("a"), title="A title that goes on " * 9),
    "many labels": chart(
        Line("a", days(90), tuple(float(n % 9) for n in range(90)),
             labels=tuple((day, f"label of {day}") for day in days(90)))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("dark", [True, False])
def test_any_series_draws_at_one_size(name: str, dark: bool) -> None:
    assert size(lines_png(CHARTS[name], dark=dark)) == (900, 540)


@pytest.mark.parametrize("name", CHARTS)
def test_no_two_texts_overlap_and_none_is_cut_off(name: str) -> None:
    all_seen(_words(CHARTS[name]))


async def test_equal_charts_are_equal_bytes_and_others_are_not() -> None:
    one = await draw(CHARTS["returns"], dark=True)
    for other in ("six lines", "steps"):
        assert await draw(CHARTS[other], dark=True) != one  # the sheet is reused
    assert await draw(CHARTS["returns"], dark=True) == one
    assert await draw(CHARTS["returns"], dark=False) != one


def _words(found: LinesChart) -> list[Words]:
    lines_png(found, dark=True)  # a sheet to draw on
    return drawing._draw(*drawing._sheets[0], found, DARK)


def _shown(found: LinesChart) -> set[str]:
    return {one.text for one in _words(found)}


def test_what_the_picture_says() -> None:
    said = _shown(CHARTS["returns"])
    assert {"A title", "%", "cumulative abnormal return", "DeepSeek R1", "the sell-off"} <= said
    assert {"27 Jan: −17.0%", "−9.5%", "a test, to 1 Feb 2025", "0%", "−5%"} <= said
    said = _shown(CHARTS["steps"])
    assert {"USD per million tokens", "open weights", "$0.10", "$1"} <= said
    assert {"costs $5, or $6", "$5 or $6", "$1 $2"} <= _shown(CHARTS["dollars"])
    # To matplotlib a dollar sign would begin a formula: it writes nothing.
    assert not drawing._sheets[0][1].texts


def test_the_words_of_marks_that_stand_close_are_all_there() -> None:
    close = tuple(zip(days(60)[30:33], ("the sell-off", "the day after", "a third"), strict=True))
    assert {"the sell-off", "the day after", "a third"} <= _shown(chart(wave("a"), marks=close))


def test_the_lines_of_one_picture_differ_without_colours() -> None:
    styles = drawing._styles(CHARTS["six lines"], DARK)
    assert len({(str(style["linestyle"]), style["linewidth"]) for style in styles}) == 6
    pair = chart(
        Line("closed", days(2), (1, 2), open=False), Line("open", days(2), (1, 2), open=True)
    )
    alone = chart(Line("open", days(2), (1, 2), open=True))
    closed, open_ = drawing._styles(pair, DARK)
    assert drawing._styles(alone, DARK) == [open_]  # a line looks the same beside others
    assert closed["linestyle"] != open_["linestyle"]


def _drawn(found: LinesChart) -> list[tuple[float, float]]:
    lines_png(found, dark=True)
    style = drawing._styles(found, DARK)[0]
    (line,) = [
        one
        for one in drawing._sheets[0][1].lines
        if (one.get_zorder(), one.get_color(), one.get_marker()) == (3, style["color"], "None")
    ]
    return list(zip(line.get_xdata(), line.get_ydata(), strict=True))  # type: ignore[arg-type]


def test_steps_go_across_then_up_or_down_and_end_where_the_value_does() -> None:
    points = _drawn(CHARTS["steps"])
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if math.isnan(x):
            pieces.append([])
        else:
            pieces[-1].append((x, y))
    first, second = [piece for piece in pieces if piece]
    for piece in (first, second):
        for (x, y), (to_x, to_y) in pairwise(piece):
            assert x == to_x or y == to_y
    assert first[-1][0] - first[0][0] == pytest.approx((second[0][0] - first[0][0]) * 2 / 3)


def test_a_line_breaks_where_there_is_no_value() -> None:
    points = _drawn(chart(Line("a", days(5), (1, 2, None, 2, 1))))
    assert [math.isnan(x) for x, _ in points] == [False, False, True, False, False, True]


@pytest.mark.parametrize(("log", "middle"), [(False, 50.5), (True, 10.0)])
def test_values_lie_where_the_axis_says(log: bool, middle: float) -> None:
    (_, low), (_, between), (_, high), _ = _drawn(
        chart(Line("a", days(3), (1.0, middle, 100.0)), log=log)
    )
    assert between == pytest.approx((low + high) / 2)
