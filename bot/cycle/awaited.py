"""What a board waits for: sessions that are not over, by the hours of their exchanges. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from bot.market.calendar import (
    AFTER_CLOSE,
    exchange_of,
    is_session,
    next_session,
    session_close,
    session_open,
)

# A symbol without a bar for so many days is not waited for.
ACTIVE = timedelta(days=10)
_DAY = timedelta(days=1)


def is_unfinished(lasts: Mapping[str, date], day: date, newest: datetime) -> bool:
    """Whether an exchange of these symbols, whose last closes are of `lasts`, closes `day` later.

    So it is where none of its symbols has a close of that day, and what is known, up to `newest`,
    is of before its bell. A symbol that is merely late holds nothing up.
    """
    closed = {exchange_of(symbol) for symbol, last in lasts.items() if last >= day}
    missing = {exchange_of(symbol) for symbol, last in lasts.items() if day - ACTIVE <= last < day}
    return any(
        is_session(exchange, day) and session_close(exchange, day) > newest
        for exchange in missing - closed
    )


def carried_until(symbol: str, last: date) -> date:
    """The day before the session that follows the one of `last`: so long no close is missing."""
    return next_session(exchange_of(symbol), last) - _DAY


def is_newest(symbol: str, day: date, now: datetime) -> bool:
    """Whether no later session of the symbol runs, or its close of `day` may still be coming."""
    exchange = exchange_of(symbol)
    following = session_open(exchange, next_session(exchange, day))
    return now < max(following, session_close(exchange, day) + AFTER_CLOSE)
