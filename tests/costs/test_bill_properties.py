"""What holds of every bill and every move."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.costs.migrate import Stage, payback
from bot.costs.workload import Bill, Workload, bill
from bot.model.rate import Rate, Terms
from tests.costs.quoting import NOW, quotes, rate

_PRICES = st.decimals("0.0001", "100", places=4).map(str)
_SMALL = Decimal("1e-12")


@st.composite
def _loads(draw: st.DrawFn) -> Workload:
    return Workload(
        draw(st.integers(1, 10**7)),
        draw(st.integers(1, 400_000)),
        draw(st.integers(0, 50_000)),
        draw(st.integers(0, 100)),
        draw(st.booleans()),
        draw(st.none() | st.integers(0, 100)),
    )


@st.composite
def _rates(draw: st.DrawFn) -> list[Rate]:
    """A usual price, and any of those for long requests, batches and hours."""
    several: list[Rate] = []
    for terms in (
        Terms(),
        Terms(over=200_000),
        Terms(batch=True),
        Terms("peak", ((60, 240), (360, 600)), draw(st.booleans())),
    ):
        if terms.usual or draw(st.booleans()):
            cached = draw(st.none() | _PRICES)
            several.append(rate(draw(_PRICES), draw(_PRICES), cached, terms))
    return several


def _bill(load: Workload, rates: list[Rate]) -> Bill:
    found = bill(load, quotes(*rates))
    assert isinstance(found, Bill)
    return found


def _with(load: Workload, **changes: int | None) -> Workload:
    fields = {name: getattr(load, name) for name in Workload.__slots__}
    return Workload(**{**fields, **changes})


@given(_loads(), _rates())
def test_twice_the_requests_cost_twice(load: Workload, rates: list[Rate]) -> None:
    once = _bill(load, rates).day.value
    assert abs(_bill(_with(load, requests=2 * load.requests), rates).day.value - 2 * once) < _SMALL


@given(_loads(), _rates(), _rates())
def test_the_way_back_costs_what_the_way_there_saves(
    load: Workload, one: list[Rate], two: list[Rate]
) -> None:
    there = Stage(_bill(load, one), _bill(load, two))
    back = there.back
    assert back.saved.value == -there.saved.value
    assert (back.saved.low, back.saved.high) == (-there.saved.high, -there.saved.low)
    paid, earned = (payback(Decimal(100), [way], NOW).value for way in (there, back))
    assert paid is None or earned is None


@given(_loads(), _rates())
def test_any_hours_cost_between_the_cheap_ones_and_the_dear_ones(
    load: Workload, rates: list[Rate]
) -> None:
    found = _bill(load, rates)
    if found.by_clock:
        ends = [found.if_all(dear=dear).value for dear in (True, False)]
        assert min(ends) - _SMALL <= found.day.value <= max(ends) + _SMALL
        for peak, end in zip((100, 0), ends, strict=True):
            assert abs(_bill(_with(load, peak=peak), rates).day.value - end) < _SMALL


@given(_loads(), _PRICES, _PRICES, _PRICES, st.integers(0, 100))
def test_more_from_the_cache_never_costs_more_where_that_is_cheaper(
    load: Workload, first: str, second: str, output: str, other: int
) -> None:
    cached, usual = sorted((first, second), key=Decimal)
    rates = [rate(usual, output, cached)]
    less, more = sorted((load.cached, other))
    least = _bill(_with(load, cached=more), rates).day.value
    assert least <= _bill(_with(load, cached=less), rates).day.value


@given(_loads(), _rates(), st.integers(1, 10**6))
def test_a_move_has_paid_for_itself_on_the_day_that_is_told_and_not_before(
    load: Workload, rates: list[Rate], switching: int
) -> None:
    dear = [rate("200", "200", "200")]
    stage = Stage(_bill(load, dear), _bill(load, rates))
    days = payback(Decimal(switching), [stage], datetime(2025, 1, 1, tzinfo=UTC)).value
    assert days is not None
    assert stage.saved.value * days >= switching - _SMALL
    assert stage.saved.value * (days - 1) < switching + _SMALL
