"""The placebo against fitting again at every other session, one study at a time."""

from dataclasses import replace
from datetime import date

import pytest

from bot.market.event_study import study
from bot.market.market_model import Pair, pair_of
from bot.market.placebo import past, placebo
from bot.model.study import Placebo, TooLittleError
from tests.market.pairs import DAYS, SESSIONS, random_pair, shipped_pair

RELEASED, CRASH = date(2025, 1, 20), date(2025, 1, 27)


def one_by_one(pair: Pair, event: date, window: tuple[int, int]) -> tuple[int, int]:
    """How many other sessions there are, and how many have a |CAR| as large."""
    found = study(pair, event, window)
    zero = pair.sessions.index(found.zero)
    taken = set(range(zero + window[0], zero + window[1] + 1))
    n = as_large = 0
    for at, other in enumerate(pair.sessions):
        if taken & set(range(at + window[0], at + window[1] + 1)):
            continue
        try:
            tried = study(pair, other, window)
        except TooLittleError:
            continue
        if tried.whole:
            n += 1
            as_large += abs(tried.last.car) >= abs(found.last.car)
    return n, as_large


@pytest.mark.parametrize("window", [(0, 0), (0, 5), (-3, 1), (4, 4)])
@pytest.mark.parametrize("event", [RELEASED, CRASH, date(2023, 5, 25)])
async def test_each_other_session_is_fitted_anew(event: date, window: tuple[int, int]) -> None:
    pair = await shipped_pair("NVDA")
    n, as_large = one_by_one(pair, event, window)
    assert n > 500
    found = placebo(past(pair, window), study(pair, event, window))
    assert found == Placebo(n, as_large / n)


async def test_one_of_625_sessions_was_as_bad_as_27_january_2025() -> None:
    pair = await shipped_pair("NVDA")
    found = placebo(past(pair, (0, 0)), study(pair, CRASH, (0, 0)))
    # The other is 25 May 2023, when Nvidia's forecast of its sales made it rise by 24%.
    assert found == Placebo(625, 1 / 625)
    assert found.percentile == 624 / 625
    assert found.p == 2 / 626


async def test_a_window_that_is_not_over_is_compared_with_windows_as_long() -> None:
    pair = await shipped_pair("NVDA")
    found = study(pair, date(2025, 2, 4))  # two sessions of six are over
    assert placebo(past(pair, (0, 1)), found) is not None
    with pytest.raises(ValueError, match="its own past"):
        placebo(past(pair, (0, 5)), found)
    with pytest.raises(ValueError, match="its own past"):
        placebo(past(await shipped_pair("AMD"), (0, 1)), found)


def test_sessions_without_a_return_are_no_placebo() -> None:
    whole = random_pair()
    returns = [None if at == 330 else value for at, value in enumerate(whole.returns)]
    pair = pair_of("AAA", returns, "^GSPC", whole.market, DAYS)
    found = placebo(past(pair, (0, 1)), study(pair, DAYS[390], (0, 1)))
    n, as_large = one_by_one(pair, DAYS[390], (0, 1))
    assert found == Placebo(n, as_large / n)
    before = placebo(past(whole, (0, 1)), study(whole, DAYS[390], (0, 1)))
    assert before is not None
    assert before.n == n + 2


def test_with_fewer_than_a_hundred_other_sessions_there_is_none() -> None:
    pair = random_pair()
    # 120 returns and 29 sessions come before the first that has a model, at position 150; the
    # event is one of the 101 from there to position 250.
    for length, n in ((251, 100), (250, None)):
        returns, market = pair.returns[:length], pair.market[:length]
        short = pair_of("AAA", returns, "^GSPC", market, DAYS[:length])
        found = placebo(past(short, (0, 0)), study(short, DAYS[200], (0, 0)))
        assert (found.n if found else None) == n


async def test_the_benchmark_itself_is_never_unusual() -> None:
    pair = await shipped_pair("^GSPC")
    found = placebo(past(pair, (0, 5)), study(pair, RELEASED))
    assert found is not None
    assert found.share == 1  # all are nothing but rounding, and none is smaller than another


async def test_the_largest_of_all_is_larger_than_every_other_and_its_p_is_not_nothing() -> None:
    pair = await shipped_pair("META")
    cars = past(pair, (0, 0)).cars
    largest = max(
        (at for at, car in enumerate(cars) if car is not None), key=lambda at: abs(cars[at] or 0)
    )
    found = placebo(past(pair, (0, 0)), study(pair, SESSIONS[largest], (0, 0)))
    assert found is not None
    assert (found.share, found.percentile) == (0, 1)
    assert found.p == 1 / (found.n + 1)
    assert replace(found, share=1.0).p == 1
