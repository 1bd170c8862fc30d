"""The picture of bars: one to eight models, long names, unknowns, huge ranges."""

from typing import Any

import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex

from bot.cards import bar_chart as drawing
from bot.cards.charts import draw
from bot.cards.scale import Scale, numbers
from bot.cards.sheet import Words
from bot.cards.style import DARK, LIGHT
from bot.model.card import Bar, BarChart
from tests.cards.test_charts import size
from tests.cards.written import all_seen, boxes

LONG = "Llama 3.1 Nemotron Ultra 253B Instruct Turbo Preview of 2025 with a tail"


def bar(name: str, value: float | None, **more: object) -> Bar:
    text = "unknown" if value is None else f"${value:g}"
    return Bar(name, value, **{"low": value, "high": value, "text": text, **more})  # type: ignore[arg-type]


def chart(
    *groups: tuple[str, tuple[Bar, ...]], log: bool = False, title: str = "Price"
) -> BarChart:
    return BarChart(title, groups, "US dollars per million tokens", log, "in words", "a test")


def models(number: int, scale: float = 1.0) -> tuple[Bar, ...]:
    return tuple(bar(f"Model {n}", scale * (n + 1), best=n == 0) for n in range(number))


CHARTS: dict[str, BarChart] = {
    "one": chart(("", models(1))),
    "two groups": chart(("input", models(2)), ("output", models(2, 4))),
    "eight of two": chart(("input", models(8)), ("output", models(8, 4))),
    "long names": chart(("", (bar(LONG, 2), bar("o1", 15, text="$15, " * 40))), title=LONG * 3),
    "unknown": chart(("input", (bar("A", None), bar("B", 3)))),
    "nothing known": chart(("input", (bar("A", None), bar("B", None))), log=True),
    "no bars": chart(),
    "ranges": chart(
        ("input", (bar("A", 0.14, high=0.27, best=True), bar("B", 2.5))), log=True
    ),
    "huge": chart(("", tuple(bar(f"M{n}", 10.0 ** (3 * n - 6)) for n in range(8))), log=True),
    "no room along the axis": chart(
        ("", (bar(LONG, 1e-7, text="$1, " * 40), bar(LONG, 1e15, text="$2, " * 40))), log=True
    ),
    "free": chart(("", (bar("A", 0), bar("B", 3)))),
    "free on a log scale": chart(("", (bar("A", 0), bar("B", 0.003), bar("C", 60))), log=True),
}  # fmt: skip


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("name", CHARTS)
async def test_any_bars_draw_no_wider_and_no_higher_than_other_charts(
    name: str, dark: bool
) -> None:
    width, height = size(await draw(CHARTS[name], dark=dark))
    assert width == 900
    assert 150 <= height <= 540


@pytest.mark.parametrize("name", CHARTS)
def test_no_two_texts_overlap_and_none_is_cut_off(name: str) -> None:
    all_seen(*_words(CHARTS[name]))


@pytest.mark.parametrize("name", ["one", "two groups", "eight of two", "ranges", "huge"])
def test_the_picture_is_as_wide_as_its_words_let_it_be(name: str) -> None:
    assert 870 <= max(right for _, _, right, _ in boxes(*_words(CHARTS[name]))) <= 881


def test_what_the_picture_says() -> None:
    words, _height = _words(CHARTS["ranges"])
    assert [one.text for one in words] == [
        "Price", "a test", "input", "A", "B", "$0.14", "$2.5", "0.01", "0.1", "1",
        "US dollars per million tokens (log scale: each step is 10 times the last)",
    ]  # fmt: skip
    assert [one.text for one in words if one.bold] == ["Price", "input", "$0.14"]  # the best
    words, _height = _words(CHARTS["unknown"])
    assert [one.colour for one in words if one.text == "unknown"] == [DARK.faint]
    # To matplotlib a dollar sign would begin a formula: it writes nothing.
    assert not drawing._sheets[0][1].texts


def test_words_too_long_are_cut_and_say_so() -> None:
    words, _height = _words(CHARTS["long names"])
    cut = [one for one in words if one.text.endswith("…")]
    assert [one.text[:9] for one in cut] == ["Llama 3.1", "Llama 3.1", "$15, $15,"]
    assert cut[1].width <= drawing.WIDEST_LABEL < cut[1].width + 20  # no more than it takes


