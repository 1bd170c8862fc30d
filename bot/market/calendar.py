"""When exchanges trade: sessions, half-days and holidays. The only user of exchange-calendars.

Times are UTC; a day is the exchange's own. An exchange that pauses for lunch counts as open.
Closures that nobody planned (a storm, a state funeral) are known only to a newer release of
that package. Before 2000, and in years for which it has no holidays yet (Shanghai, Singapore
and India publish theirs a year ahead), every weekday counts as a session at the usual hours.
"""

import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

NEW_YORK = "XNYS"
# What is asked about the close is asked again this much later.
SECOND_POLL = timedelta(minutes=5)
# Closes that are late or held are looked at again so long after the close.
AFTER_CLOSE = timedelta(minutes=45)
_DAY = timedelta(days=1)
_NANOS = 1_000_000_000
_FIRST_YEAR, _LAST_YEAR = 1901, 2198
_PACKAGE_START = date(2000, 1, 1)
# Tables reach at least this far, so that a walk through history builds each of them once.
_AT_LEAST = 2028

# Yahoo's suffix → the exchange's name in exchange-calendars. The floors in Frankfurt, Munich and
# Berlin trade until 22:00 like Hamburg's; XFRA has Xetra's shorter hours.
_SUFFIXES = {
    "AS": "XAMS", "AT": "ASEX", "AX": "XASX", "BE": "XHAM", "BK": "XBKK", "BO": "XBOM",
    "BR": "XBRU", "CO": "XCSE", "DE": "XETR", "DU": "XDUS", "F": "XHAM", "HE": "XHEL",
    "HK": "XHKG", "HM": "XHAM", "IC": "XICE", "IR": "XDUB", "IS": "XIST", "JK": "XIDX",
    "JO": "XJSE", "KL": "XKLS", "KQ": "XKRX", "KS": "XKRX", "L": "XLON", "LS": "XLIS",
    "MC": "XMAD", "MI": "XMIL", "MU": "XHAM", "MX": "XMEX", "NE": "XTSE", "NS": "XBOM",
    "NZ": "XNZE", "OL": "XOSL", "PA": "XPAR", "PR": "XPRA", "SA": "BVMF", "SG": "XSTU",
    "SI": "XSES", "SN": "XSGO", "SS": "XSHG", "ST": "XSTO", "SW": "XSWX", "SZ": "XSHG",
    "T": "XTKS", "TO": "XTSE", "TW": "XTAI", "TWO": "XTAI", "V": "XTSE", "VI": "XWBO",
    "WA": "XWAR",
}  # fmt: skip
# Indices carry no suffix; those not named here keep New York's hours.
_INDICES = {
    "^AEX": "XAMS", "^AXJO": "XASX", "^BSESN": "XBOM", "^BVSP": "BVMF", "^FCHI": "XPAR",
    "^FTSE": "XLON", "^GDAXI": "XETR", "^GSPTSE": "XTSE", "^HSI": "XHKG", "^KS11": "XKRX",
    "^N225": "XTKS", "^NSEI": "XBOM", "^SSMI": "XSWX", "^STOXX50E": "XETR", "^TWII": "XTAI",
}  # fmt: skip


