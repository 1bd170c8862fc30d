"""May this channel be told now? Silences, quiet hours, too many messages. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
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
    local = now.astimezone(ZoneInfo(time_zone))
    minute = local.hour * 60 + local.minute
    inside = start <= minute < end if start < end else minute >= start or minute < end
    if not inside:
        return None
    day = local.date() if minute < end else local.date() + timedelta(days=1)
    # Without a fold a clock time that occurs twice, or never, still names one instant.
    ends = datetime(day.year, day.month, day.day, end // 60, end % 60, tzinfo=local.tzinfo)
    return max(ends.astimezone(UTC), now + timedelta(minutes=1))


def cap_until(told: Sequence[datetime], cap: int, now: datetime) -> datetime | None:
    """When there is room for one more message within the hour; None if there is now.

    `told` are the moments of messages in the last hour, ascending.
    """
    recent = [at for at in told if at > now - HOUR]
    if len(recent) < cap:
        return None
    return recent[len(recent) - cap] + HOUR
