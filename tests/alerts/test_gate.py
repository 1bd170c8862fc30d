"""What the gate lets through, and why it holds the rest."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from bot.alerts.gate import Verdict, held_after, judge_bar, judge_quote
from bot.alerts.plausible import Limits, Trusted
from bot.model.bar import Bar, Basis, Quote
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
        (71_000_000, seen(71_000_000, 9 * 60, 5), None, Verdict.ACCEPTED),  # no split came
        (14_262_000, seen(14_262_000, 9 * 60, 5), None, Verdict.SPLIT_LIKE),
        (14_262_000, None, 141_000_000, Verdict.SPIKE),
        (142_620_000, None, None, Verdict.UNCHANGED),
        (142_620_000, seen(142_620_000, 5), None, Verdict.ACCEPTED),
    ],
)
def test_bars(close: int, earlier: Held | None, follower: int | None, verdict: Verdict) -> None:
    bar = BAR._replace(close=close)
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


def test_a_close_that_its_session_traded_at_needs_no_second_look() -> None:
    halved = BAR._replace(close=71_000_000)
    common = {"session": True, "trusted": BEFORE, "earlier": None, "now": CLOSE}
    found = judge_bar(halved, limits=Limits(), traded=72_000_000, **common)  # type: ignore[arg-type]
    assert found is Verdict.ACCEPTED
    found = judge_bar(halved, limits=Limits(), traded=141_000_000, **common)  # type: ignore[arg-type]
    assert found is Verdict.SPLIT_LIKE


def test_a_jump_in_a_past_that_nobody_is_told_of_is_the_source_s_word() -> None:
    halved = BAR._replace(close=71_000_000)
    common = {"session": True, "earlier": None, "now": CLOSE, "limits": Limits(), "first": True}
    stayed = judge_bar(halved, trusted=BEFORE, follower=72_000_000, **common)  # type: ignore[arg-type]
    assert stayed is Verdict.ACCEPTED
    back = judge_bar(halved, trusted=BEFORE, follower=141_000_000, **common)  # type: ignore[arg-type]
    assert back is Verdict.SPIKE
    newest = judge_bar(halved, trusted=BEFORE, **common)  # type: ignore[arg-type]
    assert newest is Verdict.SPLIT_LIKE  # no session after it bears it out
    hundred = BAR._replace(close=14_200_000_000)
    assert judge_bar(hundred, trusted=BEFORE, **common) is Verdict.UNIT  # type: ignore[arg-type]
    raw = halved._replace(basis=Basis.RAW)
    unadjusted = judge_bar(raw, trusted=BEFORE, follower=72_000_000, **common)  # type: ignore[arg-type]
    assert unadjusted is Verdict.SPLIT_LIKE


def test_a_bar_needs_a_session_that_is_over() -> None:
    common = {"trusted": BEFORE, "earlier": None, "limits": Limits()}
    assert judge_bar(BAR, session=False, now=CLOSE, **common) is Verdict.NOT_A_SESSION  # type: ignore[arg-type]
    before = CLOSE - timedelta(seconds=1)
    assert judge_bar(BAR, session=True, now=before, **common) is Verdict.NOT_CLOSED  # type: ignore[arg-type]


OPENED = datetime(2025, 1, 27, 14, 30, tzinfo=UTC)
FRIDAY = date(2025, 1, 24)
# What Yahoo says besides the price when Nvidia really fell.
FALL: dict[str, Any] = {
    "previous_close": 142_620_000,
    "day_low": 116_700_000,
    "day_high": 128_400_000,
}


def quoted(price: int, minutes_ago: float = 0, **more: Any) -> Quote:
    """A price traded so long before noon."""
    return replace(QUOTE, price=price, as_of=NOON - timedelta(minutes=minutes_ago), **more)


def waiting(price: int, minutes_ago: float, **more: Any) -> Held:
    """A price of that session that was held, traded so long before noon."""
    at = NOON - timedelta(minutes=minutes_ago)
    return Held("NVDA", DAY, price, False, "UNCONFIRMED", at, at, traded_at=at, **more)


@pytest.mark.parametrize(
    ("quote", "earlier", "more", "verdict"),
    [
        (quoted(140_000_000), None, {}, Verdict.ACCEPTED),
        (quoted(0), None, {}, Verdict.NO_PRICE),
        (quoted(140_000_000, 21), None, {}, Verdict.STALE),
        (quoted(140_000_000, 21, delay_minutes=15), None, {}, Verdict.ACCEPTED),
        (quoted(140_000_000, 36, delay_minutes=15), None, {}, Verdict.STALE),
        # Before its open: a moment after the bell that is no news, later it is a stale price.
        (quoted(100_000_000, 155), None, {"opened": NOON - timedelta(minutes=1)},
         Verdict.NO_TRADE_YET),
        (quoted(100_000_000, 155), None, {}, Verdict.STALE),
        (quoted(140_000_000), None, {"opened": None}, Verdict.EXCHANGE_CLOSED),
        (quoted(140_000_000, unit="EUR"), None, {"unit": "USD"}, Verdict.OTHER_UNIT),
        # A large move: a second field, a second trade, or neither.
        (quoted(118_420_000), None, {}, Verdict.UNCONFIRMED),
        (quoted(118_420_000, **FALL), None, {}, Verdict.ACCEPTED),
        (quoted(118_420_000), waiting(119_000_000, 1), {}, Verdict.ACCEPTED),
        (quoted(118_420_000), waiting(119_000_000, 0.1), {}, Verdict.UNCONFIRMED),
        # The same trade, told by two polls, is one trade.
        (quoted(118_420_000, 5), waiting(118_420_000, 5), {}, Verdict.UNCONFIRMED),
        # A fast fall, and a bad print on the other side.
        (quoted(110_000_000), waiting(126_000_000, 1), {}, Verdict.ACCEPTED),
        (quoted(118_420_000), waiting(180_000_000, 1), {}, Verdict.UNCONFIRMED),
        # A bad print is the low of its day, which proves nothing.
        (quoted(116_700_000, **FALL), None, {}, Verdict.UNCONFIRMED),
        # Once trusted, the session's own price is what the next is compared with.
        (quoted(118_000_000), None, {"traded": 118_420_000}, Verdict.ACCEPTED),
        (quoted(90_000_000), None, {"traded": 118_420_000}, Verdict.UNCONFIRMED),
        (quoted(14_000_000, previous_close=142_620_000, day_low=138_000_000,
                day_high=141_000_000), None, {}, Verdict.FIELDS_DIFFER),
        # Splits, of whatever ratio, and spin-offs: the source's last close is on another basis.
        (quoted(14_200_000, previous_close=14_262_000), None, {}, Verdict.OTHER_BASIS),
        (quoted(95_080_000, previous_close=95_080_000, day_low=94_000_000, day_high=96_000_000),
         waiting(95_000_000, 5), {}, Verdict.OTHER_BASIS),
        (quoted(82_000_000, previous_close=71_310_000, day_low=70_000_000, day_high=83_000_000),
         waiting(82_000_000, 5), {}, Verdict.OTHER_BASIS),
        (quoted(128_000_000, previous_close=129_000_000), waiting(128_000_000, 5), {},
         Verdict.OTHER_BASIS),
        # The source's last close is wrong, but by either of them the fall is large.
        (quoted(118_420_000, previous_close=138_000_000), waiting(118_000_000, 5), {},
         Verdict.ACCEPTED),
        # A real halving: the source's own last close is ours.
        (quoted(71_000_000, previous_close=142_620_000, day_low=70_000_000,
                day_high=90_000_000), None, {}, Verdict.ACCEPTED),
        # Without it: not before the history was asked again, and stands by our close.
        (quoted(71_000_000), waiting(71_000_000, 5), {}, Verdict.SPLIT_LIKE),
        (quoted(71_000_000), waiting(71_000_000, 5),
         {"trusted": replace(BEFORE, checked_at=NOON)}, Verdict.ACCEPTED),
        (quoted(14_100_000), None, {"trusted": replace(BEFORE, split=Fraction(10))},
         Verdict.SPLIT),
        (quoted(14_262_000_000), waiting(14_262_000_000, 5), {}, Verdict.UNIT),
        # Our close of Friday is missing: the source's own stands in.
        (quoted(118_420_000), None, {"trusted": Trusted(147_220_000, date(2025, 1, 23))},
         Verdict.NO_CLOSE),
        (quoted(118_420_000, **FALL), waiting(119_000_000, 1),
         {"trusted": Trusted(147_220_000, date(2025, 1, 23))}, Verdict.ACCEPTED),
        (quoted(141_000_000, **{**FALL, "day_high": None}), None,
         {"trusted": Trusted(147_220_000, date(2025, 1, 23))}, Verdict.ACCEPTED),
    ],
)  # fmt: skip
def test_quotes(quote: Quote, earlier: Held | None, more: dict[str, Any], verdict: Verdict) -> None:
    known: dict[str, Any] = {
        "day": DAY, "opened": OPENED, "trusted": BEFORE, "earlier": earlier, "now": NOON,
        "limits": Limits(), "session_before": FRIDAY,
    }  # fmt: skip
    assert judge_quote(quote, **{**known, **more}).verdict is verdict


def test_of_two_trades_that_fell_the_shallower_is_told() -> None:
    found = judge_quote(
        quoted(60_000_000),
        day=DAY,
        opened=OPENED,
        trusted=BEFORE,
        earlier=waiting(126_000_000, 1),
        now=NOON,
        limits=Limits(),
    )
    assert (found.verdict, found.price) == (Verdict.ACCEPTED, 126_000_000)


def test_a_close_is_doubted_where_the_session_s_quotes_were_on_another_basis() -> None:
    thirds = BAR._replace(close=95_080_000)  # three for two
    seen_before = seen(95_080_000, 5)
    common = {"session": True, "trusted": BEFORE, "now": CLOSE, "limits": Limits()}
    doubted = judge_bar(thirds, earlier=seen_before, doubted=True, **common)  # type: ignore[arg-type]
    assert doubted is Verdict.OTHER_BASIS
    assert judge_bar(thirds, earlier=seen_before, **common) is Verdict.ACCEPTED  # type: ignore[arg-type]


def test_a_missing_price_leaves_what_waits_in_place() -> None:
    first = held_after(None, "NVDA", DAY, 118_420_000, True, Verdict.UNCONFIRMED, CLOSE)
    later = CLOSE + timedelta(minutes=5)
    kept = held_after(first, "NVDA", DAY, 0, True, Verdict.NO_PRICE, later)
    assert (kept.price, kept.polls, kept.since) == (118_420_000, 1, CLOSE)
    again = held_after(kept, "NVDA", DAY, 118_500_000, True, Verdict.UNCONFIRMED, later)
    assert (again.polls, again.since) == (2, CLOSE)
    other = held_after(kept, "NVDA", DAY, 14_000_000, True, Verdict.SPLIT_LIKE, later)
    assert (other.polls, other.since) == (1, CLOSE)