class Phase(StrEnum):
    """What an exchange is doing: CLOSED on a session day outside its hours, else HOLIDAY."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "no session today"


@dataclass(frozen=True, slots=True)
class _Table:
    """Sessions of whole years and their instants, ascending; `known_…` bound known holidays."""

    first_year: int
    last_year: int
    known_from: date
    known_to: date
    zone: ZoneInfo
    usual_open: time
    usual_close: time
    days: list[date]
    opens: list[datetime]
    closes: list[datetime]
    position: dict[date, int]


_tables: dict[str, _Table] = {}
_building = Lock()


def _table(exchange: str, year: int) -> _Table:
    """A table with the year asked for, the one before and the one after."""
    table = _tables.get(exchange)
    if table is not None and table.first_year < year < table.last_year:
        return table
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(f"no calendar reaches the year {year}")
    with _building:
        known = _tables.get(exchange)
        if known is not None and known.first_year < year < known.last_year:
            return known
        first = min(year, known.first_year + 1 if known else 2000) - 1
        last = max(year + 2, known.last_year if known else _AT_LEAST)
        _tables[exchange] = table = _build(exchange, first, min(last, _LAST_YEAR + 1))
        return table


def _build(exchange: str, first_year: int, last_year: int) -> _Table:
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    made, start, end = _made(exchange, max(first, _PACKAGE_START), last)
    zone = ZoneInfo(str(made.tz))
    usual_open, usual_close = made.open_times[-1][1], made.close_times[-1][1]
    before = _usual_days(first, start - _DAY, made.weekmask)
    after = _usual_days(end + _DAY, last, made.weekmask)
    known_opens, known_closes = made.opens_nanos.tolist(), made.closes_nanos.tolist()
    days = [*before, *made.sessions.date.tolist(), *after]
    opens, closes = (
        [
            *(_instant(zone, usual, day + offset * _DAY) for day in before),
            *(datetime.fromtimestamp(nanos // _NANOS, UTC) for nanos in known),
            *(_instant(zone, usual, day + offset * _DAY) for day in after),
        ]
        for usual, offset, known in (
            (usual_open, made.open_offset, known_opens),
            (usual_close, made.close_offset, known_closes),
        )
    )
    position = {day: at for at, day in enumerate(days)}
    return _Table(
        first_year, last_year, start, end, zone,
        usual_open, usual_close, days, opens, closes, position,
    )  # fmt: skip


def _made(exchange: str, start: date, end: date) -> tuple[Any, date, date]:
    """The package's calendar, and from when to when it goes, at most from `start` to `end`.

    The import loads pandas, so it waits until somebody asks.
    """
    with warnings.catch_warnings():
        # The package has yet to follow pandas 3.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        import exchange_calendars

        try:
            made = exchange_calendars.get_calendar(exchange, start=str(start), end=str(end))
        except ValueError:  # beyond what it knows of this exchange
            made = exchange_calendars.get_calendar(exchange)
            if made.bound_min() is not None:
                start = max(start, made.bound_min().date())
            if made.bound_max() is not None:
                end = min(end, made.bound_max().date())
            made = type(made)(start=str(start), end=str(end))
    return made, start, end


def _usual_days(first: date, last: date, mask: str) -> list[date]:
    """Days from `first` to `last` of the weekdays that have a 1 in `mask`, Monday first."""
    days = (first + count * _DAY for count in range((last - first).days + 1))
    return [day for day in days if mask[day.weekday()] == "1"]


def _instant(zone: ZoneInfo, at: time, day: date) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def load(exchanges: Collection[str]) -> None:
    """Read these calendars now, in a thread if need be: the first use of one takes 0.05 to 2 s."""
    for exchange in exchanges:
        _table(exchange, _PACKAGE_START.year)


def known_until(exchange: str, year: int) -> date:
    """The last day, up to the end of `year`, whose holidays the package knows. Slow."""
    return _made(exchange, _PACKAGE_START, date(year, 12, 31))[2]


def exchange_of(symbol: str) -> str:
    """The exchange whose hours a symbol of Yahoo's keeps; New York's where nothing says otherwise.

    A coin such as BTC-USD trades at all times: "24/7".
    """
    if symbol.endswith("-USD"):
        return "24/7"
    _name, dot, suffix = symbol.rpartition(".")
    return _SUFFIXES.get(suffix, NEW_YORK) if dot else _INDICES.get(symbol, NEW_YORK)


def is_session(exchange: str, day: date) -> bool:
    """Whether the exchange opens on `day`."""
    return day in _table(exchange, day.year).position


def missed(exchange: str, first: date, last: date) -> bool:
    """Whether the exchange opened between these days, as far as its holidays are known."""
    table, between = _table(exchange, last.year), sessions(exchange, first + _DAY, last - _DAY)
    return any(table.known_from <= day <= table.known_to for day in between)


def sessions(exchange: str, first: date, last: date) -> list[date]:
    """The open days from `first` to `last`, ascending; none outside the years 1901 to 2198."""
    first = max(first, date(_FIRST_YEAR, 1, 1))
    last = min(last, date(_LAST_YEAR, 12, 31))
    if first > last:
        return []
    _table(exchange, first.year)
    days = _table(exchange, last.year).days
    return days[bisect_left(days, first) : bisect_right(days, last)]


def session_open(exchange: str, day: date) -> datetime:
    """When it opens on `day`; at its usual hour for a day that is no session."""
    table = _table(exchange, day.year)
    at = table.position.get(day)
    return _instant(table.zone, table.usual_open, day) if at is None else table.opens[at]


def session_close(exchange: str, day: date) -> datetime:
    """When it closes on `day`, early on a half-day; at its usual hour if `day` is no session."""
    table = _table(exchange, day.year)
    at = table.position.get(day)
    return _instant(table.zone, table.usual_close, day) if at is None else table.closes[at]


def session_day(exchange: str, at: datetime) -> date:
    """The date at the exchange."""
    return at.astimezone(_table(exchange, at.year).zone).date()


def is_open(exchange: str, now: datetime) -> bool:
    """Whether it trades at `now`: from the open on, until just before the close."""
    table = _table(exchange, now.year)
    return now < table.closes[bisect_right(table.opens, now) - 1]


def in_session(exchanges: Collection[str], now: datetime) -> bool:
    """Whether any of them trades, or closed so lately that its closes may still be coming in."""
    return any(
        is_open(exchange, now) or now - last_close(exchange, now)[1] <= AFTER_CLOSE
        for exchange in exchanges
    )


def last_close(exchange: str, now: datetime) -> tuple[date, datetime]:
    """The newest session that has closed by `now`, and when it did."""
    table = _table(exchange, now.year)
    at = bisect_right(table.closes, now) - 1
    return table.days[at], table.closes[at]


def next_open(exchange: str, now: datetime) -> datetime:
    """The next opening later than `now`."""
    table = _table(exchange, now.year)
    return table.opens[bisect_right(table.opens, now)]


def next_session(exchange: str, day: date) -> date:
    """The first session later than `day`."""
    days = _table(exchange, day.year).days
    return days[bisect_right(days, day)]


def phase(exchange: str, now: datetime) -> Phase:
    """Open, closed on a day with a session, or a day without one; judged by its own date."""
    if is_open(exchange, now):
        return Phase.OPEN
    return Phase.CLOSED if is_session(exchange, session_day(exchange, now)) else Phase.HOLIDAY


def next_poll(
    exchanges: Collection[str],
    now: datetime,
    previous: datetime | None,
    open_every: timedelta,
    closed_every: timedelta,
) -> datetime:
    """When to ask for prices after `previous`: never before `now`, so a sleep costs one poll.

    While an exchange is open every `open_every`, and besides at each open, each close and five
    minutes after it; outside hours, on its session days (from midnight there), every
    `closed_every`; on its other days not at all. The earliest of all exchanges counts; without
    any, New York's hours do.
    """
    if previous is None:
        return now
    nexts = (
        _next_poll(exchange, previous, open_every, closed_every)
        for exchange in exchanges or (NEW_YORK,)
    )
    return max(now, min(nexts))


def _next_poll(
    exchange: str, previous: datetime, open_every: timedelta, closed_every: timedelta
) -> datetime:
    table = _table(exchange, previous.year)
    day = session_day(exchange, previous)
    instants = [
        next_open(exchange, previous),
        table.closes[bisect_right(table.closes, previous)],
        last_close(exchange, previous)[1] + SECOND_POLL,
    ]
    now = phase(exchange, previous)
    later = previous + closed_every
    if now is Phase.OPEN:
        instants.append(previous + open_every)
    elif now is Phase.CLOSED and is_session(exchange, session_day(exchange, later)):
        instants.append(later)
    else:
        instants.append(_instant(table.zone, time(), next_session(exchange, day)))
    return min(at for at in instants if at > previous)
