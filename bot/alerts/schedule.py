"""When a digest is due: a local clock time, right across changes of the clock. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A digest that the machine slept through is still worth telling for so long.
LATE = timedelta(hours=12)


def next_digest(after: datetime, time_zone: str, minute: int, weekday: str | None) -> datetime:
    """The first instant later than `after` at `minute` of the local day, on `weekday` if given.

    A clock time that is skipped counts from the moment it would have been; one that occurs twice
    counts once, the first time.
    """
    zone = ZoneInfo(time_zone)
    day = after.astimezone(zone).date()
    while True:
        if weekday is None or WEEKDAYS[day.weekday()] == weekday:
            local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
            if (at := local.astimezone(UTC)) > after:
                return at
        day += timedelta(days=1)
