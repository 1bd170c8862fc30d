"""What the gate lets through, and why it holds the rest."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from bot.alerts.gate import Limits, Trusted, Verdict, held_after, judge_bar, judge_quote
from bot.model.bar import Bar, Quote
from bot.model.trust import Held

DAY = date(2025, 1, 27)
CLOSE = datetime(2025, 1, 27, 21, tzinfo=UTC)
NOON = datetime(2025, 1, 27, 17, tzinfo=UTC)
BAR = Bar("NVDA", DAY, 140_000_000, CLOSE, CLOSE, "test")
BEFORE = Trusted(142_620_000, date(2025, 1, 24))
QUOTE = Quote("NVDA", 140_000_000, NOON, NOON, "test")


def seen(price: int, minutes: int, polls: int = 1) -> Held:
    """What was held so many minutes before the close."""
    at = CLOSE - timedelta(minutes=minutes)
    return Held("NVDA", DAY, price, True, "UNCONFIRMED", at, at, polls)


@pytest.mark.parametrize(
    ("close", "earlier", "follower", "verdict"),
    [
        (140_000_000, None, None, Verdict.ACCEPTED),
        (0, None, None, Verdict.NO_PRICE),
        (118_420_000, None, None, Verdict.UNCONFIRMED),
        (118_420_000, seen(118_400_000, 5), None, Verdict.ACCEPTED),
        (118_420_000, seen(118_400_000, 0), None, Verdict.UNCONFIRMED),  # the same moment
        (118_420_000, seen(90_000_000, 5), None, Verdict.UNCONFIRMED),  # another price
        (118_420_000, None, 128_990_000, Verdict.ACCEPTED),  # a later session is there too
        (14_262_000_000, seen(14_262_000_000, 5), None, Verdict.UNIT),
        (1_426_200, seen(1_426_200, 5), None, Verdict.UNIT),
        (14_262_000, seen(14_262_000, 5), None, Verdict.SPLIT_LIKE),
        (71_000_000, seen(71_000_000, 5), None, Verdict.SPLIT_LIKE),
        (71_000_000, seen(71_000_000, 8 * 1440, 5), None, Verdict.ACCEPTED),  # no split came
        (14_262_000, None, 141_000_000, Verdict.SPIKE),
        (142_620_000, None, None, Verdict.UNCHANGED),
        (142_620_000, seen(142_620_000, 5), None, Verdict.ACCEPTED),
    ],
)
def test_bars(close: int, earlier: Held | None, follower: int | None, verdict: Verdict) -> None:
    bar = replace(BAR, close=close)
    found = judge_bar(
        bar,
        session=True,
        trusted=BEFORE,
        earlier=earlier,
        now=CLOSE,
        limits=Limits(),
        follower=follower,
    )
    assert found is verdict


def test_a_bar_needs_a_session_that_is_over() -> None:
    common = {"trusted": BEFORE, "earlier": None, "limits": Limits()}
    assert judge_bar(BAR, session=False, now=CLOSE, **common) is Verdict.NOT_A_SESSION  # type: ignore[arg-type]
    before = CLOSE - timedelta(seconds=1)
    assert judge_bar(BAR, session=True, now=before, **common) is Verdict.NOT_CLOSED  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("quote", "earlier", "verdict"),
    [
        (QUOTE, None, Verdict.ACCEPTED),
        (replace(QUOTE, price=0), None, Verdict.NO_PRICE),
        (replace(QUOTE, as_of=NOON - timedelta(minutes=21)), None, Verdict.STALE),
        (replace(QUOTE, price=118_420_000), None, Verdict.UNCONFIRMED),
        (replace(QUOTE, price=118_420_000), seen(118_000_000, 260), Verdict.ACCEPTED),
        (
            replace(QUOTE, price=118_420_000, previous_close=142_620_000,
                    day_low=116_700_000, day_high=128_400_000),
            None,
            Verdict.ACCEPTED,
        ),
        (
            replace(QUOTE, price=14_000_000, previous_close=142_620_000,
                    day_low=138_000_000, day_high=141_000_000),
            None,
            Verdict.FIELDS_DIFFER,
        ),
        (
            replace(QUOTE, price=14_200_000, previous_close=14_262_000,
                    day_low=14_000_000, day_high=14_400_000),
            None,
            Verdict.SPLIT_LIKE,
        ),
        (  # a real halving: the source's own previous close is on our share basis
            replace(QUOTE, price=71_000_000, previous_close=142_620_000,
                    day_low=70_000_000, day_high=90_000_000),
            None,
            Verdict.ACCEPTED,
        ),
    ],
)  # fmt: skip
def test_quotes(quote: Quote, earlier: Held | None, verdict: Verdict) -> None:
    found = judge_quote(
        quote,
        day=DAY,
        exchange_open=True,
        trusted=BEFORE,
        earlier=earlier,
        now=NOON,
        limits=Limits(),
    )
    assert found is verdict


def test_a_closed_exchange_has_no_news() -> None:
    found = judge_quote(
        QUOTE,
        day=DAY,
        exchange_open=False,
        trusted=BEFORE,
        earlier=None,
        now=NOON,
        limits=Limits(),
    )
    assert found is Verdict.EXCHANGE_CLOSED


def test_a_split_is_no_fall_while_the_past_is_not_adjusted() -> None:
    ten = replace(BEFORE, split=Fraction(10))
    bar = replace(BAR, close=14_100_000)
    found = judge_bar(bar, session=True, trusted=ten, earlier=None, now=CLOSE, limits=Limits())
    assert found is Verdict.SPLIT


def test_a_missing_price_leaves_what_waits_in_place() -> None:
    first = held_after(None, "NVDA", DAY, 118_420_000, True, Verdict.UNCONFIRMED, CLOSE)
    later = CLOSE + timedelta(minutes=5)
    kept = held_after(first, "NVDA", DAY, 0, True, Verdict.NO_PRICE, later)
    assert (kept.price, kept.polls, kept.since) == (118_420_000, 1, CLOSE)
    again = held_after(kept, "NVDA", DAY, 118_500_000, True, Verdict.UNCONFIRMED, later)
    assert (again.polls, again.since) == (2, CLOSE)
    other = held_after(kept, "NVDA", DAY, 14_000_000, True, Verdict.SPLIT_LIKE, later)
    assert (other.polls, other.since) == (1, CLOSE)
