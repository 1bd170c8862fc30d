"""May this channel be told now? Silences, quiet hours, too many messages. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)


class HeldBy(StrEnum):
    """Why something that is due waits."""

    SILENCE = "silence"
    QUIET = "quiet hours"
    CAP = "hourly cap"


def covers(
    silenced: str, target: str, rule: int | None, members: Mapping[str, Collection[str]]
) -> bool:
    """Whether a silence on `silenced` holds for a story of `target` that came by `rule`.

    `silenced` is "" for everything, a symbol, a basket (with its members and what lies inside
    it), "rule:NUMBER" or "lab:KEY".
    """
    if silenced in ("", target) or (rule is not None and silenced == f"rule:{rule}"):
        return True
    inside = members.get(silenced)
    if inside is None:
        return False
    return target in inside or (target in members and set(members[target]) < set(inside))


def quiet_until(
    now: datetime, time_zone: str, start: int | None, end: int | None
) -> datetime | None:
    """When the quiet hours that `now` falls into end; None outside them.

    `start` and `end` are minutes after midnight in `time_zone`; they may span midnight.
    """
    if start is None or end is None or start == end:
        return None
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        last = day if start < end else day + timedelta(days=1)
        # As instants: a clock time that comes twice must not begin again what has ended.
        if _instant(day, start, zone) <= now < (ends := _instant(last, end, zone)):
            return ends
    return None


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When that clock time comes on `day`; the first time, where it comes twice.

    One that is skipped counts from the moment it would have been.
    """
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    return local.astimezone(UTC)


def cap_until(told: Sequence[datetime], cap: int, now: datetime) -> datetime | None:
    """When there is room for one more message within the hour; None if there is now.

    `told` are the moments of messages in the last hour, ascending.
    """
    recent = [at for at in told if at > now - HOUR]
    if len(recent) < cap:
        return None
    return recent[len(recent) - cap] + HOUR