def test_words_beside_a_bar_stand_at_its_middle() -> None:
    drawing.bars_png(CHARTS["two groups"], dark=True)
    (bars,) = (c for c in drawing._sheets[0][1].collections if isinstance(c, PolyCollection))
    middles = [(p.get_extents().y0 + p.get_extents().y1) / 2 for p in bars.get_paths()]
    words, height = _words(CHARTS["two groups"])
    beside = [one for one in words if one.text.startswith("$")]
    heights = [height - (top + bottom) / 2 for _, top, _, bottom in boxes(beside, height)]
    assert heights == pytest.approx(middles, abs=1)


def _words(found: BarChart) -> tuple[list[Words], float]:
    """The words of the picture, and how high it is."""
    drawing.bars_png(found, dark=True)  # a sheet to draw on
    figure, axes = drawing._sheets[0]
    return drawing._draw(figure, axes, found, DARK), figure.get_figheight() * 100


async def test_equal_bars_are_equal_bytes_and_others_are_not() -> None:
    one = await draw(CHARTS["ranges"], dark=True)
    await draw(CHARTS["eight of two"], dark=False)  # the sheet is reused, at another height
    assert await draw(CHARTS["ranges"], dark=True) == one
    assert await draw(CHARTS["ranges"], dark=False) != one
    assert await draw(CHARTS["huge"], dark=True) != one


@pytest.mark.parametrize("dark", [True, False])
def test_lengths_are_the_values_and_the_best_stands_out(dark: bool) -> None:
    drawing.bars_png(CHARTS["two groups"], dark=dark)
    _figure, axes = drawing._sheets[0]
    (bars,) = (one for one in axes.collections if isinstance(one, PolyCollection))
    widths = [path.get_extents().width for path in bars.get_paths()]
    assert [one / widths[0] for one in widths] == pytest.approx([1, 2, 4, 8])
    palette = DARK if dark else LIGHT
    best, other = to_hex(palette.line), to_hex(palette.peak)
    colours: Any = bars.get_facecolor()
    assert [to_hex(one) for one in colours] == [best, other, best, other]


def test_a_range_is_drawn_from_the_lowest_to_the_highest_source() -> None:
    drawing.bars_png(CHARTS["ranges"], dark=True)
    _figure, axes = drawing._sheets[0]
    left = min(one.get_window_extent().x0 for one in axes.collections)
    assert left > 0
    level = [
        path.get_extents()
        for one in axes.collections
        for path in one.get_paths()
        if path.get_extents().height == 0
    ]
    assert len(level) == 1
    drawing.bars_png(CHARTS["huge"], dark=True)  # no source differs
    assert not [
        path
        for one in axes.collections
        for path in one.get_paths()
        if path.get_extents().height == 0
    ]


@pytest.mark.parametrize(
    ("values", "log", "value", "part"),
    [
        ([0, 10], False, 5, 1 / 2),
        ([0, 10], False, 0, 0),
        ([0, 10], False, 10, 1),
        ([1, 100], True, 10, 2 / 3),  # two of the three powers of ten from 0.1 to 100
        ([1, 100], True, 0, 0),
        ([], True, 0, 0),
    ],
)
def test_the_scale_by_hand(values: list[float], log: bool, value: float, part: float) -> None:
    assert Scale(values, 100, 400, log=log).x(value) == pytest.approx(100 + 300 * part)


@pytest.mark.parametrize(
    ("values", "log", "said"),
    [
        ([15], False, ["0", "5", "10", "15"]),
        ([3], False, ["0", "0.5", "1", "1.5", "2", "2.5", "3"]),
        ([0.28], False, ["0", "0.05", "0.1", "0.15", "0.2", "0.25"]),
        ([2_788_000], False, ["0", "0.5M", "1M", "1.5M", "2M", "2.5M"]),
        ([9_000], False, ["0", "2,000", "4,000", "6,000", "8,000"]),
        ([0.14, 10], True, ["0.01", "0.1", "1", "10"]),
        ([0.003, 60], True, ["0.001", "0.01", "0.1", "1", "10"]),
        ([2e-8, 2e-7], True, ["0.00000001", "0.0000001"]),
    ],
)
def test_round_values_along_the_axis(values: list[float], log: bool, said: list[str]) -> None:
    assert numbers(Scale(values, 0, 100, log=log).ticks(), log=log) == said


def test_an_axis_of_any_length_has_at_most_nine_values() -> None:
    assert len(Scale([1e-6, 1e15], 0, 100, log=True).ticks()) <= 9
