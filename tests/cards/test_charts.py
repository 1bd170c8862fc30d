"""Charts: valid pictures of any series, equal for equal input."""

import struct
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate

import pytest

from bot.cards import charts
from bot.cards.charts import draw, underwater_png
from bot.cards.sheet import Words
from bot.cards.style import DARK
from bot.cards.underwater import underwater_chart
from bot.model.card import UnderwaterChart
from tests.cards.written import all_seen

START = date(2024, 1, 2)


def chart(prices: Sequence[float], title: str = "NVDA") -> UnderwaterChart:
    """The chart of a series on consecutive days."""
    days = [START + timedelta(days=i) for i in range(len(prices))]
    peaks = list(accumulate(prices, max))
    return underwater_chart(title, days, prices, peaks, [0.05, 0.1, 0.3], "USD", "a test")


def size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG, from its header."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


SERIES: dict[str, list[float]] = {
    "a year": [100 + (i % 40) - i * 0.1 for i in range(252)],
    "five years": [50 + (i * 7 % 90) for i in range(1260)],
    "two points": [10.0, 9.0],
    "one point": [10.0],
    "flat": [10.0] * 30,
    "cents": [0.01, 0.02, 0.015],
    "large": [1e6, 2e6, 1.5e6],
    "crash": [100.0, 1.0, 0.5],
}


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("dark", [True, False])
def test_any_series_draws_at_one_size(name: str, dark: bool) -> None:
    assert size(underwater_png(chart(SERIES[name]), dark=dark)) == (900, 540)


@pytest.mark.parametrize(
    "prices",
    [
        [5.21, 4.4, 3.9],
        [100.0, 90.0, 97.5],
        [100.4, 100.1, 100.2],
        [1e6, 2e6, 1.5e6],
        [0.01, 0.02, 0.015],
        [1.0, 0.2, 0.5],
        [10.0],
        [3.25, 3.24],
    ],
)
def test_every_label_of_the_price_axis_is_the_price_at_its_height(prices: list[float]) -> None:
    words = _words(chart(prices))
    axes = charts._sheets[0][1]
    bottom, top = axes.transAxes.transform([(0, 0), (0, 1)])[:, 1]
    at_left = [one for one in words if one.anchor == "rm" and bottom <= one.y <= top]
    labels = [one.text for one in at_left]
    assert len(labels) >= 3
    assert len(set(labels)) == len(labels)
    shown = [float(label.replace(",", "").replace("−", "-")) for label in labels]
    heights = [axes.transData.inverted().transform((0, one.y))[1] for one in at_left]
    assert shown == pytest.approx(heights, rel=1e-6)
    assert all(axes.get_ylim()[0] <= one <= axes.get_ylim()[1] for one in shown)


@pytest.mark.parametrize("name", SERIES)
def test_no_two_texts_overlap_and_none_is_cut_off(name: str) -> None:
    all_seen(_words(chart(SERIES[name])))


def _words(found: UnderwaterChart) -> list[Words]:
    underwater_png(found, dark=True)  # a sheet to draw on
    return charts._underwater(*charts._sheets[0], found, DARK)


def test_the_peak_and_the_last_price_are_named_where_they_are() -> None:
    words = {one.text: one for one in _words(chart([100, 120, 60, 90]))}
    figure, axes, _below = charts._sheets[0]
    peak, last = (tuple(axes.transData.transform(at)) for at in ((1, 120), (3, 90)))
    assert (words["120.00 on 3 Jan 2024"].x, words["90.00"].y) == pytest.approx((peak[0], last[1]))
    assert words["120.00 on 3 Jan 2024"].y > peak[1] + 4
    assert words["90.00"].x > last[0] + 4
    # To matplotlib a dollar sign would begin a formula: it writes nothing.
    assert not axes.texts
    assert not figure.texts


@pytest.mark.parametrize("name", SERIES)
def test_every_label_of_the_axis_of_depths_is_the_depth_at_its_height(name: str) -> None:
    words = _words(chart(SERIES[name]))
    below = charts._sheets[0][2]
    bottom, top = below.transAxes.transform([(0, 0), (0, 1)])[:, 1]
    at_left = [one for one in words if one.anchor == "rm" and bottom - 1 <= one.y <= top + 1]
    assert len(at_left) >= 2
    shown = [float(one.text.replace("−", "-").removesuffix("%")) / 100 for one in at_left]
    heights = [below.transData.inverted().transform((0, one.y))[1] for one in at_left]
    assert shown == pytest.approx(heights, rel=1e-6, abs=1e-9)


def test_all_dates_are_of_one_size() -> None:
    dates = [
        one for one in _words(chart([3.0, 2.0, 1.0])) if "Jan" in one.text and one.anchor == "ma"
    ]
    assert len(dates) == 3
    assert len({one.size for one in dates}) == 1


async def test_equal_charts_are_equal_bytes_and_others_are_not() -> None:
    one = await draw(chart(SERIES["a year"]), dark=True)
    underwater_png(chart(SERIES["crash"]), dark=False)  # the figure is reused
    assert await draw(chart(SERIES["a year"]), dark=True) == one
    assert await draw(chart(SERIES["a year"]), dark=False) != one
    assert await draw(chart(SERIES["a year"][:-1]), dark=True) != one


def test_the_alt_text_says_what_the_picture_shows() -> None:
    found = chart([100, 120, 60, 90]).alt
    assert found == (
        "NVDA from 2 Jan 2024 to 5 Jan 2024: 25.0% below the peak at the end, "
        "50.0% at the deepest on 4 Jan 2024."
    )
