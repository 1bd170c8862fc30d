"""When is a feed looked at next? Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

FASTEST, SLOWEST = timedelta(minutes=2), timedelta(hours=6)
# So long after something new it is looked at as fast as may be: updates and corrections follow.
ACTIVE = timedelta(hours=1)
# Nothing new for so long: each look is further from the last, up to four times the interval.
SILENT, SILENT_LONG = timedelta(days=3), timedelta(days=14)
FAILED_FIRST, FAILED_LONGEST = timedelta(minutes=1), timedelta(hours=6)
LONGEST_ASKED = timedelta(days=1)
CHINA, PACIFIC = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Los_Angeles")
# Labs that release by the hours of China; all others by those of the Pacific coast.
IN_CHINA = frozenset(
    {
        "01ai", "alibaba", "baichuan", "baidu", "bytedance", "deepseek", "huawei", "iflytek",
        "iquest", "kuaishou", "minimax", "moonshot", "sensetime", "stepfun", "tencent", "xiaomi",
        "zai",
    }
)  # fmt: skip
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours in which labs release, in their own time: from, to."""

    pacific: tuple[int, int] = (9, 13)
    china: tuple[int, int] = (10, 22)


def launching(lab: str, now: datetime, hours: Hours) -> bool:
    """Whether it is a weekday's hour in which a lab like this releases; "" is any lab."""
    china = _within(now.astimezone(CHINA), hours.china)
    pacific = _within(now.astimezone(PACIFIC), hours.pacific)
    if not lab:
        return china or pacific
    return china if lab in IN_CHINA else pacific


def _within(here: datetime, hours: tuple[int, int]) -> bool:
    return here.weekday() < _SATURDAY and hours[0] <= here.hour < hours[1]


def pause(
    interval: timedelta, lab: str, changed_at: datetime | None, now: datetime, hours: Hours
) -> timedelta:
    """How long until the next look at a feed that answers, before jitter."""
    silence = None if changed_at is None else now - changed_at
    if silence is not None and timedelta(0) <= silence < ACTIVE:
        wait = min(interval, FASTEST)
    elif launching(lab, now, hours):
        wait = interval / 3
    elif silence is None or silence < SILENT:
        wait = interval
    else:
        wait = interval * (2 if silence < SILENT_LONG else 4)
    return min(max(wait, FASTEST), SLOWEST)


def next_look(
    interval: timedelta,
    lab: str,
    changed_at: datetime | None,
    now: datetime,
    hours: Hours,
    jitter: float,
) -> datetime:
    """When to look again at a feed that answered; `jitter` in [0, 1) spreads feeds out."""
    return now + pause(interval, lab, changed_at, now, hours) * (0.9 + jitter / 5)


def after_failure(
    failures: int, interval: timedelta, now: datetime, jitter: float, asked: float | None = None
) -> datetime:
    """When to try again after so many failures in a row; `asked` are the seconds it asked for.

    The pause doubles from a minute up to hours, and is never shorter than what the server asked.
    """
    doubled = FAILED_FIRST * 2.0 ** min(max(failures - 1, 0), 16)
    wait = min(max(doubled, min(interval, FAILED_FIRST)), FAILED_LONGEST) * (0.75 + jitter / 2)
    if asked is not None:
        wait = max(wait, min(timedelta(seconds=max(asked, 0)), LONGEST_ASKED))
    return now + wait
