"""The clock, time zones and calendars of exchanges."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.doctor.finding import Finding, ok, unchecked, warning, wrong
from bot.market.calendar import NEW_YORK, exchange_of, known_until
from bot.model.wording import count, day, listing

AREA = "clock"
OFF_SECONDS, FAR_OFF_SECONDS = 5.0, 60.0
AHEAD = timedelta(days=30)
SET_IT = "Turn on time synchronisation, as with: sudo timedatectl set-ntp true"


def time(offsets: Sequence[float]) -> Finding:
    """What servers' clocks, so many seconds ahead of ours, say of ours."""
    if not offsets:
        return unchecked(AREA, "time", "no server told the time", "Try again with a network.")
    off = median(offsets)
    by = f"by the {'clock' if len(offsets) == 1 else 'clocks'} of {count(len(offsets), 'answer')}"
    if abs(off) <= OFF_SECONDS:
        return ok(AREA, "time", f"right within {OFF_SECONDS:g} seconds, {by}")
    said = (
        f"this machine's is {count(round(abs(off)), 'second')} {'behind' if off > 0 else 'ahead'}"
    )
    if abs(off) < FAR_OFF_SECONDS:
        return warning(AREA, "time", f"{said}, {by}", SET_IT)
    return wrong(AREA, "time", f"{said}, {by}: alerts would come at the wrong time", SET_IT)


def zones(names: Sequence[str]) -> Finding:
    """Whether this machine knows these time zones."""
    unknown = []
    for name in names:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            unknown.append(name)
    if unknown:
        mend = "Type: pip install --upgrade tzdata"
        return wrong(
            AREA,
            "time zones",
            f"{listing(unknown)} {'is' if len(unknown) == 1 else 'are'} not known here",
            mend,
        )
    return ok(AREA, "time zones", f"{count(len(names), 'zone')} in use, all known here")


def calendars(symbols: Sequence[str], now: datetime) -> list[Finding]:
    """Whether holidays of the exchanges of these symbols are known a month ahead. Slow."""
    exchanges = sorted({NEW_YORK, *(exchange_of(symbol) for symbol in symbols)})
    ends = {exchange: known_until(exchange, now.year + 1) for exchange in exchanges}
    short = {name: end for name, end in ends.items() if end < (now + AHEAD).date()}
    mend = "Type: pip install --upgrade exchange-calendars"
    found = [
        warning(AREA, "calendars", f"holidays of {name} are known until {day(end)} only", mend)
        for name, end in short.items()
    ]
    if len(short) < len(ends):
        well = count(len(ends) - len(short), "exchange")
        found.append(ok(AREA, "calendars", f"holidays of {well} are known for 30 days and more"))
    return found
