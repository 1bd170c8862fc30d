"""How often somebody may ask within a minute, and that remembering it stays small."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.model.allowance import Allowance
from tests.conftest import START


def _after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_beyond_the_limit_it_says_when_and_refusals_do_not_count() -> None:
    asked = Allowance()
    taken = [asked.take("ann", 3, START + _after(seconds)) for seconds in (0, 10, 20)]
    assert taken == [0, 0, 0]
    # However often one tries, it is the first of the three that has to be a minute ago.
    assert [asked.take("ann", 3, START + _after(s)) for s in (20, 30.5, 59, 59.999)] == [
        40, 30, 1, 1,
    ]  # fmt: skip
    assert asked.take("ann", 3, START + _after(60)) == 0
    assert asked.take("ann", 3, START + _after(60)) == 10
    assert asked.take("ben", 3, START + _after(60)) == 0


def test_a_clock_set_back_locks_nobody_out() -> None:
    asked = Allowance()
    assert [asked.take("ann", 1, START), asked.take("ann", 1, START)] == [0, 60]
    assert asked.take("ann", 1, START - timedelta(days=300)) == 0


def test_a_limit_that_was_lowered_holds_at_once() -> None:
    asked = Allowance()
    for second in range(10):
        asked.take("ann", 10, START + _after(second))
    assert asked.take("ann", 2, START + _after(10)) == 58


def test_people_are_forgotten_who_have_not_asked_for_a_minute() -> None:
    asked = Allowance()
    for number in range(500):
        asked.take(str(number), 10, START)
    assert asked.people == 500
    asked.take("late", 10, START + _after(60))
    assert asked.people == 1


def test_very_many_people_within_a_minute_take_no_more_room() -> None:
    asked = Allowance(kept=100)
    for number in range(1_000):
        assert asked.take(str(number), 10, START + _after(number / 100)) == 0
    assert asked.people == 100


_STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30)), max_size=80)


@given(steps=_STEPS, most=st.integers(1, 5))
def test_nobody_ever_asks_more_often_and_waiting_as_told_is_enough(
    steps: list[tuple[str, int]], most: int
) -> None:
    asked, second = Allowance(), 0
    granted: dict[str, list[int]] = {}
    for who, later in steps:
        second += later
        wait = asked.take(who, most, START + _after(second))
        mine = granted.setdefault(who, [])
        within = [moment for moment in mine if second - moment < 60]
        assert (wait == 0) == (len(within) < most)
        if wait:
            assert len([moment for moment in mine if second + wait - moment < 60]) < most
            assert len([moment for moment in mine if second + wait - 1 - moment < 60]) >= most
        else:
            mine.append(second)
