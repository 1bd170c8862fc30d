"""Labels of a timeline: none covers another, nor another's leader; the newest has one."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bot.cards.lanes import GAP, Wanted, place

LEFT, RIGHT = 100.0, 700.0
dots = st.lists(
    st.builds(Wanted, st.floats(LEFT, RIGHT), st.floats(10, 180)), min_size=1, max_size=30
).map(lambda found: sorted(found, key=lambda one: one.x))


@given(dots, st.integers(1, 20))
def test_no_label_covers_another_or_a_leader(wanted: list[Wanted], levels: int) -> None:
    found = place(wanted, levels, LEFT, RIGHT)
    spans = {one.index: (one.left, one.left + wanted[one.index].width) for one in found}
    for one in found:
        assert 0 <= one.level < levels
        assert spans[one.index][0] >= LEFT
        assert spans[one.index][1] <= RIGHT + 1e-9
    for one, other in combinations(found, 2):
        (a, b), (c, d) = spans[one.index], spans[other.index]
        if one.level == other.level:
            assert b + GAP <= c or d + GAP <= a
            continue
        low, high = sorted((one, other), key=lambda item: item.level)
        x = wanted[high.index].x
        assert not spans[low.index][0] < x < spans[low.index][1]


@given(dots, st.integers(1, 20))
def test_the_newest_is_named(wanted: list[Wanted], levels: int) -> None:
    found = place(wanted, levels, LEFT, RIGHT)
    assert len(wanted) - 1 in {one.index for one in found}


def test_dots_close_together_are_all_named_where_there_is_room() -> None:
    wanted = [Wanted(400.0 + 20 * i, 100) for i in range(8)]
    assert len(place(wanted, 10, LEFT, RIGHT)) == 8


def test_old_dots_at_the_left_edge_are_named_too() -> None:
    wanted = [Wanted(LEFT + x, 100) for x in (5, 15, 45, 105, 111, 340, 555)]
    assert len(place(wanted, 20, LEFT, RIGHT)) == 7
