"""What counts as a change of price, and what only looks like one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.costs.changes import changes, moves
from bot.costs.ledger import Ledger
from bot.model.price_event import EventKind, PriceEvent
from bot.model.rate import Evidence, Rate, Terms

KEY = ("openai", "Zeta")
OUT = datetime(2025, 1, 1, tzinfo=UTC)
LISTED, CATALOG, SHIPPED = Evidence.LISTED, Evidence.CATALOG, Evidence.SHIPPED


def day(number: int) -> datetime:
    """So many days after the release."""
    return OUT + timedelta(days=number)


def rate(
    since: int | None,
    until: int | None,
    asked: str,
    answered: str,
    *,
    source: str = "models.dev",
    evidence: Evidence = LISTED,
    observed: int | None = None,
    terms: Terms | None = None,
    provider: str = "openai",
) -> Rate:
    return Rate(
        KEY, provider, Decimal(asked), Decimal(answered), source,
        day(observed if observed is not None else since or 0), evidence,
        None if since is None else day(since), None if until is None else day(until),
        terms=terms or Terms(),
    )  # fmt: skip


def told(rates: Sequence[Rate], since: int = 0, until: int = 400) -> list[PriceEvent]:
    return list(moves(Ledger(rates, {KEY: OUT}), day(since), day(until)))


def short(events: Sequence[PriceEvent]) -> list[tuple[str, str, int, float]]:
    return [
        (one.kind.value, one.terms, (one.at - OUT).days, round(100 * float(one.ratio), 1))
        for one in events
    ]


OFF = Terms("off-peak", ((990, 30),))
PEAK = Terms("peak", ((60, 240),))


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        pytest.param(
            [rate(1, 100, "5", "15"), rate(100, None, "2.5", "10")],
            [("cut", "", 100, -50.0)], id="the larger move of both",
        ),
        pytest.param(
            [rate(1, 100, "1", "1"), rate(100, None, "0.6", "2")],
            [("rise", "", 100, 100.0)], id="twice as much is more than six tenths",
        ),
        pytest.param([rate(50, None, "5", "15")], [], id="a first price"),
        pytest.param(
            [rate(1, 100, "5", "15"), rate(100, None, "4.95", "14.9")], [], id="a rounding",
        ),
        pytest.param(
            [rate(1, 100, "5", "15"), rate(100, None, "0", "0")], [], id="free is no price",
        ),
        pytest.param(
            [rate(1, 100, "5", "15"), rate(200, None, "2", "8")], [], id="too long without one",
        ),
        pytest.param(
            [rate(1, 100, "5", "15"), rate(120, None, "2", "8")],
            [("cut", "", 120, -60.0)], id="a list that had lost it for three weeks",
        ),
        pytest.param(
            [rate(1, None, "5", "15"), rate(100, None, "2", "8", source="OpenRouter")],
            [], id="a second list that differs",
        ),
        pytest.param(
            [rate(1, None, "5", "15"),
             rate(1, None, "2", "8", source="key", evidence=SHIPPED, observed=300)],
            [], id="a better source for the same days",
        ),
        pytest.param(
            [rate(1, 100, "5", "15"), rate(100, None, "2", "8"),
             rate(1, None, "5", "15", source="key", evidence=SHIPPED, observed=200)],
            [], id="denied by a better source that was read since",
        ),
        pytest.param(
            [rate(1, 100, "5", "15"), rate(100, None, "2", "8"),
             rate(1, None, "5", "15", source="key", evidence=SHIPPED, observed=50)],
            [("cut", "", 100, -60.0)], id="a better source that was read before knows nothing",
        ),
        pytest.param(
            [rate(1, 104, "5", "15"), rate(104, None, "2", "8"),
             rate(1, 100, "5", "15", source="key", evidence=SHIPPED),
             rate(100, None, "2", "8", source="key", evidence=SHIPPED, observed=200)],
            [("cut", "", 100, -60.0)], id="noticed late: one change, as the better dates it",
        ),
        pytest.param(
            [rate(None, 100, "5", "15", evidence=CATALOG, source="genai-prices"),
             rate(100, None, "2", "8", evidence=CATALOG, source="genai-prices")],
            [("cut", "", 100, -60.0)], id="a price without a beginning was the one before",
        ),
        pytest.param(
            [rate(1, 100, "1.63", "5.51"), rate(100, None, "0.163", "0.551")],
            [], id="a list alone that is off by ten",
        ),
        pytest.param(
            [rate(1, 100, "1.63", "5.51"), rate(100, None, "0.163", "0.551"),
             rate(1, 102, "1.63", "5.51", source="OpenRouter"),
             rate(102, None, "0.163", "0.551", source="OpenRouter")],
            [("cut", "", 100, -90.0)], id="a tenth by the word of two lists",
        ),
        pytest.param(
            [rate(1, 100, "5", "15", provider="azure"),
             rate(100, None, "2", "8", provider="azure")],
            [], id="another provider's",
        ),
        pytest.param(
            [rate(1, None, "4", "8"), rate(100, None, "1", "2", terms=OFF)],
            [("cut", "off-peak", 100, -75.0)], id="cheaper at night from now on",
        ),
        pytest.param(
            [rate(1, None, "4", "8"), rate(1, None, "1", "2", terms=OFF)],
            [], id="cheaper at night from the beginning",
        ),
        pytest.param(
            [rate(1, 100, "4", "8"), rate(100, None, "5", "10"),
             rate(100, None, "10", "20", terms=PEAK)],
            [("rise", "", 100, 25.0)], id="a rise with a peak beside it is one",
        ),
        pytest.param(
            [rate(1, None, "4", "8"), rate(100, None, "8", "16", terms=PEAK)],
            [("rise", "peak", 100, 100.0)], id="dearer at the peak from now on",
        ),
        pytest.param(
            [rate(1, 100, "4", "8"), rate(100, None, "2", "4"),
             rate(1, 100, "2", "4", terms=Terms(batch=True)),
             rate(100, None, "1", "2", terms=Terms(batch=True)),
             rate(100, None, "1", "2", terms=Terms(over=200_000))],
            [("cut", "", 100, -50.0)], id="batches and long requests are not told apart",
        ),
    ],
)  # fmt: skip
def test_what_is_a_change(rates: list[Rate], expected: list[tuple[str, str, int, float]]) -> None:
    assert short(told(rates)) == expected


def test_a_change_is_told_in_the_time_in_which_it_became_true() -> None:
    rates = [rate(1, 100, "5", "15"), rate(100, None, "2.5", "10")]
    assert told(rates, 0, 99) == []
    assert len(told(rates, 99, 100)) == 1
    assert told(rates, 100, 400) == []


def test_of_a_model_whose_release_is_not_known_the_price_before_was_there() -> None:
    rates = [
        rate(None, 100, "1", "6", evidence=CATALOG, source="genai-prices", observed=120),
        rate(100, None, "0.2", "1.2", evidence=CATALOG, source="genai-prices", observed=120),
    ]
    assert short(list(moves(Ledger(rates), day(0), day(400)))) == [("cut", "", 100, -80.0)]


def test_what_another_source_notices_later_is_not_told_again() -> None:
    rates = [
        rate(1, 100, "5", "15", source="key", evidence=SHIPPED),
        rate(100, None, "2", "8", source="key", evidence=SHIPPED),
        rate(1, 110, "5", "15"), rate(110, None, "2", "8"),
    ]  # fmt: skip
    assert told(rates, 105, 120) == []


def test_a_change_says_before_and_after_and_who_bears_it_out() -> None:
    rates = [
        rate(1, 100, "5", "15"), rate(100, None, "2", "8"),
        rate(1, 99, "5", "15", source="OpenRouter"), rate(99, None, "2", "8", source="OpenRouter"),
        rate(1, None, "5", "15", source="old", evidence=CATALOG, observed=1),
    ]  # fmt: skip
    (event,) = told(rates)
    assert event.before is not None
    assert event.before.best.input_mtok == Decimal(5)
    assert [one.source for one in event.after.rates] == ["OpenRouter", "models.dev"]
    assert event.key == "cut|openai|Zeta||2025-04-10"  # 1 January and 99 days


def test_sources_that_part_are_told_from_when_they_do() -> None:
    rates = [
        rate(1, None, "5", "15"), rate(100, None, "6", "15", source="OpenRouter"),
        rate(1, None, "9", "15", source="old", evidence=SHIPPED, observed=1),  # read before
    ]  # fmt: skip
    book = Ledger(rates, {KEY: OUT})
    (event,) = changes(book, [], day(99), day(100))
    assert (event.kind, event.at, event.ratio) == (EventKind.PARTING, day(100), Decimal("0.2"))
    assert {one.source for one in event.after.rates} == {"models.dev", "OpenRouter"}
    assert changes(book, [], day(100), day(101)) == []
