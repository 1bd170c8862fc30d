"""Words beside points: none covers another or a line."""

from random import Random

import pytest

from bot.cards.callouts import Callout, Ink, apart, arrange

BOUNDS = (0.0, 0.0, 800.0, 400.0)


def test_words_stand_above_their_point_where_nothing_is_in_the_way() -> None:
    found = arrange([Callout(100, 100, 60, 11)], BOUNDS, Ink())
    assert found == {0: (103, 107, 163, 118)}


def test_words_give_way_to_a_line() -> None:
    ink = Ink()
    ink.draw([(100, 100), (200, 140)])  # rises to the right, through where they would be
    (left, _, right, _) = arrange([Callout(100, 100, 60, 11)], BOUNDS, ink)[0]
    assert right <= 100 or left >= 100
    assert ink.under(arrange([Callout(100, 100, 60, 11)], BOUNDS, ink)[0])[0] == 0


def test_words_stay_within_the_panel() -> None:
    corners = [Callout(x, y, 90, 11) for x in (1, 799) for y in (1, 399)]
    found = arrange(corners, BOUNDS, Ink())
    assert len(found) == 4
    assert all(min(b) >= 0 and b[2] <= 800 and b[3] <= 400 for b in found.values())


@pytest.mark.parametrize("seed", range(10))
def test_no_words_overlap_and_the_last_are_there(seed: int) -> None:
    random = Random(seed)
    wanted = [
        Callout(random.uniform(0, 800), random.uniform(0, 400), random.uniform(20, 150), 11)
        for _ in range(60)
    ]
    found = arrange(wanted, BOUNDS, Ink())
    boxes = list(found.values())
    assert len(wanted) - 1 in found
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            assert (
                one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            )


@pytest.mark.parametrize(
    ("heights", "moved"),
    [
        ([10.0, 50.0], [10.0, 50.0]),
        ([50.0, 51.0, 49.0], [62.0, 74.0, 50.0]),
        ([99.0, 98.0], [99.0, 87.0]),
        ([0.0], [0.0]),
        ([], []),
    ],
)
def test_heights_are_kept_apart_in_their_order(heights: list[float], moved: list[float]) -> None:
    found = apart(heights, 12.0, 0.0, 99.0)
    ranked = sorted(range(len(heights)), key=lambda n: heights[n])
    assert sorted(range(len(heights)), key=lambda n: found[n]) == ranked
    assert all(0 <= one <= 99 for one in found)
    assert all(b - a >= 12 - 1e-9 for a, b in zip(sorted(found), sorted(found)[1:], strict=False))
    if len(heights) < 3:
        assert found == moved
