"""Trust before speed: is this price fit to be judged? Pure, with a named reason.

What is not is held, looked at again at the next poll, and shown in /status.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.alerts.plausible import (
    MATCH_PPM,
    SURELY_BASIS_PPM,
    Limits,
    Trusted,
    apart,
    looks_split,
    looks_unit,
    looks_wild,
    of_other_basis,
    shallower,
    split_wait,
)
from bot.model.bar import Bar, Basis, Quote
from bot.model.trust import Held

# Two polls agree when they differ by no more than this, and are this far apart.
AGREE_PPM = 20_000
APART = timedelta(seconds=10)
# A price this old, beyond the exchange's own delay, is no news of an open market.
FRESH = timedelta(minutes=20)
# The price that a session was last trusted at bears its close out within this.
NEAR_PPM = 100_000


class Verdict(StrEnum):
    """Why a price was accepted, or held back from every judgement."""

    ACCEPTED = "accepted"
    NO_TRADE_YET = "nothing has been traded yet today"
    NO_PRICE = "the price is missing or zero"
    NOT_CLOSED = "the session has not closed yet"
    NOT_A_SESSION = "the exchange was closed that day"
    EXCHANGE_CLOSED = "the exchange is closed"
    STALE = "the price is old for an open market"
    NO_CLOSE = "the close of the session before it is missing"
    OTHER_UNIT = "the source names another currency than before"
    OTHER_BASIS = "the source's last close is not ours: perhaps a split or a spin-off"
    SPLIT = "a split took effect; earlier closes are not adjusted for it yet"
    UNIT = "about 100 times the last close, or a hundredth: a unit error"
    SPLIT_LIKE = "looks like a split that nobody has announced"
    FIELDS_DIFFER = "the source contradicts itself"
    SPIKE = "a bad print in the past: the session after it was back"
    UNCONFIRMED = "a large move that nothing has confirmed yet"
    UNCHANGED = "exactly the last close: perhaps an old price"
    REBASED = "the source's earlier closes changed without a split"


# What only the history can settle: it is asked again while one of these holds a price.
ASKS_HISTORY = (
    Verdict.OTHER_BASIS,
    Verdict.SPLIT,
    Verdict.SPLIT_LIKE,
    Verdict.REBASED,
)
# Says nothing of the market, and is nothing to hold.
PASSED_OVER = (Verdict.NO_TRADE_YET, Verdict.EXCHANGE_CLOSED)


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a price, and the price, in millionths, that may be told of if accepted."""

    verdict: Verdict
    price: int


def judge_bar(
    bar: Bar,
    *,
    session: bool,
    trusted: Trusted,
    earlier: Held | None,
    now: datetime,
    limits: Limits,
    follower: int | None = None,
    first: bool = False,
    traded: int | None = None,
    doubted: bool = False,
) -> Verdict:
    """The verdict on a final daily bar.

    `session` says whether its day is one; `earlier` is what was held of it before; `follower` the
    close of the session after it, where the same poll brought that too; `first` whether it is of
    a past that is told to nobody; `traded` what its session was last trusted at; `doubted` whether
    the source's quotes of that session were on another share basis than our last close.
    """
    if bar.close <= 0:
        return Verdict.NO_PRICE
    if not session:
        return Verdict.NOT_A_SESSION
    if bar.as_of > now or not bar.final:
        return Verdict.NOT_CLOSED
    if trusted.close is None:
        return Verdict.ACCEPTED
    again = _seen_before(bar, earlier, now)
    past = first or follower is not None
    borne_out = traded is not None and apart(bar.close, traded) <= NEAR_PPM
    confirmed = again or past or borne_out
    if bar.close == trusted.close and not confirmed:
        return Verdict.UNCHANGED
    if apart(bar.close, trusted.close) < limits.confirm_ppm or borne_out:
        return Verdict.ACCEPTED
    odd = looks_unit(bar.close, trusted.close) or looks_split(bar.close, trusted.close)
    if odd and follower is not None and not _stays(bar.close, follower, trusted.close):
        return Verdict.SPIKE
    if first and bar.basis is not Basis.RAW and not (odd and follower is None):
        return Verdict.ACCEPTED  # the source's own adjusted past says that it happened
    if looks_unit(bar.close, trusted.close):
        return Verdict.UNIT
    waited = _waited(bar.close, trusted, earlier, now)
    if looks_split(bar.close, trusted.close) and not waited:
        return Verdict.SPLIT_LIKE
    if doubted and not waited:
        return Verdict.OTHER_BASIS
    return Verdict.ACCEPTED if confirmed else Verdict.UNCONFIRMED


