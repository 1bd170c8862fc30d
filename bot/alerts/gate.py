"""Trust before speed: is this price fit to be judged? Pure, with a named reason.

What is not is held, looked at again at the next poll, and shown in /status.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from bot.model.bar import Bar, Quote
from bot.model.trust import Held

PPM = 1_000_000
# Two polls agree when they differ by no more than this, and are this far apart.
AGREE_PPM = 20_000
APART = timedelta(seconds=10)
# A price this old is no news of an open market.
FRESH = timedelta(minutes=20)
# After so long, with no split announced, even a halving is believed.
SPLIT_WAIT = timedelta(days=7)


class Verdict(StrEnum):
    """Why a price was accepted, or held back from every judgement."""

    ACCEPTED = "accepted"
    NO_PRICE = "the price is missing or zero"
    NOT_CLOSED = "the session has not closed yet"
    NOT_A_SESSION = "the exchange was closed that day"
    EXCHANGE_CLOSED = "the exchange is closed"
    STALE = "the price is old for an open market"
    NO_CLOSE = "the close of the session before it is missing"
    SPLIT = "a split took effect; earlier closes are not adjusted for it yet"
    UNIT = "about 100 times the last close, or a hundredth: a unit error"
    SPLIT_LIKE = "looks like a split that nobody has announced"
    FIELDS_DIFFER = "the source contradicts itself"
    SPIKE = "a bad print in the past: the session after it was back"
    UNCONFIRMED = "a large move that nothing has confirmed yet"
    UNCHANGED = "exactly the last close: perhaps an old price"
    REBASED = "the source's earlier closes changed without a split"


@dataclass(frozen=True, slots=True)
class Trusted:
    """What a price is compared with: the last close that was let through, if any.

    `split` is new shares per old one of splits since that close which it is not adjusted for.
    """

    close: int | None = None
    day: date | None = None
    split: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Limits:
    """A move of `confirm_ppm` or more has to be confirmed."""

    confirm_ppm: int = 80_000


def judge_bar(
    bar: Bar,
    *,
    session: bool,
    trusted: Trusted,
    earlier: Held | None,
    now: datetime,
    limits: Limits,
    follower: int | None = None,
) -> Verdict:
    """The verdict on a final daily bar.

    `session` says whether its day is one; `earlier` is what was held of it before; `follower` the
    close of the session after it, where the same poll brought that too.
    """
    if bar.close <= 0:
        return Verdict.NO_PRICE
    if not session:
        return Verdict.NOT_A_SESSION
    if bar.as_of > now or not bar.final:
        return Verdict.NOT_CLOSED
    again = _agrees(bar.close, bar.day, earlier, now)
    past = follower is not None
    verdict = _plausible(bar.close, trusted, limits, confirmed=again or past, held=earlier, now=now)
    if (
        verdict in (Verdict.UNIT, Verdict.SPLIT_LIKE)
        and past
        and not _stays(bar, follower, trusted)
    ):
        return Verdict.SPIKE
    if verdict is Verdict.ACCEPTED and bar.close == trusted.close and not (again or past):
        return Verdict.UNCHANGED
    return verdict


def judge_quote(
    quote: Quote,
    *,
    day: date,
    exchange_open: bool,
    trusted: Trusted,
    earlier: Held | None,
    now: datetime,
    limits: Limits,
    session_before: date | None = None,
) -> Verdict:
    """The verdict on a price during the session of `day`, that follows `session_before`."""
    if quote.price <= 0:
        return Verdict.NO_PRICE
    if not exchange_open:
        return Verdict.EXCHANGE_CLOSED
    if now - quote.as_of > FRESH or quote.as_of > now + FRESH:
        return Verdict.STALE
    if session_before is not None and (trusted.day is None or trusted.day < session_before):
        return Verdict.NO_CLOSE
    second = _second_field(quote, trusted)
    if second is False:
        return Verdict.FIELDS_DIFFER
    again = _agrees(quote.price, day, earlier, now)
    return _plausible(
        quote.price,
        trusted,
        limits,
        confirmed=bool(second) or again,
        held=earlier,
        now=now,
        own=quote.previous_close,
    )


_ABSURD = (Verdict.NO_PRICE, Verdict.UNIT, Verdict.SPLIT_LIKE, Verdict.UNCHANGED, Verdict.STALE)


def held_after(
    earlier: Held | None,
    symbol: str,
    day: date,
    price: int,
    final: bool,
    why: Verdict,
    now: datetime,
) -> Held:
    """What is held once a price has been judged unfit.

    A price that agrees with the earlier one counts as another poll of it. One that is absurd by
    itself leaves a plausible one in place; any other takes its place.
    """
    if earlier is not None and earlier.day == day:
        if why in _ABSURD and earlier.reason == Verdict.UNCONFIRMED.name:
            return replace(earlier, seen_at=now)
        if abs(price - earlier.price) * PPM <= AGREE_PPM * earlier.price:
            return replace(
                earlier, price=price, reason=why.name, seen_at=now, polls=earlier.polls + 1
            )
    return Held(symbol, day, price, final, why.name, now, now)


def _agrees(price: int, day: date, earlier: Held | None, now: datetime) -> bool:
    if earlier is None or earlier.day != day or earlier.price <= 0:
        return False
    near = abs(price - earlier.price) * PPM <= AGREE_PPM * earlier.price
    return near and now - earlier.since >= APART


def _stays(bar: Bar, follower: int | None, trusted: Trusted) -> bool:
    """Whether the next session stayed nearer to this close than to the one before it."""
    if trusted.close is None or follower is None:
        return True
    return abs(follower - bar.close) < abs(follower - trusted.close)


def _second_field(quote: Quote, trusted: Trusted) -> bool | None:
    """Whether the quote's other fields bear its price out; None where they say nothing."""
    if quote.day_low is None or quote.day_high is None:
        return None
    slack = quote.price // 200
    if not quote.day_low - slack <= quote.price <= quote.day_high + slack:
        return False
    if quote.previous_close is None or trusted.close is None:
        return None
    apart = abs(quote.previous_close * trusted.split - trusted.close)
    # A previous close of another share basis is a split's doing; it is named as such below.
    return None if apart * 50 > trusted.close else True


def _plausible(
    price: int,
    trusted: Trusted,
    limits: Limits,
    *,
    confirmed: bool,
    held: Held | None,
    now: datetime,
    own: int | None = None,
) -> Verdict:
    if trusted.close is None:
        return Verdict.ACCEPTED
    before = trusted.close / trusted.split
    if trusted.split != 1 and abs(price - trusted.close) > abs(price - before):
        return Verdict.SPLIT
    ratio = price / trusted.close
    if 80 <= ratio <= 125 or 80 <= 1 / ratio <= 125:
        return Verdict.UNIT
    if abs(price - trusted.close) * PPM < limits.confirm_ppm * trusted.close:
        return Verdict.ACCEPTED
    same_basis = own is not None and abs(own - trusted.close) * 50 <= trusted.close
    if _like_split(ratio) and not same_basis:
        waited = held is not None and held.polls >= 3 and now - held.since >= SPLIT_WAIT
        return Verdict.ACCEPTED if waited and confirmed else Verdict.SPLIT_LIKE
    return Verdict.ACCEPTED if confirmed else Verdict.UNCONFIRMED


def _like_split(ratio: float) -> bool:
    """Whether a price halved or doubled, about, or moved by more than a stock does in a day."""
    larger = max(ratio, 1 / ratio)
    return abs(larger / 2 - 1) <= 0.06 or larger >= 2.7