def judge_quote(
    quote: Quote,
    *,
    day: date,
    opened: datetime | None,
    trusted: Trusted,
    earlier: Held | None,
    now: datetime,
    limits: Limits,
    session_before: date | None = None,
    traded: int | None = None,
    unit: str = "",
) -> Judged:
    """The verdict on a price during a session that opened at `opened` (None: it is closed).

    `day` is the day of the trade, `session_before` the session before the running one; `traded`
    what the running session was last trusted at; `unit` the currency that we know the symbol in.
    """
    early = _unfit(quote, opened, now, unit)
    if early is not None:
        return Judged(early, quote.price)
    close, borrowed = trusted.close, False
    if close is None or (
        session_before is not None and (trusted.day is None or trusted.day < session_before)
    ):
        # Our close of the session before is missing: the source's own stands in.
        close, borrowed = quote.previous_close, True
        if close is None or close <= 0:
            return Judged(Verdict.NO_CLOSE, quote.price)
    if not _within_range(quote):
        return Judged(Verdict.FIELDS_DIFFER, quote.price)
    if traded is not None and apart(quote.price, traded) < limits.confirm_ppm:
        return Judged(Verdict.ACCEPTED, quote.price)
    own = None if borrowed else quote.previous_close
    if not borrowed and trusted.split != 1:
        before = round(close / trusted.split)
        if apart(quote.price, before) < apart(quote.price, close):
            return Judged(Verdict.SPLIT, quote.price)
    waiting = earlier is not None and earlier.day == day
    second = _second_tick(quote, close, earlier, limits) if waiting else None
    if own is not None and of_other_basis(own, close):
        both = min(apart(quote.price, own), apart(quote.price, close)) >= limits.confirm_ppm
        same_side = (quote.price < own) == (quote.price < close)
        if not (both and same_side) or apart(own, close) > SURELY_BASIS_PPM:
            return Judged(Verdict.OTHER_BASIS, quote.price)
    if looks_unit(quote.price, close):
        return Judged(Verdict.UNIT, quote.price)
    if apart(quote.price, close) < limits.confirm_ppm:
        return Judged(Verdict.ACCEPTED, quote.price)
    vouched = own is not None and not of_other_basis(own, close)
    checked = _checked(trusted, earlier) and not looks_wild(quote.price, close)
    if looks_split(quote.price, close) and not (vouched or checked):
        return Judged(Verdict.SPLIT_LIKE, quote.price)
    if vouched and _range_beyond(quote, close):
        return Judged(Verdict.ACCEPTED, quote.price)
    if second is not None:
        return Judged(Verdict.ACCEPTED, shallower(quote.price, second, close))
    return Judged(Verdict.UNCONFIRMED, quote.price)


_ABSURD = (Verdict.NO_PRICE, Verdict.UNIT, Verdict.SPLIT_LIKE, Verdict.UNCHANGED, Verdict.STALE)


def held_after(
    earlier: Held | None,
    symbol: str,
    day: date,
    price: int,
    final: bool,
    why: Verdict,
    now: datetime,
    traded_at: datetime | None = None,
) -> Held:
    """What is held once a price has been judged unfit.

    A price that agrees with the earlier one counts as another poll of it. One that is absurd by
    itself leaves a plausible one in place; any other takes its place.
    """
    if earlier is not None and earlier.day == day:
        if why in _ABSURD and earlier.reason == Verdict.UNCONFIRMED.name:
            return replace(earlier, seen_at=now)
        if earlier.price and apart(price, earlier.price) <= AGREE_PPM:
            return replace(
                earlier, price=price, reason=why.name, seen_at=now, polls=earlier.polls + 1
            )
    return Held(symbol, day, price, final, why.name, now, now, traded_at=traded_at)


def _unfit(quote: Quote, opened: datetime | None, now: datetime, unit: str) -> Verdict | None:
    """What is wrong with a quote by itself."""
    if quote.price <= 0:
        return Verdict.NO_PRICE
    if opened is None:
        return Verdict.EXCHANGE_CLOSED
    late = FRESH + timedelta(minutes=quote.delay_minutes)
    if quote.as_of < opened and now - opened <= late:
        return Verdict.NO_TRADE_YET
    if now - quote.as_of > late or quote.as_of < opened or quote.as_of > now + FRESH:
        return Verdict.STALE
    return Verdict.OTHER_UNIT if unit and quote.unit and quote.unit != unit else None


def _seen_before(bar: Bar, earlier: Held | None, now: datetime) -> bool:
    if earlier is None or earlier.day != bar.day or earlier.price <= 0:
        return False
    return apart(bar.close, earlier.price) <= AGREE_PPM and now - earlier.since >= APART


def _second_tick(quote: Quote, close: int, earlier: Held | None, limits: Limits) -> int | None:
    """The price held before, where it and this one are two trades that both moved as far."""
    if earlier is None or earlier.price <= 0 or earlier.traded_at is None:
        return None
    beyond = apart(earlier.price, close) >= limits.confirm_ppm
    same_side = (earlier.price < close) == (quote.price < close)
    plausible = not looks_unit(earlier.price, close)
    later = quote.as_of - earlier.traded_at >= APART
    return earlier.price if beyond and same_side and plausible and later else None


def _checked(trusted: Trusted, earlier: Held | None) -> bool:
    """Whether the history was asked since the price was first held, and stands by our close."""
    return (
        earlier is not None
        and trusted.checked_at is not None
        and trusted.checked_at >= earlier.since
    )


def _within_range(quote: Quote) -> bool:
    slack = quote.price // 200
    low_ok = quote.day_low is None or quote.day_low - slack <= quote.price
    return low_ok and (quote.day_high is None or quote.price <= quote.day_high + slack)


def _range_beyond(quote: Quote, close: int) -> bool:
    """Whether the day's range goes beyond the price: a bad print alone is the range's end."""
    edge = quote.day_low if quote.price < close else quote.day_high
    if edge is None or edge <= 0:
        return False
    beyond = edge < quote.price if quote.price < close else edge > quote.price
    return beyond and apart(edge, quote.price) >= MATCH_PPM


def _stays(close: int, follower: int, before: int) -> bool:
    """Whether the next session stayed nearer to this close than to the one before it."""
    return abs(follower - close) < abs(follower - before)


def _waited(price: int, trusted: Trusted, earlier: Held | None, now: datetime) -> bool:
    """Whether it was seen again so long after that a split would have been adjusted for."""
    assert trusted.close is not None
    if earlier is None or earlier.polls < 3:
        return False
    return now - earlier.since >= split_wait(price, trusted.close)
